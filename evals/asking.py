"""Asking one system all cases of a suite: what a person chose, the bar they see, the report that comes of it.

Knows the order of things; what they are is known elsewhere. Whatever happens, answers that came are kept.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from evals.cases import SEEDS
from evals.checking import card_of, make_card, open_checker
from evals.engines import Engine
from evals.identity import suite_identity
from evals.journal import Journal
from evals.labels import NAME as LABELS
from evals.labels import agreement
from evals.memory import peak_memory_mb
from evals.noise import ask_among, read_levels
from evals.run import evaluate, sample
from evals.stability import ask_again
from evals.suites import choose, open_suite
from evals.support import Checker
from evals.types import Case, Kind, Noise, Report, Result
from qa import Config, InputError, visible

Verified = tuple[Checker, Mapping[str, Any] | None]
"""A support check with its card, where there is one."""


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
    """How many cases to ask a second and a third time, and in other orders, for stability."""
    noise: tuple[int, ...] = ()
    """How many irrelevant documents to add, one run for each."""
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


class Interrupted(Exception):
    """Ctrl-C; what was answered is kept."""


def say(console: Console, text: str) -> None:
    """Print lines whose words are data: no markup, no control character."""
    for line in text.split("\n"):
        console.print(Text(visible(line)), soft_wrap=True)


def folder_of(config: Config) -> Path:
    """Where answers, cards and reports are kept."""
    return config.data_dir / "evals"


def open_cases(choices: Choices, config: Config) -> tuple[tuple[Case, ...], Config]:
    """The cases to ask, and the settings with which their documents are found.

    Raises:
        InputError: there is no such suite, part or kind, or nothing is left to ask.
    """
    cases, config = open_suite(
        choices.suite, choices.cases, choices.data, config, folder_of(config), index=choices.against is None
    )
    chosen = choose(cases, choices.part, choices.kinds, get_args(Kind))
    return sample(chosen, choices.sample or len(chosen)), config


def checker_of(choices: Choices, config: Config, folder: Path) -> Verified:
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


def ask_engine(
    choices: Choices,
    engine: Engine,
    cases: Sequence[Case],
    journal: Journal,
    verified: Verified,
    progress: Console,
) -> Report:
    """The report of one system; it says so where the run stopped early."""
    started = datetime.now(UTC).isoformat(timespec="seconds")
    checker, card = verified
    with _progress(progress, len(cases), engine.name) as on_result:
        run = evaluate(
            engine, cases, checker=checker, journal=journal, jobs=choices.jobs, on_result=on_result
        )
        stability = ask_again(engine, run.results, choices.again) if not run.stopped else None
    noise = None if run.stopped else _noise(choices, engine, run.results, journal, progress)
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
        noise=noise,
        started=started,
        memory_mb=peak_memory_mb() if choices.against is None else None,
        note=choices.note,
    )


@contextmanager
def keeping(journal: Journal) -> Iterator[None]:
    """Whoever presses Ctrl-C is told what is kept.

    Raises:
        Interrupted: they did.
    """
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted(
            f"{len(journal)} answers are kept in {journal.path}; start again to go on."
        ) from None


def _noise(
    choices: Choices, engine: Engine, results: Sequence[Result], journal: Journal, progress: Console
) -> Noise | None:
    levels = read_levels(choices.noise)
    if levels and choices.suite != "seeds":
        raise InputError("--noise is for your own cases: a public set has documents of its own around each.")
    with _progress(progress, len(results) * len(levels), f"{engine.name} among others") as on_result:
        return ask_among(engine, results, levels, choices.data, journal, on_result)


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


def write_file(path: Path, text: str) -> None:
    """Put `text` where an earlier report may lie.

    Raises:
        InputError: there is no room, or the place cannot be written; what lay there stays.
    """
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
