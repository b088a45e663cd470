"""`python -m evals`: run the cases against the real assistant and print how true its answers are.

Exit codes: 0 passed, 1 the share of right answers is below `--floor`, 2 the run could not be made.
"""

import json
from collections.abc import Sequence
from enum import IntEnum
from pathlib import Path
from typing import Annotated, get_args

import typer

from evals.cases import SEEDS, load, missing_gold
from evals.report import as_json, as_text, share
from evals.run import evaluate, sample
from evals.types import Case, Kind, Part, Report, Result
from qa import Answer, Assistant, InputError, QAError, Turn


class Exit(IntEnum):
    PASSED = 0
    BELOW_FLOOR = 1
    NOT_RUN = 2


def main(
    part: Annotated[str, typer.Option(help="dev, test or all; tune on dev only.")] = "all",
    kind: Annotated[str | None, typer.Option(help=f"One of {', '.join(get_args(Kind))}.")] = None,
    cases: Annotated[Path, typer.Option(help="The case file.")] = SEEDS,
    sample_size: Annotated[int | None, typer.Option("--sample", min=1, help="Ask only so many.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write every answer there.")] = None,
    engine_note: Annotated[str, typer.Option(help="Kept in the JSON: what this run tries out.")] = "",
    floor: Annotated[float, typer.Option(min=0, max=1, help="Least share of right answers.")] = 0.0,
) -> None:
    """Ask the cases and print how many answers are right, with intervals, times and every failure."""
    try:
        chosen = _chosen(load(cases), part, kind, sample_size)
        report = _run(chosen, engine_note)
        typer.echo("\n" + as_text(report))
        if json_file is not None:
            _write(json_file, report)
    except QAError as error:
        typer.echo(f"{error.title}: {error}")
        raise typer.Exit(Exit.NOT_RUN) from error
    if len(report.errors) == len(report.results):
        typer.echo("No question came back at all: nothing was measured. Type: qa doctor")
        raise typer.Exit(Exit.NOT_RUN)
    reached = share(report.results, "right").value or 0.0
    if reached < floor:
        typer.echo(f"Below the floor: {reached:.1%} right, {floor:.1%} asked for.")
        raise typer.Exit(Exit.BELOW_FLOOR)


def _chosen(cases: Sequence[Case], part: str, kind: str | None, size: int | None) -> tuple[Case, ...]:
    if part not in (*get_args(Part), "all"):
        raise InputError(f"--part is {part!r}; use dev, test or all.")
    if kind is not None and kind not in get_args(Kind):
        raise InputError(f"--kind is {kind!r}; use one of {', '.join(get_args(Kind))}.")
    chosen = [c for c in cases if part in (c.part, "all") and kind in (c.kind, None)]
    if not chosen:
        raise InputError("No case is left to ask; choose another --part or --kind.")
    return sample(chosen, size or len(chosen))


def _run(cases: Sequence[Case], note: str) -> Report:
    with Assistant.from_config() as assistant:
        documents = {document.source: document for document in assistant.corpus.ledger.documents()}
        if problems := missing_gold(cases, documents):
            listed = "\n  ".join(problems)
            raise InputError(f"The cases do not fit the indexed documents; type: qa index\n  {listed}")
        done: list[Result] = []

        def ask(question: str, history: Sequence[Turn]) -> Answer:
            return assistant.ask(question, history=history)

        def on_result(result: Result) -> None:
            done.append(result)
            typer.echo(_progress(result, len(done), len(cases)))

        return evaluate(ask, cases, documents, note=note, on_result=on_result)


def _progress(result: Result, number: int, total: int) -> str:
    verdict = "error" if result.error else "right" if result.right else "wrong"
    seconds = f"{result.answer.timings.total_ms / 1000:.1f} s" if result.answer else ""
    return f"[{number:>{len(str(total))}}/{total}] {verdict:<5}  {result.case.id}  {seconds}".rstrip()


def _write(path: Path, report: Report) -> None:
    try:
        path.write_text(json.dumps(as_json(report), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(f"The report cannot be written to {path} ({error}); give another --json.") from error


if __name__ == "__main__":
    typer.run(main)
