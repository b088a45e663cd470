"""What the ledger keeps, as values: documents by their making, chunks, vectors.

Knows no SQL.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qa.catalogue import State

Vectors = NDArray[np.float32]
"""One row per chunk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A span of a document which is indexed as one."""

    id: str
    document_id: str
    ordinal: int
    """Position among the chunks of its document, from 0."""
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What a document in the ledger was made from and how."""

    id: str
    source: str
    file_sha256: str
    file_bytes: int
    chunking: str
    embedding: str
    state: State
    """`pending` until every part of it is searchable."""
    uploaded: bool = False
    """Whether its bytes came by upload and are kept here; else they are in the documents folder."""
    owner: str | None = None
    """Who alone sees it, a label that the uploader chose; None: everyone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorPage:
    """Some chunks with their vectors, as the index needs them."""

    ids: tuple[str, ...]
    document_ids: tuple[str, ...]
    vectors: Vectors
