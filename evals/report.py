"""A report as figures with intervals, as text for people, and as JSON for later reading.

Knows results; asks nothing and scores nothing.
"""

import dataclasses
import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from evals.types import Report, Result

SCHEMA = 1
"""Raised when a field of the JSON changes its meaning."""

SHARES = {
    "gold_found": "proof among the passages",
    "gold_cited": "proof cited",
    "disputed_when_due": "conflict shown as one",
    "quotes_verbatim": "every citation verbatim",
}
LAPSES = {
    "answered_when_due": "false refusals",
    "refused_when_due": "missed refusals",
    "undisputed_when_due": "false conflicts",
}
MEANS = {
    "facts": "facts said, mean",
    "sentences_cited": "sentences with a citation, mean",
}
TIMES = ("first_sentence_ms", "total_ms", "retrieve_ms")


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """`count` of `n`, with its 95 % interval; `n` may be 0."""

    count: int
    n: int

    @property
    def value(self) -> float | None:
        return self.count / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.count, self.n)

    def __str__(self) -> str:
        if not self.n:
            return "n/a (0 cases)"
        low, high = self.interval
        return f"{self.count}/{self.n}  {self.count / self.n:4.0%}  [{low:.0%}, {high:.0%}]"


def wilson(successes: int, n: int, z: float = 1.959964) -> tuple[float, float]:
    """The Wilson score interval of a share (E. B. Wilson, 1927, JASA 22, 209-212); (0, 1) when n is 0."""
    if n == 0:
        return 0.0, 1.0
    share = successes / n
    scale = 1 + z * z / n
    middle = (share + z * z / (2 * n)) / scale
    reach = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / scale
    return max(0.0, middle - reach), min(1.0, middle + reach)


def share(results: Iterable[Result], name: str) -> Share:
    """How many of the eligible results have the full score."""
    values = _values(results, name)
    return Share(count=sum(value == 1.0 for value in values), n=len(values))


def times(results: Iterable[Result]) -> dict[str, dict[str, float | int | None]]:
    """Median, ninth decile and n of each duration in milliseconds, over the questions that came back.

    The time to the first sentence counts only where a sentence was shown.
    """
    answers = [result.answer for result in results if result.answer]
    figures: dict[str, dict[str, float | int | None]] = {}
    for name in TIMES:
        shown = [answer for answer in answers if answer.sentences or name != "first_sentence_ms"]
        values = [float(getattr(answer.timings, name)) for answer in shown]
        figures[name] = {
            "median": statistics.median(values) if values else None,
            "p90": _ninth_decile(values),
            "n": len(values),
        }
    return figures


def as_text(report: Report) -> str:
    """The tables and the failures, for a terminal."""
    parts = (_right_table(report.results), _other_figures(report.results), _failures(report))
    return "\n\n".join("\n".join(part) for part in parts)


def as_json(report: Report) -> dict[str, Any]:
    """All that is needed to read every answer again without the engine."""
    return {
        "schema": SCHEMA,
        "note": report.note,
        "model": next((r.answer.model for r in report.results if r.answer), None),
        "index_version": next((r.answer.index_version for r in report.results if r.answer), None),
        "right": {name: _share_json(share(results, "right")) for name, results in _groups(report.results)},
        "shares": {name: _share_json(share(report.results, name)) for name in (*SHARES, *LAPSES)},
        "means": {name: _mean(report.results, name) for name in MEANS},
        "times": times(report.results),
        "errors": [{"id": result.case.id, "error": result.error} for result in report.errors],
        "results": [_result_json(result) for result in report.results],
    }


def failure(result: Result) -> str:
    """One failed case: question, answer, what was missing."""
    lines = [f"{result.case.id} ({result.case.part}): {result.case.question}"]
    if result.answer is None:
        lines.append(f"    error: {result.error}")
    else:
        said = result.answer.answer or result.answer.reason or "(nothing)"
        lines.append(f"    {result.answer.status}: {said}")
        lines.append(f"    why: {result.score('right').reason}")
        if reason := result.score("gold_found").reason:
            lines.append(f"    not among the passages: {reason}")
    return "\n".join(lines)


def _right_table(results: Sequence[Result]) -> list[str]:
    width = max(len(name) for name, _ in _groups(results))
    return ["Right answers, with 95 % intervals"] + [
        f"  {name:<{width}}  {share(group, 'right')}" for name, group in _groups(results)
    ]


def _groups(results: Sequence[Result]) -> list[tuple[str, list[Result]]]:
    """By kind, by part, and all together."""
    kinds = list(dict.fromkeys(result.case.kind for result in results))
    parts = sorted({result.case.part for result in results})
    groups: list[tuple[str, list[Result]]] = []
    groups += [(kind, [r for r in results if r.case.kind == kind]) for kind in kinds]
    groups += [(f"part {part}", [r for r in results if r.case.part == part]) for part in parts]
    return [*groups, ("all", list(results))]


def _other_figures(results: Sequence[Result]) -> list[str]:
    rows = [(title, str(share(results, name))) for name, title in SHARES.items()]
    for name, title in LAPSES.items():
        kept = share(results, name)
        rows.append((title, str(Share(count=kept.n - kept.count, n=kept.n))))
    for name, title in MEANS.items():
        mean, n = _mean(results, name), len(_values(results, name))
        rows.append((title, "n/a (0 cases)" if mean is None else f"{mean:.1%}  of {n}"))
    for name, figures in times(results).items():
        spread = f"median {figures['median']:.0f}, p90 {figures['p90']:.0f}" if figures["n"] else "n/a"
        rows.append((name, f"{spread}  of {figures['n']}"))
    width = max(len(title) for title, _ in rows)
    return [f"  {title:<{width}}  {figure}" for title, figure in rows]


def _failures(report: Report) -> list[str]:
    failed = [result for result in report.results if not result.right]
    title = f"Failed: {len(failed)}, of which errors: {len(report.errors)}"
    return [title, *(failure(result) for result in failed)]


def _result_json(result: Result) -> dict[str, Any]:
    case = result.case
    return {
        "id": case.id,
        "kind": case.kind,
        "part": case.part,
        "question": case.question,
        "history": [dataclasses.asdict(turn) for turn in case.history],
        "right": result.right,
        "error": result.error,
        "scores": {s.name: {"value": s.value, "reason": s.reason} for s in result.scores},
        "gold": [[dataclasses.asdict(quote) for quote in group] for group in case.gold],
        "answer": dataclasses.asdict(result.answer) if result.answer else None,
    }


def _share_json(figure: Share) -> dict[str, Any]:
    return {"count": figure.count, "n": figure.n, "value": figure.value, "interval": list(figure.interval)}


def _values(results: Iterable[Result], name: str) -> list[float]:
    return [value for result in results if (value := result.score(name).value) is not None]


def _mean(results: Iterable[Result], name: str) -> float | None:
    values = _values(results, name)
    return statistics.fmean(values) if values else None


def _ninth_decile(values: list[float]) -> float | None:
    if len(values) < 2:
        return values[0] if values else None
    return statistics.quantiles(values, n=10, method="inclusive")[8]
