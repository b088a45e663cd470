"""What the server works with: the assistant as it sees it, the line before it, the answers already given.

Knows nothing of HTTP: routes, tools for other programs and the web chat all ask here.
"""

import threading
from collections.abc import AsyncGenerator, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from qa.answer_cache import AnswerCache, Asked
from qa.catalogue import Added, Entry, SyncReport
from qa.config import Config
from qa.document_page import DocumentPage
from qa.types import Answer, Document, Event, Passage, Turn
from qa.waiting_line import Inbox, WaitingLine, arrivals


class Ledger(Protocol):
    """What the server asks of the documents."""

    def index_version(self) -> str: ...
    def sources(self, owner: str | None = None) -> Mapping[str, str]: ...
    def documents(self, owner: str | None = None) -> Sequence[Document]: ...
    def catalogue(self, owner: str | None = None) -> Sequence[Entry]: ...
    def document(self, document_id: str) -> Document | None: ...


class Corpus(Protocol):
    """Where the documents are; one writer at a time, and no reader has to wait for it."""

    @property
    def ledger(self) -> Ledger: ...
    def add(self, name: str, content: bytes, owner: str | None = None) -> Added: ...
    def visited(self, owner: str) -> None: ...
    def remove(self, document_id: str, owner: str | None = None) -> None: ...
    def sync(self, folder: Path) -> SyncReport: ...


class Retriever(Protocol):
    """What the server asks of the search."""

    def find(self, question: str, documents: Sequence[str] = ()) -> Sequence[Passage]: ...


class LanguageModel(Protocol):
    """What the server tells of the model."""

    name: str

    @property
    def state(self) -> str: ...


class Assistant(Protocol):
    """The engine, as the server sees it."""

    @property
    def corpus(self) -> Corpus: ...
    @property
    def retriever(self) -> Retriever: ...
    @property
    def model(self) -> LanguageModel | None: ...
    def stream(
        self,
        question: str,
        history: Sequence[Turn] = (),
        documents: Sequence[str] = (),
        cancelled: threading.Event | None = None,
    ) -> Generator[Event, None, None]: ...


@dataclass(frozen=True, slots=True)
class Service:
    """What the routes work with."""

    assistant: Assistant
    config: Config
    line: WaitingLine
    page: DocumentPage
    answers: AnswerCache

    @contextmanager
    def asked(
        self,
        question: str,
        history: Sequence[Turn] = (),
        documents: Sequence[str] = (),
        fresh: bool = False,
    ) -> Iterator[Inbox]:
        """The events of one question, in line with all other askers; leave the block to free the model.

        An answer that was given before is given again while the documents are the same, but not when `fresh`.

        Raises:
            BusyError: the line is full.
        """

        def start(cancelled: threading.Event) -> Generator[Event, None, None]:
            return self._told(question, history, documents, fresh, cancelled)

        with self.line.place(start) as inbox:
            yield inbox

    async def events(
        self,
        question: str,
        history: Sequence[Turn],
        documents: Sequence[str],
        patience_seconds: float,
        fresh: bool = False,
    ) -> AsyncGenerator[Event | None, None]:
        """As `asked`, one by one; None when nothing came for `patience_seconds`.

        Close it (`contextlib.aclosing`) to free the model before the answer is there.

        Raises:
            QAError: as `Assistant.stream`; `BusyError` when the line is full.
        """
        with self.asked(question, history, documents, fresh) as inbox:
            async for event in arrivals(inbox, patience_seconds):
                yield event

    def _told(
        self,
        question: str,
        history: Sequence[Turn],
        documents: Sequence[str],
        fresh: bool,
        cancelled: threading.Event,
    ) -> Generator[Event, None, None]:
        """What the assistant tells, or told before."""
        ledger, model = self.assistant.corpus.ledger, self.assistant.model
        asked = Asked(
            question=question,
            history=tuple(history),
            documents=frozenset(documents),
            model=model.name if model else None,
            index_version=ledger.index_version(),
        )
        known = None if fresh else self.answers.find(asked)
        if known is not None:
            yield from known
            return
        told: list[Event] = []
        with closing(self.assistant.stream(question, history, documents, cancelled=cancelled)) as events:
            for event in events:
                told.append(event)
                yield event
        # Documents that changed in between may have been read in both states.
        if told and isinstance(told[-1], Answer) and ledger.index_version() == asked.index_version:
            self.answers.keep(asked, told)
