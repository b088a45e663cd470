"""The papers of a made-up household: that the questions about them can be asked and answered."""

import pytest

from evals.cases import missing_gold
from evals.datasets import desk
from evals.scorers import right
from evals.suites import open_suite
from qa import Config
from qa.documents import find_files, read
from tests.evaluation import answer, refusal

SUITE = desk.questions()
PAPERS = {source: read(path, source) for path, source in find_files(desk.PAPERS)}


def test_every_gold_quote_stands_in_its_paper():
    assert missing_gold(SUITE.cases, PAPERS) == ()
    assert {text.source for text in SUITE.texts} == set(PAPERS)


@pytest.mark.parametrize("asked", [case for case in SUITE.cases if case.gold], ids=lambda case: case.id)
def test_sentences_around_the_gold_quotes_are_right_and_a_refusal_is_not(asked):
    told = " ".join(PAPERS[quote.source].text for group in asked.gold for quote in group)
    assert right(asked, answer(told), {}).value == 1.0
    assert right(asked, answer(asked.question), {}).value == 0.0
    assert right(asked, refusal(), {}).value == float(asked.refusal_ok)


@pytest.mark.parametrize("asked", [case for case in SUITE.cases if case.refusal], ids=lambda case: case.id)
def test_what_is_not_there_wants_a_refusal(asked):
    assert right(asked, refusal(), {}).value == 1.0 and right(asked, answer("Yes."), {}).value == 0.0


def test_suite_needs_no_data_folder(tmp_path):
    cases, config = open_suite("desk", tmp_path / "none.jsonl", None, Config(), tmp_path, index=False)
    assert cases == SUITE.cases and config == Config()
