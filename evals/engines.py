"""Who answers: the assistant in this process, over the corpus or over a copy of it with planted text.

The rest of the evaluation sees a function and documents.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from evals.identity import digest, engine_identity
from evals.planting import write_planted
from evals.scorers import Documents, Find
from evals.types import Planted
from qa import Answer, Assistant, Config, Corpus, OnnxEmbedding, Turn

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


@contextmanager
def local_engine(config: Config, folder: Path) -> Iterator[Engine]:
    """The assistant that `config` names; copies of its corpus go below `folder`.

    Raises:
        QAError: as `Assistant.from_config`.
    """
    with Assistant.from_config(config) as assistant:

        @contextmanager
        def planted(texts: Sequence[Planted]) -> Iterator[Engine]:
            place = folder / "planted" / digest([repr(text) for text in texts])
            copy = replace(config, documents_dir=place / "documents", data_dir=place / "data")
            write_planted(engine.documents, texts, config.documents_dir, copy.documents_dir)
            embedder = OnnxEmbedding.from_folder(copy.models_dir)
            with Corpus.open(copy, embedder) as corpus:
                corpus.sync(copy.documents_dir)
                # The model is shared: closing the copy must not end it.
                yield _engine(Assistant(copy, corpus, embedder, assistant.model), copy)

        engine = replace(_engine(assistant, config), planted=planted)
        yield engine


def _engine(assistant: Assistant, config: Config) -> Engine:
    ledger = assistant.corpus.ledger
    model = assistant.model.name if assistant.model else None
    return Engine(
        name=model or "quotes alone, no language model",
        ask=assistant.ask,
        documents={document.source: document for document in ledger.documents()},
        identity=engine_identity(config, model, ledger.index_version()),
        find=assistant.retriever.find,
    )
