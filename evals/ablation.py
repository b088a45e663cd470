"""What each stage of the assistant is worth: the same cases asked with one of them switched off each time.

Knows engines, cases and comparison; how a stage is switched off is known elsewhere. An answer that a stage
had no part in is taken over from the whole assistant and not asked again.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from evals.asking import (
    Choices,
    ask_engine,
    checker_of,
    folder_of,
    keeping,
    open_cases,
    say,
    write_file,
)
from evals.comparison import Comparison, compare
from evals.engines import Engine, local_engines, ours
from evals.figures import figures, summary, times
from evals.journal import Journal, key_of
from evals.report import rows_of
from evals.scorers.behaviour import fingerprint
from evals.switches import STAGES, Stage, has_work, without
from evals.types import Report, Result
from evals.words import table
from qa import Config, InputError

SCHEMA = 1
FIGURES = {
    "right": "right",
    "answered_when_due": "false refusals",
    "refused_when_due": "missed refusals",
    "both_sides": "both sides told",
    "citation_recall": "citation recall",
    "tokens_kept": "numbers and names kept",
    "gold_cited": "gold quotes cited",
    "canary_kept": "attacks that succeed",
}
"""Of each row of the table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ablation:
    """The whole assistant, and what became of its answers without each stage."""

    whole: Report
    without: Mapping[Stage, Report]

    def changed(self, stage: Stage) -> int:
        """How many answers are others; none: the switch takes nothing away any more."""
        before = {result.case.id: result for result in self.whole.results}
        return sum(_differ(before[result.case.id], result) for result in self.without[stage].results)

    def compared(self, stage: Stage) -> Comparison:
        """The whole as the first, without the stage as the second."""
        return compare(rows_of(self.whole.results), rows_of(self.without[stage].results))


def ablate(
    choices: Choices, stages: Sequence[Stage], config: Config, console: Console, progress: Console
) -> Ablation:
    """Ask, print the table and keep it as `ablation.md` and `ablation.json` beside the reports.

    Raises:
        QAError: it could not be run; what was answered before is kept.
    """
    folder = folder_of(config)
    cases, config = open_cases(choices, config)
    journal = Journal(folder / "answers.jsonl")
    with local_engines(config, folder, [ours, *map(without, stages)]) as engines, keeping(journal):
        verified = checker_of(choices, config, folder)
        reports: list[Report] = []
        for stage, engine in zip((None, *stages), engines, strict=True):
            if stage:
                _take_over(stage, reports[0].results, engine, journal)
            reports.append(ask_engine(choices, engine, cases, journal, verified, progress))
            if why := reports[-1].stopped:
                raise InputError(f"{engine.name} stopped early: {why}. What was answered is kept.")
    made = Ablation(whole=reports[0], without=dict(zip(stages, reports[1:], strict=True)))
    place = choices.out or folder / choices.suite
    write_file(place / "ablation.json", json.dumps(as_json(made), ensure_ascii=False, indent=1) + "\n")
    write_file(place / "ablation.md", as_markdown(made))
    say(console, f"\n{as_markdown(made)}\nKept in {place / 'ablation.md'}")
    return made


def as_json(ablation: Ablation) -> dict[str, Any]:
    """Every figure of every row; what the clock says stands apart."""
    whole = ablation.whole
    return {
        "schema": SCHEMA,
        "suite": whole.suite,
        "engine": whole.engine,
        "checker": whole.checker,
        "identity": dict(sorted(whole.identity.items())),
        "cases": len(whole.results),
        "whole": _figures(whole),
        "without": {
            stage: {
                "instead": STAGES[stage],
                "answers_changed": ablation.changed(stage),
                **_against_whole(ablation.compared(stage)),
                "figures": _figures(report),
            }
            for stage, report in ablation.without.items()
        },
        "times": {
            "whole": times(whole.results),
            **{stage: times(report.results) for stage, report in ablation.without.items()},
        },
    }


def as_markdown(ablation: Ablation) -> str:
    """The table, with what each row means."""
    whole = ablation.whole
    head = ["", "answers changed", "right against the whole", "p (exact McNemar)", *FIGURES.values(), "p50"]
    rows = [_row("the whole", ["", "", ""], whole)]
    for stage, report in ablation.without.items():
        compared = _against_whole(ablation.compared(stage))
        change, table_ = compared["right"], compared["mcnemar"]
        told = (
            f"{100 * change['change']:+.1f} points ({100 * change['interval'][0]:+.1f} to "
            f"{100 * change['interval'][1]:+.1f}); {table_['only_whole']} lost, {table_['only_without']} won"
            if change
            else "n/a"
        )
        changed = f"{ablation.changed(stage)} of {len(report.results)}"
        rows.append(_row(f"without {stage}", [changed, told, f"{table_['p']:.3g}"], report))
    lines = [
        f"# What each stage is worth: {whole.suite}",
        "",
        f"{whole.engine}, {len(whole.results)} cases, each asked again with one stage switched off.",
        "Intervals are 95 %.",
        "",
        *table(head, rows),
        "",
        *(f"- Without {stage}: {STAGES[stage]}." for stage in ablation.without),
        "- A row in which no answer changed says that its switch takes nothing away, and nothing else.",
        "- Answers that a stage had no part in are those of the whole, with the time that they took it.",
        f"- The support check behind citation recall is {whole.checker}.",
    ]
    return "\n".join(lines) + "\n"


def _row(name: str, compared: Sequence[str], report: Report) -> list[str]:
    made = figures(report.results)
    half = times(report.results)["total_ms"]["p50"]
    told = (made[figure] for figure in FIGURES)
    shown = [f"{one.told} ({one.ends})" if one.value is not None else one.told for one in told]
    return [name, *compared, *shown, "n/a" if half is None else f"{half / 1000:.1f} s"]


def _against_whole(compared: Comparison) -> dict[str, Any]:
    right = next((one for one in compared.differences if one.metric.name == "right"), None)
    table = compared.table
    return {
        "right": {"change": right.change, "interval": list(right.interval)} if right else None,
        "mcnemar": {
            "both": table.both,
            "only_whole": table.only_first,
            "only_without": table.only_second,
            "neither": table.neither,
            "p": table.p,
        },
        "smallest_detectable": compared.detectable,
    }


def _figures(report: Report) -> dict[str, dict[str, Any]]:
    return {
        group: {
            name: {"value": made[name].value, "interval": list(made[name].interval), "n": made[name].n}
            for name in FIGURES
        }
        for group, made in summary(report).items()
    }


def _take_over(stage: Stage, results: Sequence[Result], engine: Engine, journal: Journal) -> None:
    """Keep as answers of `engine` those of the whole assistant that the stage had no part in."""
    for result in results:
        key = key_of(result.case, engine.identity)
        if (
            result.answer
            and not has_work(stage, result.answer, result.case.history)
            and not journal.find(key)
        ):
            journal.keep(key, result.case, result.answer, None)


def _differ(one: Result, other: Result) -> bool:
    if one.answer is None or other.answer is None:
        return one.answer is not other.answer
    return fingerprint(one.answer) != fingerprint(other.answer)
