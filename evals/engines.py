"""Who answers: the assistant in this process, over the corpus or over a copy of it.

A copy has text planted, other documents beside its own, or was indexed in another order. The rest of the
evaluation sees a function and documents.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from types import SimpleNamespace

from evals import peer
from evals.identity import code_digest, digest, ground_identity, own_identity
from evals.planting import write_copy
from evals.scorers import Documents, Find
from evals.types import Planted
from qa import (
    Answer,
    Assistant,
    Breadth,
    Config,
    Corpus,
    OnnxEmbedding,
    Passage,
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
    crowded: "Callable[[Mapping[str, str]], AbstractContextManager[Engine]] | None" = None
    """The same with other documents, texts by source, beside its own; None where that cannot be done."""
    orders: Mapping[str, Callable[[], AbstractContextManager[Ask]]] = field(default_factory=dict)
    """The same answers, were it not that something comes in another order; by what that is."""
    filters: bool = True
    """Whether it can be held to some of its documents."""


Voice = Callable[[Assistant], tuple[str, Ask, Mapping[str, str]]]
"""Name, answers, and hashes of what they depend on besides the corpus and the model."""


_PEERS_CODE = (
    *("evals.peer", "evals.citing", "evals.refusals"),
    *("qa.models", "qa.local_model", "qa.engine", "qa.conversion", "qa.remote_model", "qa.chunking"),
)


def ours(assistant: Assistant) -> tuple[str, Ask, Mapping[str, str]]:
    """The assistant itself."""
    name = assistant.model.name if assistant.model else "quotes alone, no language model"
    return name, assistant.ask, {**own_identity(), "system": "ours"}


def peers(assistant: Assistant) -> tuple[str, Ask, Mapping[str, str]]:
    """llama-index's citation engine over the same corpus with the same model.

    Raises:
        InputError: there is no language model.
    """
    embedder = OnnxEmbedding.from_folder(assistant.config.models_dir)
    # Not all of ours: its answers stay the same while our own code is changed, and are kept.
    system = {"code": code_digest(*_PEERS_CODE), "system": peer.NAME}
    return peer.NAME, peer.peer(assistant, embedder), system


@contextmanager
def local_engines(
    config: Config, folder: Path, voices: Sequence[Voice] = (ours,)
) -> Iterator[tuple[Engine, ...]]:
    """Who answers over the corpus that `config` names; all share its index and its model.

    Copies of the corpus go below `folder`.

    Raises:
        QAError: as `Assistant.from_config`.
        InputError: one of them needs a language model, and there is none.
    """
    with Assistant.from_config(config) as assistant:
        yield tuple(_engine(assistant, config, folder, voice) for voice in voices)


def local_documents(config: Config) -> Documents:
    """The documents of the folder, as the corpus reads them; files that are none are left out."""
    documents = {}
    for path, source in find_files(config.documents_dir):
        try:
            documents[source] = read_document(path, source)
        except QAError:
            continue
    return documents


def _engine(assistant: Assistant, config: Config, folder: Path, voice: Voice) -> Engine:
    ledger = assistant.corpus.ledger
    model = assistant.model.name if assistant.model else None
    name, ask, system = voice(assistant)
    engine = Engine(
        name=name,
        ask=ask,
        documents={document.source: document for document in ledger.documents()},
        identity={**ground_identity(config, model, ledger.index_version()), **system},
        find=None if voice is peers else assistant.retriever.find,
    )
    copied = partial(_copied, assistant, config, voice)
    write = partial(write_copy, engine.documents, originals=config.documents_dir)

    @contextmanager
    def planted(texts: Sequence[Planted]) -> Iterator[Engine]:
        # One folder for all plantings: only the documents that differ from the last one are indexed again.
        with copied(folder / "planted", [partial(write, planted=texts)]) as (held, asked):
            yield replace(engine, ask=asked, documents=held, find=None)

    @contextmanager
    def crowded(added: Mapping[str, str]) -> Iterator[Engine]:
        identity = {**engine.identity, "added": digest(sorted(added.items()))}
        with copied(folder / "crowded", [partial(write, added=added)]) as (held, asked):
            yield replace(engine, ask=asked, documents=held, find=None, identity=identity)

    @contextmanager
    def indexed_otherwise() -> Iterator[Ask]:
        late = dict(list(engine.documents.items())[len(engine.documents) // 2 :])
        first = partial(write_copy, late, originals=config.documents_dir)
        with copied(folder / "reindexed", [first, write]) as (_, asked):
            yield asked

    orders: dict[str, Callable[[], AbstractContextManager[Ask]]] = {"documents indexed": indexed_otherwise}
    if voice is not peers:
        # The peer has a search of its own.
        orders["passages found"] = lambda: nullcontext(voice(_backwards(assistant))[1])
    return replace(engine, planted=planted, crowded=crowded, orders=orders)


@contextmanager
def _copied(
    assistant: Assistant, config: Config, voice: Voice, place: Path, writes: Sequence[Callable[..., None]]
) -> Iterator[tuple[Documents, Ask]]:
    """The documents of a copy of the corpus, and answers over it.

    Args:
        writes: each writes documents into the folder it is given; what lies there is indexed after each.
    """
    config = replace(config, documents_dir=place / "documents", data_dir=place / "data")
    writes[-1](folder=config.documents_dir)
    with ExitStack() as stack:

        @cache
        def opened() -> Ask:
            embedder = OnnxEmbedding.from_folder(config.models_dir)
            corpus = stack.enter_context(Corpus.open(config, embedder))
            for write in writes:
                write(folder=config.documents_dir)
                corpus.sync(config.documents_dir)
            # The model is shared: closing the copy must not end it.
            return voice(Assistant(config, corpus, embedder, assistant.model, assistant.reranker))[1]

        def ask(question: str, history: Sequence[Turn], only: Sequence[str]) -> Answer:
            # Not before: answers that were kept are scored without indexing anything.
            return opened()(question, history, only)

        yield local_documents(config), ask


def searching(assistant: Assistant, find: Find) -> Assistant:
    """The same assistant with another search; both share everything else."""
    other = copy(assistant)
    # Nothing else of a search is asked for by whoever answers.
    other.retriever = SimpleNamespace(find=find)  # type: ignore[assignment]
    return other


def _backwards(assistant: Assistant) -> Assistant:
    """The same assistant, whose search gives the same passages in the opposite order."""
    find = assistant.retriever.find

    def backwards(question: str, documents: Sequence[str] = (), **breadth: Breadth) -> tuple[Passage, ...]:
        return tuple(reversed(find(question, documents, **breadth)))

    return searching(assistant, backwards)
