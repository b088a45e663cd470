"""The routes of the documents: list, read, upload, delete, index the folder again.

Knows the wire contract; what a document is and how it is kept is the corpus's. Each route that writes runs
in a thread of its own, so that answers go on.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response, UploadFile
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from qa.catalogue import Entry, SyncReport
from qa.errors import DocumentError, InputError, UnknownDocumentError
from qa.plain_text import visible
from qa.routing import PROBLEM_RESPONSES, Served, problem_response
from qa.types import Document
from qa.uploads import LARGEST_UPLOAD

MOST_FILES = 50

Owner = Annotated[
    str | None,
    Query(
        min_length=16,
        max_length=100,
        pattern="^[A-Za-z0-9_-]+$",
        description="A long random label that nobody else knows: uploads under it are listed, searched and "
        "deleted only by who gives it. Left out: the documents of everyone.",
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedDocument(Entry):
    """A document without its text."""

    url: str
    """The page that shows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentList:
    """All documents."""

    documents: tuple[ListedDocument, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeDocument(Document):
    """A document with its text, into which all offsets point."""

    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadedFile:
    """What became of one uploaded file."""

    name: str
    state: Literal["added", "changed", "unchanged", "duplicate", "refused"]
    """`duplicate`: another document has the same bytes, and it is named here."""
    document_id: str | None = None
    source: str | None = None
    reason: str | None = None
    """Why it was refused, a sentence for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadReport:
    """What became of each uploaded file, in the order sent."""

    files: tuple[UploadedFile, ...]


class Sync(BaseModel):
    """What to index again."""

    model_config = ConfigDict(extra="forbid")
    folder: str | None = Field(default=None, max_length=4096)
    """The documents folder as the caller knows it, to be sure that the server has the same."""


documents_router = APIRouter(responses=PROBLEM_RESPONSES)


@documents_router.get("/v1/documents", response_model=DocumentList)
def list_documents(service: Served, owner: Owner = None) -> Response:
    """All documents, without their texts."""
    if owner:
        service.assistant.corpus.visited(owner)
    entries = service.assistant.corpus.ledger.catalogue(owner)
    listed = (ListedDocument(**asdict(entry), url=f"/documents/{entry.id}") for entry in entries)
    return JSONResponse(asdict(DocumentList(documents=tuple(listed))))


@documents_router.get(
    "/v1/documents/{document_id}",
    response_model=WholeDocument,
    responses=problem_response(404, "No document has this id"),
)
def read_document(document_id: str, service: Served) -> Response:
    """One document with its text."""
    document = service.assistant.corpus.ledger.document(document_id)
    if document is None:
        raise UnknownDocumentError(f"There is no document {document_id[:40]!r}.")
    return JSONResponse(asdict(document) | {"url": f"/documents/{document.id}"})


@documents_router.post("/v1/documents", response_model=UploadReport)
def upload_documents(files: list[UploadFile], service: Served, owner: Owner = None) -> Response:
    """Keep text files as documents, answerable at once; an earlier upload of the same name is replaced.

    Each file is told apart: one that cannot be read is refused with the reason, and the others are taken.
    """
    if len(files) > MOST_FILES:
        raise InputError(f"{len(files)} files came at once; send up to {MOST_FILES} in one request.")
    report = UploadReport(files=tuple(_take(file, service, owner) for file in files))
    return JSONResponse(asdict(report))


@documents_router.delete(
    "/v1/documents/{document_id}",
    status_code=204,
    responses=problem_response(404, "No document has this id")
    | problem_response(409, "It was not uploaded: its file is in the documents folder"),
)
def delete_document(document_id: str, service: Served, owner: Owner = None) -> Response:
    """Forget an uploaded document."""
    service.assistant.corpus.remove(document_id, owner)
    return Response(status_code=204)


@documents_router.post("/v1/documents/sync", response_model=SyncReport)
def index_folder(sync: Sync, service: Served) -> Response:
    """Make the documents equal to the files of the server's documents folder; uploads stay."""
    folder = service.config.documents_dir
    if sync.folder is not None and Path(sync.folder).resolve() != folder.resolve():
        raise InputError(
            f"This server indexes another folder than {sync.folder!r}. Stop it first, then type: qa index"
        )
    return JSONResponse(asdict(service.assistant.corpus.sync(folder)))


def _take(file: UploadFile, service: Served, owner: str | None) -> UploadedFile:
    name = file.filename or ""
    try:
        # One byte over the limit is enough to be refused.
        content = file.file.read(LARGEST_UPLOAD + 1)
        added = service.assistant.corpus.add(name, content, owner)
    except DocumentError as error:
        return UploadedFile(name=visible(name)[:200], state="refused", reason=str(error))
    return UploadedFile(
        name=visible(name)[:200], state=added.state, document_id=added.document_id, source=added.source
    )
