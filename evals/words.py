"""A report in words: for a terminal and as Markdown.

Knows reports and figures; knows no HTML.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from evals.comparison import compare
from evals.figures import Figure, summary, times
from evals.metrics import METRICS, THEMES
from evals.report import rows_of
from evals.statistics import smallest_difference
from evals.types import Noise, Report, Result

EXTRA = {
    "j": ("refusals", "J (1 − missed − false)"),
    "answered": ("refusals", "Answered at all"),
    "selective_accuracy": ("refusals", "Right among the answered"),
    "risk_area": ("refusals", "Area under the risk-coverage curve (less is better)"),
    "lost_tokens": ("citations", "Numbers and names not in the quotes"),
    "errors": ("answers", "Questions that failed"),
}
"""Figures that are made of more than one metric."""
ASSUMED_DISCORDANCE = 0.15
MOST_SHOWN = 60
"""Failures that a terminal is given; a data set may have thousands."""


def titles() -> dict[str, dict[str, str]]:
    """The name and title of every figure, by theme."""
    themed: dict[str, dict[str, str]] = {theme: {} for theme in THEMES}
    for metric in METRICS:
        themed[metric.theme][metric.name] = metric.title
    for name, (theme, title) in EXTRA.items():
        themed[theme][name] = title
    return themed


def as_text(report: Report) -> str:
    """The tables and the failures, for a terminal."""
    parts = (_right_table(report), _all_figures(report), _failures(report), list(remarks(report)))
    return "\n\n".join("\n".join(part) for part in parts if part)


def as_markdown(report: Report) -> str:
    """The same as a document that a repository can keep."""
    made = summary(report)["all"]
    lines = [
        f"# How true are the answers: {report.suite}",
        "",
        f"{_cell(report.engine)}, {len(report.results)} cases. Support check: {_cell(report.checker)}.",
        "Intervals are 95 %. Every case counts; one that failed counts as wrong.",
        "",
        *table(["Right answers", "cases", "share", "95 %"], _right_rows(report)),
    ]
    for theme, names in titles().items():
        rows = [[title, str(made[name].n), *_told(made[name])] for name, title in names.items()]
        lines += ["", *table([THEMES[theme], "cases", "value", "95 %"], rows)]  # type: ignore[index]
    lines += ["", *table(["Time and tokens", "n", "p50", "p95"], list(_time_rows(report)))]
    if report.peer:
        lines += ["", *_beside(report, report.peer)]
    lines += ["", *(f"- {_cell(remark)}" for remark in remarks(report))]
    failed = [result for result in report.results if result.outcome not in ("pass", "unjudged")]
    lines += ["", f"## Not right: {len(failed)}", ""]
    lines += table(
        ["case", "part", "question", "answer", "why"],
        [[r.case.id, r.case.part, r.case.question, answer_line(r), why(r)] for r in failed],
    )
    hashes = [[name, value] for name, value in sorted(report.identity.items())]
    return "\n".join([*lines, "", *table(["Made with", ""], hashes)]) + "\n"


def answer_line(result: Result) -> str:
    """What was said, in a line."""
    if result.answer is None:
        return "(none)"
    said = result.answer.answer or result.answer.reason or "(nothing)"
    return f"{result.answer.status}: {said}"


def why(result: Result) -> str:
    """What was missing, in a line."""
    if result.error is not None:
        return result.error
    reasons = [result.score("right").reason]
    if unfound := result.score("gold_found").reason:
        reasons.append(f"not among the passages: {unfound}")
    return "; ".join(reason for reason in reasons if reason)


def failure(result: Result) -> str:
    """One failed case: question, answer, what was missing."""
    lines = [f"{result.case.id} ({result.case.part}): {result.case.question}"]
    if result.answer is not None:
        lines.append(f"    {answer_line(result)}")
    return "\n".join([*lines, f"    {'error' if result.error else 'why'}: {why(result)}"])


def _beside(report: Report, peer: Report) -> list[str]:
    """The peer's figures beside ours, only where both have some."""
    compared = compare(rows_of(peer.results), rows_of(report.results))
    rows = []
    for difference in compared.differences:
        (theirs, own), (change, low, high) = difference.shown, difference.shown_change
        told = f"{100 * change:+.1f} ({100 * low:+.1f} to {100 * high:+.1f})"
        rows.append([difference.metric.title, str(difference.n), f"{own:.1%}", f"{theirs:.1%}", told])
    seconds = [f"{made / 1000:.1f} s" if made else "n/a" for made in map(_half_ms, (report, peer))]
    rows.append(["Time to the whole answer, p50", str(len(report.results)), *seconds, ""])
    counted = compared.table
    return [
        f"Beside {_cell(peer.engine)}: right in both {counted.both}, only ours {counted.only_second}, "
        f"only theirs {counted.only_first}, in neither {counted.neither} "
        f"(exact McNemar, p = {counted.p:.3g}).",
        "",
        *table(["Beside the peer", "cases", "ours", "peer", "ours − peer, points"], rows),
    ]


def _half_ms(report: Report) -> float | None:
    return times(report.results)["total_ms"]["p50"]


def _right_rows(report: Report) -> list[list[str]]:
    return [[name, str(made["right"].n), *_told(made["right"])] for name, made in summary(report).items()]


def _right_table(report: Report) -> list[str]:
    made = {name: group["right"] for name, group in summary(report).items()}
    width = max(len(name) for name in made)
    return [
        "Right answers, with 95 % intervals",
        *(f"  {name:<{width}}  {figure}" for name, figure in made.items()),
    ]


def _all_figures(report: Report) -> list[str]:
    made = summary(report)["all"]
    lines = []
    width = max(len(title) for names in titles().values() for title in names.values())
    for theme, names in titles().items():
        told = [f"  {title:<{width}}  {made[name]}" for name, title in names.items()]
        lines += [f"{THEMES[theme]}", *told]  # type: ignore[index]
    for title, n, p50, p95 in _time_rows(report):
        lines.append(f"  {title:<{width}}  p50 {p50}, p95 {p95}  n={n}")
    return lines


def _failures(report: Report) -> list[str]:
    failed = [result for result in report.results if result.outcome not in ("pass", "unjudged")]
    title = f"Not right: {len(failed)}, of which errors: {len(report.errors)}"
    rest = (
        [f"… and {len(failed) - MOST_SHOWN} more; the report has them all."]
        if len(failed) > MOST_SHOWN
        else []
    )
    return [title, *(failure(result) for result in failed[:MOST_SHOWN]), *rest]


def remarks(report: Report) -> Iterable[str]:
    if report.stopped:
        yield f"The run stopped early: {report.stopped}"
    if report.left_out:
        reasons = {reason for _, reason in report.left_out}
        yield f"Cases left out: {len(report.left_out)} ({'; '.join(sorted(reasons))})"
    if found := smallest_difference(summary(report)["all"]["right"].n, ASSUMED_DISCORDANCE):
        yield (
            f"A second run of these cases would show a true difference of {100 * found:.1f} points or more "
            f"(80 % power, if {ASSUMED_DISCORDANCE:.0%} of the cases change sides)."
        )
    if report.stability:
        held = report.stability
        yield f"Asked again: {held.identical} of {held.asked} answers were identical."
        yield f"Asked in lower case with a slip: {held.flipped} of {held.respelled} changed sides."
        for what, flips in held.reordered.items():
            yield (f"With the {what} in another order: {flips} of {held.asked} changed status or facts.")
    if report.noise:
        yield _noise_line(report.noise)
    yield from _card_lines(report.card or {})
    if report.memory_mb:
        yield f"Most memory held: {report.memory_mb} MB."


def _noise_line(noise: Noise) -> str:
    told = ", ".join(f"{right} with {added}" for added, right in noise.levels)
    slope, low, high = (100 * each for each in (noise.slope, *noise.interval))
    return (
        f"Among irrelevant documents, {noise.cases} cases, right answers by documents added: {told}; "
        f"{slope:+.1f} points for every hundred ({low:+.1f} to {high:+.1f})."
    )


def _card_lines(card: Mapping[str, Any]) -> Iterable[str]:
    if "figures" not in card:
        yield "How far the support check agrees with people was not measured: qa eval --card --data FOLDER"
        return
    for name, figures in card["figures"].items():
        told = (
            f"{figure} {value[0]:.3f} [{value[1]:.2f}, {value[2]:.2f}]" for figure, value in figures.items()
        )
        yield f"The support check on {name}: {', '.join(told)}."
    yield from ceilings(card)


def ceilings(card: Mapping[str, Any]) -> Iterable[str]:
    """How far people agree with each other, and on which sets that is not known."""
    unknown: dict[str, list[str]] = {}
    for name, told in card.get("people", {}).items():
        if isinstance(told, str):
            unknown.setdefault(told, []).append(name)
        else:
            shown = (
                f"{figure} {value[0]:.3f} [{value[1]:.2f}, {value[2]:.2f}]" for figure, value in told.items()
            )
            yield f"People among themselves on {name}: {', '.join(shown)}."
    for reason, names in unknown.items():
        yield f"{', '.join(names)}: {reason}."


def _time_rows(report: Report) -> Iterable[tuple[str, str, str, str]]:
    for name, spread in times(report.results).items():
        title = name.replace("_ms", " (s)").replace("_", " ")
        scale = 1000 if name.endswith("_ms") else 1
        half, most = spread["p50"], spread["p95"]
        if half is None or most is None:
            yield title, "0", "n/a", "n/a"
        else:
            yield title, str(spread["n"]), f"{half / scale:.1f}", f"{most / scale:.1f}"


def _told(figure: Figure) -> tuple[str, str]:
    return figure.told, "" if figure.value is None else figure.ends


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table of Markdown; its words are data."""
    ruled = ["---"] * len(head)
    return [f"| {' | '.join(map(_cell, row))} |" for row in (head, ruled, *rows)]


def _cell(text: str) -> str:
    """`text` as one line that is no markup."""
    for mark in "\\`*_[]<>|#":
        text = text.replace(mark, f"\\{mark}" if mark != "<" else "&lt;")
    return " ".join(text.split())
