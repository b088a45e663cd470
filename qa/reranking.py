"""How probably a sentence answers a question: our own cross-encoder, in ONNX Runtime on the CPU.

It reads question and sentence together, which tells far more than the nearness of two vectors and takes
longer: a few sentences that were found otherwise are put into order by it. The model lies in the package
(`qa/reranker`; its card says what it learnt and how often it is wrong); the tokenizer is the embedding's.
Knows pairs of texts; what is done with its opinion is decided by its callers. It does not depend on the texts
beside one.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from qa.embedding import Vectors, encodable, open_files, run_alone
from qa.model_files import EMBEDDING_TOKENIZER, locate

MODEL = Path(__file__).parent / "reranker" / "model.onnx"
MODEL_SHA256 = "82f66913c06acab9e52becc9c217070052f8c82caa96f22a7cb6034370cf518f"
_TOKENS = 256
_KEPT = 1_000


class Reranker:
    """Reads some 120 sentences a second on two cores; one object serves many threads."""

    def __init__(
        self, model: Path, tokenizer: Path, sha256: str | None = None, threads: int | None = None
    ) -> None:
        """Open both files; `threads` None means every processor.

        Raises:
            ModelFileError: a file cannot be opened as what it should be, or is not the one with this hash.
        """
        self._session, self._tokenizer = open_files(model, tokenizer, threads, "a reranker", sha256)
        self._tokenizer.enable_truncation(_TOKENS)
        # Who writes "[SEP]" into a document must not end a text there.
        self._tokenizer.encode_special_tokens = True
        # A second look for the same question finds most sentences again.
        self._kept = lru_cache(_KEPT)(self._answer)

    @classmethod
    def from_folder(cls, models_dir: Path) -> "Reranker":
        """The package's model with the tokenizer of `models_dir`; checked by hash.

        Raises:
            ModelFileError: a file is missing, wrong, or cannot be opened.
        """
        return cls(MODEL, locate(EMBEDDING_TOKENIZER, models_dir), MODEL_SHA256)

    def answers(self, question: str, texts: Sequence[str]) -> Vectors:
        """How probably each text answers the question, 0 to 1, in the order given."""
        return np.array([self._kept(question, text) for text in texts], dtype=np.float32)

    def _answer(self, question: str, text: str) -> float:
        encoding = self._tokenizer.encode(encodable(question), encodable(text))
        return 1 / (1 + math.exp(-float(run_alone(self._session, encoding)[0, 0])))
