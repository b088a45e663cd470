"""The documents of the web chat: which are asked, and what takes a file.

An owner is a label which only one browser knows. How the list looks is in `ui.rendering`.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import JSONResponse

from qa import Service

PATH = "/chat/documents/"
LONGEST_OWNER = 100


def scope(service: Service, owner: str, chosen: Sequence[str]) -> tuple[str, ...]:
    """The documents to ask: the chosen ones that are there, else all that `owner` sees.

    Empty stands for all that everyone sees.
    """
    if not owner and not chosen:
        return ()
    ledger = service.assistant.corpus.ledger
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
        content, label = await request.body(), owner[:LONGEST_OWNER] or None
        added = await asyncio.to_thread(service.assistant.corpus.add, name, content, label)
        return JSONResponse(asdict(added))

    return router
