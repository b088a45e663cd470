import json

import pytest

from evals.checking import card_of, open_checker
from evals.labels import ENOUGH, agreement
from evals.support import Checker, overlap, overlap_checker
from evals.types import Report
from evals.words import remarks
from qa.config import Config
from qa.errors import InputError


def test_words_and_numbers_are_compared():
    told = "The boy is five years old and lives in Reading."
    same, other, number, nothing = overlap(
        [
            (told, "The boy of five lives in Reading."),
            (told, "The minister resigned on Tuesday."),
            (told, "The boy of 7 lives in Reading."),
            (told, "It is so."),
        ]
    )
    assert same == 1.0 and other == 0.0 and nothing == 0.0
    assert number < overlap_checker().threshold <= same


def test_a_pair_is_asked_once():
    asked = []

    def support(pairs):
        asked.extend(pairs)
        return [0.9] * len(pairs)

    checker = Checker(name="counting", support=support, threshold=0.5)
    assert checker.of([("a", "b"), ("a", "b")]) == (0.9, 0.9)
    assert checker.carries("a", "b") and asked == [("a", "b")]


def test_an_unknown_check_is_refused_by_name():
    with pytest.raises(InputError, match="'guess'"):
        open_checker("guess", Config())


def test_words_need_no_model(tmp_path):
    assert open_checker("words", Config(models_dir=tmp_path)).name == "word and number overlap"


def test_a_card_counts_for_the_check_it_was_made_of_only(tmp_path):
    kept = {"checker": "word and number overlap", "figures": {}, "floor": {}, "people": {}}
    (tmp_path / "checker_card.json").write_text(json.dumps(kept))
    assert card_of(overlap_checker(), tmp_path) == kept
    assert card_of(Checker(name="another", support=overlap, threshold=0.5), tmp_path) is None
    (tmp_path / "checker_card.json").write_text(json.dumps({**kept, "people": {"mtRAG": "agree"}}))
    assert card_of(overlap_checker(), tmp_path) is None
    (tmp_path / "checker_card.json").write_text("{cut")
    assert card_of(Checker(name="another", support=overlap, threshold=0.5), tmp_path) is None


def test_the_card_that_is_shipped_is_that_of_the_check_that_is_shipped(tmp_path):
    card = card_of(open_checker("model", Config.from_env()), tmp_path)
    assert card, "make it again: qa eval --card --data FOLDER, then copy it from the data folder to evals/"
    told = list(remarks(Report(results=(), card=card)))
    assert any(line.startswith("The support check on ragtruth_qa: sentence AUC") for line in told)
    assert any(line.startswith("People among themselves on mtrag: Spearman") for line in told)


def labels(path, *rows):
    path.write_text(
        "\n".join(
            json.dumps({"evidence": evidence, "claim": claim, "supported": truth})
            for evidence, claim, truth in rows
        )
    )
    return path


GOOD = ("The boy lives in Reading.", "The boy lives in Reading.", True)
BAD = ("The boy lives in Reading.", "The minister resigned on Tuesday.", False)
FOOLED = ("The boy lives in Reading.", "The boy lives in Reading.", False)


def test_own_labels_count_from_fifty_on(tmp_path):
    few = labels(tmp_path / "few.jsonl", *[GOOD] * 3)
    assert agreement(overlap_checker(), few) == {"labels": 3, "needed": ENOUGH}
    many = labels(tmp_path / "many.jsonl", *[GOOD] * 30, *[BAD] * 15, *[FOOLED] * 5)
    told = agreement(overlap_checker(), many)
    assert told["unsupported, said supported"] == 5
    assert told["balanced accuracy"] == pytest.approx((1 + 0.75) / 2)
    assert told["same as the person"][0] == pytest.approx(0.9)
    assert agreement(overlap_checker(), tmp_path / "none.jsonl") is None


def test_labels_of_one_sort_alone_have_a_figure_too(tmp_path):
    told = agreement(overlap_checker(), labels(tmp_path / "l.jsonl", *[GOOD] * 50))
    assert told["balanced accuracy"] == 1.0


def test_a_broken_label_is_named_by_line_and_field(tmp_path):
    (tmp_path / "l.jsonl").write_text('{"evidence": "a", "claim": "b"}')
    with pytest.raises(InputError, match=r"line 1: supported"):
        agreement(overlap_checker(), tmp_path / "l.jsonl")
