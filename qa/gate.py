"""Who and what may come in: the name the server is called by, the size of a request, the token.

An ASGI middleware that answers before anything is parsed. Knows no route but the open ones it is told.
"""

import hmac
import json
from collections.abc import Collection, Mapping
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa import problems
from qa.login import COOKIE, PATH, session_of
from qa.problems import Problem

LARGEST_BODY = 1_000_000
CHANGING = ("POST", "PUT", "PATCH", "DELETE")
SAFE_HEADERS: Mapping[str, str] = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; frame-ancestors 'self'",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


class Gate:
    """Lets a request pass to `app`, or answers with a problem."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: Collection[str],
        token: str | None,
        open_paths: Collection[str],
        largest: Mapping[str, int] | None = None,
    ) -> None:
        """`largest` are the bytes that a request may have, by the beginning of its path."""
        self._app = app
        self._hosts = {host.lower() for host in hosts}
        self._token = token.encode() if token else None
        self._session = session_of(token) if token else ""
        self._open_paths = frozenset(open_paths)
        self._largest = dict(largest or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        safe_send = _with_safe_headers(send)
        headers = Headers(scope=scope)
        problem = self._refusal(scope, headers)
        if problem and problem.status == 401 and "text/html" in headers.get("accept", ""):
            # A person with a browser: the page that takes the token, and then the one that was wanted.
            query = f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else ""
            goal = quote(f"{scope['path']}{query}", safe="")
            await RedirectResponse(f"{PATH}?goal={goal}", 303)(scope, receive, safe_send)
            return
        if problem is None:
            limit = self._limit(scope["path"])
            messages = await _read(receive, limit)
            if messages is not None:
                await self._app(scope, _replay(messages, receive), safe_send)
                return
            problem = _too_large(limit)
        await _answer(problem, safe_send)

    def _refusal(self, scope: Scope, headers: Headers) -> Problem | None:
        host = _name(headers.get("host", ""))
        # A foreign name that points here is how a web page reaches a local server (DNS rebinding).
        if "*" not in self._hosts and host not in self._hosts:
            return problems.of_status(421, f"The request asked for the host {host[:100]!r}.")
        bearer = self._token is not None and self._knows(headers.get("authorization", ""))
        allowed = self._token is None or bearer or self._remembers(headers.get("cookie", ""))
        if scope["path"] not in self._open_paths and not allowed:
            return problems.of_status(401, "The request carried no token, or another one.")
        # A browser sends the cookie, or reaches a server without a token, for any page that asks it to.
        if scope["method"] in CHANGING and not bearer and _is_foreign(headers):
            return problems.of_status(403, f"The request came from {headers['origin'][:100]!r}.")
        length, limit = headers.get("content-length", "0"), self._limit(scope["path"])
        if not length.isdecimal() or len(length) > 15 or int(length) > limit:
            return _too_large(limit)
        return None

    def _limit(self, path: str) -> int:
        fits = (limit for beginning, limit in self._largest.items() if path.startswith(beginning))
        return next(fits, LARGEST_BODY)

    def _knows(self, authorization: str) -> bool:
        assert self._token is not None
        scheme, _, given = authorization.partition(" ")
        # Header bytes reach us as latin-1.
        same = hmac.compare_digest(given.strip().encode("latin-1", "replace"), self._token)
        return same and scheme.lower() == "bearer"

    def _remembers(self, cookies: str) -> bool:
        try:
            given = SimpleCookie(cookies).get(COOKIE)
        except CookieError:
            return False
        return given is not None and hmac.compare_digest(given.value.encode(), self._session.encode())


def _is_foreign(headers: Headers) -> bool:
    """Whether a page of another site sends this."""
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc.lower() != headers.get("host", "").lower()


def _name(host: str) -> str:
    """The host header without its port, lower case; IPv6 keeps its brackets."""
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdecimal() else host).lower()


def _too_large(limit: int) -> Problem:
    return problems.of_status(413, f"A request may have {limit:,} bytes.")


async def _read(receive: Receive, limit: int) -> list[Message] | None:
    """The whole request, or None when it grows over the limit (also one that came without a length)."""
    messages: list[Message] = []
    size = 0
    more = True
    while more:
        message = await receive()
        messages.append(message)
        size += len(message.get("body", b""))
        if size > limit:
            return None
        more = message["type"] == "http.request" and message.get("more_body", False)
    return messages


def _replay(messages: list[Message], receive: Receive) -> Receive:
    async def next_message() -> Message:
        return messages.pop(0) if messages else await receive()

    return next_message


def _with_safe_headers(send: Send) -> Send:
    async def safe_send(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", ()))
            present = {name.lower() for name, _ in headers}
            headers += [
                (n.encode(), v.encode()) for n, v in SAFE_HEADERS.items() if n.encode() not in present
            ]
            message = {**message, "headers": headers}
        await send(message)

    return safe_send


async def _answer(problem: Problem, send: Send) -> None:
    body = json.dumps(problem.body()).encode()
    headers = [(b"content-type", problems.MEDIA_TYPE.encode()), (b"content-length", str(len(body)).encode())]
    if problem.status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    if problem.status == 413:
        # The rest of the body is not read.
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
