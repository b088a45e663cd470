"""Every sentence of what was found, and how near the question it stands: by words, by vectors, and as a
cross-encoder reads the two together.

Knows the embedder and the reranker; what is read of the sentences is decided elsewhere.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from qa import answer_type, facts, outline, quoting
from qa.embedding import OnnxEmbedding, Vectors
from qa.outline import Outline
from qa.quoting import Quote
from qa.reranking import Reranker
from qa.types import Document, Passage

SENTENCE_WEIGHT, WINDOW_WEIGHT, OVERLAP_WEIGHT = 0.35, 0.35, 0.3
QUOTED_WEIGHT = 0.5
"""Of a sentence that has words which the question puts in quotation marks."""

FITTING_WEIGHT = 0.05
"""Of a sentence that has the kind of thing that is asked for; of 81 development questions the nearest
sentence alone answers 36 with it, 34 without."""

TITLE_WEIGHT = 0.75
"""A title names what its document is about and answers little, near as it may stand to the question; the
model reads it anyway, above the sentences."""

RERANKED = 24
"""So many of the nearest sentences a cross-encoder reads. Of 129 places that answer development questions 97
are among the three nearest with it and 87 without, 103 and 90 within 150 tokens; 48 sentences do no more."""
RELEVANCE_WEIGHT = 0.8
"""Of what it thinks, beside the weights above."""
LIFTED = 0.1
"""A sentence that answers by so much more under its headings is not understood without them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """All sentences that were found for a question, with how near it each stands."""

    question: str
    quotes: tuple[Quote, ...]
    """In the order of the passages."""
    titles: Mapping[str, str]
    """Of the documents, by id."""
    cosines: Vectors
    overlaps: Vectors

    @property
    def best(self) -> float:
        """How near the nearest sentence stands; 0 when there is none."""
        return max((quote.score for quote in self.quotes), default=0.0)

    def places(self, document_id: str) -> list[int]:
        """Where the sentences of a document stand in `quotes`, in its order."""
        own = (i for i, quote in enumerate(self.quotes) if quote.document_id == document_id)
        return sorted(own, key=lambda i: self.quotes[i].start)

    def of(self, document_id: str) -> "Ranking":
        """The sentences of one document alone."""
        own = self.places(document_id)
        quotes = tuple(self.quotes[i] for i in own)
        return replace(self, quotes=quotes, cosines=self.cosines[own], overlaps=self.overlaps[own])


def weigher(quotes: Sequence[Quote]) -> Callable[[str], float]:
    """Weight of a term: the rarer among the sentences that were found, the more it tells."""
    counts = Counter(term for quote in quotes for term in quote.terms - quote.lent)
    return lambda term: math.log((len(quotes) + 1) / (counts[term] + 0.5))


def rank(
    question: str,
    passages: Sequence[Passage],
    embedder: OnnxEmbedding,
    reranker: Reranker | None = None,
    read: Sequence[str] = (),
    documents: Mapping[str, Document] = MappingProxyType({}),
) -> Ranking:
    """Every sentence of the passages with how near the question it stands.

    Sentences that order what is to be answered are none.

    Args:
        reranker: without one, words and vectors alone decide, and every relevance is 0.5.
        read: the forms of the question that the reranker reads; the question itself if none is given.
        documents: those of the passages, by id: what stands above a passage is known only from these.
    """
    outlines = {id: outline.read(document) for id, document in documents.items()}
    found = [
        quote
        for number, passage in enumerate(passages)
        for quote in quoting.quotes_of(passage, number, outlines.get(passage.document_id, Outline()))
    ]
    quotes = [quote for quote in found if not facts.steers(quote.text, question)]
    vectors = embedder.embed_kept([question, *(quote.read for quote in quotes)])
    cosines = vectors[1:] @ vectors[0]
    weight, asked = weigher(quotes), facts.terms(question)
    overlaps = np.array([overlap(asked, quote.terms, weight) for quote in quotes], dtype=vectors.dtype)
    scores = SENTENCE_WEIGHT * cosines + OVERLAP_WEIGHT * overlaps
    if quotes:
        scores += WINDOW_WEIGHT * (_windows(quotes, vectors[1:]) @ vectors[0])
        scores += QUOTED_WEIGHT * _quoted(question, quotes)
        scores += FITTING_WEIGHT * np.array([bool(answer_type.fits(question, one.read)) for one in quotes])
    titles = {passage.document_id: passage.title for passage in passages}
    relevances, lifts = np.full_like(scores, 0.5), np.zeros_like(scores)
    if quotes and reranker:
        relevances, lifts = _relevances(read or (question,), quotes, titles, scores, reranker)
        scores += RELEVANCE_WEIGHT * relevances
    scores *= np.array([TITLE_WEIGHT if quoting.entitles(quote, titles) else 1 for quote in quotes])
    return Ranking(
        question=question,
        quotes=tuple(
            replace(
                quote,
                score=float(scores[i]),
                relevance=float(relevances[i]),
                lifted=bool(lifts[i] >= LIFTED),
            )
            for i, quote in enumerate(quotes)
        ),
        titles=titles,
        cosines=cosines,
        overlaps=overlaps,
    )


def overlap(asked: frozenset[str], found: frozenset[str], weight: Callable[[str], float]) -> float:
    """Share of the terms asked for, by weight, that were found: 0 to 1."""
    # A question without a telling word has nothing in common with any sentence.
    return facts.share(asked, found, weight) if asked else 0.0


def _quoted(question: str, quotes: Sequence[Quote]) -> Vectors:
    """1 for each sentence that has what the question quotes, else 0."""
    wanted = [facts.plain(words) for words in facts.quoted(question)]
    found = [any(words in facts.plain(quote.text) for words in wanted) for quote in quotes]
    return np.array(found, dtype=np.float32)


def _relevances(
    questions: Sequence[str],
    quotes: Sequence[Quote],
    titles: Mapping[str, str],
    scores: Vectors,
    reranker: Reranker,
) -> tuple[Vectors, Vectors]:
    """How probably the nearest sentences, each under its title, answer as the reranker reads them, 0 to 1,
    and how much more so under their headings.

    It is the mean of several forms of a question, and the better of a sentence alone and under its headings;
    sentences that are not read answer as little as the least of the others.
    """
    near = np.argsort(-scores)[:RERANKED]
    forms = [(i, words) for i in near for words in quotes[i].readings]
    texts = [f"{titles[quotes[i].document_id]}: {words}" for i, words in forms]
    answers = np.mean([reranker.answers(question, texts) for question in questions], axis=0)
    relevances, lifts = np.full_like(scores, answers.min()), np.zeros_like(scores)
    told = dict(zip(forms, answers, strict=True))
    for i in near:
        alone, *_ = by_form = [told[i, words] for words in quotes[i].readings]
        relevances[i] = max(by_form)
        lifts[i] = relevances[i] - alone
    return relevances, lifts


def _windows(quotes: Sequence[Quote], vectors: Vectors) -> Vectors:
    """For each sentence the direction of itself and the two beside it, each row of length 1."""
    rows = []
    for i, quote in enumerate(quotes):
        beside = [j for j in (i - 1, i, i + 1) if 0 <= j < len(quotes) and quotes[j].passage == quote.passage]
        rows.append(vectors[beside].sum(axis=0))
    directions = np.array(rows)
    unit: Vectors = directions / np.linalg.norm(directions, axis=1, keepdims=True)
    return unit
