"""The corpus: a folder of documents made searchable, and kept so.

Owns the data folder: its lock, the ledger and the index derived from it. Knows in which order a document
becomes searchable, so that a crash at any moment leaves it whole. Knows nothing of questions.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import Literal

import numpy as np
from llama_index.core.base.embeddings.base import BaseEmbedding

from qa.chunking import cut
from qa.config import Config
from qa.derived_index import DerivedIndex
from qa.documents import LARGEST_BYTES, find_files, read
from qa.errors import DocumentError
from qa.ledger import Chunk, Ledger, Record, VectorPage
from qa.lock import DataLock
from qa.types import Document

# Raise it when reading or cutting gives other text or spans for the same file and settings.
INDEXING_VERSION = 1

Stage = Literal[
    "unchanged", "skipped", "read", "cut", "embedded", "stored", "indexed", "ready", "forgotten", "removed"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What `sync` has just done."""

    stage: Stage
    source: str
    done: int
    """Files finished before this one."""
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """What `sync` found; every tuple holds sources, in the order of the folder."""

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


class Corpus:
    """An open corpus, the only one on its data folder. Methods may be called from any thread.

    Raises, in every method:
        DataError: the data folder cannot be read or written.
    """

    def __init__(self, config: Config, embedder: BaseEmbedding, lock: DataLock, ledger: Ledger) -> None:
        self.ledger = ledger
        self._chunk_tokens = config.chunk_tokens
        self._embedder = embedder
        self._lock = lock
        self._writing = RLock()
        self._index = DerivedIndex(config.data_dir, ledger, self.embedding)

    @classmethod
    def open(cls, config: Config, embedder: BaseEmbedding) -> "Corpus":
        """Take the data folder, finish what was interrupted, heal what is damaged.

        Raises:
            LockedError: another process has the folder; the message names it.
        """
        lock = DataLock(config.data_dir)
        try:
            ledger = Ledger(config.data_dir / "ledger.sqlite3")
            try:
                return cls(config, embedder, lock, ledger)
            except BaseException:
                ledger.close()
                raise
        except BaseException:
            lock.release()
            raise

    def close(self) -> None:
        """Release the data folder; once is enough."""
        with self._writing:
            self._index.close()
            self.ledger.close()
            self._lock.release()

    def __enter__(self) -> "Corpus":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def announce(self, address: str) -> None:
        """Tell other processes at which URL this corpus is served."""
        self._lock.announce(address)

    @property
    def repaired(self) -> str | None:
        """Why the index was last built again from the ledger; None when it was found in order."""
        return self._index.repaired

    @property
    def embedding(self) -> str:
        """What the vectors were made with; vectors of another embedding are never compared."""
        return self._embedder.model_name

    @property
    def chunking(self) -> str:
        return f"{self._chunk_tokens} tokens, version {INDEXING_VERSION}"

    def outdated(self) -> tuple[str, ...]:
        """Sources that `sync` would index again, because they were indexed with other settings."""
        return tuple(record.source for record in self.ledger.records() if not self._is_current(record))

    def nearest(
        self, vector: Sequence[float], limit: int, documents: Sequence[str] = ()
    ) -> tuple[tuple[Chunk, float], ...]:
        """Chunks of ready documents nearest to `vector`, best first, with their similarity."""
        hits = self._index.nearest(vector, limit, documents)
        chunks = self.ledger.chunks([chunk_id for chunk_id, _ in hits])
        return tuple((chunks[chunk_id], similarity) for chunk_id, similarity in hits if chunk_id in chunks)

    def sync(self, folder: Path, on_progress: Callable[[Step], None] = lambda step: None) -> SyncReport:
        """Make the corpus equal to the files in `folder`; only files whose bytes changed are indexed.

        A file that cannot be read is skipped with its reason, and its earlier version, if any, stays.

        Raises:
            InputError: `folder` is not a folder, or cannot be listed.
        """
        files = find_files(folder)
        outcomes: dict[str, list[str]] = {"added": [], "changed": [], "unchanged": []}
        skipped = []
        with self._writing:
            known = {record.source: record for record in self.ledger.records()}
            present = {source for _, source in files}
            gone = [record for source, record in known.items() if source not in present]
            total = len(files) + len(gone)
            settings_changed = not all(self._is_current(record) for record in known.values())
            for done, (path, source) in enumerate(files):
                step = _teller(on_progress, source, done, total)
                try:
                    outcomes[self._take(path, source, known.get(source), step)].append(source)
                except DocumentError as error:
                    stays = " (The version that was read before stays.)" if source in known else ""
                    skipped.append((source, f"{error}{stays}"))
                    step("skipped")
            for done, record in enumerate(gone, len(files)):
                self._remove(record, _teller(on_progress, record.source, done, total))
            self._index.settle()
        return SyncReport(
            added=tuple(outcomes["added"]),
            changed=tuple(outcomes["changed"]),
            removed=tuple(record.source for record in gone),
            unchanged=tuple(outcomes["unchanged"]),
            skipped=tuple(skipped),
            duplicates=_duplicates(self.ledger.records()),
            settings_changed=settings_changed,
        )

    def _take(
        self, path: Path, source: str, known: Record | None, step: Callable[[Stage], None]
    ) -> Literal["added", "changed", "unchanged"]:
        """Index one file if it is new or changed.

        Raises:
            DocumentError: the file cannot be read, or holds nothing to search.
        """
        # Before reading: a change in between is then seen next time.
        digest = _file_digest(path)
        if known and known.state == "ready" and known.file_sha256 == digest and self._is_current(known):
            step("unchanged")
            return "unchanged"
        document = read(path, source)
        step("read")
        record = Record(
            id=document.id,
            source=source,
            file_sha256=digest,
            file_bytes=path.stat().st_size,
            chunking=self.chunking,
            embedding=self.embedding,
            state="pending",
        )
        self._store(document, record, step)
        return "changed" if known else "added"

    def _store(self, document: Document, record: Record, step: Callable[[Stage], None]) -> None:
        """Make a document searchable in place of its earlier version.

        Whenever this is cut short, the ledger has the old version or the new one, whole; the index is then
        made equal to it at the next `open`.
        """
        spans = cut(document, self._chunk_tokens)
        if not spans:
            raise DocumentError(
                f"{document.source} holds no text to search. Put text into it or take it away."
            )
        step("cut")
        texts = [f"{document.title}\n{document.text[start:end]}" for start, end in spans]
        vectors = np.asarray(self._embedder.get_text_embedding_batch(texts), dtype=np.float32)
        step("embedded")
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
        self._index.expect_changes()
        self.ledger.put(document, record, chunks, vectors)
        step("stored")
        self._index.add(VectorPage(ids=ids, document_ids=(document.id,) * len(ids), vectors=vectors))
        step("indexed")
        self._index.delete(stale)
        step("forgotten")
        self.ledger.mark_ready([document.id])
        step("ready")

    def _remove(self, record: Record, step: Callable[[Stage], None]) -> None:
        stale = tuple(chunk.id for chunk in self.ledger.chunks_of(record.id))
        self._index.expect_changes()
        self.ledger.remove(record.id)
        step("removed")
        self._index.delete(stale)
        step("forgotten")

    def _is_current(self, record: Record) -> bool:
        return (record.chunking, record.embedding) == (self.chunking, self.embedding)


def _teller(
    on_progress: Callable[[Step], None], source: str, done: int, total: int
) -> Callable[[Stage], None]:
    return lambda stage: on_progress(Step(stage=stage, source=source, done=done, total=total))


def _duplicates(records: Sequence[Record]) -> tuple[tuple[str, str], ...]:
    first: dict[str, str] = {}
    for record in records:
        first.setdefault(record.file_sha256, record.source)
    return tuple(
        (record.source, first[record.file_sha256])
        for record in records
        if first[record.file_sha256] != record.source
    )


def _file_digest(path: Path) -> str:
    """Of the bytes of a file; empty for a file that `read` will refuse."""
    try:
        if path.stat().st_size > LARGEST_BYTES:
            return ""
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:8]
