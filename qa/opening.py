"""Where the parts are put together for the command line, with imports inside functions.

Loading the engine takes seconds, and `qa version` or a question to a running server must not wait for it.
"""

import os
import sys
import webbrowser
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from qa.config import Config
from qa.errors import InputError
from qa.lock import find_owner
from qa.types import Event, Passage, Turn

if TYPE_CHECKING:
    from qa.catalogue import SyncReport
    from qa.client import Client
    from qa.corpus import Corpus, Step
    from qa.doctor import Check
    from qa.embedding import OnnxEmbedding
    from qa.model_fetch import Fetched, OnProgress
    from qa.model_files import FileStatus
    from qa.server import Furnish
    from qa.service import Assistant

PORT = 8000

Note = Callable[[str], None]
"""Tells the person at the terminal one line beside the result."""
SyncProgress = Callable[[], AbstractContextManager["Callable[[Step], None]"]]
"""Opens a display of how far the indexing is."""


class Stream(Protocol):
    """How a question is asked, whoever answers."""

    def __call__(
        self, question: str, history: Sequence[Turn] = (), documents: Sequence[str] = ()
    ) -> Generator[Event, None, None]: ...


@dataclass(frozen=True, slots=True)
class Answering:
    """Whoever answers: the assistant in this process, or a server which has the data folder."""

    stream: Stream
    sources: Callable[[], Mapping[str, str]]
    """The source of every document, by id."""
    address: str
    """What the evidence links begin with."""


@dataclass(frozen=True, slots=True)
class Searching:
    """As `Answering`, without a language model."""

    search: Callable[[str, Sequence[str]], tuple[Passage, ...]]
    sources: Callable[[], Mapping[str, str]]


@contextmanager
def answering(config: Config, note: Note, progress: SyncProgress) -> Iterator[Answering]:
    """A running server when there is one, else the assistant; an empty corpus is indexed first."""
    with ExitStack() as stack:
        client = _client(config)
        if client is not None:
            note(f"Asking the server at {client.address}")
            stack.enter_context(client)
            yield Answering(client.stream, client.sources, client.address)
            return
        note("Loading the models")
        from qa.assistant import Assistant

        assistant = stack.enter_context(Assistant.from_config(config))
        _fill(assistant.corpus, config, note, progress)
        yield Answering(assistant.stream, assistant.corpus.ledger.sources, f"http://127.0.0.1:{PORT}")


@contextmanager
def searching(config: Config, note: Note, progress: SyncProgress) -> Iterator[Searching]:
    """A running server when there is one, else the corpus; an empty corpus is indexed first."""
    with ExitStack() as stack:
        client = _client(config)
        if client is not None:
            note(f"Asking the server at {client.address}")
            stack.enter_context(client)
            yield Searching(client.search, client.sources)
            return
        from qa.retrieval import Retriever

        corpus, embedder = stack.enter_context(_corpus(config))
        _fill(corpus, config, note, progress)
        yield Searching(Retriever(corpus, embedder).find, corpus.ledger.sources)


def sync(config: Config, note: Note, progress: SyncProgress) -> "SyncReport":
    """Make the corpus equal to the documents folder; a running server does it itself."""
    client = _client(config)
    if client is not None:
        note(f"Asking the server at {client.address}")
        with client:
            return client.sync(config.documents_dir)
    with _corpus(config) as (corpus, _), progress() as on_progress:
        report = corpus.sync(config.documents_dir, on_progress)
        _demand_documents(corpus, config, report)
        return report


def serve(
    config: Config, host: str, port: int, note: Note, progress: SyncProgress, *, open_browser: bool = False
) -> None:
    """Serve the web chat and the routes until the process is told to stop.

    `open_browser` shows the chat to the person at this machine, where there is a screen.
    """
    from qa.server import serve as run

    def chat() -> "Furnish":
        from ui import furnish

        return furnish

    @contextmanager
    def open_assistant(address: str) -> "Iterator[Assistant]":
        note("Loading the models")
        from qa.assistant import Assistant

        with Assistant.from_config(config) as assistant:
            # Seconds to import, in which the language model's process gets ready.
            chat()
            if missed := assistant.corpus.forget_unvisited():
                note(f"Private uploads that nobody came back for were removed: {missed}")
            _fill(assistant.corpus, config, note, progress)
            assistant.corpus.announce(address)
            note(f"Answering at {address} (Ctrl-C stops it)")
            if open_browser and _has_screen():
                webbrowser.open(address)
            yield assistant

    run(config, host, port, open_assistant, lambda app, service: chat()(app, service))


def evaluate(arguments: Sequence[str]) -> None:
    """Measure how true the answers are, and leave the process with the exit code of that."""
    from evals.command import run

    run(arguments, "qa eval")


def examine(config: Config, repair: bool) -> "Iterator[Check]":
    """Look at everything that an answer needs."""
    from qa.doctor import examine as look

    @contextmanager
    def open_corpus() -> "Iterator[Corpus]":
        with _corpus(config) as (corpus, _):
            yield corpus

    return look(config, repair, open_corpus)


def model_files(config: Config) -> "tuple[FileStatus, ...]":
    """Every model file as it is on this disk."""
    from qa.model_files import statuses

    return statuses(config.models_dir)


def fetch_models(config: Config, folder: Path | None, on_progress: "OnProgress") -> "tuple[Fetched, ...]":
    """Get the model files that are not there; the language model only when no server answers."""
    from qa.model_fetch import fetch
    from qa.model_files import SEARCH_FILES

    return fetch(
        config.models_dir,
        names=SEARCH_FILES if config.llm_url else None,
        offline=config.offline,
        folder=folder,
        on_progress=on_progress,
    )


def prepare_engine(config: Config, note: Note) -> None:
    """Bring the language model into the engine's own format now, so that no question has to wait for it."""
    if config.llm_url:
        return
    from qa.local_model import engine_folder, is_prepared
    from qa.model_files import LANGUAGE_MODEL, locate

    gguf = locate(LANGUAGE_MODEL, config.models_dir)
    if not is_prepared(gguf):
        note("Preparing the language model for its engine: half a minute, once")
        engine_folder(gguf)


def _has_screen() -> bool:
    # Without one, what opens is a browser in this terminal, over everything else.
    return sys.platform in ("darwin", "win32") or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )


def _client(config: Config) -> "Client | None":
    owner = find_owner(config.data_dir)
    if owner is None or owner.address is None:
        return None
    from qa.client import Client

    return Client(owner.address, config.token)


@contextmanager
def _corpus(config: Config) -> "Iterator[tuple[Corpus, OnnxEmbedding]]":
    from qa.corpus import Corpus
    from qa.embedding import OnnxEmbedding

    embedder = OnnxEmbedding.from_folder(config.models_dir)
    with Corpus.open(config, embedder) as corpus:
        yield corpus, embedder


def _fill(corpus: "Corpus", config: Config, note: Note, progress: SyncProgress) -> None:
    if corpus.repaired:
        note(f"The index was built again from the ledger: {corpus.repaired}")
    if corpus.ledger.sources():
        return
    note(f"Nothing is indexed yet: indexing {config.documents_dir}")
    with progress() as on_progress:
        report = corpus.sync(config.documents_dir, on_progress)
    _demand_documents(corpus, config, report)


def _demand_documents(corpus: "Corpus", config: Config, report: "SyncReport") -> None:
    if not corpus.ledger.sources():
        reasons = "".join(f"\n  {source}: {reason}" for source, reason in report.skipped[:10])
        raise InputError(
            f"{config.documents_dir} holds no document that can be read.{reasons}\n"
            "Put text files there, or set QA_DOCUMENTS to their folder, then type: qa index"
        )
