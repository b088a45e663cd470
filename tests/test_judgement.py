"""What is taken together before a sentence reaches the reader."""

from dataclasses import replace

from qa import judgement
from qa.grounding import Proof
from qa.judgement import Opinion
from tests.sources import sheet_of

SHEET = sheet_of("The raids led to 680 arrests. Bread is baked at dawn.")
PROOF = Proof(quotes=SHEET.quotes[:1], containment=0.5, novelty=0.5, verbatim=False, faults=())
UNSURE = Opinion(says=0.5, holds=0.5)


def sheet_with(*relevances):
    return replace(
        SHEET, chosen=tuple(replace(q, relevance=r) for q, r in zip(SHEET.quotes, relevances, strict=True))
    )


def test_best_of_the_sentences_read_counts_and_the_more_relevant_the_surer():
    chances = [judgement.probability(sheet_with(n, 0.1), PROOF, UNSURE) for n in (0.2, 0.5, 0.8)]
    assert chances == sorted(chances) and len(set(chances)) == 3
    assert chances[2] == judgement.probability(sheet_with(0.1, 0.8), PROOF, UNSURE)


def test_each_opinion_of_the_model_counts():
    said = [judgement.probability(SHEET, PROOF, Opinion(says=n, holds=0.5)) for n in (0.1, 0.9)]
    held = [judgement.probability(SHEET, PROOF, Opinion(says=0.5, holds=n)) for n in (0.1, 0.9)]
    assert said[0] < said[1] and held[0] < held[1]


def test_without_the_model_the_comparisons_decide_alone():
    unlike, likely = sheet_with(0.1, 0.1), sheet_with(0.9, 0.9)
    assert judgement.probability(unlike, PROOF) == judgement.probability(likely, PROOF)
