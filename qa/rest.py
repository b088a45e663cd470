"""The routes of the REST interface: answers (whole or as server-sent events), search, documents, health.

Knows the wire contract; all thinking is the assistant's. A client that leaves frees the model.
"""

import asyncio
import json
import logging
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse, format_sse_event
from pydantic import BaseModel, ConfigDict, Field

from qa import problems
from qa.config import Config
from qa.document_page import DocumentPage
from qa.errors import QAError
from qa.problems import Problem
from qa.questions import clean
from qa.types import Answer, Document, Event, Evidence, Passage, Progress, Proved, Role, Turn
from qa.waiting_line import Inbox, Start, WaitingLine, arrivals

KEEP_ALIVE_SECONDS = 5.0
LARGEST_HISTORY = 40
EVENT_NAMES = {Progress: "status", Evidence: "passages", Proved: "sentence", Answer: "answer"}

log = logging.getLogger(__name__)


class Ledger(Protocol):
    """What the server asks of the documents."""

    def index_version(self) -> str: ...
    def sources(self) -> Mapping[str, str]: ...
    def documents(self) -> Sequence[Document]: ...
    def document(self, document_id: str) -> Document | None: ...


class Corpus(Protocol):
    """Where the documents are."""

    @property
    def ledger(self) -> Ledger: ...


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


class HistoryTurn(BaseModel):
    """One message of the conversation so far."""

    model_config = ConfigDict(extra="forbid")
    role: Role
    content: str = Field(max_length=20_000)


class Ask(BaseModel):
    """A question with what it needs."""

    model_config = ConfigDict(extra="forbid")
    question: str
    history: list[HistoryTurn] = Field(default=[], max_length=LARGEST_HISTORY)
    documents: list[Annotated[str, Field(max_length=100)]] = Field(default=[], max_length=1000)
    """Ids of the documents to look in; none given: all."""
    stream: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The result of a search."""

    question: str
    passages: tuple[Passage, ...]
    index_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Whether the server can answer, and with what."""

    status: str
    model: str | None
    engine: str
    index_version: str
    documents: int
    queue: int
    """Questions which are being answered or wait."""


@dataclass(frozen=True, slots=True)
class Service:
    """What the routes work with."""

    assistant: Assistant
    config: Config
    line: WaitingLine
    page: DocumentPage

    async def events(
        self, question: str, history: Sequence[Turn], documents: Sequence[str], patience_seconds: float
    ) -> AsyncGenerator[Event | None, None]:
        """Answer in line with all other askers; None when nothing came for `patience_seconds`.

        Close it (`contextlib.aclosing`) to free the model before the answer is there.

        Raises:
            QAError: as `Assistant.stream`; `BusyError` when the line is full.
        """

        def start(cancelled: threading.Event) -> Generator[Event, None, None]:
            return self.assistant.stream(question, history, documents, cancelled=cancelled)

        with self.line.place(start) as inbox:
            async for event in arrivals(inbox, patience_seconds):
                yield event


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


Served = Annotated[Service, Depends(_service)]
PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "content": {problems.MEDIA_TYPE: {}}, "description": text}
    for status, text in (
        (401, "No token, or another one"),
        (413, "The request is too large"),
        (422, "The request cannot be used as given"),
        (503, "The model failed, or too many questions wait"),
    )
}
router = APIRouter(responses=PROBLEM_RESPONSES)


@router.post("/v1/answers", response_model=Answer)
async def answers(ask: Ask, request: Request, service: Served) -> Response:
    """Answer a question, each sentence with the quotes it stands on.

    With `"stream": true` the reply is server-sent events: `status`, `passages`, `sentence` (checked ones
    only), then one `answer` with the whole object, or `error` with a problem.
    """
    question = clean(ask.question, service.config.question_characters)
    history = [Turn(role=turn.role, content=turn.content) for turn in ask.history]

    def start(cancelled: threading.Event) -> Generator[Event, None, None]:
        return service.assistant.stream(question, history, ask.documents, cancelled=cancelled)

    if ask.stream:
        service.line.check_room()
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return EventSourceResponse(_sse(service.line, start, request), headers=headers)
    answer = None
    with service.line.place(start) as inbox:
        async for event in _events(inbox, request):
            answer = event if isinstance(event, Answer) else answer
    if answer is None:
        # Nobody reads this: the client has left.
        return Response(status_code=499)
    return JSONResponse(asdict(answer))


@router.get("/v1/search", response_model=Found)
def search(
    service: Served,
    q: Annotated[str, Query(description="What to look for")],
    documents: Annotated[tuple[str, ...], Query(max_length=1000)] = (),
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
) -> Response:
    """The passages nearest to a question, best first; no language model is asked."""
    question = clean(q, service.config.question_characters)
    passages = tuple(service.assistant.retriever.find(question, documents))[:limit]
    version = service.assistant.corpus.ledger.index_version()
    return JSONResponse(asdict(Found(question=question, passages=passages, index_version=version)))


@router.get("/v1/documents")
def list_documents(service: Served) -> dict[str, list[dict[str, Any]]]:
    """All documents, without their texts."""
    return {
        "documents": [
            {
                "id": document.id,
                "title": document.title,
                "source": document.source,
                "date": document.date,
                "characters": len(document.text),
                "sha256": document.sha256,
                "url": f"/documents/{document.id}",
            }
            for document in service.assistant.corpus.ledger.documents()
        ]
    }


@router.get("/v1/health", response_model=Health)
def health(service: Served) -> Response:
    """Whether the server can answer; open to everyone."""
    model = service.assistant.model
    engine = model.state if model else "none"
    told = Health(
        status="ok" if engine in ("ready", "none") else engine,
        model=model.name if model else None,
        engine=engine,
        index_version=service.assistant.corpus.ledger.index_version(),
        documents=len(service.assistant.corpus.ledger.sources()),
        queue=len(service.line),
    )
    return JSONResponse(asdict(told))


@router.get("/documents/{document_id}", response_class=HTMLResponse)
def document_page(
    document_id: str,
    service: Served,
    start: str | None = None,
    end: str | None = None,
    version: str | None = None,
) -> Response:
    """The evidence page: the document with the cited span marked."""
    document = service.assistant.corpus.ledger.document(document_id)
    page = service.page
    headers = {"content-security-policy": page.security_policy}
    if document is None:
        return HTMLResponse(page.render_missing(document_id), status_code=404, headers=headers)
    return HTMLResponse(page.render(document, start, end, version), headers=headers)


async def _events(inbox: Inbox, request: Request) -> AsyncIterator[Event | None]:
    """Events as they come; None when nothing came for a while. Ends when the client leaves.

    Raises:
        QAError, Exception: whatever the assistant raised.
    """

    async def watch() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        inbox.put_nowait(None)

    watcher = asyncio.create_task(watch())
    try:
        async for event in arrivals(inbox, KEEP_ALIVE_SECONDS):
            yield event
    finally:
        watcher.cancel()


async def _sse(line: WaitingLine, start: Start, request: Request) -> AsyncIterator[bytes]:
    try:
        with line.place(start) as inbox:
            async for event in _events(inbox, request):
                yield KEEPALIVE_COMMENT if event is None else _encode(EVENT_NAMES[type(event)], asdict(event))
    except Exception as error:
        if not isinstance(error, QAError):
            log.error("unforeseen error", exc_info=error)
        yield _encode("error", problems.of_error(error).body())


def _encode(name: str, value: dict[str, Any]) -> bytes:
    # Escaped, because clients differ in what ends a line: U+2028 and U+0085 do for some.
    return format_sse_event(event=name, data_str=json.dumps(value, ensure_ascii=True))
