"""From passages to the few sentences of each source that a small model needs to read.

Reading is the cost of an answer on a processor: a source is cut down to its sentences nearest to the
question, each with its neighbour, before the model sees it. Knows no model but the embedder.
"""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from qa import facts, sentences, tokens
from qa.embedding import OnnxEmbedding
from qa.types import Passage

SOURCE_TOKENS = 150
MOST_SOURCES = 3
# A source this far behind the best one is read only in vain; set on the development questions.
RELATIVE_FLOOR = 0.45
COSINE_WEIGHT = 0.6


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What one document has to say about a question."""

    document_id: str
    title: str
    quotes: tuple[Quote, ...]
    """All sentences that were found, in the document's order."""
    chosen: tuple[Quote, ...]
    """Those the model reads, in the document's order."""
    nearest: Quote
    """The one nearest to the question."""
    cosine: float
    """Of the question and the nearest sentence."""
    overlap: float
    """Share of the question's terms, by weight, in the best sentence: 0 to 1."""
    coverage: float
    """Share of them in everything the model reads, the title included: 0 to 1."""

    @property
    def relevance(self) -> float:
        return COSINE_WEIGHT * self.cosine + (1 - COSINE_WEIGHT) * self.overlap

    @property
    def text(self) -> str:
        """What the model reads; `…` where sentences were left out."""
        parts = [self.chosen[0].text]
        for before, quote in zip(self.chosen, self.chosen[1:], strict=False):
            gap = "" if self.quotes.index(quote) == self.quotes.index(before) + 1 else "… "
            parts.append(gap + quote.text)
        return " ".join(parts)


def weigher(quotes: Sequence[Quote]) -> Callable[[str], float]:
    """Weight of a term: the rarer among the sentences that were found, the more it tells."""
    counts = Counter(term for quote in quotes for term in quote.terms)
    return lambda term: math.log((len(quotes) + 1) / (counts[term] + 0.5))


def select(question: str, passages: Sequence[Passage], embedder: OnnxEmbedding) -> tuple[Source, ...]:
    """The sources worth reading, best first; none when there are no passages."""
    quotes = [quote for number, passage in enumerate(passages) for quote in _quotes(passage, number)]
    if not quotes:
        return ()
    vectors = embedder.embed([question, *(quote.text for quote in quotes)])
    cosines = vectors[1:] @ vectors[0]
    weight = weigher(quotes)
    asked = facts.terms(question)
    overlaps = [_share(asked, quote.terms, weight) for quote in quotes]
    titles = {passage.document_id: passage.title for passage in passages}
    sources = []
    for document_id, title in titles.items():
        own = sorted(
            (i for i, quote in enumerate(quotes) if quote.document_id == document_id),
            key=lambda i: quotes[i].start,
        )
        scores = {i: COSINE_WEIGHT * float(cosines[i]) + (1 - COSINE_WEIGHT) * overlaps[i] for i in own}
        chosen = tuple(quotes[i] for i in _neighbourhoods(own, quotes, scores))
        read = facts.terms(title).union(*(quote.terms for quote in chosen))
        sources.append(
            Source(
                document_id=document_id,
                title=title,
                quotes=tuple(quotes[i] for i in own),
                chosen=chosen,
                nearest=quotes[max(own, key=lambda i: scores[i])],
                cosine=max(float(cosines[i]) for i in own),
                overlap=max(overlaps[i] for i in own),
                coverage=_share(asked, read, weight),
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


def _neighbourhoods(own: Sequence[int], quotes: Sequence[Quote], scores: dict[int, float]) -> list[int]:
    """The best sentences with the ones beside them, until `SOURCE_TOKENS` are used, in order."""
    room = SOURCE_TOKENS
    chosen: set[int] = set()
    for best in sorted(own, key=lambda i: -scores[i])[:3]:
        at = own.index(best)
        for place in (at, at - 1, at + 1):
            if not 0 <= place < len(own) or own[place] in chosen:
                continue
            # A neighbour from another passage is no neighbour.
            if quotes[own[place]].passage != quotes[best].passage:
                continue
            size = tokens.count(quotes[own[place]].text)
            if size <= room or not chosen:
                chosen.add(own[place])
                room -= size
    return [i for i in own if i in chosen]


def _share(asked: frozenset[str], found: frozenset[str], weight: Callable[[str], float]) -> float:
    total = sum(map(weight, asked))
    return sum(map(weight, asked & found)) / total if total > 0 else 0.0
