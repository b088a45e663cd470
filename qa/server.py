"""The application around the routes, and the process that serves it.

Knows how failures are told, who may come in, and how to listen; what is answered is in `qa.rest`.
"""

import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from qa import languages, problems
from qa.answer_cache import AnswerCache
from qa.config import Config
from qa.document_page import DocumentPage
from qa.errors import InputError, QAError
from qa.gate import Gate
from qa.login import PATH as LOGIN_PATH
from qa.login import login_router
from qa.problems import Problem
from qa.rest import router
from qa.rest_documents import documents_router
from qa.rest_openai import openai_router
from qa.service import Assistant, Service
from qa.tools import Tools
from qa.uploads import LARGEST_UPLOAD
from qa.waiting_line import WaitingLine

SHUTDOWN_SECONDS = 4
UPLOAD_PATHS = {"/v1/documents": 25_000_000, "/chat/documents/": LARGEST_UPLOAD}
"""Beginnings of the addresses that take files, ours and the web chat's, with the most bytes of a request."""
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")

OpenAssistant = Callable[[str], AbstractContextManager[Assistant]]
"""Opens the assistant of a server that listens at the given address."""
Furnish = Callable[[FastAPI, Service], None]
"""Adds routes to the application, the web chat for one; what they answer passes the gate too."""


def create_app(
    assistant: Assistant,
    config: Config,
    *,
    token: str | None,
    hosts: Sequence[str] = LOOPBACK,
    longest_line: int = 16,
    furnish: Furnish | None = None,
) -> FastAPI:
    """The application around an open assistant; the caller closes the assistant.

    `hosts` are the names by which the server may be called; `"*"` takes any.
    """
    service = Service(
        assistant, config, WaitingLine(longest_line), DocumentPage(), AnswerCache(config.answers_kept)
    )
    tools = Tools(service)
    # The pages of FastAPI for people load scripts from elsewhere.
    app = FastAPI(
        title="Cited answers",
        docs_url=None,
        redoc_url=None,
        lifespan=lambda _: tools.running(),
        telemetry={"auto_configure": False, "tracing": False, "metrics": False, "logs": False},
    )
    app.state.service = service
    app.include_router(router)
    app.include_router(documents_router)
    app.include_router(openai_router)
    app.router.routes.extend(tools.routes)
    app.include_router(login_router(token))
    app.add_exception_handler(QAError, _tell_error)
    app.add_exception_handler(Exception, _tell_error)
    app.add_exception_handler(RequestValidationError, _tell_invalid)
    app.add_exception_handler(HTTPException, _tell_status)
    app.add_middleware(
        Gate,
        hosts=hosts,
        token=token,
        open_paths=("/v1/health", LOGIN_PATH),
        largest=UPLOAD_PATHS,
    )
    app.add_middleware(CORSMiddleware, allow_origins=[])
    if furnish:
        furnish(app, service)
    return app


async def _tell_error(_: Request, error: Exception) -> Response:
    # One that was not foreseen goes on to uvicorn, which logs it.
    return _respond(problems.of_error(error))


async def _tell_invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    # Names the field and the rule; what was sent is not repeated.
    faults = (f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()[:5])
    return _respond(problems.of_error(InputError("; ".join(faults))))


async def _tell_status(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail = f"{request.method} {request.url.path[:200]}: {error.detail}"
    return _respond(problems.of_status(error.status_code, detail), dict(error.headers or {}))


def _respond(problem: Problem, headers: dict[str, str] | None = None) -> Response:
    headers = dict(headers or {})
    if problem.status == 503:
        headers["retry-after"] = "5"
    return JSONResponse(problem.body(), problem.status, headers=headers, media_type=problems.MEDIA_TYPE)


@contextmanager
def listen(host: str, port: int, token: str | None) -> Iterator[socket.socket]:
    """A listening socket; port 0 takes any free one.

    Raises:
        InputError: the port is in use, the host is unknown, or it is open to others and there is no token.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError) as error:
        raise InputError(
            f"The host {host!r} is not known on this machine. Type: qa serve --host 127.0.0.1"
        ) from error
    if not _is_loopback(str(address[0])) and not token:
        raise InputError(
            f"The host {host} can be reached from other machines, so a token is needed: set QA_TOKEN to a "
            "long secret, or type: qa serve --host 127.0.0.1"
        )
    with socket.socket(family, kind, protocol) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
            listener.listen(128)
        except OSError as error:
            raise InputError(
                f"Port {port} on {host} cannot be used ({error.strerror}). Type: qa serve --port {port + 1}"
            ) from error
        yield listener


def serve(
    config: Config, host: str, port: int, open_assistant: OpenAssistant, furnish: Furnish | None = None
) -> None:
    """Listen until the process is told to stop.

    Raises:
        InputError: as `listen`.
        QAError: the assistant cannot be opened.
    """
    with listen(host, port, config.token) as listener:
        address = _address(host, listener.getsockname()[1])
        with open_assistant(address) as assistant:
            app = create_app(assistant, config, token=config.token, hosts=_names(host), furnish=furnish)
            _rehearse(assistant)
            settings = uvicorn.Config(
                app,
                access_log=False,
                log_level="warning",
                server_header=False,
                timeout_graceful_shutdown=SHUTDOWN_SECONDS,
            )
            uvicorn.Server(settings).run(sockets=[listener])


def _rehearse(assistant: Assistant) -> None:
    """Read all that a first question would have to wait for, while the language model is being loaded."""
    question = "Is it ready?"
    languages.foreign(question)
    assistant.retriever.find(question)


def _is_loopback(address: str) -> bool:
    return address.startswith("127.") or address == "::1"


def _address(host: str, port: int) -> str:
    """Where a program on this machine reaches the server."""
    local = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{local}]:{port}" if ":" in local else f"http://{local}:{port}"


def _names(host: str) -> tuple[str, ...]:
    """The names of the server; one that listens on all addresses cannot know them, its token protects it."""
    if host in ("0.0.0.0", "::"):
        return ("*",)
    return (*LOOPBACK, f"[{host}]" if ":" in host else host)
