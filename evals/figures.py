"""Scores put together: figures with intervals, for all cases and for each group of them.

Knows results and statistics; knows no file format. Times are kept apart (`times`): they are the only numbers
that differ when the same answers are scored again.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from evals.metrics import METRICS, Metric
from evals.scorers.reading import refused
from evals.statistics import (
    Interval,
    cluster_interval,
    drawn_interval,
    pooled_mean,
    quantile,
    risks,
    wilson,
)
from evals.types import Case, Report, Result

Unit = Literal["share", "index", "per 100 answers"]
"""`index` is a number from −1 to 1 that is no share of anything."""
TIMES = ("first_sentence_ms", "total_ms", "retrieve_ms")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number with how far it can be trusted."""

    name: str
    value: float | None
    """None when no case is eligible."""
    interval: Interval
    """95 %."""
    n: int
    """Eligible cases."""
    count: float = 0.0
    """How many of them, or the sum of the scores."""
    of: float = 0.0
    """What `count` is a share of: cases, or sentences where a score has a weight."""
    unit: Unit = "share"

    @property
    def told(self) -> str:
        """The value in few characters."""
        return "n/a (0 cases)" if self.value is None else self._told(self.value)

    @property
    def ends(self) -> str:
        """The interval."""
        return " to ".join(map(self._told, self.interval))

    def __str__(self) -> str:
        if self.value is None:
            return self.told
        counted = self.unit == "share" and self.count == int(self.count)
        of = f"{self.count:g}/{self.of:g}" if counted else f"n={self.n}"
        return f"{self.told:>7}  {of:<9}  [{self.ends}]"

    def _told(self, value: float) -> str:
        return f"{value:.1%}" if self.unit == "share" else f"{value:.{2 if self.unit == 'index' else 1}f}"


def cluster_of(case: Case) -> str:
    """What a case shares with others: its conversation, or the documents that its proof stands in."""
    if case.cluster:
        return case.cluster
    if case.history:
        return case.history[0].content
    return "+".join(sorted({quote.source for group in case.gold for quote in group})) or case.id


def groups(results: Sequence[Result]) -> dict[str, list[Result]]:
    """All results, then by part, then by kind, in the order in which they occur."""
    parts = sorted({result.case.part for result in results})
    kinds = list(dict.fromkeys(result.case.kind for result in results))
    grouped: dict[str, list[Result]] = {"all": list(results)}
    grouped |= {f"part {part}": [r for r in results if r.case.part == part] for part in parts}
    return grouped | {f"kind {kind}": [r for r in results if r.case.kind == kind] for kind in kinds}


@lru_cache(maxsize=4)
def summary(report: Report) -> dict[str, dict[str, Figure]]:
    """The figures of every group of a report, made once."""
    return {name: figures(group) for name, group in groups(report.results).items()}


def figures(results: Sequence[Result]) -> dict[str, Figure]:
    """Every figure of these results, by name."""
    made = {metric.name: figure(results, metric) for metric in METRICS}
    made["j"] = _youden(made["answered_when_due"], made["refused_when_due"])
    made |= {
        one.name: one for one in (_selective(results), _answered(results), _area(results), _lost(results))
    }
    made["errors"] = _share("errors", [r.error is not None for r in results])
    return made


def figure(results: Sequence[Result], metric: Metric) -> Figure:
    """The figure of one metric."""
    scored = [(r, score) for r in results for score in r.scores if score.name == metric.name]
    kept = [(r, s.value, s.weight) for r, s in scored if s.value is not None]
    values = [1 - value if metric.lapse else value for _, value, _ in kept]
    if not metric.pooled:
        return _share(metric.name, [value == 1 for value in values])
    weights = [weight for _, _, weight in kept]
    return Figure(
        name=metric.name,
        value=pooled_mean(values, weights),
        interval=cluster_interval(values, weights, [cluster_of(r.case) for r, _, _ in kept]),
        n=len(kept),
        count=round(math.fsum(v * w for v, w in zip(values, weights, strict=True)), 6),
        of=math.fsum(weights),
    )


def confidence(result: Result) -> float | None:
    """How sure the engine is of an answer: as sure as of its weakest sentence; None when it does not say."""
    if result.answer is None or refused(result.answer):
        return None
    return min((sentence.support for sentence in result.answer.sentences), default=None)


def risk_coverage(results: Sequence[Result]) -> tuple[tuple[float, float], ...]:
    """(Share of the judged questions answered, share of those answers that are wrong), surest first."""
    sure, wrong, _ = _sure_and_wrong(results)
    judged = sum(_judged(r) for r in results)
    return tuple(((place + 1) / judged, float(risk)) for place, risk in enumerate(risks(sure, wrong)))


def calibration(results: Sequence[Result], bins: int = 5) -> tuple[tuple[float, Figure], ...]:
    """(Mean confidence, share right) of as many answers in each bin, least sure first."""
    held = [(sure, r.right) for r in results if (sure := confidence(r)) is not None and _judged(r)]
    held.sort(key=lambda one: one[0])
    edges = [round(len(held) * number / bins) for number in range(bins + 1)]
    cut = [held[low:high] for low, high in pairwise(edges) if high > low]
    return tuple(
        (math.fsum(sure for sure, _ in part) / len(part), _share("right", [good for _, good in part]))
        for part in cut
    )


def times(results: Sequence[Result]) -> dict[str, dict[str, float | int | None]]:
    """p50, p95 and n of each duration in milliseconds, over the questions that came back, and of the tokens.

    The time to the first sentence counts only where a sentence was shown; an answer that was given before and
    kept took none.
    """
    answers = [r.answer for r in results if r.answer and not r.answer.timings.cached]
    spread: dict[str, dict[str, float | int | None]] = {}
    for name in TIMES:
        shown = [a for a in answers if a.sentences or name != "first_sentence_ms"]
        spread[name] = _spread([float(getattr(a.timings, name)) for a in shown])
    for name in ("prompt_tokens", "completion_tokens"):
        spread[name] = _spread([float(getattr(a.usage, name)) for a in answers])
    return spread


def _judged(result: Result) -> bool:
    return result.score("right").value is not None


def _spread(values: list[float]) -> dict[str, float | int | None]:
    return {"p50": quantile(values, 0.5), "p95": quantile(values, 0.95), "n": len(values)}


def _share(name: str, hits: Sequence[bool]) -> Figure:
    n, count = len(hits), sum(hits)
    return Figure(
        name=name, value=count / n if n else None, interval=wilson(count, n), n=n, count=count, of=n
    )


def _youden(false: Figure, missed: Figure) -> Figure:
    """1 − missed − false; the interval by squaring and adding (Newcombe, 1998, method 10)."""
    n = false.n + missed.n
    if false.value is None or missed.value is None:
        return Figure(name="j", value=None, interval=(-1.0, 1.0), n=0, unit="index")
    value = 1 - false.value - missed.value
    down = math.hypot(*(each.interval[1] - (each.value or 0) for each in (false, missed)))
    up = math.hypot(*((each.value or 0) - each.interval[0] for each in (false, missed)))
    return Figure(
        name="j",
        value=value,
        interval=(max(-1.0, value - down), min(1.0, value + up)),
        n=n,
        unit="index",
    )


def _selective(results: Sequence[Result]) -> Figure:
    return _share("selective_accuracy", [r.right for r in results if _judged(r) and _gave(r)])


def _answered(results: Sequence[Result]) -> Figure:
    return _share("answered", [_gave(r) for r in results])


def _gave(result: Result) -> bool:
    return result.answer is not None and not refused(result.answer)


def _sure_and_wrong(
    results: Sequence[Result],
) -> tuple[NDArray[np.float64], NDArray[np.float64], list[str]]:
    """Confidence, error and cluster of every judged answer that tells its confidence."""
    held = [(sure, r) for r in results if _judged(r) and (sure := confidence(r)) is not None]
    return (
        np.array([sure for sure, _ in held]),
        np.array([float(not r.right) for _, r in held]),
        [cluster_of(r.case) for _, r in held],
    )


def _area(results: Sequence[Result]) -> Figure:
    """The mean risk along the risk-coverage curve."""
    sure, wrong, clusters = _sure_and_wrong(results)
    if not clusters:
        return Figure(name="risk_area", value=None, interval=(0.0, 1.0), n=0)

    def area(rows: NDArray[np.intp]) -> float:
        return float(risks(sure[rows], wrong[rows]).mean())

    value, n = area(np.arange(len(sure))), len(clusters)
    return Figure(
        name="risk_area", value=value, interval=drawn_interval(area, clusters), n=n, count=value * n, of=n
    )


def _lost(results: Sequence[Result]) -> Figure:
    """Numbers and names that stand in no cited quote, per hundred answers."""
    given = [r for r in results if _gave(r)]
    lost = [100.0 * sum(len(check.lost) for check in r.checks) for r in given]
    ones = [1.0] * len(given)
    low, high = cluster_interval(lost, ones, [cluster_of(r.case) for r in given])
    if not any(lost):
        high = 100 * wilson(0, len(given))[1]
    return Figure(
        name="lost_tokens",
        value=pooled_mean(lost, ones),
        interval=(low, high),
        n=len(given),
        count=sum(lost) / 100,
        of=len(given),
        unit="per 100 answers",
    )
