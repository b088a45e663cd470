"""How well a text answers a question: ms-marco-MiniLM-L-12-v2, a cross-encoder, in ONNX Runtime on the CPU.

It reads question and text together, which tells far more than the nearness of two vectors and takes longer:
a few texts that were found otherwise are put into order by it. Knows pairs of texts; what is done with its
scores is decided by its callers. A text's score does not depend on the texts beside it.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from qa.embedding import Vectors, encodable, open_files, run_alone
from qa.model_files import EMBEDDING_TOKENIZER, RERANKER, locate

_TOKENS = 256


class Reranker:
    """Reads some 120 short texts a second on two cores; one object serves many threads."""

    def __init__(self, model: Path, tokenizer: Path, threads: int | None = None) -> None:
        """Open both files; `threads` None means every processor.

        Raises:
            ModelFileError: a file cannot be opened as what it should be.
        """
        self._session, self._tokenizer = open_files(model, tokenizer, threads, "a reranker")
        self._tokenizer.enable_truncation(_TOKENS)
        # Who writes "[SEP]" into a document must not end a text there.
        self._tokenizer.encode_special_tokens = True

    @classmethod
    def from_folder(cls, models_dir: Path) -> "Reranker":
        """The reranker of the manifest, its files checked first; its words are those of the embedding.

        Raises:
            ModelFileError: a file is missing, wrong, or cannot be opened.
        """
        return cls(locate(RERANKER, models_dir), locate(EMBEDDING_TOKENIZER, models_dir))

    def score(self, question: str, texts: Sequence[str]) -> Vectors:
        """One number a text, in the order given: about -11 (has nothing to do with it) to 11 (answers it)."""
        encodings = self._tokenizer.encode_batch([(encodable(question), encodable(text)) for text in texts])
        logits = [run_alone(self._session, encoding)[0, 0] for encoding in encodings]
        return np.array(logits, dtype=np.float32)
