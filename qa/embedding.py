"""Vectors of texts: all-MiniLM-L6-v2 in ONNX Runtime on the CPU.

Knows tokens, batches and pooling; where the files come from and what is done with vectors is not its
business. A text's vector does not depend on the texts beside it: the file's int8 weights are widened
before use and activations are never quantised, so a batch of 16 and a batch of one agree to 1e-6.
"""

import hashlib
import os
import threading
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

# On Linux and macOS the library reports each process to its maker unless it finds this when it is loaded;
# what it can be told later (below, for Windows) comes too late there.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import numpy as np
import numpy.typing as npt
import onnxruntime  # type: ignore[import-untyped]
from llama_index.core.base.embeddings.base import BaseEmbedding
from pydantic import PrivateAttr
from tokenizers import Encoding, Tokenizer

from qa.errors import ModelFileError
from qa.model_files import EMBEDDING, EMBEDDING_TOKENIZER, locate

Vectors = npt.NDArray[np.float32]

_MODEL_TOKENS = 256
# Measured: 8 to 16 texts are the fastest, larger batches fall out of the processor's cache.
_BATCH_TEXTS = 8
# 1.5 kB each. Questions over the same documents meet the same sentences.
_KEPT_TEXTS = 20_000


class OnnxEmbedding(BaseEmbedding):
    """Unit vectors of 384 numbers; only the first 256 tokens of a text count."""

    _session: onnxruntime.InferenceSession = PrivateAttr()
    _tokenizer: Tokenizer = PrivateAttr()
    _lock: threading.Lock = PrivateAttr(default_factory=threading.Lock)
    _kept: dict[str, Vectors] = PrivateAttr(default_factory=dict)
    """Vectors by text, the one that was asked for last at the end."""

    def __init__(self, model: Path, tokenizer: Path, threads: int | None = None) -> None:
        """Open both files; `threads` None means every processor.

        Raises:
            ModelFileError: a file cannot be opened as what it should be.
        """
        # `embed` sorts by length within what it is given at once.
        super().__init__(model_name="all-MiniLM-L6-v2-int8", embed_batch_size=64)
        self._session, self._tokenizer = open_files(model, tokenizer, threads, "an embedding model")
        self._tokenizer.enable_truncation(_MODEL_TOKENS)

    @classmethod
    def from_folder(cls, models_dir: Path) -> "OnnxEmbedding":
        """The embedding model of the manifest, its files checked first.

        Raises:
            ModelFileError: a file is missing, wrong, or cannot be opened.
        """
        return cls(locate(EMBEDDING, models_dir), locate(EMBEDDING_TOKENIZER, models_dir))

    @classmethod
    def class_name(cls) -> str:
        return "OnnxEmbedding"

    @property
    def dimension(self) -> int:
        return 384

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One row a text, in the order given, each of length 1; an empty text has a vector too."""
        encodings = self._tokenizer.encode_batch([encodable(text) for text in texts])
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        by_length = sorted(range(len(texts)), key=lambda n: len(encodings[n].ids))
        for first in range(0, len(texts), _BATCH_TEXTS):
            rows = by_length[first : first + _BATCH_TEXTS]
            vectors[rows] = self._run([encodings[n] for n in rows])
        return vectors

    def embed_kept(self, texts: Sequence[str]) -> Vectors:
        """As `embed`; texts that were among the last 20,000 are not read again."""
        with self._lock:
            found = {text: self._kept.pop(text) for text in dict.fromkeys(texts) if text in self._kept}
            new = [text for text in dict.fromkeys(texts) if text not in found]
            found |= dict(zip(new, self.embed(new), strict=True))
            self._kept |= found
            for text in list(self._kept)[: max(0, len(self._kept) - _KEPT_TEXTS)]:
                del self._kept[text]
        return np.array([found[text] for text in texts], dtype=np.float32).reshape(-1, self.dimension)

    @cached_property
    def words(self) -> Mapping[str, int]:
        """The 22,000 words, all in lower case, that the tokenizer does not cut up, the most common of English
        first; with their places in its vocabulary."""
        vocabulary = sorted(self._tokenizer.get_vocab().items(), key=lambda entry: entry[1])
        return {word: place for word, place in vocabulary if word.isalpha()}

    def _run(self, encodings: Sequence[Encoding]) -> Vectors:
        longest = max(len(encoding.ids) for encoding in encodings)
        ids = np.zeros((len(encodings), longest), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, encoding in enumerate(encodings):
            ids[row, : len(encoding.ids)] = encoding.ids
            mask[row, : len(encoding.ids)] = 1
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        hidden = self._session.run(["last_hidden_state"], inputs)[0]
        # [CLS] and [SEP] are in the mask, so even an empty text has two tokens and no sum is zero.
        means = (hidden * mask[..., None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
        unit: Vectors = (means / np.linalg.norm(means, axis=1, keepdims=True)).astype(np.float32)
        return unit

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        rows: list[list[float]] = self.embed(texts).tolist()
        return rows

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)


def open_files(
    model: Path, tokenizer: Path, threads: int | None, what: str, sha256: str | None = None
) -> tuple[onnxruntime.InferenceSession, Tokenizer]:
    """A model and its tokenizer, which pads nothing; `threads` None means every processor.

    Args:
        sha256: of a model that comes with the package, which is checked before it is opened.

    Raises:
        ModelFileError: a file cannot be opened as `what` it should be, or is not the one with this hash.
    """
    try:
        content = model.read_bytes()
        if sha256 is not None and hashlib.sha256(content).hexdigest() != sha256:
            raise ValueError(f"the SHA-256 of {model.name} is not {sha256}")
        opened = Tokenizer.from_file(str(tokenizer))
        session = _session(content, threads or os.cpu_count() or 1)
    except Exception as error:  # both libraries raise bare or private exceptions
        again = "Install the package again and type" if sha256 else "Type"
        raise ModelFileError(
            f"{model} and {tokenizer} cannot be opened as {what}: {error}. {again} `qa models fetch`."
        ) from error
    opened.no_padding()
    return session, opened


def _session(model: bytes, threads: int) -> onnxruntime.InferenceSession:
    """A model ready to be run; the library reports nothing to anybody."""
    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # Threads that spin while they wait take the processor from the language model and are no faster.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def run_alone(session: onnxruntime.InferenceSession, encoding: Encoding) -> Vectors:
    """The logits of one pair of texts by itself: int8 weights meet activations that are scaled by whatever
    is read together, and a batch is hardly faster."""
    ids = np.array([encoding.ids], dtype=np.int64)
    types = np.array([encoding.type_ids], dtype=np.int64)
    inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": types}
    rows: Vectors = session.run(["logits"], inputs)[0]
    return rows


def encodable(text: str) -> str:
    """Half a surrogate pair cannot be UTF-8, which the tokenizer asks for."""
    return text.encode("utf-8", "replace").decode("utf-8")
