"""Answers over your own documents, every sentence proved by checked quotes.

The names given out here are the public ones: `Assistant.from_config().ask("…")` is where to begin.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from qa.catalogue import Added, Entry, SyncReport
from qa.config import Config
from qa.errors import (
    BusyError,
    DataError,
    DocumentError,
    InputError,
    LockedError,
    ModelError,
    ModelFileError,
    NotUploadedError,
    QAError,
    UnknownDocumentError,
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
    from qa.client import Client, answer_from
    from qa.corpus import Corpus
    from qa.documents import find_files
    from qa.documents import read as read_document
    from qa.embedding import OnnxEmbedding
    from qa.facts import names as find_names
    from qa.facts import numbers as find_numbers
    from qa.facts import terms as find_terms
    from qa.models import LanguageModel
    from qa.plain_text import visible
    from qa.prompts import Prompt
    from qa.retrieval import Breadth, Retriever
    from qa.sentences import split as split_sentences
    from qa.service import Service
    from qa.support import Support, SupportChecker
    from qa.support import features as support_features
    from qa.tokens import count as count_tokens

__all__ = [
    "Account",
    "Added",
    "Answer",
    "Assistant",
    "Breadth",
    "BusyError",
    "Citation",
    "Client",
    "Config",
    "Corpus",
    "DataError",
    "Document",
    "DocumentError",
    "Entry",
    "Event",
    "Evidence",
    "InputError",
    "LanguageModel",
    "LockedError",
    "ModelError",
    "ModelFileError",
    "NotUploadedError",
    "OnnxEmbedding",
    "Passage",
    "Progress",
    "Prompt",
    "Proved",
    "QAError",
    "Retriever",
    "Sentence",
    "Service",
    "Support",
    "SupportChecker",
    "SyncReport",
    "Timings",
    "Turn",
    "UnknownDocumentError",
    "Usage",
    "answer_from",
    "count_tokens",
    "find_files",
    "find_names",
    "find_numbers",
    "find_terms",
    "read_document",
    "split_sentences",
    "support_features",
    "visible",
]


_LATE = {
    "Assistant": "qa.assistant.Assistant",
    "Breadth": "qa.retrieval.Breadth",
    "Client": "qa.client.Client",
    "Corpus": "qa.corpus.Corpus",
    "LanguageModel": "qa.models.LanguageModel",
    "OnnxEmbedding": "qa.embedding.OnnxEmbedding",
    "Prompt": "qa.prompts.Prompt",
    "Retriever": "qa.retrieval.Retriever",
    "Service": "qa.service.Service",
    "Support": "qa.support.Support",
    "SupportChecker": "qa.support.SupportChecker",
    "answer_from": "qa.client.answer_from",
    "count_tokens": "qa.tokens.count",
    "find_files": "qa.documents.find_files",
    "find_names": "qa.facts.names",
    "find_numbers": "qa.facts.numbers",
    "find_terms": "qa.facts.terms",
    "read_document": "qa.documents.read",
    "split_sentences": "qa.sentences.split",
    "support_features": "qa.support.features",
    "visible": "qa.plain_text.visible",
}


def __getattr__(name: str) -> object:
    # The engine takes seconds to load; whoever imports only a part of the package must not wait for it.
    if name in _LATE:
        module, _, attribute = _LATE[name].rpartition(".")
        return getattr(import_module(module), attribute)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
