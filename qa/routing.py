"""What all routes share: the service, the problems they document, events until the client leaves."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.sse import format_sse_event

from qa import problems
from qa.problems import Problem
from qa.service import Service
from qa.types import Answer, Event
from qa.waiting_line import Inbox, arrivals

KEEP_ALIVE_SECONDS = 5.0
STREAM_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


Served = Annotated[Service, Depends(_service)]


def problem_response(status: int, text: str) -> dict[int | str, dict[str, Any]]:
    """How a failure of a route is documented."""
    return {status: {"model": Problem, "content": {problems.MEDIA_TYPE: {}}, "description": text}}


PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = (
    problem_response(401, "No token, or another one")
    | problem_response(413, "The request is too large")
    | problem_response(422, "The request cannot be used as given")
    | problem_response(503, "The model or the data folder failed, or too many questions wait")
)


async def events_until_left(inbox: Inbox, request: Request) -> AsyncIterator[Event | None]:
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


async def last_answer(asked: AbstractContextManager[Inbox], request: Request) -> Answer | None:
    """The whole answer to a question; None when the client left before it was there.

    Raises:
        QAError, Exception: as `events_until_left`.
    """
    answer = None
    with asked as inbox:
        async for event in events_until_left(inbox, request):
            answer = event if isinstance(event, Answer) else answer
    return answer


def encode(name: str | None, value: dict[str, Any]) -> bytes:
    """One server-sent event."""
    # Escaped, because clients differ in what ends a line: U+2028 and U+0085 do for some.
    return format_sse_event(event=name, data_str=json.dumps(value, ensure_ascii=True))
