"""Answers over your own documents, every sentence proved by checked quotes.

The names given out here are the public ones: `Assistant.from_config().ask("…")` is where to begin.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from qa.config import Config
from qa.errors import (
    BusyError,
    DataError,
    DocumentError,
    InputError,
    LockedError,
    ModelError,
    ModelFileError,
    QAError,
)
from qa.types import (
    Account,
    Answer,
    Citation,
    Document,
    Event,
    Evidence,
    Passage,
    Progress,
    Proved,
    Sentence,
    Timings,
    Turn,
    Usage,
)

if TYPE_CHECKING:
    from qa.assistant import Assistant

__all__ = [
    "Account",
    "Answer",
    "Assistant",
    "BusyError",
    "Citation",
    "Config",
    "DataError",
    "Document",
    "DocumentError",
    "Event",
    "Evidence",
    "InputError",
    "LockedError",
    "ModelError",
    "ModelFileError",
    "Passage",
    "Progress",
    "Proved",
    "QAError",
    "Sentence",
    "Timings",
    "Turn",
    "Usage",
]


def __getattr__(name: str) -> object:
    # The engine takes seconds to load; whoever imports only a part of the package must not wait for it.
    if name == "Assistant":
        return import_module("qa.assistant").Assistant
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
