"""Comparing proved sentences: the same, something more, or the opposite; and what else the reader should see.

Knows only sentences that were proved; which of two is right is never decided here.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from qa import answer_type, facts, grounding, judgement, quoting, ranking, speakers
from qa.evidence import Sheet
from qa.questions import Part
from qa.quoting import Quote
from qa.reading import Finding
from qa.types import Document, Passage

Relation = Literal["same", "more", "opposed"]

SAME = 0.6
"""Of two sentences sharing this much of what the question did not say, one is enough."""
OPPOSED = 0.3
"""Sentences must share at least this much before a difference between them counts as a dispute."""
SURE = 0.5
"""A finding this sure is told at once; a less sure one waits until the whole draft has been judged."""
OPPONENT_SUPPORT = 0.7
"""How sure it must be that a source says what contradicts another."""
OPPONENT_SCORE = 0.45
"""How near the question, relative to the best sentence, such a sentence must stand."""
OPPONENT_ANSWERS = 0.15
"""How probably it must answer the question by itself: of the development conflicts none is lost with it."""
OPPONENT_ASKED = 0.15
"""Share of what was asked, but for names, which a denial must take up. Of the development questions 6 of 11
conflicts are told with it, and 1 of 106 others is called one; with 0.4 it is 3 and none."""
AFFIRMED = 0.7
"""The same, by weight, of a sentence that denies nothing: who only mentions a thing does not say it is so.
Two words that stand side by side in the question ("judicial review") are enough of either."""
NEAREST = 3
NEAREST_SCORE = 0.85
"""So many sentences, about as near the question as the nearest, are told even if no draft took them up:
of 119 places that answer development questions 82 are among them, and 77 from 0.95 on."""
BROAD, BROAD_SCORE = 5, 0.6
"""The same where several things are asked for, or a yes or a no to which no other side is known yet, and the
first sentence is sure: 92 of 117 development questions are right with it and 89 without, at 1.7 and 1.6
sentences an answer."""
MORE_ANSWERS = 0.75
"""A further sentence is told only when it is at least this sure, relative to the first."""


@dataclass(slots=True)
class Docket:
    """The findings of one question: those that the reader gets, and those that wait for their turn."""

    part: Part
    passages: Sequence[Passage] = ()
    """What was found for it."""
    told: Sequence[Finding] = ()
    """What the reader knows from an earlier part of the same question."""
    kept: list[Finding] = field(default_factory=list)
    opposed: list[Finding] = field(default_factory=list)
    """Those of `kept` that contradict the first one."""
    _waiting: list[Finding] = field(default_factory=list)

    @property
    def question(self) -> str:
        return self.part.search

    @property
    def documents(self) -> set[str]:
        """Ids of those that answer this question so far."""
        return {quote.document_id for finding in self.kept for quote in finding.proof.quotes}

    def wants(self, finding: Finding) -> bool:
        """Whether `finding` could tell the reader anything that `kept` does not."""
        return all(relation(one, finding, self.question) != "same" for one in self.kept)

    def take(self, finding: Finding) -> list[Finding]:
        """What the reader gets now that `finding` is known, in order; mostly it or nothing.

        Only once one finding is sure enough by itself do the others count, also those which came before it:
        whoever contradicts it, and whoever is about as sure and adds something.
        """
        self._waiting.append(finding)
        if not self.kept and finding.answers < SURE:
            return []
        return self._keep_all()

    def close(self, sheet: Sheet, found: Sheet) -> list[Finding]:
        """What the reader still gets once the whole draft of `sheet` has been judged.

        The best that waited when nothing was sure, the other side, and the nearest sentences that are not
        cited yet.

        Args:
            found: everything that was found, for the other side may stand where the model did not read.
        """
        given = self._keep_all()
        if not self.kept:
            return given
        near = sheet if answer_type.asks_whether(self.question) else found
        other = None if self.opposed else _opponent(self.question, self.kept[0], near)
        if other is not None:
            self.kept.append(other)
            self.opposed.append(other)
        return given + ([other] if other else []) + self._nearest(sheet)

    def _nearest(self, sheet: Sheet) -> list[Finding]:
        """The sentences nearest to the question, in their own words, where they are not cited yet.

        A small model leaves out what its one short sentence has no room for; whoever reads on finds it.
        Headings, signatures and questions are none, nor what has nothing but names in common with a
        question, unless that is a broad one and the first sentence takes it up.
        """
        cited = self._cited
        several = answer_type.asks_several(self.question)
        broad = several or answer_type.asks_whether(self.question)
        asked = facts.common(self.question)
        # Where the first takes up nothing of a yes-or-no question, more of the kind answers it no better.
        if several or (broad and any(asked & quote.terms for quote in self.kept[0].proof.quotes)):
            asked = frozenset()
        # Both sides are all that a reader needs of a dispute, and what is unsure makes no long list.
        sure = self.kept[0].answers >= (SURE if several else judgement.PLAIN)
        wide = broad and sure and not self.opposed
        most, least = (BROAD, BROAD_SCORE) if wide else (NEAREST, NEAREST_SCORE)
        best = sorted(filter(quoting.tells, sheet.quotes), key=lambda quote: -quote.score)[:most]
        added = []
        for quote in best:
            # The same words elsewhere tell nothing more.
            told = {one.text for one in cited}
            if quote.text in told or quote.score < least * sheet.nearest.score:
                continue
            finding = _in_own_words(quote, self.question, sheet, self.kept[0], cited)
            if asked and all(asked.isdisjoint(one.terms) for one in finding.proof.quotes):
                continue
            if any(_contradicts(one, finding, self.question) for one in self.kept):
                self.opposed.append(finding)
            cited.update(finding.proof.cited)
            added.append(finding)
        self.kept += added
        return added

    @property
    def _cited(self) -> set[Quote]:
        """What the reader has read already."""
        return {quote for finding in (*self.told, *self.kept) for quote in finding.proof.cited}

    def _keep_all(self) -> list[Finding]:
        """Keep what waits and may be kept, best first."""
        before = len(self.kept)
        for finding in sorted(self._waiting, key=lambda finding: -finding.answers):
            if judgement.verdict(finding.proof, finding.support) == "unsupported":
                continue
            stands = self._stands(finding)
            if stands == "same":
                continue
            if stands == "opposed":
                self.opposed.append(finding)
            self.kept.append(finding)
        self._waiting = [finding for finding in self._waiting if finding not in self.kept]
        return self.kept[before:]

    @property
    def sides(self) -> tuple[Finding, ...]:
        """One finding a side when the sources differ on what was asked, else none."""
        return (self.kept[0], *self.opposed) if self.opposed else ()

    def _stands(self, finding: Finding) -> Relation:
        """How a finding stands to those that are kept; `same` also when it is not sure enough to count."""
        if any(relation(one, finding, self.question) == "same" for one in self.told):
            return "same"
        if finding.proof.verbatim and set(finding.proof.quotes) <= self._cited:
            return "same"
        if not self.kept:
            return "more" if finding.answers >= judgement.ACCEPTED else "same"
        relations = [relation(one, finding, self.question) for one in self.kept]
        if "same" in relations:
            return "same"
        if "opposed" in relations:
            return "opposed" if finding.support >= OPPONENT_SUPPORT else "same"
        least = max(judgement.ACCEPTED, MORE_ANSWERS * self.kept[0].answers)
        return "more" if finding.answers >= least else "same"


def relation(first: Finding, other: Finding, question: str) -> Relation:
    """How `other` stands to `first`, both being answers to `question`."""
    asked = facts.terms(question)
    mine, theirs = facts.terms(first.text), facts.terms(other.text)
    numbers, others = (facts.numbers(facts.affirmed(one.text)) for one in (first, other))
    counted = answer_type.asks_quantity(question) and answer_type.same_kind(question, first.text, other.text)
    if counted and numbers and others and not numbers & others and not _elsewhere(first, other, question):
        return "opposed"
    if (
        _apart(first, other)
        and answer_type.differ(question, first.text, other.text)
        and all(facts.share(asked, facts.terms(_told(one))) >= facts.TAKEN_UP for one in (first, other))
    ):
        return "opposed"
    alike = len(mine & theirs) >= OPPOSED * min(len(mine), len(theirs))
    if (
        answer_type.asks_whether(question)
        and alike
        and _denies(question, first.text) != _denies(question, other.text)
    ):
        return "opposed"
    told = numbers | facts.numbers(question)
    return "same" if others <= told and facts.share(theirs - asked, mine) >= SAME else "more"


def _told(finding: Finding) -> str:
    """What a finding says and what it says that of: the title, and the sentence it is hard to understand
    without."""
    quotes, read = finding.proof.quotes, finding.sheet.quotes
    before = [read[at - 1] for at in map(read.index, quotes) if at and quoting.leans(read[at - 1], read[at])]
    return " ".join([finding.sheet.headed(quotes), *(quote.text for quote in before), finding.text])


def _elsewhere(first: Finding, other: Finding, question: str) -> bool:
    """Whether `other`, from another document, takes up too little of a question to be of what it asks."""
    told, asked = facts.terms(_told(other)), facts.terms(question) - facts.numbers(question)
    taken_up = facts.share(asked, told) >= facts.HALF_TAKEN_UP
    return _apart(first, other) and not (taken_up or answer_type.counted(question) in told)


def _apart(first: Finding, other: Finding) -> bool:
    """Whether they come from different documents."""
    mine, theirs = ({quote.document_id for quote in one.proof.quotes} for one in (first, other))
    return not mine & theirs


def _contradicts(first: Finding, other: Finding, question: str) -> bool:
    """Whether `other`, which nobody drafted as an answer, says the opposite of one that was."""
    if relation(first, other, question) != "opposed":
        return False
    if answer_type.asks_whether(question):
        return _turns(question, first.text, other.text, ranking.weigher(other.sheet.quotes))
    if not answer_type.asks_quantity(question):
        return True
    # Not every number near the question is an answer to it: the same thing has to be counted.
    same, told = facts.recounted(first.text, other.text), _told(other)
    if answer_type.counted(question) in same:
        return facts.share(facts.terms(question), facts.terms(told)) >= facts.HALF_TAKEN_UP
    return bool(same) and facts.takes_up(question, told)


def _opponent(question: str, first: Finding, sheet: Sheet) -> Finding | None:
    """The sentence that answers otherwise than `first` does, if any.

    A draft picks one side of what it read. The other is looked for among the sentences nearest to the
    question. It stands in its own words.
    """
    least = OPPONENT_SCORE * sheet.nearest.score
    others = [quote for quote in sheet.quotes if quote not in first.proof.quotes and quoting.tells(quote)]
    near = [q for q in others if q.score >= least and q.relevance >= OPPONENT_ANSWERS]
    whether, weight = answer_type.asks_whether(question), ranking.weigher(sheet.quotes)
    for quote in sorted(near, key=lambda quote: -quote.score):
        if whether and not _turns(question, first.text, quote.text, weight):
            continue
        other = _in_own_words(quote, question, sheet, first)
        if whether or (_apart(first, other) and _contradicts(first, other, question)):
            return other
    return None


def _turns(question: str, first: str, other: str, weight: Callable[[str], float]) -> bool:
    """Whether `other` takes up a yes-or-no question, and denies where `first` affirms or affirms where it
    denies."""
    asked, told = facts.common(question), facts.terms(other)
    denies = _denies(question, other)
    takes_up = facts.share(asked, told) if denies else facts.share(asked, told, weight)
    least = OPPONENT_ASKED if denies else AFFIRMED
    named = facts.phrases(question) & facts.phrases(other)
    same_thing = takes_up >= least or any(asked.issuperset(phrase) for phrase in named)
    return same_thing and denies != _denies(question, first)


def _denies(question: str, text: str) -> bool:
    """Whether `text` says No to a yes-or-no question, or says it of another number."""
    asked = facts.common(question) or facts.terms(question)
    return facts.denies(text, asked) != facts.otherwise(question, text)


def _in_own_words(
    quote: Quote, question: str, sheet: Sheet, beside: Finding, told: Collection[Quote] = ()
) -> Finding:
    """A quote that nobody drafted, told beside a finding and as sure of answering as that one."""
    text, proof = grounding.own_words(quote, question, sheet, told)
    return Finding(text=text, sheet=sheet, proof=proof, answers=beside.answers, support=1)


def holder(finding: Finding, documents: Mapping[str, Document]) -> str:
    """Who says so: the speaker behind its quotes as the document names them, else who wrote the letter they
    are from, else the document's title."""
    quotes = finding.proof.quotes[::-1]
    spoken = (speakers.speaker(documents[q.document_id].text, q.start, q.end) for q in quotes)
    written = (heading.writer for quote in quotes for heading in quote.above.headings)
    return next(filter(None, (*spoken, *written)), documents[quotes[0].document_id].title)
