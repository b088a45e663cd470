"""The index as the ledger says it must be: audited when opened, built again whenever it is not so.

Knows when an index cannot be trusted and how it is replaced; never embeds, for the ledger has the vectors.
The ledger remembers in which state it was left: `opening` and `writing` mean that a run was cut short there,
`clean` that it was open but at rest, `closed` that its files must be the same again.
"""

import random
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import RLock

from qa.errors import DataError
from qa.index import DamagedIndexError, Index, built_with, fingerprint, remove_others
from qa.ledger import Ledger
from qa.records import VectorPage

_AUDIT_SAMPLE = 200


class DerivedIndex:
    """The open index of a data folder; methods may be called from any thread.

    Raises, in every method:
        DataError: the index cannot be built again either.
    """

    def __init__(self, data_dir: Path, ledger: Ledger, embedding: str) -> None:
        self.repaired: str | None = None
        """Why the index was last built again; None when it was found in order or was new."""
        self._data_dir = data_dir
        self._ledger = ledger
        self._embedding = embedding
        self._changing = RLock()
        self._index = self._open()

    def close(self) -> None:
        """Never raises: without its last word the ledger says `clean`, and the next start looks closer."""
        with self._changing, suppress(DataError, OSError):
            self._index.close()
            if self._ledger.meta("index_state") == "clean":
                self._ledger.set_meta(index_state="closed", index_files=fingerprint(self._index.folder))

    def expect_changes(self) -> None:
        """To be called before the ledger changes; cut short before `settle`, the index is built again."""
        if self._ledger.meta("index_state") != "writing":
            self._ledger.set_meta(index_state="writing")

    def settle(self) -> None:
        """Index and ledger agree again."""
        if self._ledger.meta("index_state") != "clean":
            self._ledger.set_meta(index_state="clean")

    def add(self, page: VectorPage) -> None:
        """Add chunks which the ledger has already."""
        with self._changing:
            try:
                self._index.add(page)
            except DamagedIndexError as error:
                self._rebuild(str(error))

    def delete(self, ids: Sequence[str]) -> None:
        """Delete chunks which the ledger has no more."""
        with self._changing:
            try:
                self._index.delete(ids)
            except DamagedIndexError as error:
                self._rebuild(str(error))

    def nearest(
        self, vector: Sequence[float], limit: int, documents: Sequence[str] = ()
    ) -> tuple[tuple[str, float], ...]:
        """As `Index.nearest`; an index that fails while it is searched is built again first."""
        index = self._index
        try:
            return index.nearest(vector, limit, documents)
        except DamagedIndexError as error:
            with self._changing:
                if self._index is index:
                    self._rebuild(str(error))
                return self._index.nearest(vector, limit, documents)

    def _open(self) -> Index:
        folder = self._data_dir / (self._ledger.meta("index_folder") or "")
        if folder == self._data_dir:
            return self._build()
        self.repaired = self._fault_before_opening(folder)
        if self.repaired:
            return self._build()
        # Opening a damaged index can kill the process; the next start sees that this one came no further.
        self._ledger.set_meta(index_state="opening")
        try:
            index = Index(folder)
        except DamagedIndexError as error:
            self.repaired = str(error)
            return self._build()
        self.repaired = self._audit(index)
        if self.repaired:
            index.close()
            return self._build()
        self.settle()
        self._finish_pending()
        return index

    def _fault_before_opening(self, folder: Path) -> str | None:
        if not folder.is_dir():
            return f"{folder} was missing."
        if self._ledger.meta("index_made_with") != self._made_with():
            return "It was made with another embedding model or other library versions."
        state = self._ledger.meta("index_state")
        if state == "closed" and self._ledger.meta("index_files") != fingerprint(folder):
            return f"Files in {folder} were changed or lost since it was closed."
        return None if state in ("clean", "closed") else "The last run was cut short."

    def _audit(self, index: Index) -> str | None:
        expected = self._ledger.chunk_ids(self._embedding)
        sample = random.sample(sorted(expected), min(_AUDIT_SAMPLE, len(expected)))
        try:
            differing = len(expected ^ index.ids())
            # Losing a segment gives no error in Chroma and leaves the ids: only searching shows it.
            found = all(index.finds(page) for page in self._ledger.vectors(sample))
        except DamagedIndexError as error:
            return str(error)
        if differing:
            return f"{differing} of {len(expected)} chunks were missing or left over in {index.folder}."
        return None if found else f"Chunks in {index.folder} could not be found by their own vectors."

    def _rebuild(self, reason: str) -> None:
        old = self._index
        self._index = self._build()
        self.repaired = reason
        old.close()

    def _build(self) -> Index:
        """A new index, complete before the ledger points to it; only then the old ones go."""
        expected = sorted(self._ledger.chunk_ids(self._embedding))
        index = Index.build(self._data_dir, self._ledger.vectors(expected))
        self._ledger.set_meta(
            index_folder=index.folder.name, index_made_with=self._made_with(), index_state="clean"
        )
        self._finish_pending()
        remove_others(self._data_dir, keep=index.folder)
        return index

    def _finish_pending(self) -> None:
        """Documents that were cut short after the ledger had them are whole once the index has them too."""
        records = self._ledger.records()
        pending = [r.id for r in records if r.state == "pending" and r.embedding == self._embedding]
        if pending:
            self._ledger.mark_ready(pending)

    def _made_with(self) -> str:
        return f"{built_with()}, {self._embedding}"
