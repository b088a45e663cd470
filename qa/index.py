"""The vector index: Chroma, through llama-index. The one user of chromadb.

It holds chunk ids, document ids and vectors, and nothing that the ledger does not hold too: a damaged index
is thrown away and built again. Knows nothing of texts, files or SQLite.
"""

import hashlib
import logging
import secrets
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path

import chromadb
import numpy as np
from chromadb.api.collection_configuration import CreateCollectionConfiguration, CreateHNSWConfiguration
from chromadb.config import Settings
from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode
from llama_index.core.vector_stores.types import (
    FilterOperator,
    MetadataFilter,
    MetadataFilters,
    VectorStoreQuery,
)
from llama_index.vector_stores.chroma import ChromaVectorStore

from qa.errors import DataError
from qa.records import VectorPage

_COLLECTION = "chunks"
# Chroma's default space is l2, and its default effort loses neighbours in larger collections.
_SETTINGS = CreateCollectionConfiguration(
    hnsw=CreateHNSWConfiguration(space="cosine", ef_construction=200, ef_search=200)
)
_BATCH = 1000
_SAME_PLACE = 1e-3


class DamagedIndexError(DataError):
    """The index cannot be opened, read or written; it can be rebuilt from the ledger."""


class Index:
    """An open Chroma collection in a folder of its own.

    Raises, in every method:
        DamagedIndexError: whatever went wrong in Chroma, which has no common base for its failures.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # Chroma's failures are raised; its own log lines would only say them again.
        logging.getLogger("chromadb").setLevel(logging.CRITICAL)
        with _translated(folder):
            self._client = chromadb.PersistentClient(
                str(folder), settings=Settings(anonymized_telemetry=False)
            )
            self._collection = self._client.get_or_create_collection(
                _COLLECTION, embedding_function=None, configuration=_SETTINGS
            )
            self._store = ChromaVectorStore.from_collection(self._collection)

    @classmethod
    def build(cls, data_dir: Path, pages: Iterable[VectorPage]) -> "Index":
        """A new index beside the present one, under a name that this process has never used."""
        index = cls(data_dir / f"chroma-{secrets.token_hex(4)}")
        try:
            for page in pages:
                index.add(page)
        except BaseException:
            index.close()
            shutil.rmtree(index.folder, ignore_errors=True)
            raise
        return index

    def add(self, page: VectorPage) -> None:
        """Add chunks; an id that is there already keeps its vector."""
        nodes = [
            TextNode(
                id_=chunk_id,
                embedding=vector.tolist(),
                relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=document_id)},
            )
            for chunk_id, document_id, vector in zip(page.ids, page.document_ids, page.vectors, strict=True)
        ]
        with _translated(self.folder):
            for first in range(0, len(nodes), _BATCH):
                self._store.add(list(nodes[first : first + _BATCH]))

    def delete(self, ids: Sequence[str]) -> None:
        with _translated(self.folder):
            for first in range(0, len(ids), _BATCH):
                self._store.delete_nodes(list(ids[first : first + _BATCH]))

    def ids(self) -> frozenset[str]:
        with _translated(self.folder):
            return frozenset(self._collection.get(include=[])["ids"])

    def nearest(
        self, vector: Sequence[float], limit: int, documents: Sequence[str] = ()
    ) -> tuple[tuple[str, float], ...]:
        """Ids of the chunks nearest to `vector`, best first, with their similarity (1 is the same direction).

        `documents` limits the search to those document ids.
        """
        only = MetadataFilter(key="document_id", operator=FilterOperator.IN, value=list(documents))
        query = VectorStoreQuery(
            query_embedding=list(vector),
            similarity_top_k=limit,
            filters=MetadataFilters(filters=[only]) if documents else None,
        )
        with _translated(self.folder):
            result = self._store.query(query)
        return tuple(zip(result.ids or (), result.similarities or (), strict=True))

    def finds(self, page: VectorPage) -> bool:
        """Whether each of these vectors leads to a chunk at its very place."""
        if not page.ids:
            return True
        with _translated(self.folder):
            result = self._collection.query(
                query_embeddings=np.asarray(page.vectors), n_results=1, include=["distances"]
            )
            return all(bool(row) and abs(row[0]) < _SAME_PLACE for row in result["distances"] or [])

    def close(self) -> None:
        """Release the folder; never raises, for a damaged index is closed too."""
        with suppress(DamagedIndexError), _translated(self.folder):
            self._client.close()  # type: ignore[attr-defined]


def built_with() -> str:
    """Versions of the libraries whose file format the index has."""
    return f"chromadb {version('chromadb')}, store {version('llama-index-vector-stores-chroma')}"


def fingerprint(folder: Path) -> str:
    """Of every file of a closed index; it is another when one of them is lost or changed."""
    whole = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with path.open("rb") as file:
            whole.update(
                f"{path.relative_to(folder)} {hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode()
            )
    return whole.hexdigest()


def remove_others(data_dir: Path, keep: Path) -> None:
    """Delete every index folder in `data_dir` but `keep`."""
    for folder in data_dir.glob("chroma-*"):
        if folder != keep:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _translated(folder: Path) -> Iterator[None]:
    try:
        yield
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    # A panic of Chroma's Rust part is a BaseException.
    except BaseException as error:
        raise DamagedIndexError(
            f"The search index in {folder} cannot be used ({error}). It can be rebuilt from the ledger: "
            "check the free disk space and the folder's permissions, then run: qa index"
        ) from error
