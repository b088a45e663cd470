"""How probable it is that a drafted sentence answers the question and stands in its source.

A logistic regression over plain comparisons; where those leave it open, the language model is asked whether
the passage says so, and a second regression takes its word into account. Fitted on public questions with
passages (SQuAD 2, CLAP-NQ) and on the development questions over the seeds, never on the test part.
"""

import math
from collections.abc import Mapping

from qa.evidence import Source
from qa.grounding import Proof
from qa.types import Verdict

ACCEPTED = 0.4
"""A sentence below this probability does not reach the reader."""
SUPPORTED = 0.6
"""A sentence below this one is marked as partly supported."""
UNCERTAIN = (0.08, 0.9)
"""Outside this range the model's word changes nothing, and asking would only cost time."""

_PLAIN: Mapping[str, float] = {
    "bias": -8.044,
    "cosine": 5.771,
    "overlap": 0.973,
    "coverage": 2.839,
    "containment": 1.524,
    "novelty": 0.646,
    "faulty": -0.542,
}
_WITH_MODEL: Mapping[str, float] = {
    "bias": -7.378,
    "says": 0.366,
    "cosine": 4.779,
    "overlap": 1.06,
    "coverage": 2.734,
    "containment": 0.871,
    "novelty": 0.634,
    "faulty": -0.566,
}
_LEAST_ODDS = 0.01


def probability(source: Source, proof: Proof, says: float | None = None) -> float:
    """0 to 1; `says` is the model's probability of "the passage says so", None when it was not asked."""
    values = {
        "bias": 1.0,
        "cosine": source.cosine,
        "overlap": source.overlap,
        "coverage": source.coverage,
        "containment": proof.containment,
        "novelty": proof.novelty,
        "faulty": float(bool(proof.faults)),
        "says": 0.0 if says is None else _log_odds(says),
    }
    weights = _PLAIN if says is None else _WITH_MODEL
    return 1 / (1 + math.exp(-sum(weight * values[name] for name, weight in weights.items())))


def is_uncertain(value: float) -> bool:
    return UNCERTAIN[0] < value < UNCERTAIN[1]


def verdict(proof: Proof, support: float) -> Verdict:
    """What the reader is told of a sentence."""
    if proof.faults or not proof.quotes or support < ACCEPTED:
        return "unsupported"
    if proof.verbatim:
        return "verbatim"
    return "supported" if support >= SUPPORTED else "partly"


def _log_odds(value: float) -> float:
    return math.log(max(value, _LEAST_ODDS) / max(1 - value, _LEAST_ODDS))
