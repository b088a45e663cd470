"""What is told about the documents: how they are listed, and what became of files.

Values only; `dataclasses.asdict` of them travels over the wire. Offsets, texts and vectors are elsewhere.
"""

from dataclasses import dataclass
from typing import Literal

State = Literal["pending", "ready"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A document as it is listed, without its text."""

    id: str
    title: str
    source: str
    date: str | None
    characters: int
    sha256: str
    state: State
    chunks: int
    uploaded: bool
    private: bool
    """Whether only its owner sees it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What became of an uploaded file."""

    state: Literal["added", "changed", "unchanged", "duplicate"]
    """`duplicate`: nothing was stored, for another document has the same bytes."""
    document_id: str
    """The document that now has these bytes."""
    source: str
    """Of that document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """What `sync` found; every tuple holds sources, in the order of the folder, uploads after them."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...]
    """Source and the reason, a sentence for people."""
    duplicates: tuple[tuple[str, str], ...]
    """A source and the earlier one whose file is the same byte for byte; both are searchable."""
    settings_changed: bool
    """Whether unchanged files were indexed again because the chunk size or the embedding model is another."""
