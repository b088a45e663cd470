"""Two runs over the same cases: what changed, and whether it is more than chance.

Only paired: cases that both runs have. Knows scored rows; knows no engine and no file.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from evals.metrics import METRICS, Metric
from evals.report import Scored
from evals.statistics import (
    Interval,
    McNemar,
    cluster_interval,
    mcnemar,
    pooled_mean,
    smallest_difference,
    smallest_mean_difference,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One metric in both runs; a lapse is told as what goes right, so that more is better everywhere."""

    metric: Metric
    n: int
    first: float
    second: float
    interval: Interval
    """95 % of second − first, by drawing clusters."""
    detectable: float | None
    """The least true difference that so many cases show with 80 % power."""

    @property
    def change(self) -> float:
        return self.second - self.first

    @property
    def shown(self) -> tuple[float, float]:
        """Both values as the report tells them: what goes wrong where the metric is a lapse."""
        return (1 - self.first, 1 - self.second) if self.metric.lapse else (self.first, self.second)

    @property
    def shown_change(self) -> tuple[float, float, float]:
        """The change and its interval in the same sense."""
        low, high = self.interval
        change = (-self.change, -high, -low) if self.metric.lapse else (self.change, low, high)
        # Without a minus before a nought.
        return tuple(round(each, 6) + 0.0 for each in change)  # type: ignore[return-value]

    @property
    def beyond_chance(self) -> bool:
        return self.interval[0] > 0 or self.interval[1] < 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What two runs say of each other."""

    table: McNemar
    differences: tuple[Difference, ...]
    changed: tuple[tuple[Scored, Scored], ...]
    """Cases that ended otherwise."""
    unpaired: tuple[str, ...]
    """Ids of cases that only one run has, or that ask something else in the other."""
    detectable: float | None
    """Of the share of right answers."""


def compare(first: Sequence[Scored], second: Sequence[Scored]) -> Comparison:
    """The cases of `second` against the same cases of `first`."""
    before = {row.id: row for row in first}
    pairs = [(before[row.id], row) for row in second if row.id in before]
    pairs = [(old, new) for old, new in pairs if old.question == new.question]
    judged = [(old, new) for old, new in pairs if "right" in old.scores and "right" in new.scores]
    table = mcnemar([old.right for old, _ in judged], [new.right for _, new in judged])
    paired = {old.id for old, _ in pairs}
    found = (_difference(metric, pairs) for metric in METRICS)
    parting = (table.only_first + table.only_second) / table.n if table.n else 0.0
    return Comparison(
        table=table,
        differences=tuple(difference for difference in found if difference),
        changed=tuple((old, new) for old, new in pairs if old.outcome != new.outcome),
        unpaired=tuple(row.id for row in (*first, *second) if row.id not in paired),
        detectable=smallest_difference(table.n, parting),
    )


def as_text(comparison: Comparison, names: tuple[str, str] = ("A", "B")) -> str:
    """The comparison for a terminal."""
    return "\n".join(_lines(comparison, names))


def verdict(comparison: Comparison) -> str:
    """The comparison in a sentence."""
    table = comparison.table
    if not table.n:
        return "The two runs share no judged case: nothing can be compared."
    if table.p < 0.05:
        better = "more" if table.only_second > table.only_first else "fewer"
        return f"B has {better} right answers, by more than chance (exact McNemar, p = {table.p:.3g})."
    return f"The difference in right answers is within chance (exact McNemar, p = {table.p:.3g})."


def _lines(comparison: Comparison, names: tuple[str, str]) -> Iterable[str]:
    table = comparison.table
    yield f"A: {names[0]}"
    yield f"B: {names[1]}"
    yield f"{table.n} cases are judged in both; {len(comparison.unpaired)} cannot be paired."
    yield (
        f"Right in both {table.both}, in A only {table.only_first}, in B only {table.only_second}, "
        f"in neither {table.neither}."
    )
    yield verdict(comparison)
    if comparison.detectable is not None:
        yield f"Smallest difference shown with 80 % power: {100 * comparison.detectable:.1f} points."
    if comparison.differences:
        width = max(len(d.metric.title) for d in comparison.differences)
        yield ""
        yield f"  {'':<{width}}       A       B   B − A  [95 %]              least      n"
        yield from (_row(difference, width) for difference in comparison.differences)
        yield "  * beyond chance by itself; of twenty rows one may be so by chance."
    yield ""
    yield f"Changed: {len(comparison.changed)}"
    for old, new in comparison.changed:
        yield f"  {old.outcome} → {new.outcome}  {new.id} ({new.part}): {' '.join(new.question.split())}"


def _row(difference: Difference, width: int) -> str:
    (first, second), (change, *ends) = difference.shown, difference.shown_change
    least = "" if difference.detectable is None else f"{100 * difference.detectable:.1f}"
    mark = "*" if difference.beyond_chance else " "
    told = f"[{100 * ends[0]:+.1f}, {100 * ends[1]:+.1f}]"
    return (
        f"{mark} {difference.metric.title:<{width}}  {first:6.1%}  {second:6.1%}  {100 * change:+6.1f}  "
        f"{told:<18} {least:>6} {difference.n:>6}"
    )


def _difference(metric: Metric, pairs: Sequence[tuple[Scored, Scored]]) -> Difference | None:
    found = [(old, new, old.scores.get(metric.name), new.scores.get(metric.name)) for old, new in pairs]
    both = [(new.cluster, was, now) for _, new, was, now in found if was is not None and now is not None]
    if not both:
        return None
    changes = [now - was for _, was, now in both]
    ones = [1.0] * len(both)
    first, second = (
        pooled_mean(values, ones) or 0.0 for values in ([b[1] for b in both], [b[2] for b in both])
    )
    spread = (
        cluster_interval(changes, ones, [cluster for cluster, _, _ in both]) if any(changes) else (0.0, 0.0)
    )
    return Difference(
        metric=metric,
        n=len(both),
        first=first,
        second=second,
        interval=spread,
        detectable=smallest_mean_difference(changes),
    )
