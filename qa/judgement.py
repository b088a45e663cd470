"""How probable it is that a drafted sentence answers the question and stands in its source.

A logistic regression over plain comparisons; where those leave it open, the language model is asked whether
the passage says so, and a second regression takes its word into account. Fitted on public questions with
passages (SQuAD 2, CLAP-NQ), on questions of our own and on development questions over the seeds, by an
earlier choice of what the model reads; never on the test part.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from qa.evidence import Sheet
from qa.grounding import Proof
from qa.types import Verdict

ACCEPTED = 0.17
"""Of the probability that a sentence answers the question: below it, it does not reach the reader."""
SUPPORTED = 0.6
"""Of the support for a sentence: below it, it is marked as partly supported …"""
PARTLY = 0.5
"""… and below this one it does not reach the reader either."""
UNCERTAIN = (0.01, 0.9)
"""Outside this range the model's word changes nothing, and asking would only cost time."""

_PLAIN: Mapping[str, float] = {
    "bias": -6.473,
    "cosine": 5.404,
    "overlap": 0.842,
    "coverage": 1.941,
    "containment": 1.487,
    "novelty": 0.4,
}
_WITH_MODEL: Mapping[str, float] = {
    "bias": -3.671,
    "coverage": 2.657,
    "containment": 0.817,
    "says": 0.429,
    "holds": 0.59,
}
_LEAST_ODDS = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What the language model says when it is asked; each the probability of Yes, 0 to 1."""

    says: float
    """That the source says what the sentence claims."""
    holds: float
    """That the source holds an answer to the question."""


def features(sheet: Sheet, proof: Proof, opinion: Opinion | None = None) -> dict[str, float]:
    """What the regression sees."""
    values = {
        "bias": 1.0,
        "cosine": sheet.cosine,
        "overlap": sheet.overlap,
        "coverage": sheet.coverage,
        "containment": proof.containment,
        "novelty": proof.novelty,
    }
    if opinion:
        values |= {"says": _log_odds(opinion.says), "holds": _log_odds(opinion.holds)}
    return values


def probability(sheet: Sheet, proof: Proof, opinion: Opinion | None = None) -> float:
    """0 to 1; without an opinion from the plain comparisons alone."""
    weights = _WITH_MODEL if opinion else _PLAIN
    values = features(sheet, proof, opinion)
    return 1 / (1 + math.exp(-sum(weight * values[name] for name, weight in weights.items())))


def is_uncertain(value: float) -> bool:
    return UNCERTAIN[0] < value < UNCERTAIN[1]


def verdict(proof: Proof, support: float) -> Verdict:
    """What the reader is told of a sentence."""
    if proof.faults or not proof.quotes:
        return "unsupported"
    # The words stand there, whatever a model thinks of them.
    if proof.verbatim:
        return "verbatim"
    if support < PARTLY:
        return "unsupported"
    return "supported" if support >= SUPPORTED else "partly"


def _log_odds(value: float) -> float:
    return math.log(max(value, _LEAST_ODDS) / max(1 - value, _LEAST_ODDS))
