"""How far people agree with each other: the ceiling beside every figure of a support check.

Of the public sets only mtRAG's ratings say what each person said; the others publish one label for each
claim, and no ceiling is quoted for them. A rater is held against the mean of the others, the check against
the mean of all: a check may lie above it, for several people together are steadier than each of them.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from evals.checker_card import Card, Figure, Scored, spearman, with_interval
from evals.datasets.values import LabelledPair

ONE_LABEL = "one label for each claim, no second rater: no ceiling"
LEAST_RATERS = 2


def people(card: Card, rated: Mapping[str, Sequence[LabelledPair]]) -> dict[str, dict[str, Figure] | str]:
    """For each set of a card what people reach, or why that is not known.

    Args:
        rated: the sets of which several people's ratings are known.
    """
    return {name: agreement(rated[name]) if name in rated else ONE_LABEL for name in card}


def agreement(pairs: Sequence[LabelledPair]) -> dict[str, Figure]:
    """Agreement of the raters of the same claims; intervals draw whole conversations."""
    held = [pair for pair in pairs if len(pair.ratings) >= LEAST_RATERS]
    twos = [(pair.cluster, *two) for pair in held for two in combinations(pair.ratings, 2)]
    apart = Scored(
        np.array([abs(one - other) for _, one, other in twos]),
        np.zeros(len(twos)),
        tuple(cluster for cluster, _, _ in twos),
    )
    return {
        "Spearman": with_interval(spearman, _each_against_the_others(held)),
        "same mark": with_interval(lambda scores, truth: float((scores == 0).mean()), apart),
        "within a step": with_interval(lambda scores, truth: float((scores <= 1).mean()), apart),
    }


def _each_against_the_others(pairs: Sequence[LabelledPair]) -> Scored:
    rows = [
        (rating, (sum(pair.ratings) - rating) / (len(pair.ratings) - 1), pair.cluster)
        for pair in pairs
        for rating in pair.ratings
    ]
    return Scored(
        np.array([own for own, _, _ in rows]),
        np.array([others for _, others, _ in rows]),
        tuple(cluster for _, _, cluster in rows),
    )
