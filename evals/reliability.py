"""Whether probabilities mean what they say: of all that was given 0.8, does about 80 % happen?

Knows numbers only.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """What was said and what happened in one tenth of the scale."""

    said: float
    happened: float
    share: float
    """Of all cases."""


def bins(probabilities: Numbers, happened: Numbers) -> tuple[Bin, ...]:
    """The tenths of the scale in which anything lies; the points of a reliability plot."""
    tenths = np.minimum((probabilities * BINS).astype(int), BINS - 1)
    return tuple(
        Bin(float(probabilities[own].mean()), float(happened[own].mean()), float(own.mean()))
        for own in (tenths == n for n in range(BINS))
        if own.any()
    )


def error(probabilities: Numbers, happened: Numbers) -> float:
    """Expected calibration error: the mean distance between what was said and what happened."""
    return sum(abs(one.said - one.happened) * one.share for one in bins(probabilities, happened))
