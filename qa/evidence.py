"""From passages to the few sentences of each source that a small model needs to read.

Reading is the cost of an answer on a processor: a source is cut down to its sentences nearest to the
question before the model sees it. Knows no model.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from qa import answer_type, facts, prompts, tokens
from qa.quoting import Quote, leans
from qa.ranking import Ranking, overlap, weigher

# A source this far behind the best one is read only in vain; set on the development questions.
RELATIVE_FLOOR = 0.3

Look = tuple[int, ...]
"""Tokens of what is read, and of what is read after that."""
FIRST_LOOK: Look = (300,)
SECOND_LOOK: Look = (*FIRST_LOOK, 260)
FURTHER_LOOK: Look = (100,)
MOST_SOURCES = 2
"""Read at once. Tokens go to the best sentences wherever they stand: of 125 places that answer development
questions 95 are among 290 tokens so, and 90 when each source has half of them; a third source adds none."""
FURTHER_SOURCES = 4
FURTHER_SCORE = 0.72
"""So many documents that are not cited yet are read after that, each by itself, if their nearest sentence is
so near the question, relative to the nearest of all. Of 50 questions of RAMDocs, whose sources mean different
things by one name, 61 % of the answers are told with it and 46 % without; all of them and nothing false in 13
and in 6. Of 117 development questions, whose sources are seldom so alike, one more is right and none less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What the model reads for a question: the best sentences of one document or more."""

    titles: Mapping[str, str]
    """Of the documents that are read, by id; the best one first."""
    quotes: tuple[Quote, ...]
    """All sentences that were found in them, each document's in its order."""
    chosen: tuple[Quote, ...]
    """Those the model reads: document by document, those of a second look after those of the first."""
    cosine: float
    """Of the question and the nearest sentence."""
    overlap: float
    """Share of the question's terms, by weight, in the best sentence: 0 to 1."""
    coverage: float
    """Share of them in everything the model reads, the titles included: 0 to 1."""
    narrow: bool = False
    """Whether only sentences that have the kind of thing that is asked for are read."""

    @property
    def nearest(self) -> Quote:
        """The sentence nearest to the question."""
        return max(self.quotes, key=lambda quote: quote.score)

    @property
    def relevance(self) -> float:
        """How probably the one that answers best of those the model reads does, 0 to 1."""
        return max(quote.relevance for quote in self.chosen)

    def headed(self, quotes: Collection[Quote]) -> str:
        """The titles of the documents that `quotes` are from."""
        return " ".join({self.titles[quote.document_id] for quote in quotes})

    @property
    def everything(self) -> str:
        """The titles and all sentences that were found."""
        return " ".join([*self.titles.values(), *(quote.text for quote in self.quotes)])

    @property
    def text(self) -> str:
        """What the model reads: the sentences of each document under its title; `…` where there are gaps."""
        documents = groupby(self.chosen, key=lambda quote: quote.document_id)
        return "\n\n".join(prompts.passage(self.titles[id], self._read(list(read))) for id, read in documents)

    def _read(self, chosen: Sequence[Quote]) -> str:
        """Sentences of one document, with a sign where others stand between two of them."""
        words = chosen[0].read
        for before, quote in pairwise(chosen):
            follows = self.quotes.index(quote) == self.quotes.index(before) + 1
            said = quote.words if quote.heading == before.heading else quote.read
            words += f" {said}" if follows else f" … {said}"
        return words


def looks(ranking: Ranking, wider: Callable[[], Ranking]) -> Iterator[tuple[Ranking, Sheet]]:
    """What to read first, and what to read when that answers nothing; with what each was chosen from.

    The second look begins with what the first one read, so that the model need not read that again. Where a
    quantity or a time is asked for it goes to the sentences that have one, and wider: a small model keeps to
    the sentence that repeats the question, whatever else is there.
    """
    if first := select(ranking):
        yield ranking, first
    narrow = answer_type.asks_measure(ranking.question)
    if narrow:
        ranking = wider()
    if second := select(ranking, FIRST_LOOK if narrow else SECOND_LOOK, fitting=narrow):
        yield ranking, second


def select(ranking: Ranking, look: Look = FIRST_LOOK, *, fitting: bool = False) -> Sheet | None:
    """The sentences worth reading; None when nothing was found.

    Args:
        look: tokens to read, one stretch after the other.
        fitting: whether to read only sentences that have the kind of thing that is asked for.
    """
    read: list[int] = []
    for room in look:
        read += _in_order(ranking, _nearest(ranking, read, room, fitting))
    return sheet_of(ranking, read, narrow=fitting) if read else None


def sheet_of(ranking: Ranking, read: Sequence[int] = (), *, narrow: bool = False) -> Sheet:
    """The documents of the sentences that are read; without any all that was found.

    Args:
        read: places in `ranking.quotes`, in the order in which they are read.
    """
    quotes = ranking.quotes
    documents = _best_first(ranking, read or range(len(quotes)))
    own = [i for id in documents for i in ranking.places(id)]
    titles = {id: ranking.titles[id] for id in documents}
    terms = frozenset[str]().union(*map(facts.terms, titles.values()), *(quotes[i].terms for i in read))
    return Sheet(
        titles=titles,
        quotes=tuple(quotes[i] for i in own),
        chosen=tuple(quotes[i] for i in read),
        cosine=float(ranking.cosines[own].max()),
        overlap=float(ranking.overlaps[own].max()),
        coverage=overlap(facts.terms(ranking.question), terms, weigher(quotes)),
        narrow=narrow,
    )


def further(ranking: Ranking, known: Collection[str]) -> Iterator[Sheet]:
    """What other documents say, each by itself: those that are not `known` and speak of the same thing.

    Args:
        known: ids of documents.
    """
    others = [id for id in _best_first(ranking, range(len(ranking.quotes))) if id not in known]
    names = facts.names(ranking.question)
    named = any(_mentions(ranking.of(id), id, names) for id in known)
    for id in others[:FURTHER_SOURCES]:
        alone = ranking.of(id)
        near = alone.best >= FURTHER_SCORE * ranking.best
        if not near or (named and not _mentions(alone, id, names)):
            continue
        if sheet := select(alone, FURTHER_LOOK):
            yield sheet


def _mentions(alone: Ranking, document_id: str, names: frozenset[str]) -> bool:
    """Whether what was found in a document, or its title, has one of the `names`."""
    told = " ".join([alone.titles[document_id], *(quote.text for quote in alone.quotes)])
    return facts.mentions(told, names)


def _in_order(ranking: Ranking, look: Collection[int]) -> list[int]:
    """The sentences of one look, those of the best document first, each document's in its order."""
    return [i for id in _best_first(ranking, look) for i in ranking.places(id) if i in look]


def _best_first(ranking: Ranking, look: Collection[int]) -> list[str]:
    """The documents of some sentences, by the best of these."""
    order = sorted(look, key=lambda i: -ranking.quotes[i].score)
    return list(dict.fromkeys(ranking.quotes[i].document_id for i in order))


def _nearest(ranking: Ranking, before: Collection[int], room: int, fitting: bool) -> list[int]:
    """The best sentences that were not read before, until `room` tokens are used."""
    quotes, look = ranking.quotes, list[int]()
    read = dict.fromkeys(quotes[i].document_id for i in before)
    # A heading is read with what stands below it.
    open_ = {i for i, quote in enumerate(quotes) if not quote.above.heads} - set(before)
    order = sorted(open_, key=lambda i: -quotes[i].score)
    if fitting:
        order = [i for i in order if answer_type.fits(ranking.question, quotes[i].read)]
    floor = RELATIVE_FLOOR * ranking.best
    for best in order:
        if quotes[best].document_id not in read and (len(read) == MOST_SOURCES or quotes[best].score < floor):
            continue
        leaning = best > 0 and leans(quotes[best - 1], quotes[best])
        wanted = {best, best - 1} if leaning else {best}
        wanted -= {*look, *before}
        size = sum(tokens.count(quotes[i].read) for i in wanted)
        if size <= room or not look:
            look += wanted
            room -= size
            read.setdefault(quotes[best].document_id)
    return look
