"""Intervals and tests: how far a figure can be trusted, and whether two of them differ.

Knows numbers only. Everything is SciPy's but the arithmetic of power; the seed is fixed, so that the same
numbers give the same interval.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats  # type: ignore[import-untyped]

DRAWS = 2000
SEED = 20170224
CONFIDENCE = 0.95
POWER = 0.8

Interval = tuple[float, float]


def wilson(successes: int, n: int) -> Interval:
    """The Wilson score interval of a share; (0, 1) when n is 0."""
    if n == 0:
        return 0.0, 1.0
    interval = stats.binomtest(successes, n).proportion_ci(CONFIDENCE, method="wilson")
    return float(interval.low), float(interval.high)


def pooled_mean(values: Sequence[float], weights: Sequence[float]) -> float | None:
    """The mean of the values by weight; None when there is nothing to weigh."""
    total = math.fsum(weights)
    return math.fsum(v * w for v, w in zip(values, weights, strict=True)) / total if total > 0 else None


def cluster_interval(values: Sequence[float], weights: Sequence[float], clusters: Sequence[str]) -> Interval:
    """The interval of the pooled mean when whole clusters are drawn: answers on one document are kin.

    Where drawing cannot show any spread (one cluster, or all values alike), it is the Wilson interval of
    that mean over as many draws as there are clusters: what never failed yet may fail next.
    """
    sums, sizes = _by_cluster(values, weights, clusters)
    if not len(sums):
        return 0.0, 1.0
    mean = float(sums.sum() / sizes.sum())
    interval = _drawn(sums, sizes) if len(sums) > 1 else (mean, mean)
    if interval[1] - interval[0] > 1e-12 or not 0 <= mean <= 1:
        return interval
    low, high = wilson(round(mean * len(sums)), len(sums))
    return min(low, mean), max(high, mean)


@dataclass(frozen=True, slots=True, kw_only=True)
class McNemar:
    """Two systems on the same cases: how often only one of them was right."""

    only_first: int
    only_second: int
    both: int
    neither: int

    @property
    def n(self) -> int:
        return self.only_first + self.only_second + self.both + self.neither

    @property
    def p(self) -> float:
        """The exact two-sided probability of so lopsided a split by chance."""
        split = self.only_first + self.only_second
        return float(stats.binomtest(self.only_second, split).pvalue) if split else 1.0


def mcnemar(first: Sequence[bool], second: Sequence[bool]) -> McNemar:
    """The table of two runs over the same cases, in the same order."""
    pairs = list(zip(first, second, strict=True))
    return McNemar(
        only_first=pairs.count((True, False)),
        only_second=pairs.count((False, True)),
        both=pairs.count((True, True)),
        neither=pairs.count((False, False)),
    )


def smallest_difference(n: int, discordance: float) -> float | None:
    """The least true difference of two shares which n paired cases show with 80 % power; None without cases.

    `discordance` is the share of cases in which the two systems part (Connor, 1987, Biometrics 43).
    """
    if n == 0 or discordance <= 0:
        return None
    sure, power = float(stats.norm.ppf((1 + CONFIDENCE) / 2)), float(stats.norm.ppf(POWER))
    difference = 0.0
    for _ in range(50):
        spread = math.sqrt(max(discordance - difference**2, 0.0))
        difference = (sure * math.sqrt(discordance) + power * spread) / math.sqrt(n)
    return min(difference, 1.0)


def smallest_mean_difference(differences: Sequence[float]) -> float | None:
    """The same for scores, from the spread of their paired differences."""
    if len(differences) < 2:
        return None
    error = float(np.std(differences, ddof=1)) / math.sqrt(len(differences))
    return float(stats.norm.ppf((1 + CONFIDENCE) / 2) + stats.norm.ppf(POWER)) * error


def drawn_interval(statistic: Callable[[NDArray[np.intp]], float], clusters: Sequence[str]) -> Interval:
    """The interval of any statistic of a choice of rows, when whole clusters of rows are drawn."""
    names, at = np.unique(np.array(clusters, dtype=object), return_inverse=True)
    if len(names) < 2:
        return 0.0, 1.0
    rows = [np.flatnonzero(at == number) for number in range(len(names))]
    drawn = stats.bootstrap(
        (np.arange(len(names)),),
        lambda chosen: statistic(np.concatenate([rows[number] for number in chosen])),
        vectorized=False,
        n_resamples=DRAWS,
        confidence_level=CONFIDENCE,
        method="percentile",
        rng=np.random.default_rng(SEED),
    )
    return float(drawn.confidence_interval.low), float(drawn.confidence_interval.high)


def risks(sure: NDArray[np.float64], wrong: NDArray[np.float64]) -> NDArray[np.float64]:
    """The share of wrong answers among the surest one, two, three …

    Answers that are equally sure share their errors, so that their order does not matter.
    """
    order = np.argsort(-sure, kind="stable")
    _, level, sizes = np.unique(-sure[order], return_inverse=True, return_counts=True)
    shared = (np.bincount(level, weights=wrong[order]) / sizes)[level]
    return np.asarray(np.cumsum(shared) / np.arange(1, len(sure) + 1))


def quantile(values: Sequence[float], q: float) -> float | None:
    """The q-quantile, by linear interpolation; None of nothing."""
    return float(np.quantile(values, q)) if values else None


def _by_cluster(
    values: Sequence[float], weights: Sequence[float], clusters: Sequence[str]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weighted sum and weight of each cluster that weighs anything."""
    names, at = np.unique(np.array(clusters, dtype=object), return_inverse=True)
    weighing = np.asarray(weights, dtype=np.float64)
    weighed = np.asarray(values, dtype=np.float64) * weighing
    sums = np.asarray(np.bincount(at, weights=weighed, minlength=len(names)), dtype=np.float64)
    sizes = np.asarray(np.bincount(at, weights=weighing, minlength=len(names)), dtype=np.float64)
    return sums[sizes > 0], sizes[sizes > 0]


def _drawn(sums: NDArray[np.float64], sizes: NDArray[np.float64]) -> Interval:
    def ratio(
        drawn_sums: NDArray[np.float64], drawn_sizes: NDArray[np.float64], axis: int
    ) -> NDArray[np.float64]:
        return np.asarray(drawn_sums.sum(axis=axis) / drawn_sizes.sum(axis=axis))

    drawn = stats.bootstrap(
        (sums, sizes),
        ratio,
        paired=True,
        vectorized=True,
        n_resamples=DRAWS,
        confidence_level=CONFIDENCE,
        method="percentile",
        rng=np.random.default_rng(SEED),
    )
    return float(drawn.confidence_interval.low), float(drawn.confidence_interval.high)
