"""A report as one HTML page that needs nothing else: no request, no font, no picture of elsewhere.

Questions, answers, quotes, ids and file names are text and are escaped; style and script are our own two
files, and the page allows no other. Knows reports and HTML; scores nothing.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from evals import plots
from evals.comparison import Comparison, compare, verdict
from evals.figures import Figure, calibration, risk_coverage, summary, times
from evals.metrics import BY_NAME, THEMES
from evals.report import rows_of
from evals.scorers.citations import GOLD_SHARE
from evals.types import Check, Gold, Report, Result
from evals.words import ceilings, remarks, titles, why
from qa import Citation

FOLDER = Path(__file__).parent
MOST_CASES = 1000
"""More would make a page that browsers are slow with; those that are not right come first."""
TILES = (
    "right", "quotes_verbatim", "citation_recall", "citation_precision", "gold_cited", "tokens_kept",
    "answered_when_due", "refused_when_due", "both_sides", "canary_kept",
)  # fmt: skip
KIND_COLUMNS = (
    "right",
    "facts_vital",
    "gold_cited",
    "citation_recall",
    "answered_when_due",
    "refused_when_due",
)
OUTCOMES = {
    "pass": ("right", "✓"),
    "fail": ("wrong", "✗"),
    "abstained": ("refused", "○"),
    "error": ("failed", "!"),
    "unjudged": ("not judged", "–"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldView:
    """A required quote beside the answer."""

    quotes: tuple[Gold, ...]
    cited: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """One case as the page tells it."""

    result: Result
    number: int
    mark: str
    label: str
    why: str
    checks: tuple[Check, ...]
    citations: tuple[Citation, ...]
    gold: tuple[GoldView, ...]
    seconds: float | None


def as_page(report: Report, compared: Comparison | None = None) -> str:
    """The whole page."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"verdict": verdict, "told": _told}
    style, script = ((FOLDER / name).read_text(encoding="utf-8") for name in ("report.css", "report.js"))
    made = summary(report)
    page = environment.get_template("report.html").render(
        style=Markup(style),
        script=Markup(script),
        policy=f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'",
        report=report,
        outcomes={name: (label, mark, _count(report, name)) for name, (label, mark) in OUTCOMES.items()},
        tiles=[_tile(name, made) for name in TILES if made["all"][name].value is not None],
        made=made,
        titles=titles(),
        meanings=_meanings(),
        themes=THEMES,
        kind_columns=[(name, BY_NAME[name].title) for name in KIND_COLUMNS],
        plots=_plots(report, made),
        spread=times(report.results),
        remarks=list(remarks(report)),
        card=report.card or {},
        ceilings=list(ceilings(report.card or {})),
        compared=compared,
        compared_names={*TILES, *KIND_COLUMNS, "not_fooled", "disputed_when_due", "recall_5"},
        beside=compare(rows_of(report.peer.results), rows_of(report.results)) if report.peer else None,
        cases=_cases(report),
        most=MOST_CASES,
    )
    return str(page)


def _tile(name: str, made: Mapping[str, Mapping[str, Figure]]) -> dict[str, object]:
    figure = made["all"][name]
    parts = [(part.removeprefix("part "), made[part][name]) for part in made if part.startswith("part ")]
    value, low, high = plots.interval(figure)
    return {
        "metric": BY_NAME[name], "figure": figure, "parts": parts, "value": value, "low": low, "high": high,
    }  # fmt: skip


def _plots(report: Report, made: Mapping[str, Mapping[str, Figure]]) -> dict[str, object]:
    kinds = {
        name.removeprefix("kind "): each["right"] for name, each in made.items() if name.startswith("kind ")
    }
    curve, bins = risk_coverage(report.results), calibration(report.results)
    seconds = [result.answer.timings.total_ms / 1000 for result in report.results if result.answer]
    return {
        "bars": plots.bars(kinds),
        "row": plots.ROW,
        "left": plots.LEFT,
        "right": plots.RIGHT,
        "frame": plots.FRAME,
        "risk": plots.risk_plane(curve) if curve else None,
        "calibration": plots.calibration_plane(bins) if bins else None,
        "time": plots.time_plane(seconds) if seconds else None,
    }


def _cases(report: Report) -> list[CaseView]:
    order = {"error": 0, "fail": 1, "abstained": 2, "unjudged": 3, "pass": 4}
    chosen = sorted(report.results, key=lambda result: order[result.outcome])[:MOST_CASES]
    return [_case(result, number) for number, result in enumerate(chosen)]


def _case(result: Result, number: int) -> CaseView:
    label, mark = OUTCOMES[result.outcome]
    citations = result.answer.citations if result.answer else ()
    return CaseView(
        result=result,
        number=number,
        mark=mark,
        label=label,
        why=why(result) if result.outcome != "pass" else "",
        checks=result.checks,
        citations=citations,
        gold=tuple(GoldView(quotes=group, cited=_is_cited(group, citations)) for group in result.case.gold),
        seconds=result.answer.timings.total_ms / 1000 if result.answer else None,
    )


def _is_cited(group: Sequence[Gold], citations: Sequence[Citation]) -> bool:
    """As the reader sees it here: the words of a quote are in the cited words, or the other way round."""
    cited = [(c.source, " ".join(c.quote.split())) for c in citations]
    wanted = [(gold.source, " ".join(gold.quote.split())) for gold in group]
    return any(
        source == place and (quote in held or (held in quote and len(held) >= GOLD_SHARE * len(quote)))
        for source, quote in wanted
        for place, held in cited
    )


def _meanings() -> dict[str, str]:
    return {name: metric.meaning for name, metric in BY_NAME.items()} | {
        "j": "1 for a system that refuses exactly where it should, 0 for one that guesses",
        "answered": "Share of all questions that got an answer; to be read beside every rate of errors",
        "selective_accuracy": "Of the questions that got an answer, how many are right",
        "risk_area": "Mean share of wrong answers, from the surest answer to all of them",
        "lost_tokens": "Per hundred answers",
        "errors": "No answer came back; counted as wrong everywhere",
    }


def _count(report: Report, outcome: str) -> int:
    return sum(result.outcome == outcome for result in report.results)


def _told(value: object) -> str:
    """A number of a card, or a value with its interval."""
    if isinstance(value, list | tuple) and len(value) == 3:
        return f"{value[0]:.3f} ({value[1]:.2f} to {value[2]:.2f})"
    return f"{value:.3f}" if isinstance(value, float) else "–" if value is None else str(value)


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
