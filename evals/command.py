"""`qa eval` and `python -m evals`: how true are the answers?

Exit codes: 0 passed; 1 the answers are not good enough (something broke that must not, below the baseline or
a floor); 2 it could not be measured; 130 interrupted, what was answered is kept.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, get_args

import typer
from rich.console import Console

from evals import comparison
from evals.ablation import ablate
from evals.asking import Choices, Interrupted, say
from evals.cases import SEEDS
from evals.drafts import add_drafts, new_cases
from evals.feedback import cases_from_feedback
from evals.measure import Exit, measure
from evals.report import read_report
from evals.suites import NAMES
from evals.switches import STAGES, read_stages
from evals.types import Kind
from qa import Config, QAError

DRAFTS = Path("cases.jsonl")

# What both commands that ask cases are told about these.
Suite = Annotated[str, typer.Option(help=f"One of {', '.join(NAMES)}.")]
Data = Annotated[Path | None, typer.Option(help="The folder with the public data sets.")]
Cases = Annotated[
    Path, typer.Option(help="Another case file over your own documents.", show_default="the seeds")
]
Part = Annotated[str, typer.Option(help="dev, test or all; tune on dev only.")]
Kinds = Annotated[list[str] | None, typer.Option(help=f"Repeatable: {', '.join(get_args(Kind))}.")]
Sample = Annotated[int | None, typer.Option(min=1, help="Ask only so many.")]
Check = Annotated[str, typer.Option(help="The support check: model, words or auto.")]

app = typer.Typer(
    help="Measure how true the answers are.",
    epilog=__doc__.split("\n\n")[1],
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def ask_cases(
    context: typer.Context,
    suite: Suite = "seeds",
    data: Data = None,
    cases: Cases = SEEDS,
    part: Part = "all",
    kind: Kinds = None,
    sample: Sample = None,
    against: Annotated[
        str | None, typer.Option(metavar="URL", help="A running endpoint, ours or of the OpenAI style.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="Its model, where it has several.")] = None,
    timeout: Annotated[float, typer.Option(min=1, help="Seconds it may take for an answer.")] = 120.0,
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Questions at once, with --against.")] = 1,
    fresh: Annotated[bool, typer.Option("--fresh", help="Ask again what was answered before.")] = False,
    peer: Annotated[
        bool, typer.Option("--peer", help="Ask llama-index's citation engine the same, side by side.")
    ] = False,
    again: Annotated[
        int, typer.Option(min=0, help="Ask so many again: as they are, misspelt, and in other orders.")
    ] = 0,
    noise: Annotated[
        list[int] | None, typer.Option(min=1, help="Ask among so many irrelevant documents too. Repeatable.")
    ] = None,
    check: Check = "auto",
    card: Annotated[
        bool, typer.Option("--card", help="Measure that check on --data first; the card is kept.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="Folder for the report.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="The report as JSON there too.")] = None,
    engine_note: Annotated[str, typer.Option(help="Kept in the JSON: what this run tries out.")] = "",
    floor: Annotated[
        list[str] | None, typer.Option(help="Least share of right answers, 0.8 or dates=0.7. Repeatable.")
    ] = None,
    baseline: Annotated[Path | None, typer.Option(help="A report.json to hold this run against.")] = None,
    margin: Annotated[
        float, typer.Option(min=0, max=1, help="How far below the baseline is forgiven.")
    ] = 0.0,
) -> None:
    """Ask the cases and report how true the answers are, with intervals and every failure."""
    if context.invoked_subcommand is not None:
        return
    choices = Choices(
        suite=suite, data=data, cases=cases, part=part, kinds=tuple(kind or ()), sample=sample,
        against=against, model=model, timeout_seconds=timeout, jobs=jobs, fresh=fresh, peer=peer, again=again,
        noise=tuple(noise or ()), check=check, card=card, out=out, json_file=json_file, note=engine_note,
        floors=tuple(floor or ()), baseline=baseline, margin=margin,
    )  # fmt: skip
    _exit(measure(choices, Config.from_env(), Console(), Console(stderr=True)))


@app.command("compare")
def compare_reports(
    first: Annotated[Path, typer.Argument(metavar="A", help="A report.json.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="Another, over the same cases.")],
) -> None:
    """Which cases changed from A to B, and whether the difference is more than chance."""
    before, after = read_report(first), read_report(second)
    names = (f"{before.engine} ({first})", f"{after.engine} ({second})")
    typer.echo(comparison.as_text(comparison.compare(before.rows, after.rows), names))


@app.command("ablate")
def ablate_stages(
    stage: Annotated[list[str] | None, typer.Option(help=f"Repeatable: {', '.join(STAGES)}.")] = None,
    suite: Suite = "seeds",
    data: Data = None,
    cases: Cases = SEEDS,
    part: Part = "all",
    kind: Kinds = None,
    sample: Sample = None,
    check: Check = "auto",
    out: Annotated[Path | None, typer.Option(help="Folder for the table.")] = None,
) -> None:
    """What each stage of the assistant is worth: ask the cases with one of them switched off each time."""
    choices = Choices(
        suite=suite, data=data, cases=cases, part=part, kinds=tuple(kind or ()), sample=sample, check=check,
        out=out,
    )  # fmt: skip
    ablate(choices, read_stages(stage or ()), Config.from_env(), Console(), Console(stderr=True))


@app.command("new")
def draft_new_cases(
    folder: Annotated[Path, typer.Argument(help="Documents to ask about.")],
    cases: Annotated[Path, typer.Option(help="Drafts are added to this file.")] = DRAFTS,
    number: Annotated[int, typer.Option("--number", "-n", min=1, max=1000, help="How many drafts.")] = 20,
) -> None:
    """Draft cases over a folder, for you to accept, correct or delete in the file."""
    out = Console()
    added = new_cases(folder, number, cases, Config.from_env(), lambda case: say(out, f"  {case.question}"))
    say(out, f"{len(added)} drafts are in {cases}. {_next_step(cases)}")


@app.command("feedback")
def draft_from_feedback(
    feedback: Annotated[Path, typer.Argument(help="What readers said of answers: feedback.jsonl.")],
    cases: Annotated[Path, typer.Option(help="Drafts are added to this file.")] = DRAFTS,
) -> None:
    """Turn answers that readers turned down into drafts of cases."""
    added = add_drafts(cases_from_feedback(feedback), cases)
    say(Console(), f"{len(added)} drafts are in {cases}. {_next_step(cases)}")


def run(arguments: Sequence[str] | None = None, name: str = "python -m evals") -> None:
    """Run the command and leave the process; failures become one message and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        app(list(arguments) if arguments is not None else None, prog_name=name)
    except QAError as error:
        typer.echo(f"{error.title}: {error}", err=True)
        sys.exit(Exit.NOT_RUN)
    except Interrupted as error:
        typer.echo(f"Interrupted. {error}", err=True)
        sys.exit(130)


def _next_step(cases: Path) -> str:
    return (
        'Say "state": "accepted" on those that are right, with the facts they want, and type: '
        f"qa eval --cases {cases}"
    )


def _exit(code: Exit) -> None:
    if code != Exit.PASSED:
        raise typer.Exit(code)
