"""One measurement from choices to reports: open who answers, ask, score, write, judge.

Knows the order of things; what they are is known elsewhere.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from enum import IntEnum
from pathlib import Path

from rich.console import Console

from evals import comparison, gate, words
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
from evals.endpoint import remote_engine
from evals.engines import Engine, local_engines, ours, peers
from evals.journal import Journal
from evals.junit import as_junit
from evals.page import as_page
from evals.report import Scored, as_json, as_lines, read_report, rows_of
from evals.types import Case, Report
from qa import Config, InputError


class Exit(IntEnum):
    PASSED = 0
    BELOW = 1
    NOT_RUN = 2


def measure(choices: Choices, config: Config, console: Console, progress: Console) -> Exit:
    """Run the evaluation and print what it found.

    Raises:
        QAError: it could not be run; what was answered before is kept.
    """
    floors = gate.read_floors(choices.floors)
    baseline = read_report(choices.baseline).rows if choices.baseline else ()
    folder = folder_of(config)
    chosen, config = open_cases(choices, config)
    report = _measured(choices, chosen, config, folder, progress)
    say(console, "\n" + words.as_text(report))
    if report.peer:
        write(report.peer, (choices.out or folder / choices.suite) / "peer")
        beside = comparison.compare(rows_of(report.peer.results), rows_of(report.results))
        say(console, "\n" + comparison.as_text(beside, (report.peer.engine, report.engine)))
    written = write(report, choices.out or folder / choices.suite, baseline)
    if choices.json_file:
        write_file(choices.json_file, _json(report))
    say(console, f"\nRead it in a browser: {written}")
    return _judged(report, baseline, choices.margin, floors, console)


def write(report: Report, folder: Path, baseline: Sequence[Scored] = ()) -> Path:
    """The report in every form; the path of the page.

    Raises:
        InputError: the folder cannot be written.
    """
    compared = comparison.compare(baseline, rows_of(report.results)) if baseline else None
    write_file(folder / "report.json", _json(report))
    write_file(folder / "report.md", words.as_markdown(report))
    write_file(folder / "report.xml", as_junit(report))
    write_file(folder / "report.html", as_page(report, compared))
    return folder / "report.html"


def _measured(
    choices: Choices, cases: Sequence[Case], config: Config, folder: Path, progress: Console
) -> Report:
    """The report of the first system, with that of the peer inside where it was asked too."""
    journal = Journal(folder / "answers.jsonl")
    kept = journal.forgetful() if choices.fresh else journal
    with _engines(choices, config, folder) as engines:
        if not engines[0].documents and any(case.gold for case in cases):
            raise InputError("No document is there to answer from. Type: qa index")
        verified = checker_of(choices, config, folder)
        with keeping(kept):
            report, *others = (
                ask_engine(choices, engine, cases, kept, verified, progress) for engine in engines
            )
    return replace(report, peer=others[0] if others else None)


def _engines(choices: Choices, config: Config, folder: Path) -> AbstractContextManager[tuple[Engine, ...]]:
    if choices.against is None:
        if choices.jobs > 1:
            raise InputError(
                "--jobs helps with --against only: the local model answers one question at a time."
            )
        return local_engines(config, folder, (ours, peers) if choices.peer else (ours,))
    if choices.peer:
        raise InputError("--peer needs the model of this machine; leave --against out.")
    return nullcontext((remote_engine(choices.against, config, choices.timeout_seconds, choices.model),))


def _judged(
    report: Report, baseline: Sequence[Scored], margin: float, floors: dict[str, float], console: Console
) -> Exit:
    if report.stopped:
        say(console, f"Stopped early: {report.stopped}. What was answered is kept; look with: qa doctor")
        return Exit.NOT_RUN
    if len(report.errors) == len(report.results):
        first = f" The first failed with: {report.errors[0].error}" if report.errors else ""
        say(
            console,
            f"No question came back at all: nothing was measured.{first} Type: qa index, then: qa doctor",
        )
        return Exit.NOT_RUN
    if baseline:
        say(
            console,
            comparison.as_text(
                comparison.compare(baseline, rows_of(report.results)), ("baseline", "this run")
            ),
        )
    found = gate.problems(report, baseline=baseline, margin=margin, floors=floors)
    for problem in found:
        say(console, f"Not passed: {problem}")
    return Exit.BELOW if found else Exit.PASSED


def _json(report: Report) -> str:
    return as_lines(as_json(report)) + "\n"
