"""Answers over your own documents, every sentence proved by checked quotes."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qa.assistant import Assistant

__all__ = ["Assistant"]


def __getattr__(name: str) -> object:
    # The engine takes seconds to load; whoever imports only a part of the package must not wait for it.
    if name == "Assistant":
        return import_module("qa.assistant").Assistant
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
