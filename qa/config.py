"""Settings: one flat frozen value, read from the environment in one place.

Knows names, defaults and ranges; makes nothing and opens nothing.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_path

from qa.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Where things are and how big the pieces are."""

    documents_dir: Path = Path("seeds")
    """The folder with the documents (`QA_DOCUMENTS`)."""
    data_dir: Path = Path(".qa")
    """Ledger, index and lock of that folder (`QA_DATA`)."""
    models_dir: Path = user_cache_path("cited-qa") / "models"
    """Model files, shared by all data folders (`QA_MODELS`)."""
    offline: bool = False
    """Never try the network (`QA_OFFLINE=1`)."""
    llm_url: str | None = None
    """An OpenAI-compatible server (`QA_LLM_URL`); None: the local model."""
    llm_model: str | None = None
    """The model's name there (`QA_LLM_MODEL`)."""
    llm_key: str | None = None
    """Its key (`QA_LLM_KEY`)."""
    llm_timeout_seconds: float = 120.0
    """Longest wait for one reply of the language model (`QA_LLM_TIMEOUT_SECONDS`)."""
    token: str | None = None
    """Bearer token asked of callers (`QA_TOKEN`); needed to listen beyond loopback."""
    chunk_tokens: int = 160
    """Longest passage in the index, in tiktoken tokens (`QA_CHUNK_TOKENS`)."""
    question_characters: int = 4000
    """Longest question that is accepted."""
    answers_kept: int = 200
    """Answers that a server gives again while the documents are the same; 0: none (`QA_ANSWERS_KEPT`)."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> "Config":
        """The only reader of the environment.

        Raises:
            InputError: a value is not of its kind; the message names the variable and the value.
        """
        default = cls()
        return cls(
            documents_dir=Path(environ.get("QA_DOCUMENTS") or default.documents_dir),
            data_dir=Path(environ.get("QA_DATA") or default.data_dir),
            models_dir=Path(environ.get("QA_MODELS") or default.models_dir),
            offline=_flag(environ, "QA_OFFLINE"),
            llm_url=_url(environ, "QA_LLM_URL"),
            llm_model=environ.get("QA_LLM_MODEL") or None,
            llm_key=environ.get("QA_LLM_KEY") or None,
            llm_timeout_seconds=_number(
                environ, "QA_LLM_TIMEOUT_SECONDS", default.llm_timeout_seconds, 1, 3600
            ),
            token=environ.get("QA_TOKEN") or None,
            chunk_tokens=int(_number(environ, "QA_CHUNK_TOKENS", default.chunk_tokens, 32, 240)),
            answers_kept=int(_number(environ, "QA_ANSWERS_KEPT", default.answers_kept, 0, 10_000)),
        )


def _flag(environ: Mapping[str, str], name: str) -> bool:
    value = environ.get(name, "").strip().lower()
    if value not in ("", "0", "1", "true", "false", "yes", "no"):
        raise InputError(f"{name} is {value!r}; set it to 1 or 0.")
    return value in ("1", "true", "yes")


def _url(environ: Mapping[str, str], name: str) -> str | None:
    value = environ.get(name, "").strip().rstrip("/")
    if value and not value.startswith(("http://", "https://")):
        raise InputError(f"{name} is {value!r}; it must begin with http:// or https://.")
    return value or None


def _number(environ: Mapping[str, str], name: str, default: float, low: float, high: float) -> float:
    value = environ.get(name, "").strip()
    if not value:
        return default
    try:
        number = float(value)
    except ValueError:
        number = float("nan")
    if not low <= number <= high:
        raise InputError(f"{name} is {value!r}; it must be a number from {low:g} to {high:g}.")
    return number
