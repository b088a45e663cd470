"""Every sentence of what was found, and how near the question it stands: by words, by vectors, and as a
cross-encoder reads the two together.

Knows the embedder and the reranker; what is read of the sentences is decided elsewhere.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np

from qa import answer_type, facts, outline, sentences, speakers
from qa.embedding import OnnxEmbedding, Vectors
from qa.outline import Above, Outline
from qa.reranking import Reranker
from qa.types import Document, Passage

SENTENCE_WEIGHT, WINDOW_WEIGHT, OVERLAP_WEIGHT = 0.35, 0.35, 0.3
QUOTED_WEIGHT = 0.5
"""Of a sentence that has words which the question puts in quotation marks."""

FITTING_WEIGHT = 0.05
"""Of a sentence that has the kind of thing that is asked for; of 81 development questions the nearest
sentence alone answers 36 with it, 34 without."""

FOLLOWS = 2
"""Characters between a question and its answer: a blank line at most."""

TITLE_WEIGHT = 0.75
"""A title names what its document is about and answers little, near as it may stand to the question; the
model reads it anyway, above the sentences."""

RERANKED = 24
"""So many of the nearest sentences a cross-encoder reads. Of 129 places that answer development questions 97
are among the three nearest with it and 87 without, 103 and 90 within 150 tokens; 48 sentences do no more."""
RELEVANCE_WEIGHT = 0.8
"""Of what it thinks, beside the weights above."""

_ENDED = re.compile(r"[.!…:;][\"”’')\]]*\s*$")
_ASKS = re.compile(r"\?[\s\"'”’*_]*$")
_MARKS = "#*_= "
# "Sec. Kelly: “Don’t call me”" is a heading.
_LABELLED = re.compile(r"[A-Z][\w ()/&-]{1,40}: +[^\s“\"‘']")
# Such a sentence is understood only with the one before it.
_LEANING = re.compile(
    r"[\"“‘']?(?:he|she|they|it|his|her|their|its|this|that|these|those|such)\b", re.IGNORECASE
)

# "He denied it", "dismissed these allegations": whoever was told of the one must be told of the other.
_DENIES_IT = re.compile(
    r"\b(?:den(?:y|ies|ied)|disput(?:es?|ed)|reject(?:s|ed)?|refut(?:es?|ed)|dismiss(?:es|ed)?|contradict(?:s|ed)?)"
    r" (?:it|this|that|doing so|having done so"
    r"|(?:(?:all|any) )?(?:of )?(?:the|these|those|such|this|that) (?:\w+ )?"
    r"(?:accusations?|accounts?|allegations?|assertions?|characteri[sz]ations?|charges?|claims?|reports?|rumou?rs?"
    r"|statements?|stor(?:y|ies)|suggestions?|version))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """One sentence of a document: `text == document.text[start:end]`."""

    document_id: str
    start: int
    end: int
    text: str
    terms: frozenset[str] = field(compare=False)
    """Its telling words, and those of what stands above it."""
    passage: int = field(compare=False)
    """Which of the passages it stands in."""
    above: Above = field(default=Above(), compare=False)
    item: int = field(default=-1, compare=False)
    """Where the item of a list, or the row of a table, begins that it is from; -1 for others."""
    score: float = field(default=0.0, compare=False)
    """How near the question it stands, about 0 to 2."""
    relevance: float = field(default=0.5, compare=False)
    """How probably it answers the question, as a cross-encoder reads the two together, 0 to 1."""

    @property
    def heading(self) -> str:
        """The headings above it, from the outermost on."""
        return ": ".join(heading.words for heading in self.above.headings)

    @property
    def words(self) -> str:
        """It as people read it: the row of a table with the names of its columns, anything else as it is."""
        return outline.labelled(self.text, self.above.columns) if self.above.columns else self.text

    @property
    def read(self) -> str:
        """It under its headings, as models read it."""
        return f"{self.heading}: {self.words}" if self.heading else self.words


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
    counts = Counter(term for quote in quotes for term in quote.terms)
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
        for quote in quotes_of(passage, number, outlines.get(passage.document_id, Outline()))
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
    relevances = np.full_like(scores, 0.5)
    if quotes and reranker:
        relevances = _relevances(read or (question,), quotes, titles, scores, reranker)
        scores += RELEVANCE_WEIGHT * relevances
    scores *= np.array([TITLE_WEIGHT if entitles(quote, titles) else 1 for quote in quotes])
    return Ranking(
        question=question,
        quotes=tuple(
            replace(quote, score=float(scores[i]), relevance=float(relevances[i]))
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


def entitles(quote: Quote, titles: Mapping[str, str]) -> bool:
    """Whether it is the title of its document, among `titles` by id."""
    return quote.text.strip(_MARKS) == titles[quote.document_id]


def leans(before: Quote, quote: Quote) -> bool:
    """Whether `quote` is hard to understand without `before`: a pronoun, what a colon announced, what follows
    a question, or goes on in one item of a list."""
    return before.passage == quote.passage and bool(
        _LEANING.match(quote.text)
        or speakers.refers_back(quote.text)
        or announces(before, quote)
        or quote.item == before.item >= 0
        or (asks(before) and quote.start - before.end <= FOLLOWS)
    )


def above(quote: Quote, question: str) -> tuple[Quote, ...]:
    """The headings above `quote` which say something of the question that it does not say itself."""
    asked = facts.terms(question) - facts.terms(quote.words)
    kind = not answer_type.fits(question, quote.words)
    return tuple(
        Quote(
            document_id=quote.document_id,
            start=heading.start,
            end=heading.end,
            text=heading.text,
            terms=facts.terms(heading.words),
            passage=quote.passage,
            above=Above(headings=(heading,)),
        )
        for heading in quote.above.headings
        if asked & facts.terms(heading.words) or (kind and answer_type.fits(question, heading.words))
    )


def announces(before: Quote, quote: Quote) -> bool:
    """Whether `before` ends in a colon, so that it says little without `quote`."""
    return before.passage == quote.passage and before.text.endswith(":")


def brings(quote: Quote, after: Quote) -> bool:
    """Whether `quote` would mislead without `after`: it only announces that, or is denied there."""
    return announces(quote, after) or (quote.passage == after.passage and denies_it(after))


def denies_it(quote: Quote) -> bool:
    """Whether somebody denies what another sentence tells."""
    return bool(_DENIES_IT.search(quote.text))


def asks(quote: Quote) -> bool:
    """Whether it is a question."""
    return bool(_ASKS.search(quote.text))


def tells(quote: Quote) -> bool:
    """Whether it is a whole sentence and no question, or a line of a list, of a table or behind a label: no
    heading, no signature."""
    listed = quote.item >= 0 and len(quote.text.split()) > 1 and quote.start != quote.above.head
    return (listed or bool(_ENDED.search(quote.text) or _LABELLED.match(quote.text))) and not asks(quote)


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
) -> Vectors:
    """How probably the nearest sentences, each under its title, answer as the reranker reads them, 0 to 1,
    the mean of several forms of a question; the others as little as the least of these."""
    near = np.argsort(-scores)[:RERANKED]
    texts = [f"{titles[quotes[i].document_id]}: {quotes[i].read}" for i in near]
    answers = np.mean([reranker.answers(question, texts) for question in questions], axis=0)
    relevances = np.full_like(scores, answers.min())
    relevances[near] = answers
    return relevances


def quotes_of(passage: Passage, number: int, around: Outline) -> Iterator[Quote]:
    """The sentences of a passage, the `number`th that was found, under what stands above them."""
    for span in sentences.split(passage.text):
        start, end = sentences.bare(passage.text, span)
        text, above = passage.text[start:end], around.at(passage.start + span[0])
        if outline.is_rule(text):
            continue
        quote = Quote(
            document_id=passage.document_id,
            start=passage.start + start,
            end=passage.start + end,
            text=text,
            terms=frozenset(),
            passage=number,
            above=above,
            item=_item(passage, span),
        )
        yield replace(quote, terms=facts.terms(quote.read))


def _item(passage: Passage, span: sentences.Span) -> int:
    """Where the item of a list, or the row of a table, begins that holds a sentence; -1 without one."""
    line = passage.text.rfind("\n", 0, span[0]) + 1
    listed = sentences.starts_item(passage.text[line : span[1]]) and passage.text[line] not in "#>"
    return passage.start + line if listed else -1


def _windows(quotes: Sequence[Quote], vectors: Vectors) -> Vectors:
    """For each sentence the direction of itself and the two beside it, each row of length 1."""
    rows = []
    for i, quote in enumerate(quotes):
        beside = [j for j in (i - 1, i, i + 1) if 0 <= j < len(quotes) and quotes[j].passage == quote.passage]
        rows.append(vectors[beside].sum(axis=0))
    directions = np.array(rows)
    unit: Vectors = directions / np.linalg.norm(directions, axis=1, keepdims=True)
    return unit
