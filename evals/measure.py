"""One measurement from choices to reports: open who answers, ask, score, write, judge.

Knows the order of things; what they are is known elsewhere. Whatever happens, answers that came are kept.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import IntEnum
from pathlib import Path
from typing import Any, get_args

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from evals import comparison, gate, words
from evals.cases import SEEDS
from evals.checking import card_of, make_card, open_checker
from evals.endpoint import remote_engine
from evals.engines import Engine, local_engines
from evals.identity import suite_identity
from evals.journal import Journal
from evals.junit import as_junit
from evals.labels import NAME as LABELS
from evals.labels import agreement
from evals.memory import peak_memory_mb
from evals.page import as_page
from evals.report import Scored, as_json, read_report, rows_of
from evals.run import evaluate, sample
from evals.stability import ask_again
from evals.suites import choose, open_suite
from evals.support import Checker
from evals.types import Case, Kind, Report, Result
from qa import Config, InputError, visible


class Exit(IntEnum):
    PASSED = 0
    BELOW = 1
    NOT_RUN = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the person at the terminal wants measured."""

    suite: str = "seeds"
    data: Path | None = None
    cases: Path = SEEDS
    part: str = "all"
    kinds: tuple[str, ...] = ()
    sample: int | None = None
    against: str | None = None
    """Address of a running endpoint; None: the assistant of this environment."""
    model: str | None = None
    """Its model, where it has several."""
    timeout_seconds: float = 120.0
    jobs: int = 1
    fresh: bool = False
    """Ask again what was answered before."""
    peer: bool = False
    """Ask the peer the same."""
    again: int = 0
    """How many cases to ask a second and a third time, for stability."""
    out: Path | None = None
    json_file: Path | None = None
    check: str = "auto"
    """Which support check is asked: `model`, `words`, or the model where it is there."""
    card: bool = False
    """Measure that check against people first."""
    note: str = ""
    floors: tuple[str, ...] = ()
    baseline: Path | None = None
    margin: float = 0.0


def measure(choices: Choices, config: Config, console: Console, progress: Console) -> Exit:
    """Run the evaluation and print what it found.

    Raises:
        QAError: it could not be run; what was answered before is kept.
    """
    floors = gate.read_floors(choices.floors)
    baseline = read_report(choices.baseline).rows if choices.baseline else ()
    folder = config.data_dir / "evals"
    cases, config = open_suite(
        choices.suite, choices.cases, choices.data, config, folder, index=choices.against is None
    )
    chosen = choose(cases, choices.part, choices.kinds, get_args(Kind))
    chosen = sample(chosen, choices.sample or len(chosen))
    report = _measured(choices, chosen, config, folder, progress)
    say(console, "\n" + words.as_text(report))
    if report.peer:
        write(report.peer, (choices.out or folder / choices.suite) / "peer")
        beside = comparison.compare(rows_of(report.peer.results), rows_of(report.results))
        say(console, "\n" + comparison.as_text(beside, (report.peer.engine, report.engine)))
    written = write(report, choices.out or folder / choices.suite, baseline)
    if choices.json_file:
        _write(choices.json_file, _json(report))
    say(console, f"\nRead it in a browser: {written}")
    return _judged(report, baseline, choices.margin, floors, console)


def write(report: Report, folder: Path, baseline: Sequence[Scored] = ()) -> Path:
    """The report in every form; the path of the page.

    Raises:
        InputError: the folder cannot be written.
    """
    compared = comparison.compare(baseline, rows_of(report.results)) if baseline else None
    _write(folder / "report.json", _json(report))
    _write(folder / "report.md", words.as_markdown(report))
    _write(folder / "report.xml", as_junit(report))
    _write(folder / "report.html", as_page(report, compared))
    return folder / "report.html"


def say(console: Console, text: str) -> None:
    """Print lines whose words are data: no markup, no control character."""
    for line in text.split("\n"):
        console.print(Text(visible(line)), soft_wrap=True)


def _measured(
    choices: Choices, cases: Sequence[Case], config: Config, folder: Path, progress: Console
) -> Report:
    """The report of the first system, with that of the peer inside where it was asked too."""
    journal = Journal(folder / "answers.jsonl")
    kept = journal.forgetful() if choices.fresh else journal
    with _engines(choices, config, folder) as engines:
        if not engines[0].documents and any(case.gold for case in cases):
            raise InputError("No document is there to answer from. Type: qa index")
        verified = _checker(choices, config, folder)
        try:
            report, *others = (
                _report(choices, engine, cases, kept, verified, progress) for engine in engines
            )
        except KeyboardInterrupt:
            raise Interrupted(f"{len(kept)} answers are kept in {kept.path}; start again to go on.") from None
    return replace(report, peer=others[0] if others else None)


def _report(
    choices: Choices,
    engine: Engine,
    cases: Sequence[Case],
    journal: Journal,
    verified: tuple[Checker, Mapping[str, Any] | None],
    progress: Console,
) -> Report:
    started = datetime.now(UTC).isoformat(timespec="seconds")
    checker, card = verified
    with _progress(progress, len(cases), engine.name) as on_result:
        run = evaluate(
            engine, cases, checker=checker, journal=journal, jobs=choices.jobs, on_result=on_result
        )
        stability = ask_again(engine, run.results, choices.again) if not run.stopped else None
    return Report(
        results=run.results,
        suite=choices.suite,
        engine=engine.name,
        identity={**engine.identity, **suite_identity(cases, engine.documents)},
        checker=f"{checker.name}, threshold {checker.threshold:g}",
        card=card,
        left_out=run.left_out,
        stopped=run.stopped,
        stability=stability,
        started=started,
        memory_mb=peak_memory_mb() if choices.against is None else None,
        note=choices.note,
    )


class Interrupted(Exception):
    """Ctrl-C; what was answered is kept."""


def _checker(choices: Choices, config: Config, folder: Path) -> tuple[Checker, Mapping[str, Any] | None]:
    """The support check with its card, where there is one."""
    checker = open_checker(choices.check, config)
    if choices.card and choices.data is None:
        raise InputError("--card measures the check on public data; name its folder with --data FOLDER.")
    card = (
        make_card(checker, choices.data, folder)
        if choices.card and choices.data
        else card_of(checker, folder)
    )
    own = agreement(checker, folder / LABELS)
    return checker, {**(card or {}), **({"own labels": own} if own else {})} or None


def _engines(choices: Choices, config: Config, folder: Path) -> AbstractContextManager[tuple[Engine, ...]]:
    if choices.against is None:
        if choices.jobs > 1:
            raise InputError(
                "--jobs helps with --against only: the local model answers one question at a time."
            )
        return local_engines(config, folder, choices.peer)
    if choices.peer:
        raise InputError("--peer needs the model of this machine; leave --against out.")
    return nullcontext((remote_engine(choices.against, config, choices.timeout_seconds, choices.model),))


@contextmanager
def _progress(console: Console, total: int, name: str) -> Iterator[Callable[[Result], None]]:
    """One bar on a terminal; a line for each case elsewhere."""
    done: list[str] = []
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(f"Asking {name}", total=total)

        def on_result(result: Result) -> None:
            done.append(result.outcome)
            right = done.count("pass")
            bar.update(task, advance=1, description=f"{right} of {len(done)} right")
            if not console.is_terminal:
                say(console, _line(result, len(done), total))

        yield on_result


def _line(result: Result, number: int, total: int) -> str:
    seconds = f"{result.answer.timings.total_ms / 1000:.1f} s" if result.answer else ""
    return f"[{number:>{len(str(total))}}/{total}] {result.outcome:<9}  {result.case.id}  {seconds}".rstrip()


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
    return json.dumps(as_json(report), ensure_ascii=False, indent=1) + "\n"


def _write(path: Path, text: str) -> None:
    # Beside first: a disk that is full must not cost the report that was there.
    beside = path.with_name(path.name + ".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(text.encode("utf-8", "replace"))
        beside.replace(path)
    except OSError as error:
        raise InputError(
            f"The report cannot be written to {path} ({error.strerror}); make room or name another --out. "
            "The answers are kept: start again and it is only written."
        ) from error
