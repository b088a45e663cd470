"""Counting tokens; the one user of tiktoken, whose table comes inside llama-index-core."""

import importlib.util
import os
from functools import cache
from pathlib import Path

import tiktoken


@cache
def _encoding() -> tiktoken.Encoding:
    spec = importlib.util.find_spec("llama_index.core")
    assert spec is not None and spec.origin is not None, "llama-index-core is a dependency"
    # Without this, tiktoken downloads its table at first use.
    os.environ["TIKTOKEN_CACHE_DIR"] = str(Path(spec.origin).parent / "_static" / "tiktoken_cache")
    return tiktoken.get_encoding("cl100k_base")


def encode(text: str) -> list[int]:
    """Token ids of `text`; special-token text is ordinary text here and never raises."""
    return _encoding().encode_ordinary(text)


def count(text: str) -> int:
    """How many cl100k tokens `text` has."""
    return len(encode(text))
