"""What the checker learns from: public rows, what is made of them, and that no test text is in them."""

import gzip
import json
import os
from pathlib import Path
from random import Random

import pytest

from evals.training import kept_apart, questions, recipe, synthesis
from evals.training.synthesis import CONTRADICTED, SUPPORTED, UNSUPPORTED

SEEDS = Path(__file__).parent.parent / "seeds"
PASSAGE = (
    "Anna Berg opened the museum in 1912. It has about 3,000 paintings, and most of them came from "
    "Carl Lund. "
    "Mayor John Hale gave Anna Berg a house beside the river."
)


def write(folder: Path, name: str, *rows: dict[str, object]) -> None:
    with gzip.open(folder / f"{name}.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(f"{json.dumps(row)}\n" for row in rows)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder in which two sets have rows: one of them copies a seed article."""
    for name in (*recipe.SUPPORT_ROWS, *recipe.ANSWERS_ROWS):
        write(tmp_path, name)
    copied = (SEEDS / "000_c330d8d08d76e018.txt").read_text(encoding="utf-8")[400:900]
    support = {"task": "support", "label": "supported", "source": "fm2"}
    write(
        tmp_path,
        "fm2",
        support | {"evidence": PASSAGE, "claim": "Anna Berg opened a museum."},
        support | {"evidence": copied, "claim": "A senator tweeted."},
    )
    asked = {"task": "answers", "label": "answerable", "source": "nq_gold", "passage": PASSAGE}
    write(
        tmp_path,
        "nq_oracle_qed",
        asked | {"question": "who gave Anna Berg a house?", "answers": ["John Hale"]},
    )
    return tmp_path


class TestLeakage:
    def test_row_that_copies_a_seed_article_is_not_learnt_from(self, data: Path):
        held = kept_apart.shingles_of([SEEDS])
        claims = {one.second for one in recipe.examples(data, Random(1), held)}
        assert any("Anna Berg opened a museum." in claim for claim in claims)
        assert not any("senator" in claim for claim in claims)

    def test_without_anything_kept_apart_all_rows_are_read(self, data: Path):
        assert any("senator" in one.second for one in recipe.examples(data, Random(1)))

    def test_texts_that_share_twelve_words_share_a_shingle(self):
        words = "one two three four five six seven eight nine ten eleven twelve"
        assert set(recipe.shingles(f"Zero, {words.upper()}!")) & set(recipe.shingles(f"{words} thirteen"))

    def test_sentences_of_a_list_are_kept_apart_as_one_text(self, tmp_path: Path):
        page = ["Anna Berg opened the museum in 1912,", "and a year later Carl Lund gave it a painting."]
        (tmp_path / "set.jsonl").write_text(json.dumps({"evidence": page}), encoding="utf-8")
        assert set(recipe.shingles(" ".join(page))) <= kept_apart.shingles_of([tmp_path])

    @pytest.mark.skipif("TRAINING_DATA" not in os.environ, reason="needs TRAINING_DATA and MEASURED_DATA")
    def test_nothing_that_is_measured_on_is_in_the_real_mix(self):
        measured = [SEEDS, *map(Path, os.environ.get("MEASURED_DATA", "").split(os.pathsep))]
        held = kept_apart.shingles_of(measured)
        mix = recipe.examples(Path(os.environ["TRAINING_DATA"]), Random(7), held)
        copied = [one for one in mix if not held.isdisjoint(recipe.shingles(one.first))]
        assert len(mix) > 50_000
        assert copied == []


class TestHeldOut:
    def test_rows_of_one_document_are_held_out_together(self):
        both = [
            recipe.Example("support", PASSAGE, claim, SUPPORTED, "fm2") for claim in ("One.", "Another one.")
        ]
        assert len({recipe.held_out(one) for one in both}) == 1

    def test_the_same_seed_gives_the_same_mix(self, data: Path):
        assert recipe.examples(data, Random(3)) == recipe.examples(data, Random(3))


class TestMixes:
    def test_labels_that_people_gave_are_told_from_those_of_a_rule(self):
        by_people, by_rule, asked = (
            recipe.Example("support", PASSAGE, "It opened in 1912.", SUPPORTED, "fm2"),
            recipe.Example("support", PASSAGE, "It opened in 1913.", CONTRADICTED, "made_renumbered"),
            recipe.Example("answers", PASSAGE, "Who opened it?", recipe.ANSWERABLE, "nq_gold"),
        )
        mix = [by_people, by_rule, asked]
        assert recipe.of_mix(mix, "labelled") == [by_people, asked]
        assert recipe.of_mix(mix, "made") == [by_rule, asked]
        assert recipe.of_mix(mix, "all") == mix


class TestClaimsMadeByRule:
    sentences = synthesis.sentences(PASSAGE)

    def test_text_is_cut_at_sentences_and_not_at_initials(self):
        assert synthesis.sentences("Mr. J. Smith left. He came back.") == [
            "Mr. J. Smith left.",
            "He came back.",
        ]

    def test_names_change_places(self):
        false, true = synthesis.swapped(PASSAGE, "Carl Lund gave the city to Anna Berg.", Random(1))
        assert false == (PASSAGE, "Anna Berg gave the city to Carl Lund.", CONTRADICTED)
        assert true == (PASSAGE, "Carl Lund gave the city to Anna Berg.", SUPPORTED)

    def test_names_that_stand_side_by_side_keep_their_places(self):
        assert synthesis.swapped(PASSAGE, "Carl Lund and Anna Berg came.", Random(1)) == []

    def test_number_becomes_another(self):
        false, true = synthesis.renumbered(PASSAGE, self.sentences[0], Random(1))
        assert false[1] != true[1] and false[2] == CONTRADICTED

    def test_what_somebody_said_is_not_thereby_so(self):
        names = ["Paul Dahl", "Rosa Vik"]
        for seed in range(40):
            made = synthesis.attributed(self.sentences, 0, names, Random(seed))
            labels = {claim: label for _, claim, label in made}
            evidence = made[0][0]
            if "claimed that" in evidence:
                assert labels["Anna Berg opened the museum in 1912."] == UNSUPPORTED
                assert SUPPORTED in labels.values()
                return
        pytest.fail("no claim was put into anybody's mouth")

    def test_what_was_added_is_not_supported(self):
        other = "The school closed because the teachers went on strike for a year."
        false, _ = synthesis.padded(PASSAGE, self.sentences[0], other)
        expected = "Anna Berg opened the museum in 1912 because the teachers went on strike for a year."
        assert false == (PASSAGE, expected, UNSUPPORTED)

    def test_half_of_a_claim_is_not_enough(self):
        made = synthesis.halved(PASSAGE, self.sentences[0], "The river froze in May.", Random(1))
        assert made[0][2] == UNSUPPORTED and "river froze" in made[0][1]


class TestClaimsFromQuestions:
    def test_question_and_answer_become_a_sentence(self):
        assert questions.declared("who opened the school?", "John") == "John opened the school."
        assert questions.declared("What is the capital of Peru?", "Lima") == "The capital of Peru is Lima."
        assert questions.declared("When was the museum opened?", "1912") == "The museum was opened in 1912."
        assert questions.declared("How did she open it?", "quickly") is None

    def test_claim_without_its_sentence_is_unsupported(self):
        long = f"{PASSAGE} {' '.join(['It rains there in the winter.'] * 3)}"
        found = [
            questions.claims("who gave Anna Berg a house?", "John Hale", long, Random(n)) for n in range(9)
        ]
        gone = [one for made in found for one in made if one[2] == UNSUPPORTED]
        assert gone and all("John Hale" not in evidence for evidence, _, _ in gone)

    def test_changed_question_differs(self):
        asked = "who opened the first museum?"
        assert (
            questions.unanswerable(asked, PASSAGE, ["Rosa Vik"], Random(1)) == "who opened the last museum?"
        )
