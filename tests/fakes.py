"""Fake ends: small, fast and predictable in place of the model files."""

import hashlib
import re
from typing import Any

from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.bridge.pydantic import PrivateAttr

_WORD = re.compile(r"\w+")


class Everything(frozenset[str]):
    """All words there are."""

    def __contains__(self, word: object) -> bool:
        return True


class HashEmbedding(BaseEmbedding):
    """Texts that share words are near each other: every word is a direction of its own, nearly."""

    model_name: str = "hash"
    dimension: int = 256
    _embedded: list[str] = PrivateAttr(default_factory=list)

    def __init__(self, model_name: str = "hash", **fields: Any) -> None:
        super().__init__(model_name=model_name, embed_batch_size=64, **fields)

    @property
    def embedded(self) -> list[str]:
        """Every text embedded so far."""
        return self._embedded

    @property
    def words(self) -> "Everything":
        """Every word is one: no question is taken for misspelt."""
        return Everything()

    def _get_text_embedding(self, text: str) -> list[float]:
        self._embedded.append(text)
        return self._get_query_embedding(text)

    def _get_query_embedding(self, query: str) -> list[float]:
        vector = [0.0] * self.dimension
        for word in _WORD.findall(query.lower()) or [""]:
            digest = hashlib.sha256(f"{self.model_name} {word}".encode()).digest()
            vector[int.from_bytes(digest[:4]) % self.dimension] += 1.0 if digest[4] % 2 else -1.0
        length = sum(value * value for value in vector) ** 0.5 or 1.0
        return [value / length for value in vector]

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)
