"""Making probability mean probability, on documents that were not learnt from.

Of the rows held out, one half fits a factor and shifts of the logits, the other half says how well they fit.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import optimize, special  # type: ignore[import-untyped]

from evals import reliability
from evals.training.model import Checker
from evals.training.train import Tokens, stacked

Numbers = NDArray[np.float64]
_BATCH = 32


@dataclass(frozen=True, slots=True)
class Calibration:
    """What the heads are multiplied and shifted by, and the error left (ECE) on the other half."""

    scale: float
    shift: tuple[float, float, float]
    answers: tuple[float, float]
    support_error: float
    answers_error: float
    support_right: float
    """How often the likeliest of the three labels is right, on the other half."""
    answers_right: float


def fit(model: Checker, held_out: Sequence[Tokens]) -> Calibration:
    """Fit on every other row of `held_out` and measure on the rest."""
    support, answers = logits(
        model, [[one for one in held_out if one.task == task] for task in ("support", "answers")]
    )
    labels = [
        np.array([one.label for one in held_out if one.task == task]) for task in ("support", "answers")
    ]
    three = optimize.minimize(
        lambda x: _loss(support[::2] * x[0] + np.array([0.0, x[1], x[2]]), labels[0][::2]), [1.0, 0.0, 0.0]
    ).x
    two = optimize.minimize(lambda x: _loss(_two(answers[::2] * x[0] + x[1]), labels[1][::2]), [1.0, 0.0]).x
    shares = special.softmax(support[1::2] * three[0] + np.array([0.0, three[1], three[2]]), axis=1)
    yes = special.expit(answers[1::2] * two[0] + two[1])
    return Calibration(
        scale=float(three[0]),
        shift=(0.0, float(three[1]), float(three[2])),
        answers=(float(two[0]), float(two[1])),
        support_error=reliability.error(shares[:, 0], (labels[0][1::2] == 0).astype(float)),
        answers_error=reliability.error(yes, labels[1][1::2].astype(float)),
        support_right=float((shares.argmax(1) == labels[0][1::2]).mean()),
        answers_right=float(((yes > 0.5) == (labels[1][1::2] == 1)).mean()),
    )


def logits(model: Checker, parts: Sequence[Sequence[Tokens]]) -> tuple[Numbers, Numbers]:
    """Support logits of the first part, answers logits of the second."""
    found = []
    for head, rows in enumerate(parts):
        order = sorted(range(len(rows)), key=lambda n: len(rows[n].ids))
        values = np.zeros((len(rows), 3) if head == 0 else len(rows))
        for first in range(0, len(rows), _BATCH):
            places = order[first : first + _BATCH]
            with torch.no_grad():
                both = model(*stacked([rows[n] for n in places], torch.device("cpu")))
            values[places] = both[head].numpy()
        found.append(values)
    return found[0], found[1]


def _two(answers: Numbers) -> Numbers:
    return np.stack([np.zeros_like(answers), answers], axis=1)


def _loss(given: Numbers, labels: NDArray[np.int64]) -> float:
    return float(-special.log_softmax(given, axis=1)[np.arange(len(labels)), labels].mean())
