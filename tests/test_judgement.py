"""What is taken together before a sentence reaches the reader."""

from dataclasses import replace

from qa import judgement
from qa.grounding import Proof
from qa.judgement import Opinion
from tests.sources import sheet_of

SHEET = sheet_of("The raids led to 680 arrests. Bread is baked at dawn.")
UNSURE = Opinion(says=0.5, holds=0.5)


def proof_with(*relevances):
    quotes = tuple(
        replace(quote, relevance=relevance)
        for quote, relevance in zip(SHEET.quotes, relevances, strict=False)
    )
    return Proof(quotes=quotes, containment=0.5, novelty=0.5, verbatim=False, faults=())


def test_best_of_the_quotes_counts_and_the_more_relevant_the_surer():
    chances = [judgement.probability(SHEET, proof_with(n, 0.1), UNSURE) for n in (0.2, 0.5, 0.8)]
    assert chances == sorted(chances) and chances[0] < judgement.probability(SHEET, proof_with(), UNSURE)
    assert chances[2] == judgement.probability(SHEET, proof_with(0.1, 0.8), UNSURE)


def test_each_opinion_of_the_model_counts():
    said = [judgement.probability(SHEET, proof_with(0.5), Opinion(says=n, holds=0.5)) for n in (0.1, 0.9)]
    held = [judgement.probability(SHEET, proof_with(0.5), Opinion(says=0.5, holds=n)) for n in (0.1, 0.9)]
    assert said[0] < said[1] and held[0] < held[1]


def test_without_the_model_the_comparisons_decide_alone():
    assert judgement.probability(SHEET, proof_with(0.1)) == judgement.probability(SHEET, proof_with(0.9))
