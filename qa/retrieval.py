"""Finding the passages for a question: by meaning and by words, fused, several sources kept in view.

Knows the corpus and the embedder; knows nothing of language models or answers.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.llms import MockLLM
from llama_index.core.retrievers import BaseRetriever, QueryFusionRetriever
from llama_index.core.retrievers.fusion_retriever import FUSION_MODES
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from qa import facts, sentences, tokens
from qa.corpus import Corpus
from qa.errors import InputError
from qa.records import Chunk
from qa.types import Document, Passage

_CANDIDATES = 50
"""Asked of each of the two searches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Breadth:
    """How much is kept for a question; neighbours among the chunks become one passage."""

    chunks: int
    of_one_document: int


NEAR, WIDE = Breadth(chunks=10, of_one_document=4), Breadth(chunks=16, of_one_document=6)
"""Of 129 places that answer development questions 117 are in the one and 125 in the other, but a small model
that reads from the wider choice at once answers 78 of 117 questions, from the nearer 84."""
_SHORT_TOKENS = 60
"""A chunk below this is shown with the sentence before it and the one after it."""

Search = Callable[[str], Sequence[tuple[Chunk, float]]]


class Retriever:
    """Searches one corpus; may be called from any thread."""

    def __init__(self, corpus: Corpus, embedder: BaseEmbedding) -> None:
        self._corpus = corpus
        self._embedder = embedder

    def find(
        self, question: str, documents: Sequence[str] = (), breadth: Breadth = NEAR
    ) -> tuple[Passage, ...]:
        """The passages that may answer `question`, best first; none when the corpus is empty.

        Args:
            documents: search only in the documents with these ids; none given: in those of everyone, not in
                uploads that have an owner.

        Raises:
            InputError: no document has one of these ids.
        """
        # A lone surrogate, which JSON can bring, is no text for the embedder.
        question = question.encode("utf-8", "replace").decode()
        ledger = self._corpus.ledger
        everyones = ledger.sources()
        for document_id in documents:
            # Who names the id of a private document has learnt it from its owner.
            if document_id not in everyones and ledger.document(document_id) is None:
                raise InputError(_unknown(document_id, everyones))
        if not (documents or everyones) or not question.strip():
            return ()
        if not documents and ledger.has_private():
            documents = tuple(everyones)
        return self._passages(question, self._fused(question, documents), breadth)

    def _fused(self, question: str, documents: Sequence[str]) -> list[tuple[Chunk, float]]:
        """Chunks of both searches by reciprocal rank."""
        found: dict[str, Chunk] = {}

        def by_meaning(text: str) -> Sequence[tuple[Chunk, float]]:
            return self._corpus.nearest(self._embedder.get_query_embedding(text), _CANDIDATES, documents)

        def by_words(text: str) -> Sequence[tuple[Chunk, float]]:
            return self._corpus.ledger.keyword_search(text, _CANDIDATES, documents)

        fusion = QueryFusionRetriever(
            [_ChunkRetriever(by_meaning, found), _ChunkRetriever(by_words, found)],
            # Never called with one query, but left out it falls back to the global settings.
            llm=MockLLM(),
            mode=FUSION_MODES.RECIPROCAL_RANK,
            similarity_top_k=2 * _CANDIDATES,
            num_queries=1,
            use_async=False,
        )
        return [(found[hit.node.node_id], hit.score or 0.0) for hit in fusion.retrieve(question)]

    def _passages(
        self, question: str, fused: Sequence[tuple[Chunk, float]], breadth: Breadth
    ) -> tuple[Passage, ...]:
        found_in = self._corpus.ledger.by_id(chunk.document_id for chunk, _ in fused)
        documents = _naming(question, found_in)
        found = [
            self._passage(documents[chunk.document_id], chunk, score)
            for chunk, score in _choose(_telling(fused, documents), breadth)
        ]
        joined = _joined(found, documents)
        return tuple(sorted(joined, key=lambda passage: -passage.score))

    def _passage(self, document: Document, chunk: Chunk, score: float) -> Passage:
        start, end = chunk.start, chunk.end
        if tokens.count(document.text[start:end]) < _SHORT_TOKENS:
            start, end = _widened(document, chunk, self._corpus.ledger.chunks_of(document.id))
        return Passage(
            document_id=document.id,
            title=document.title,
            source=document.source,
            date=document.date,
            text=document.text[start:end],
            start=start,
            end=end,
            score=score,
        )


class _ChunkRetriever(BaseRetriever):
    """One search, in the form in which llama-index fuses them."""

    def __init__(self, search: Search, found: dict[str, Chunk]) -> None:
        super().__init__()
        self._search = search
        self._found = found

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        hits = self._search(query_bundle.query_str)
        self._found.update((chunk.id, chunk) for chunk, _ in hits)
        # Fusion takes two nodes for one when their texts are equal: the id is the text here.
        return [
            NodeWithScore(node=TextNode(id_=chunk.id, text=chunk.id), score=score) for chunk, score in hits
        ]


def _naming(question: str, documents: dict[str, Document]) -> dict[str, Document]:
    """Those of `documents` that name somebody or something that `question` names; all where none does.

    What another document says of somebody it calls "he" answers no question about a person it never names.
    """
    # The first word has its capital for another reason.
    names = facts.names(question.partition(" ")[2]) - facts.CALENDAR
    if not names:
        return documents
    naming = {
        id: document
        for id, document in documents.items()
        if any(facts.mentions(text, names) for text in (document.title, document.text))
    }
    return naming or documents


def _telling(
    fused: Iterable[tuple[Chunk, float]], documents: dict[str, Document]
) -> list[tuple[Chunk, float]]:
    """Without what is already said: the same words in two places, and titles, which every passage carries."""
    first: dict[str, tuple[Chunk, float]] = {}
    for chunk, score in fused:
        document = documents.get(chunk.document_id)
        if document:
            text = document.text[chunk.start : chunk.end]
            if text != document.title or text == document.text:
                first.setdefault(text, (chunk, score))
    return list(first.values())


def _choose(ranked: Sequence[tuple[Chunk, float]], breadth: Breadth) -> list[tuple[Chunk, float]]:
    """The best, but no document crowds out the others while they have something to show."""
    taken: Counter[str] = Counter()
    kept: list[tuple[Chunk, float]] = []
    crowded: list[tuple[Chunk, float]] = []
    for chunk, score in ranked:
        taken[chunk.document_id] += 1
        room = taken[chunk.document_id] <= breadth.of_one_document
        (kept if room else crowded).append((chunk, score))
    return (kept[: breadth.chunks] + crowded)[: breadth.chunks]


def _widened(document: Document, chunk: Chunk, siblings: Sequence[Chunk]) -> tuple[int, int]:
    """The span of a chunk with the sentences beside it, where nothing but white space parts them."""
    start, end = chunk.start, chunk.end
    for sibling in siblings:
        text = document.text[sibling.start : sibling.end]
        if sibling.ordinal == chunk.ordinal - 1 and not document.text[sibling.end : start].strip():
            start = sibling.start + sentences.split(text)[-1][0]
        if sibling.ordinal == chunk.ordinal + 1 and not document.text[end : sibling.start].strip():
            end = sibling.start + sentences.split(text)[0][1]
    return start, end


def _joined(passages: Sequence[Passage], documents: dict[str, Document]) -> list[Passage]:
    """Passages of one document which overlap or touch, made one."""
    joined: list[Passage] = []
    for passage in sorted(passages, key=lambda p: (p.document_id, p.start)):
        last = joined[-1] if joined else None
        text = documents[passage.document_id].text
        if last and last.document_id == passage.document_id and not text[last.end : passage.start].strip():
            end = max(last.end, passage.end)
            score = max(last.score, passage.score)
            joined[-1] = replace(last, text=text[last.start : end], end=end, score=score)
        else:
            joined.append(passage)
    return joined


def _unknown(document_id: str, ready: dict[str, str]) -> str:
    if not ready:
        return f"There is no document {document_id!r}: there are none at all. Add some, then run: qa index"
    known = ", ".join(f"{known_id} ({source})" for known_id, source in list(ready.items())[:5])
    return f"There is no document {document_id!r}. Use the id of one that is there, for example {known}."
