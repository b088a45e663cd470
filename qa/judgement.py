"""How probable it is that a sentence answers the question and stands in what was read.

Where the reranker finds a sentence that surely answers, or none that might, its word is enough. Between, for
what was drafted: without a language model a logistic regression over plain comparisons, fitted on public
questions with passages (SQuAD 2, CLAP-NQ) and questions of our own; with one what it says when it is asked,
and how probably the best of the sentences read answers. Weights fitted on the development questions, CLAP-NQ
and SQuAD 2 together tell answerable questions of each from others with an AUC of 0.84, 0.93 and 0.87, without
the reranker 0.75, 0.85 and 0.81. The bias is set by the development questions. Never fitted on the test part.
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
CERTAIN = 0.85
"""Of the support for words that the quotes have not: below it, the quotes speak for themselves."""
HOPELESS = 0.06
"""Below this the comparisons alone refuse, whatever the model would say: no right answer to a development
question lies there, and a question about something else altogether mostly does."""

SILENT = 0.1
"""How probably the best sentence must answer before anything is drafted. Of 60 questions of CLAP-NQ this
refuses 3 of 33 that cannot be answered and none of the others; of the development questions none that was
answered rightly, but two whose translation went wrong."""
RIVAL = 0.25
"""How probably a sentence must answer beside one that surely does: of 18 less probable ones that a small
model picked 16 told something else; of 18 others 11 were right where the sure one was not. 221 of 279
questions are right with it and 222 without, and the model is asked 352 times instead of 409."""
PLAIN = 0.3
"""From here on a sentence answers so surely that it is told whatever a small model picks. Of 80 questions
about news reports 60 are right with both and 50 with it alone, of the development questions 90 and 91."""

_PLAIN: Mapping[str, float] = {
    "bias": -6.473,
    "cosine": 5.404,
    "overlap": 0.842,
    "coverage": 1.941,
    "containment": 1.487,
    "novelty": 0.4,
}
_WITH_MODEL: Mapping[str, float] = {"bias": -0.4, "says": 0.5, "holds": 0.6, "relevance": 0.8}
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
        values |= {
            "says": _log_odds(opinion.says),
            "holds": _log_odds(opinion.holds),
            "relevance": _log_odds(sheet.relevance),
        }
    return values


def probability(sheet: Sheet, proof: Proof, opinion: Opinion | None = None) -> float:
    """0 to 1; without an opinion from the plain comparisons alone."""
    weights = _WITH_MODEL if opinion else _PLAIN
    values = features(sheet, proof, opinion)
    return 1 / (1 + math.exp(-sum(weight * values[name] for name, weight in weights.items())))


def is_open(value: float) -> bool:
    """Whether the model's word counts, the comparisons having found something to do with the question."""
    return value > HOPELESS


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
