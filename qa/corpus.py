"""The corpus: a folder of documents made searchable, and kept so.

Owns the data folder: its lock, the ledger and the index derived from it, and is the one writer of both. Knows
which documents there must be: those of the folder, and those that were uploaded. Knows nothing of questions.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from threading import RLock
from typing import Literal

from llama_index.core.base.embeddings.base import BaseEmbedding

from qa import uploads
from qa.catalogue import Added, SyncReport
from qa.config import Config
from qa.derived_index import DerivedIndex
from qa.documents import LARGEST_BYTES, find_files, parse, read
from qa.errors import DocumentError, NotUploadedError, UnknownDocumentError
from qa.ledger import Ledger
from qa.lock import DataLock
from qa.records import Chunk, Record
from qa.shelving import Shelves, Stage, Tell
from qa.visits import Visits

# Chroma takes twenty times as long to filter 5000 documents as to give so many more hits.
CHEAPER_THAN_A_FILTER = 200
Outcome = Literal["added", "changed", "removed", "unchanged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What `sync` has just done."""

    stage: Stage
    source: str
    done: int
    """Files finished before this one."""
    total: int


class Corpus:
    """An open corpus, the only one on its data folder. Methods may be called from any thread.

    Raises, in every method:
        DataError: the data folder cannot be read or written.
    """

    def __init__(self, config: Config, embedder: BaseEmbedding, lock: DataLock, ledger: Ledger) -> None:
        self.ledger = ledger
        self._lock = lock
        self._writing = RLock()
        self._visits = Visits(ledger)
        self._index = DerivedIndex(config.data_dir, ledger, embedder.model_name)
        self._shelves = Shelves(ledger, self._index, embedder, config.chunk_tokens)

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
        return self._shelves.embedder.model_name

    def outdated(self) -> tuple[str, ...]:
        """Sources that `sync` would index again, because they were indexed with other settings."""
        return tuple(
            record.source for record in self.ledger.records() if not self._shelves.is_current(record)
        )

    def nearest(
        self, vector: Sequence[float], limit: int, documents: Sequence[str] = ()
    ) -> tuple[tuple[Chunk, float], ...]:
        """Chunks of ready documents nearest to `vector`, best first, with their similarity."""
        others = self.ledger.chunks_beside(documents) if documents else 0
        if documents and others <= CHEAPER_THAN_A_FILTER:
            hits = self._index.nearest(vector, limit + others)
        else:
            hits = self._index.nearest(vector, limit, documents)
        chunks = self.ledger.chunks([chunk_id for chunk_id, _ in hits])
        ready = ((chunks[chunk_id], similarity) for chunk_id, similarity in hits if chunk_id in chunks)
        wanted = set(documents)
        found = (hit for hit in ready if not wanted or hit[0].document_id in wanted)
        return tuple(found)[:limit]

    def sync(self, folder: Path, on_progress: Callable[[Step], None] = lambda step: None) -> SyncReport:
        """Make the corpus equal to the files in `folder`; only files whose bytes changed are indexed.

        A file that cannot be read is skipped with its reason, and its earlier version, if any, stays.

        Raises:
            InputError: `folder` is not a folder, or cannot be listed.
        """
        files = find_files(folder)
        outcomes: dict[Outcome, list[str]] = {"added": [], "changed": [], "removed": [], "unchanged": []}
        skipped = []
        with self._writing:
            records = self.ledger.records()
            known = {record.source: record for record in records if not record.uploaded}
            work = self._work(files, records, known)
            for done, (source, do) in enumerate(work):
                tell = _teller(on_progress, source, done, len(work))
                try:
                    outcomes[do(tell)].append(source)
                except DocumentError as error:
                    stays = " (The version that was read before stays.)" if source in known else ""
                    skipped.append((source, f"{error}{stays}"))
                    tell("skipped")
            self._shelves.settle()
        return SyncReport(
            added=tuple(outcomes["added"]),
            changed=tuple(outcomes["changed"]),
            removed=tuple(outcomes["removed"]),
            unchanged=tuple(outcomes["unchanged"]),
            skipped=tuple(skipped),
            duplicates=_duplicates([record for record in self.ledger.records() if not record.uploaded]),
            settings_changed=not all(map(self._shelves.is_current, records)),
        )

    def _work(
        self, files: Sequence[tuple[Path, str]], records: Sequence[Record], known: Mapping[str, Record]
    ) -> list[tuple[str, Callable[[Tell], Outcome]]]:
        """What is to be done for each source: files, then documents without one, then stale uploads."""
        present = {source for _, source in files}
        take = [(source, partial(self._take, path, source, known.get(source))) for path, source in files]
        forget = [(source, partial(self._forget, known[source])) for source in known if source not in present]
        stale = [record for record in records if record.uploaded and not self._shelves.is_whole(record)]
        return [*take, *forget, *((record.source, partial(self._renew, record)) for record in stale)]

    def add(
        self,
        name: str,
        content: bytes,
        owner: str | None = None,
        on_progress: Callable[[Step], None] = lambda step: None,
    ) -> Added:
        """Keep an uploaded file and make it searchable at once; the owner's earlier one of that name goes.

        Args:
            name: as the uploader calls it; only its last part counts, and it never becomes a path.
            content: the bytes of the file.
            owner: a label that nobody else can guess; only searches that name the document find it then.

        Raises:
            DocumentError: it is no text that could be read, or too large.
        """
        name, owner = uploads.clean_name(name), owner or None
        digest = hashlib.sha256(content).hexdigest()
        with self._writing:
            records = self.ledger.records()
            uploads.check_size(name, len(content), sum(r.file_bytes for r in records if r.uploaded))
            record = self._shelves.record(
                uploads.document_id(owner, name), f"{uploads.FOLDER}/{name}", digest, len(content)
            )
            record = replace(record, uploaded=True, owner=owner)
            known = next((r for r in records if r.id == record.id), None)
            if known and known.file_sha256 == digest and self._shelves.is_whole(known):
                return Added(state="unchanged", document_id=known.id, source=known.source)
            for other in records:
                if other.file_sha256 == digest and other.owner in (None, owner) and other.id != record.id:
                    return Added(state="duplicate", document_id=other.id, source=other.source)
            self._take_upload(content, record, _teller(on_progress, record.source, 0, 1))
            self._shelves.settle()
            if owner:
                self.visited(owner)
        return Added(state="changed" if known else "added", document_id=record.id, source=record.source)

    def visited(self, owner: str) -> None:
        """Note that `owner` is here, so that what is only for that owner stays."""
        self._visits.note(owner, _today())

    def forget_unvisited(self) -> int:
        """Forget private uploads that nobody came back for (see `qa.visits`); gives how many."""
        with self._writing:
            missed = self._visits.missed(_today())
            for record in missed:
                self._shelves.remove(record, lambda stage: None)
            self._shelves.settle()
        return len(missed)

    def remove(self, document_id: str, owner: str | None = None) -> None:
        """Forget an uploaded file of everyone or of `owner`.

        Raises:
            UnknownDocumentError: there is none with this id.
            NotUploadedError: it is a file of the documents folder.
        """
        with self._writing:
            seen = (record for record in self.ledger.records() if record.owner in (None, owner))
            record = next((record for record in seen if record.id == document_id), None)
            if record is None:
                raise UnknownDocumentError(f"There is no document {document_id[:40]!r}.")
            if not record.uploaded:
                raise NotUploadedError(
                    f"{record.source} is a file in the documents folder. Take it away there, "
                    "then type: qa index"
                )
            self._shelves.remove(record, lambda stage: None)
            self._shelves.settle()

    def _take(self, path: Path, source: str, known: Record | None, tell: Tell) -> Outcome:
        """Index one file if it is new or changed.

        Raises:
            DocumentError: the file cannot be read, or holds nothing to search.
        """
        # Before reading: a change in between is then seen next time.
        digest = _file_digest(path)
        if known and known.file_sha256 == digest and self._shelves.is_whole(known):
            tell("unchanged")
            return "unchanged"
        document = read(path, source)
        tell("read")
        record = self._shelves.record(document.id, source, digest, path.stat().st_size)
        self._shelves.put(document, record, tell)
        return "changed" if known else "added"

    def _forget(self, record: Record, tell: Tell) -> Outcome:
        self._shelves.remove(record, tell)
        return "removed"

    def _renew(self, record: Record, tell: Tell) -> Outcome:
        """Index an uploaded file again."""
        self._take_upload(self.ledger.uploaded(record.id), record, tell)
        return "changed"

    def _take_upload(self, content: bytes, record: Record, tell: Tell) -> None:
        """Index an uploaded file.

        Raises:
            DocumentError: as `_take`.
        """
        name = record.source.removeprefix(f"{uploads.FOLDER}/")
        document = replace(parse(content, name, "upload it again"), id=record.id, source=record.source)
        tell("read")
        fresh = self._shelves.record(record.id, record.source, record.file_sha256, record.file_bytes)
        self._shelves.put(document, replace(fresh, uploaded=True, owner=record.owner), tell, content)


def _today() -> date:
    return datetime.now(UTC).date()


def _teller(on_progress: Callable[[Step], None], source: str, done: int, total: int) -> Tell:
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
