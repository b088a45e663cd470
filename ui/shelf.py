"""The documents of the web chat: what is there, adding and removing.

Knows the corpus and HTTP; how the list looks is in `ui.rendering`.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated, Protocol, cast

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import JSONResponse

from qa import Document, Service

PATH = "/chat/documents/"


class Entry(Protocol):
    """A document as it is listed."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def date(self) -> str | None: ...
    @property
    def characters(self) -> int: ...
    @property
    def state(self) -> str: ...
    @property
    def uploaded(self) -> bool: ...
    @property
    def private(self) -> bool: ...


class Added(Protocol):
    """What became of an uploaded file."""

    @property
    def state(self) -> str: ...
    @property
    def document_id(self) -> str: ...
    @property
    def source(self) -> str: ...


class Ledger(Protocol):
    """What the chat asks of the ledger."""

    def catalogue(self, owner: str | None = None) -> Sequence[Entry]: ...
    def sources(self, owner: str | None = None) -> Mapping[str, str]: ...
    def documents(self, owner: str | None = None) -> Sequence[Document]: ...


class Corpus(Protocol):
    """What the chat asks of the corpus; an owner is a label which only one browser knows."""

    @property
    def ledger(self) -> Ledger: ...
    def add(self, name: str, content: bytes, owner: str | None = None) -> Added: ...
    def remove(self, document_id: str, owner: str | None = None) -> None: ...


def corpus_of(service: Service) -> Corpus:
    """The corpus with all that the chat does to it."""
    return cast(Corpus, service.assistant.corpus)


def scope(service: Service, owner: str, chosen: Sequence[str]) -> tuple[str, ...]:
    """The documents to ask: the chosen ones that are there, else all that `owner` sees.

    Empty stands for all that everyone sees.
    """
    if not owner and not chosen:
        return ()
    ledger = corpus_of(service).ledger
    seen = ledger.sources(owner or None)
    kept = tuple(document_id for document_id in chosen if document_id in seen)
    if kept:
        return kept
    return tuple(seen) if owner and len(seen) > len(ledger.sources()) else ()


def shelf_router(service: Service) -> APIRouter:
    """The route that takes a file."""
    router = APIRouter(include_in_schema=False)

    # The bytes alone, and a header which no form of another site can send.
    @router.put(PATH + "{name}")
    async def upload(name: str, request: Request, owner: Annotated[str, Header(alias="x-owner")]) -> Response:
        content = await request.body()
        added = await asyncio.to_thread(corpus_of(service).add, name, content, owner[:100] or None)
        told = {"state": added.state, "document_id": added.document_id, "source": added.source}
        return JSONResponse(told)

    return router
