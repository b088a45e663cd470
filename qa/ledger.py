"""The ledger: one SQLite file that holds the truth about the corpus.

Documents with their cleaned text, chunks as offsets into it, their vectors, and the keyword index, all
changed together in one transaction. Knows nothing of files, embeddings or Chroma.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa import outline
from qa.catalogue import Entry
from qa.errors import DataError
from qa.keywords import match_expression
from qa.records import Chunk, Record, VectorPage, Vectors
from qa.schema import SCHEMA_VERSION, SCRIPTS
from qa.types import Document


class Ledger:
    """Open ledger; every method may be called from any thread.

    Raises, in every method:
        DataError: the file cannot be read or written; the message names it and the next step.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = RLock()
        with self._translated():
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            with self._translated():
                self._prepare()
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def _prepare(self) -> None:
        version = self._one("PRAGMA user_version")[0]
        if version > SCHEMA_VERSION:
            raise DataError(
                f"{self.path} was written by a newer version of qa (its format is {version}, this one knows "
                f"{SCHEMA_VERSION}). Nothing was changed. Update qa, or set QA_DATA to another folder."
            )
        for pragma in ("journal_mode = WAL", "synchronous = FULL"):
            self._connection.execute(f"PRAGMA {pragma}")
        if version < SCHEMA_VERSION:
            self._connection.executescript(SCRIPTS[version])
        self._connection.execute("PRAGMA foreign_keys = ON")
        fault = self._one("PRAGMA quick_check(1)")[0]
        if fault != "ok":
            raise sqlite3.DatabaseError(" ".join(fault.split()))

    @contextmanager
    def _translated(self) -> Iterator[None]:
        with self._lock:
            try:
                yield
            except sqlite3.Error as error:
                raise DataError(_message(self.path, error)) from error

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._translated():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def _all(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        with self._translated():
            return self._connection.execute(sql, values).fetchall()

    def _one(self, sql: str, values: Sequence[Any] = ()) -> Any:  # noqa: ANN401
        rows = self._all(sql, values)
        return rows[0] if rows else None

    def put(
        self,
        document: Document,
        record: Record,
        chunks: Sequence[Chunk],
        vectors: Vectors,
        content: bytes | None = None,
    ) -> None:
        """Store a document with all its parts in place of its earlier version, as `record.state` says.

        `content` is the file itself, when it was uploaded.
        """
        row = (
            *(document.id, document.source, document.title, document.date, document.text, document.sha256),
            *(json.dumps(document.skipped), document.hidden_characters, record.file_sha256),
            *(record.file_bytes, record.chunking, record.embedding, record.state),
        )
        with self._transaction() as connection:
            _erase_chunks(connection, document.id)
            connection.execute(
                "INSERT INTO documents (id, source, title, date, text, sha256, skipped, hidden_characters, "
                "file_sha256, file_bytes, chunking, embedding, state) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?) "
                "ON CONFLICT (id) DO UPDATE SET source=excluded.source, title=excluded.title, "
                "date=excluded.date, text=excluded.text, sha256=excluded.sha256, skipped=excluded.skipped, "
                "hidden_characters=excluded.hidden_characters, file_sha256=excluded.file_sha256, "
                "file_bytes=excluded.file_bytes, chunking=excluded.chunking, embedding=excluded.embedding, "
                "state=excluded.state",
                row,
            )
            if content is not None:
                connection.execute(
                    "INSERT OR REPLACE INTO uploads VALUES (?,?,?)", (document.id, record.owner, content)
                )
            for chunk, vector in zip(chunks, vectors, strict=True):
                key = connection.execute(
                    'INSERT INTO chunks (id, document_id, ordinal, start, "end", vector) '
                    "VALUES (?,?,?,?,?,?)",
                    (chunk.id, document.id, chunk.ordinal, chunk.start, chunk.end, _blob(vector)),
                ).lastrowid
                connection.execute(
                    "INSERT INTO chunks_fts (rowid, title, text) VALUES (?,?,?)",
                    (key, outline.titled(document, chunk.start), document.text[chunk.start : chunk.end]),
                )

    def mark_ready(self, document_ids: Sequence[str]) -> None:
        with self._transaction() as connection:
            connection.executemany(
                "UPDATE documents SET state = 'ready' WHERE id = ?", [(i,) for i in document_ids]
            )

    def remove(self, document_id: str) -> None:
        with self._transaction() as connection:
            _erase_chunks(connection, document_id)
            connection.execute("DELETE FROM uploads WHERE document_id = ?", (document_id,))
            connection.execute("DELETE FROM documents WHERE id = ?", (document_id,))

    def records(self) -> tuple[Record, ...]:
        """Of all documents, ready or not, in the order in which they were added."""
        names = ("id", "source", "file_sha256", "file_bytes", "chunking", "embedding", "state")
        rows = self._all(
            f"SELECT u.document_id IS NOT NULL, u.owner, d.{', d.'.join(names)} "
            "FROM documents d LEFT JOIN uploads u ON u.document_id = d.id ORDER BY d.key"
        )
        return tuple(
            Record(uploaded=bool(row[0]), owner=row[1], **dict(zip(names, row[2:], strict=True)))
            for row in rows
        )

    def uploaded(self, document_id: str) -> bytes:
        """The bytes of an uploaded file; none when it was not uploaded."""
        row = self._one("SELECT content FROM uploads WHERE document_id = ?", (document_id,))
        return row[0] if row else b""

    def catalogue(self, owner: str | None = None) -> tuple[Entry, ...]:
        """All documents of everyone and those of `owner`, ready or not, in the order they were added."""
        rows = self._all(
            "SELECT id, title, source, date, length(text), sha256, state, "
            "(SELECT count(*) FROM chunks WHERE document_id = d.id), u.document_id IS NOT NULL, "
            "u.owner IS NOT NULL FROM documents d LEFT JOIN uploads u ON u.document_id = d.id "
            f"WHERE {_SEEN} ORDER BY d.key",
            (owner,),
        )
        return tuple(
            Entry(
                id=row[0], title=row[1], source=row[2], date=row[3], characters=row[4], sha256=row[5],
                state=row[6], chunks=row[7], uploaded=bool(row[8]), private=bool(row[9]),
            )
            for row in rows
        )  # fmt: skip

    def chunks_beside(self, documents: Sequence[str]) -> int:
        """How many chunks belong to other documents than these."""
        sql = "SELECT count(*) FROM chunks WHERE document_id NOT IN (SELECT value FROM json_each(?))"
        count: int = self._one(sql, (json.dumps(list(documents)),))[0]
        return count

    def sources(self, owner: str | None = None) -> dict[str, str]:
        """The source of every ready document of everyone and of `owner`, by id."""
        sql = f"SELECT id, source FROM documents WHERE state = 'ready' AND {_SEEN} ORDER BY key"
        return dict(self._all(sql, (owner,)))

    def documents(self, owner: str | None = None) -> tuple[Document, ...]:
        """The ready ones of everyone and of `owner`, in the order in which they were added."""
        sql = f"{_DOCUMENTS} WHERE state = 'ready' AND {_SEEN} ORDER BY key"
        return tuple(map(_document, self._all(sql, (owner,))))

    def has_private(self) -> bool:
        """Whether any document is not for everyone."""
        return bool(self._one("SELECT EXISTS (SELECT 1 FROM uploads WHERE owner IS NOT NULL)")[0])

    def document(self, document_id: str) -> Document | None:
        row = self._one(f"{_DOCUMENTS} WHERE id = ? AND state = 'ready'", (document_id,))
        return _document(row) if row else None

    def by_id(self, document_ids: Iterable[str]) -> dict[str, Document]:
        """Those of the documents that are ready, each read once."""
        found = map(self.document, dict.fromkeys(document_ids))
        return {document.id: document for document in found if document}

    def chunks_of(self, document_id: str) -> tuple[Chunk, ...]:
        """In the order of the text."""
        return tuple(
            map(_chunk, self._all(f"{_CHUNKS} WHERE document_id = ? ORDER BY ordinal", (document_id,)))
        )

    def chunks(self, ids: Sequence[str]) -> dict[str, Chunk]:
        """Those of `ids` that belong to a ready document, by id."""
        rows = self._all(
            f"{_CHUNKS} WHERE id IN (SELECT value FROM json_each(?)) "
            "AND document_id IN (SELECT id FROM documents WHERE state = 'ready')",
            (json.dumps(list(ids)),),
        )
        return {chunk.id: chunk for chunk in map(_chunk, rows)}

    def chunk_ids(self, embedding: str) -> frozenset[str]:
        """Ids of all chunks which were embedded with `embedding`, of ready and pending documents."""
        sql = "SELECT c.id FROM chunks c JOIN documents d ON d.id = c.document_id WHERE d.embedding = ?"
        return frozenset(row[0] for row in self._all(sql, (embedding,)))

    def vectors(self, ids: Sequence[str], page_size: int = 1000) -> Iterator[VectorPage]:
        """Stored vectors of the chunks `ids`, a page at a time."""
        for first in range(0, len(ids), page_size):
            rows = self._all(
                "SELECT id, document_id, vector FROM chunks "
                "WHERE id IN (SELECT value FROM json_each(?)) ORDER BY key",
                (json.dumps(ids[first : first + page_size]),),
            )
            yield VectorPage(
                ids=tuple(row[0] for row in rows),
                document_ids=tuple(row[1] for row in rows),
                vectors=np.array([np.frombuffer(row[2], dtype="<f4") for row in rows], dtype=np.float32),
            )

    def keyword_search(
        self, question: str, limit: int, documents: Sequence[str] = ()
    ) -> tuple[tuple[Chunk, float], ...]:
        """Chunks of ready documents by BM25, best first, with their score (higher is better).

        Any `question` is fine; one without a word finds nothing. `documents` limits the search to those ids.
        """
        expression = match_expression(question)
        if not expression:
            return ()
        only = "AND c.document_id IN (SELECT value FROM json_each(?))" if documents else ""
        rows = self._all(
            'SELECT c.id, c.document_id, c.ordinal, c.start, c."end", bm25(chunks_fts, 0.5, 1.0) AS cost '
            "FROM chunks_fts JOIN chunks c ON c.key = chunks_fts.rowid "
            "JOIN documents d ON d.id = c.document_id "
            f"WHERE chunks_fts MATCH ? AND d.state = 'ready' {only} ORDER BY cost, c.key LIMIT ?",
            (expression, *([json.dumps(list(documents))] if documents else []), limit),
        )
        return tuple((_chunk(row), -row[5]) for row in rows)

    def meta(self, key: str) -> str | None:
        row = self._one("SELECT value FROM meta WHERE key = ?", (key,))
        return row[0] if row else None

    def set_meta(self, **values: str) -> None:
        with self._transaction() as connection:
            connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())

    def index_version(self) -> str:
        """16 hexadecimal digits which change when any ready document or its indexing changes."""
        rows = self._all(
            "SELECT id, sha256, chunking, embedding FROM documents WHERE state = 'ready' ORDER BY id"
        )
        return hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:16]


# An owner of NULL is everyone; the parameter is the owner who asks.
_SEEN = "id NOT IN (SELECT document_id FROM uploads WHERE owner IS NOT NULL AND owner IS NOT ?)"
_DOCUMENTS = "SELECT id, source, title, date, text, sha256, skipped, hidden_characters FROM documents"
_CHUNKS = 'SELECT id, document_id, ordinal, start, "end" FROM chunks'


def _document(row: Sequence[Any]) -> Document:
    return Document(
        id=row[0], source=row[1], title=row[2], date=row[3], text=row[4], sha256=row[5],
        skipped=tuple((start, end) for start, end in json.loads(row[6])), hidden_characters=row[7],
    )  # fmt: skip


def _chunk(row: Sequence[Any]) -> Chunk:
    return Chunk(id=row[0], document_id=row[1], ordinal=row[2], start=row[3], end=row[4])


def _blob(vector: NDArray[np.float32]) -> bytes:
    return np.asarray(vector, dtype="<f4").tobytes()


def _erase_chunks(connection: sqlite3.Connection, document_id: str) -> None:
    # FTS5 tables know no foreign keys, so the order is ours to keep.
    connection.execute(
        "DELETE FROM chunks_fts WHERE rowid IN (SELECT key FROM chunks WHERE document_id = ?)", (document_id,)
    )
    connection.execute("DELETE FROM chunks WHERE document_id = ?", (document_id,))


_NEXT_STEPS = {
    "SQLITE_FULL": "The disk is full: free some space, then run: qa index",
    "SQLITE_IOERR": "The disk is full or failing: free some space, then run: qa index",
    "SQLITE_READONLY": "Check the permissions of the folder, or set QA_DATA to a folder that you can write.",
    "SQLITE_CANTOPEN": "Check that you can write in its folder, or set QA_DATA to another.",
    "SQLITE_BUSY": "Another program is using the file: close it, then try again.",
}


def _message(path: Path, error: sqlite3.Error) -> str:
    if isinstance(error, sqlite3.ProgrammingError):
        return f"{path} was closed while it was in use ({error}). Start qa again."
    name = getattr(error, "sqlite_errorname", "")
    for prefix, step in _NEXT_STEPS.items():
        if name.startswith(prefix):
            return f"{path} cannot be used ({error}). {step}"
    return (
        f"{path} is damaged ({error}). Your documents are not touched: move that file away, "
        "then build it again with: qa index"
    )
