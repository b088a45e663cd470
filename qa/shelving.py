"""How one document becomes searchable, or is forgotten, so that a crash at any moment leaves it whole.

Knows the order: the ledger first, then the index, then the word that both have it. Knows nothing of folders
or of who sees what.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from llama_index.core.base.embeddings.base import BaseEmbedding

from qa import outline
from qa.chunking import cut
from qa.derived_index import DerivedIndex
from qa.errors import DocumentError
from qa.ledger import Ledger
from qa.records import Chunk, Record, VectorPage
from qa.types import Document

# Raise it when reading or cutting gives other text or spans for the same file and settings.
INDEXING_VERSION = 2

Stage = Literal[
    "unchanged", "skipped", "read", "cut", "embedded", "stored", "indexed", "ready", "forgotten", "removed"
]
Tell = Callable[[Stage], None]
"""Is called after each step of the work on one document."""


@dataclass(frozen=True, slots=True)
class Shelves:
    """Ledger and index, changed together. One caller at a time, who calls `settle` at the end.

    Raises, in every method:
        DataError: the data folder cannot be read or written.
    """

    ledger: Ledger
    index: DerivedIndex
    embedder: BaseEmbedding
    chunk_tokens: int

    @property
    def chunking(self) -> str:
        return f"{self.chunk_tokens} tokens, version {INDEXING_VERSION}"

    def record(self, document_id: str, source: str, file_sha256: str, file_bytes: int) -> Record:
        """Of a document that is to be indexed as things are set now."""
        return Record(
            id=document_id,
            source=source,
            file_sha256=file_sha256,
            file_bytes=file_bytes,
            chunking=self.chunking,
            embedding=self.embedder.model_name,
            state="pending",
        )

    def is_current(self, record: Record) -> bool:
        """Whether it was indexed as things are set now."""
        return (record.chunking, record.embedding) == (self.chunking, self.embedder.model_name)

    def is_whole(self, record: Record) -> bool:
        """Whether nothing is left to do for it while its file stays the same."""
        return record.state == "ready" and self.is_current(record)

    def put(self, document: Document, record: Record, tell: Tell, content: bytes | None = None) -> None:
        """Make a document searchable in place of its earlier version; `content` is its file when uploaded.

        Whenever this is cut short, the ledger has the old version or the new one, whole; the index is then
        made equal to it when it is opened the next time.

        Raises:
            DocumentError: it holds nothing to search.
        """
        spans = cut(document, self.chunk_tokens)
        if not spans:
            raise DocumentError(
                f"{document.source} holds no text to search. Put text into it or take it away."
            )
        tell("cut")
        texts = [f"{outline.titled(document, start)}\n{document.text[start:end]}" for start, end in spans]
        vectors = np.asarray(self.embedder.get_text_embedding_batch(texts), dtype=np.float32)
        tell("embedded")
        chunks = tuple(
            # The same id always has the same vector, so the index never has to change one in place.
            Chunk(
                id=f"{document.id}-{start}-{end}-{_digest(record.embedding, text)}",
                document_id=document.id,
                ordinal=ordinal,
                start=start,
                end=end,
            )
            for ordinal, ((start, end), text) in enumerate(zip(spans, texts, strict=True))
        )
        ids = tuple(chunk.id for chunk in chunks)
        stale = tuple({chunk.id for chunk in self.ledger.chunks_of(document.id)} - set(ids))
        self.index.expect_changes()
        self.ledger.put(document, record, chunks, vectors, content)
        tell("stored")
        self.index.add(VectorPage(ids=ids, document_ids=(document.id,) * len(ids), vectors=vectors))
        tell("indexed")
        self.index.delete(stale)
        tell("forgotten")
        self.ledger.mark_ready([document.id])
        tell("ready")

    def remove(self, record: Record, tell: Tell) -> None:
        stale = tuple(chunk.id for chunk in self.ledger.chunks_of(record.id))
        self.index.expect_changes()
        self.ledger.remove(record.id)
        tell("removed")
        self.index.delete(stale)
        tell("forgotten")

    def settle(self) -> None:
        """Ledger and index agree again."""
        self.index.settle()


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:8]
