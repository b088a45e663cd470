"""The routes that answer: answers (whole or as server-sent events), search, health, the document page.

Knows the wire contract; all thinking is the assistant's. A client that leaves frees the model.
"""

import logging
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse
from pydantic import BaseModel, ConfigDict, Field

from qa import problems
from qa.errors import QAError
from qa.questions import clean
from qa.routing import PROBLEM_RESPONSES, STREAM_HEADERS, Served, encode, events_until_left, last_answer
from qa.types import Answer, Evidence, Passage, Progress, Proved, Role, Turn
from qa.waiting_line import Inbox

LARGEST_HISTORY = 40
EVENT_NAMES = {Progress: "status", Evidence: "passages", Proved: "sentence", Answer: "answer"}

log = logging.getLogger(__name__)


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
    fresh: bool = False
    """Whether to think again also where the same was answered before."""


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


router = APIRouter(responses=PROBLEM_RESPONSES)


@router.post("/v1/answers", response_model=Answer)
async def answers(ask: Ask, request: Request, service: Served) -> Response:
    """Answer a question, each sentence with the quotes it stands on.

    With `"stream": true` the reply is server-sent events: `status`, `passages`, `sentence` (checked ones
    only), then one `answer` with the whole object, or `error` with a problem.
    """
    question = clean(ask.question, service.config.question_characters)
    history = [Turn(role=turn.role, content=turn.content) for turn in ask.history]
    asked = service.asked(question, history, ask.documents, ask.fresh)
    if ask.stream:
        service.line.check_room()
        return EventSourceResponse(_sse(asked, request), headers=STREAM_HEADERS)
    answer = await last_answer(asked, request)
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
    theme: str | None = None,
) -> Response:
    """The evidence page: the document with the cited span marked; `theme` is `light` or `dark`."""
    document = service.assistant.corpus.ledger.document(document_id)
    page = service.page
    headers = {"content-security-policy": page.security_policy}
    if document is None:
        return HTMLResponse(page.render_missing(document_id), status_code=404, headers=headers)
    return HTMLResponse(page.render(document, start, end, version, theme), headers=headers)


async def _sse(asked: AbstractContextManager[Inbox], request: Request) -> AsyncIterator[bytes]:
    try:
        with asked as inbox:
            async for event in events_until_left(inbox, request):
                yield KEEPALIVE_COMMENT if event is None else encode(EVENT_NAMES[type(event)], asdict(event))
    except Exception as error:
        if not isinstance(error, QAError):
            log.error("unforeseen error", exc_info=error)
        yield encode("error", problems.of_error(error).body())
