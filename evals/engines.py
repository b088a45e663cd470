"""Who answers: the assistant in this process, over the corpus or over a copy of it with planted text.

The rest of the evaluation sees a function and documents.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version
from pathlib import Path

from evals import peer
from evals.identity import engine_identity
from evals.planting import write_planted
from evals.scorers import Documents, Find
from evals.types import Planted
from qa import (
    Answer,
    Assistant,
    Config,
    Corpus,
    OnnxEmbedding,
    QAError,
    Turn,
    find_files,
    read_document,
)

Ask = Callable[[str, Sequence[Turn], Sequence[str]], Answer]
"""Question, history, ids of the only documents to use; as `Assistant.ask`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """Whoever answers, and what it answers from."""

    name: str
    ask: Ask
    documents: Documents
    identity: Mapping[str, str]
    """Hashes of everything that its answers depend on."""
    find: Find | None = None
    """Its search alone."""
    planted: "Callable[[Sequence[Planted]], AbstractContextManager[Engine]] | None" = None
    """The same over a copy of the documents with text planted; None where that cannot be done."""
    filters: bool = True
    """Whether it can be held to some of its documents."""


Voice = Callable[[Assistant], tuple[str, Ask, str]]
"""Name, answers, and what tells the system from others over the same corpus."""


@contextmanager
def local_engines(config: Config, folder: Path, with_peer: bool = False) -> Iterator[tuple[Engine, ...]]:
    """The assistant that `config` names, and the peer over the same corpus with the same model.

    Copies of the corpus with planted text go below `folder`.

    Raises:
        QAError: as `Assistant.from_config`.
        InputError: the peer has no language model.
    """
    with Assistant.from_config(config) as assistant:
        voices = (_ours, _peers) if with_peer else (_ours,)
        yield tuple(_engine(assistant, config, folder, voice) for voice in voices)


def _ours(assistant: Assistant) -> tuple[str, Ask, str]:
    name = assistant.model.name if assistant.model else "quotes alone, no language model"
    return name, assistant.ask, "ours"


def _peers(assistant: Assistant) -> tuple[str, Ask, str]:
    embedder = OnnxEmbedding.from_folder(assistant.config.models_dir)
    return peer.NAME, peer.peer(assistant, embedder), f"{peer.NAME} {version('llama-index-core')}"


def _engine(assistant: Assistant, config: Config, folder: Path, voice: Voice) -> Engine:
    ledger = assistant.corpus.ledger
    model = assistant.model.name if assistant.model else None
    name, ask, system = voice(assistant)
    engine = Engine(
        name=name,
        ask=ask,
        documents={document.source: document for document in ledger.documents()},
        identity={**engine_identity(config, model, ledger.index_version()), "system": system},
        find=assistant.retriever.find if voice is _ours else None,
    )

    @contextmanager
    def planted(texts: Sequence[Planted]) -> Iterator[Engine]:
        # One folder for all plantings: only the documents that differ from the last one are indexed again.
        place = folder / "planted"
        copy = replace(config, documents_dir=place / "documents", data_dir=place / "data")
        write_planted(engine.documents, texts, config.documents_dir, copy.documents_dir)
        with ExitStack() as stack:

            @cache
            def opened() -> Ask:
                embedder = OnnxEmbedding.from_folder(copy.models_dir)
                corpus = stack.enter_context(Corpus.open(copy, embedder))
                corpus.sync(copy.documents_dir)
                # The model is shared: closing the copy must not end it.
                return voice(Assistant(copy, corpus, embedder, assistant.model))[1]

            def ask_copy(question: str, history: Sequence[Turn], only: Sequence[str]) -> Answer:
                # Not before: answers that were kept are scored without indexing anything.
                return opened()(question, history, only)

            yield replace(engine, ask=ask_copy, documents=local_documents(copy), find=None)

    return replace(engine, planted=planted)


def local_documents(config: Config) -> Documents:
    """The documents of the folder, as the corpus reads them; files that are none are left out."""
    documents = {}
    for path, source in find_files(config.documents_dir):
        try:
            documents[source] = read_document(path, source)
        except QAError:
            continue
    return documents
