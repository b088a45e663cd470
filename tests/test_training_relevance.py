"""What the reranker learns from: single sentences, beside others that do not answer, and nothing measured."""

import gzip
import json
from pathlib import Path
from random import Random

import pytest

from evals.training import kept_apart, relevance
from evals.training.relevance import MISSPELT, Row

SEEDS = Path(__file__).parent.parent / "seeds"
PASSAGE = (
    "Museum: Anna Berg opened the museum in 1912. It has about 3,000 paintings and a garden. "
    "Mayor John Hale gave Anna Berg a house beside the river. Nobody was ever asked about it."
)
ASKED = {"passage": PASSAGE, "question": "Who gave Anna Berg a house?", "source": "nq_gold"}


def write(folder: Path, name: str, *rows: dict[str, object]) -> None:
    with gzip.open(folder / f"{name}.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(f"{json.dumps(row)}\n" for row in rows)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder without a row; no question is misspelt."""
    monkeypatch.setattr(relevance, "MISSPELT", 0)
    for name in (*relevance.PASSAGES, *relevance.SENTENCES, *relevance.CLAIMS):
        write(tmp_path, name)
    return tmp_path


def learnt(data: Path, **more: frozenset[int]) -> list[Row]:
    return relevance.examples(data, Random(1), **more)


class TestPassages:
    def test_sentence_with_the_answer_answers_and_its_neighbours_do_not(self, data: Path):
        write(data, "nq_oracle_qed", ASKED | {"label": "answerable", "answers": ["John Hale"]})
        rows = [row for row in learnt(data) if row.source == "nq_gold"]
        assert {row.text for row in rows if row.answers and row.text.count(".") == 1} == {
            "Museum: Mayor John Hale gave Anna Berg a house beside the river."
        }
        others = [row.text for row in rows if not row.answers]
        assert "Museum: Anna Berg opened the museum in 1912." in others
        assert not any("Hale" in text for text in others)

    def test_passage_that_has_the_answer_twice_teaches_nothing(self, data: Path):
        write(data, "nq_oracle_qed", ASKED | {"label": "answerable", "answers": ["Anna Berg"]})
        assert learnt(data) == []

    def test_sentences_of_another_passage_do_not_answer(self, data: Path):
        mined = {"label": "unanswerable", "answers": [], "source": "nq_mined"}
        write(data, "nq_oracle_qed", ASKED | mined)
        rows = learnt(data)
        assert len(rows) == 2 and not any(row.answers for row in rows)

    def test_question_about_something_else_is_not_answered_by_the_sentence(self, data: Path):
        answered = {"label": "answerable", "answers": ["1912"], "question": "When did Anna Berg open it?"}
        write(data, "nq_oracle_qed", *[ASKED | answered] * 9)
        made = [row for row in learnt(data) if row.source.startswith("made_")]
        assert made and not any(row.answers or row.question == answered["question"] for row in made)


class TestSentencesAndClaims:
    @pytest.mark.parametrize("label", ["answerable", "unanswerable"])
    def test_single_sentence_keeps_its_label(self, data: Path, label: str):
        write(data, "qamr", ASKED | {"label": label, "source": "qamr"})
        assert learnt(data) == [Row(ASKED["question"], PASSAGE, label == "answerable", "qamr")]

    @pytest.mark.parametrize(
        ("label", "answers"), [("supported", True), ("contradicted", True), ("unsupported", False)]
    )
    def test_whatever_says_yes_or_no_answers_and_silence_does_not(
        self, data: Path, label: str, answers: bool
    ):
        claim = {"evidence": "The museum was opened in 1912.", "claim": "The museum was opened in 1913."}
        write(data, "fm2", claim | {"label": label, "source": "fm2"})
        (row,) = learnt(data)
        assert (row.question, row.answers) == ("Was the museum opened in 1913?", answers)

    @pytest.mark.parametrize(
        ("claim", "question"),
        [
            ("Anna Berg is not a painter.", "Is Anna Berg a painter?"),
            ("It has never been open.", "Has it been open?"),
            ("Grass grows.", "Is it true that Grass grows?"),
        ],
    )
    def test_claim_becomes_the_question_whether_it_is_so(self, claim: str, question: str):
        assert relevance.whether(claim, Random(1)) == question


class TestMisspelt:
    def test_words_are_misspelt_and_none_is_lost(self):
        asked = "Who gave Anna Berg a house beside the river?"
        typed = [relevance.misspelt(asked, Random(seed)) for seed in range(9)]
        assert len(set(typed)) == 9 and all(len(one.split()) == 9 and "?" not in one for one in typed)

    @pytest.mark.parametrize("question", ["", "?", "Who?", "Why is it so?"])
    def test_question_of_short_words_stays_as_it_is(self, question: str):
        assert relevance.misspelt(question, Random(1)) == question.removesuffix("?")

    def test_a_seventh_of_the_questions_are(self, data: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(relevance, "MISSPELT", MISSPELT)
        write(data, "qamr", *[ASKED | {"label": "answerable", "passage": f"{n}"} for n in range(600)])
        typed = [row for row in learnt(data) if row.question != ASKED["question"]]
        assert 0.1 < len(typed) / 600 < 0.2


def test_row_that_copies_a_seed_article_is_not_learnt_from(data: Path):
    copied = (SEEDS / "000_c330d8d08d76e018.txt").read_text(encoding="utf-8")[400:900]
    write(data, "qamr", ASKED | {"label": "answerable", "passage": copied})
    assert len(learnt(data)) == 1
    assert learnt(data, shingled=kept_apart.shingles_of([SEEDS])) == []


def test_the_same_seed_gives_the_same_rows(data: Path):
    write(data, "nq_oracle_qed", ASKED | {"label": "answerable", "answers": ["John Hale"]})
    assert learnt(data) == learnt(data)
