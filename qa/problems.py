"""Failures as `application/problem+json` (RFC 9457), and back into errors on the client's side.

One table says which error is which HTTP status. Knows no web library.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from qa.errors import (
    BusyError,
    DataError,
    DocumentError,
    InputError,
    LockedError,
    ModelError,
    ModelFileError,
    NotUploadedError,
    QAError,
    UnknownDocumentError,
)

MEDIA_TYPE = "application/problem+json"
_PREFIX = "urn:cited-qa:problem:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What went wrong, for people and for programs."""

    type: str
    """A name that programs can rely on, `urn:cited-qa:problem:…`."""
    title: str
    status: int
    detail: str
    next_step: str | None = None

    def body(self) -> dict[str, Any]:
        """The JSON object; absent parts are left out."""
        return {key: value for key, value in asdict(self).items() if value is not None}


# The most special first: the first row whose class fits decides.
_ERRORS: tuple[tuple[type[QAError], str, int, str | None], ...] = (
    (BusyError, "busy", 503, "Ask again in a few seconds."),
    (LockedError, "locked", 503, "Close the other program, or ask it."),
    (DataError, "data", 503, "On the server's machine type: qa doctor"),
    (ModelFileError, "model-file", 503, "On the server's machine type: qa models fetch"),
    (ModelError, "model", 503, "Ask again; if it fails again, on the server's machine type: qa doctor"),
    (DocumentError, "document", 422, None),
    (UnknownDocumentError, "no-document", 404, "The documents are listed at /v1/documents."),
    (
        NotUploadedError,
        "not-uploaded",
        409,
        "Only uploads can be deleted here; the files of the folder are yours.",
    ),
    (InputError, "input", 422, "Change the request; its form is in /openapi.json."),
    (QAError, "error", 500, "On the server's machine type: qa doctor"),
)

_STATUSES: Mapping[int, tuple[str, str, str | None]] = {
    400: ("bad-request", "The request cannot be read", "Send JSON as described in /openapi.json."),
    401: (
        "unauthorized",
        "A token is needed",
        "Send the header `Authorization: Bearer …` with the server's QA_TOKEN.",
    ),
    403: (
        "foreign",
        "Pages of other sites may not ask here",
        "Open the chat under the name that the server prints, or send its token.",
    ),
    404: ("not-found", "There is nothing here", "The addresses of this server are listed in /openapi.json."),
    405: ("method", "This address does not take that method", "The methods are listed in /openapi.json."),
    413: (
        "too-large",
        "The request is too large",
        "Ask a shorter question, send less history, or upload smaller files.",
    ),
    421: (
        "host",
        "This server does not answer under that name",
        "Start it with that name: qa serve --host NAME",
    ),
    500: ("internal", "Something went wrong in the server", "On the server's machine type: qa doctor"),
}


def of_error(error: Exception) -> Problem:
    """The problem which tells `error`; one that was not foreseen tells nothing of its inside."""
    for kind, name, status, next_step in _ERRORS:
        if isinstance(error, kind):
            return Problem(
                type=_PREFIX + name, title=kind.title, status=status, detail=str(error), next_step=next_step
            )
    return of_status(500, "The server met an error that was not foreseen; its log holds the details.")


def of_status(status: int, detail: str) -> Problem:
    """The problem for an HTTP status which no error stands behind."""
    name, title, next_step = _STATUSES.get(status, _STATUSES[500 if status >= 500 else 400])
    return Problem(type=_PREFIX + name, title=title, status=status, detail=detail, next_step=next_step)


def to_error(body: Mapping[str, Any]) -> QAError:
    """The error that a server told; the opposite of `of_error`."""
    detail = str(body.get("detail") or body.get("title") or "The server gave no reason.")
    for kind, name, _, _ in _ERRORS:
        if body.get("type") == _PREFIX + name:
            return kind(detail)
    next_step = body.get("next_step")
    told = f"{detail} {next_step}" if next_step else detail
    status = body.get("status")
    return InputError(told) if isinstance(status, int) and status < 500 else QAError(told)
