"""From passages to the few sentences of each source that a small model needs to read.

Reading is the cost of an answer on a processor: a source is cut down to its sentences nearest to the
question before the model sees it. Knows no model but the embedder.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from qa import facts, sentences, tokens
from qa.embedding import OnnxEmbedding, Vectors
from qa.types import Passage

# A source this far behind the best one is read only in vain; set on the development questions.
RELATIVE_FLOOR = 0.45
SENTENCE_WEIGHT, WINDOW_WEIGHT, OVERLAP_WEIGHT = 0.35, 0.35, 0.3

# Such a sentence is understood only with the one before it.
_LEANING = re.compile(
    r"[\"“‘']?(?:he|she|they|it|his|her|their|its|this|that|these|those|such)\b", re.IGNORECASE
)


# Of 33 places that answer the development questions a first look covers 28 with 270 tokens a question; the
# best sentences with all their neighbours covered 24 with 340. A second look covers 31.
FIRST_LOOK_TOKENS = 150
SECOND_LOOK_TOKENS = 130
MOST_SOURCES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """One sentence of a document: `text == document.text[start:end]`."""

    document_id: str
    start: int
    end: int
    text: str
    terms: frozenset[str]
    passage: int
    """Which of the passages it stands in."""
    score: float = 0.0
    """How near the question it stands, about 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What one document has to say about a question."""

    document_id: str
    title: str
    quotes: tuple[Quote, ...]
    """All sentences that were found, in the document's order."""
    chosen: tuple[Quote, ...]
    """Those the model reads: in the document's order, those of a second look after those of the first."""
    nearest: Quote
    """The one nearest to the question."""
    relevance: float
    """Of its best sentence, about 0 to 1."""
    cosine: float
    """Of the question and the nearest sentence."""
    overlap: float
    """Share of the question's terms, by weight, in the best sentence: 0 to 1."""
    coverage: float
    """Share of them in everything the model reads, the title included: 0 to 1."""

    @property
    def text(self) -> str:
        """What the model reads; `…` where sentences were left out."""
        parts = [self.chosen[0].text]
        for before, quote in pairwise(self.chosen):
            follows = self.quotes.index(quote) == self.quotes.index(before) + 1
            parts.append(quote.text if follows else f"… {quote.text}")
        return " ".join(parts)


def weigher(quotes: Sequence[Quote]) -> Callable[[str], float]:
    """Weight of a term: the rarer among the sentences that were found, the more it tells."""
    counts = Counter(term for quote in quotes for term in quote.terms)
    return lambda term: math.log((len(quotes) + 1) / (counts[term] + 0.5))


def select(
    question: str, passages: Sequence[Passage], embedder: OnnxEmbedding, second_look: bool = False
) -> tuple[Source, ...]:
    """The sources worth reading, best first; none when there are no passages.

    A second look begins with what the first one read, so that the model need not read that again.
    """
    quotes = [quote for number, passage in enumerate(passages) for quote in _quotes(passage, number)]
    if not quotes:
        return ()
    vectors = embedder.embed([question, *(quote.text for quote in quotes)])
    cosines = vectors[1:] @ vectors[0]
    windows = _windows(quotes, vectors[1:]) @ vectors[0]
    weight, asked = weigher(quotes), facts.terms(question)
    overlaps = np.array([_overlap(asked, quote.terms, weight) for quote in quotes])
    scores = SENTENCE_WEIGHT * cosines + WINDOW_WEIGHT * windows + OVERLAP_WEIGHT * overlaps
    quotes = [replace(quote, score=float(score)) for quote, score in zip(quotes, scores, strict=True)]
    sources = []
    for document_id, title in {passage.document_id: passage.title for passage in passages}.items():
        own = [i for i, quote in enumerate(quotes) if quote.document_id == document_id]
        own.sort(key=lambda i: quotes[i].start)
        chosen = tuple(quotes[i] for i in _choose(own, quotes, scores, second_look))
        read = facts.terms(title).union(*(quote.terms for quote in chosen))
        sources.append(
            Source(
                document_id=document_id,
                title=title,
                quotes=tuple(quotes[i] for i in own),
                chosen=chosen,
                nearest=quotes[max(own, key=lambda i: scores[i])],
                relevance=float(scores[own].max()),
                cosine=float(cosines[own].max()),
                overlap=float(overlaps[own].max()),
                coverage=_overlap(asked, read, weight),
            )
        )
    sources.sort(key=lambda source: -source.relevance)
    floor = RELATIVE_FLOOR * sources[0].relevance
    return tuple(source for source in sources[:MOST_SOURCES] if source.relevance >= floor)


def _quotes(passage: Passage, number: int) -> list[Quote]:
    return [
        Quote(
            document_id=passage.document_id,
            start=passage.start + start,
            end=passage.start + end,
            text=passage.text[start:end],
            terms=facts.terms(passage.text[start:end]),
            passage=number,
        )
        for start, end in sentences.split(passage.text)
    ]


def _windows(quotes: Sequence[Quote], vectors: Vectors) -> Vectors:
    """For each sentence the direction of itself and the two beside it, each row of length 1."""
    rows = []
    for i, quote in enumerate(quotes):
        beside = [j for j in (i - 1, i, i + 1) if 0 <= j < len(quotes) and quotes[j].passage == quote.passage]
        rows.append(vectors[beside].sum(axis=0))
    directions = np.array(rows)
    unit: Vectors = directions / np.linalg.norm(directions, axis=1, keepdims=True)
    return unit


def _choose(own: Sequence[int], quotes: Sequence[Quote], scores: Vectors, second_look: bool) -> list[int]:
    """The best sentences of one source, until the tokens of a look are used."""
    chosen = list[int]()
    for room in (FIRST_LOOK_TOKENS, SECOND_LOOK_TOKENS) if second_look else (FIRST_LOOK_TOKENS,):
        look = set[int]()
        for best in sorted(set(own) - set(chosen), key=lambda i: -scores[i]):
            at = own.index(best)
            wanted = {best, own[at - 1]} if at and leans(quotes[own[at - 1]], quotes[best]) else {best}
            wanted -= look | set(chosen)
            size = sum(tokens.count(quotes[i].text) for i in wanted)
            if size <= room or not look:
                look |= wanted
                room -= size
        chosen += sorted(look, key=own.index)
    return chosen


def leans(before: Quote, quote: Quote) -> bool:
    """Whether `quote` is hard to understand without `before`: a pronoun, or what a colon announced."""
    return before.passage == quote.passage and bool(_LEANING.match(quote.text) or before.text.endswith(":"))


def _overlap(asked: frozenset[str], found: frozenset[str], weight: Callable[[str], float]) -> float:
    # A question without a telling word has nothing in common with any sentence.
    return facts.share(asked, found, weight) if asked else 0.0
