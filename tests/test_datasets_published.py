"""The published sets themselves, where EVALS_DATA names the folder that has them."""

import os
from pathlib import Path

import pytest

from evals.datasets import (
    bipia,
    canard,
    chunking,
    clapnq,
    mtrag,
    multihop,
    ragtruth,
    ramdocs,
    squad2,
    summedits,
    wice,
)
from tests.evaluation import case, document

FOLDER = Path(os.environ.get("EVALS_DATA", ""))
pytestmark = pytest.mark.skipif("EVALS_DATA" not in os.environ, reason="EVALS_DATA names no data folder")

QUESTIONS = {
    squad2.questions: (320, 800),
    clapnq.questions: (303, 303),
    multihop.questions: (326, 244),
    ramdocs.questions: (1399, 253),
    mtrag.questions: (582, 239),
    mtrag.rewrites: (0, 366),
    canard.rewrites: (0, 858),
    chunking.questions: (3, 319),
    ragtruth.questions: (213, 71),
}
PAIRS = {ragtruth.pairs: 417, wice.pairs: 349, summedits.pairs: 493, mtrag.pairs: 195}


@pytest.mark.parametrize("load", QUESTIONS)
def test_every_row_is_read_and_names_only_documents_that_are_there(load):
    found = load(FOLDER)
    assert (len(found.texts), len(found.cases)) == QUESTIONS[load]
    sources = {text.source for text in found.texts}
    assert len(sources) == len(found.texts)
    for each in found.cases:
        assert set(each.documents) <= sources
        assert {quote.source for group in each.gold for quote in group} <= sources


@pytest.mark.parametrize("load", PAIRS)
def test_every_judged_pair_is_read(load):
    assert len(load(FOLDER)) == PAIRS[load]


def test_parts_of_the_checker_sets_are_read():
    assert len(ragtruth.pairs(FOLDER, ragtruth.SUMMARIES)) == 426
    words = wice.pairs(FOLDER, wice.TOKENS)
    assert len(words) == 124
    assert all(pair.unsupported for pair in words)


def test_every_attack_is_planted_at_three_places():
    found = bipia.questions(FOLDER, [case()], {"a.txt": document("A\n\nThe boy is five.\n\nEnd.")})
    assert len(found.texts) == len(found.cases) == 225
