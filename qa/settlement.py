"""Comparing what several sources answered: the same, something more, or the opposite.

Knows only sentences that were proved; which of two is right is never decided here.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from qa import facts, grounding, judgement
from qa.evidence import Source
from qa.reading import Finding
from qa.types import Account, Sentence

Relation = Literal["same", "more", "opposed"]

SAME = 0.6
"""Of two sentences sharing this much of what the question did not say, one is enough."""
OPPOSED = 0.3
"""Sentences must share at least this much before a difference between them counts as a dispute."""
OPPONENT_SUPPORT = 0.7
"""How sure it must be that a source says what contradicts another."""
OPPONENT_SCORE = 0.6
"""How near the question, relative to the best sentence, such a sentence must stand."""
MORE_ANSWERS = 0.75
"""A further source is heard only when it is at least this sure, relative to the first."""

_QUANTITY = re.compile(
    r"\bhow (?:many|much|old|long|far|often|big|large)\b|\b(?:number|age) of\b", re.IGNORECASE
)
_POLAR = re.compile(
    r"^(?:and |but |so )?(?:is|are|was|were|did|do|does|has|have|had|will|would|can|could|should)\b"
    r"|\byes or no\b|\b(?:was|were|is|are|did|does|has|have) (?:he|she|it|they|there)\b",
    re.IGNORECASE,
)
_NAME = r"(?:[A-Z][\w.'’-]*)(?: (?:(?:of|the|for|and|de) )*[A-Z][\w.'’-]*)*"
_SPEECH = (
    r"(?:said|says|told|tweeted|claimed|claims|stated|wrote|noted|pledged|responded|suggested|disputed|argued|"
    r"announced|insisted|acknowledged)"
)
_HOLDERS = (
    re.compile(rf"\b[Aa]ccording to (?:the )?(?P<who>{_NAME})"),
    re.compile(rf"\b(?P<who>{_NAME})(?:,[^,]{{3,60}},)? {_SPEECH}\b"),
)


@dataclass(slots=True)
class Docket:
    """The findings of one question: those that the reader gets, and those that wait for their turn."""

    question: str
    kept: list[Finding] = field(default_factory=list)
    opposed: list[Finding] = field(default_factory=list)
    """Those of `kept` that contradict the first one."""
    _waiting: list[Finding] = field(default_factory=list)

    def wants(self, finding: Finding) -> bool:
        """Whether `finding` could tell the reader anything that `kept` does not."""
        return all(relation(one, finding, self.question) != "same" for one in self.kept)

    def take(self, finding: Finding) -> list[Finding]:
        """What the reader gets now that `finding` is known, in order; mostly it or nothing.

        One finding must be sure enough by itself. Only then do the others count, also those which came
        before it: whoever contradicts it, and whoever is about as sure and adds something.
        """
        self._waiting.append(finding)
        before = len(self.kept)
        if not self.kept and finding.answers >= judgement.ACCEPTED:
            self._keep(finding)
        for one in list(self._waiting) if self.kept else ():
            stands = self._stands(one)
            if stands == "opposed":
                self.opposed.append(one)
            if stands != "same":
                self._keep(one)
        return self.kept[before:]

    def close(self, sources: Sequence[Source]) -> list[Finding]:
        """What is still missing once all sources have been read: the other side of the first finding."""
        if not self.kept or self.opposed:
            return []
        other = _opponent(self.question, self.kept[0], sources)
        if other is None:
            return []
        self.kept.append(other)
        self.opposed.append(other)
        return [other]

    def accounts(self, sentences: Sequence[Sentence]) -> tuple[Account, ...]:
        """One account a side when the sources differ on what was asked, else none.

        Args:
            sentences: what became of `kept`, one each.
        """
        if not self.opposed:
            return ()
        sides = [self.kept[0], *self.opposed]
        told = [(finding, sentences[self.kept.index(finding)]) for finding in sides]
        return tuple(Account(holder=holder(f), text=s.text, citations=s.citations) for f, s in told)

    def _keep(self, finding: Finding) -> None:
        self.kept.append(finding)
        self._waiting.remove(finding)

    def _stands(self, finding: Finding) -> Relation:
        """How a finding stands to those that are kept; `same` also when it is not sure enough to count."""
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
    numbers, others = facts.numbers(first.text), facts.numbers(other.text)
    if _QUANTITY.search(question) and numbers and others and not numbers & others:
        return "opposed"
    alike = len(mine & theirs) >= OPPOSED * min(len(mine), len(theirs))
    if _POLAR.search(question) and alike and facts.negated(first.text) != facts.negated(other.text):
        return "opposed"
    return "same" if _share(theirs - asked, mine) >= SAME else "more"


def _opponent(question: str, first: Finding, sources: Sequence[Source]) -> Finding | None:
    """The source sentence that answers a yes-or-no question the other way than `first` does, if any.

    A draft picks one side of what its source reports. The other is looked for among the sentences nearest to
    the question: one that takes up what was asked, and denies where the first affirms or affirms where it
    denies. It stands in its own words.
    """
    if not _POLAR.search(question):
        return None
    asked = facts.terms(question) - facts.names(question)
    denies = facts.negated(first.text)
    found = [
        (quote, source)
        for source in sources
        for quote in source.quotes
        if quote not in first.proof.quotes
        and quote.score >= OPPONENT_SCORE * first.source.relevance
        and quote.terms & asked
        and facts.negated(quote.text) != denies
    ]
    if not found:
        return None
    quote, source = max(found, key=lambda pair: pair[0].score)
    proof = grounding.itself(quote)
    return Finding(text=quote.text, source=source, proof=proof, answers=first.answers, support=1)


def holder(finding: Finding) -> str:
    """Who says so: the speaker whom the sentence or its quotes name, else the document's title."""
    for text in (finding.text, *(quote.text for quote in finding.proof.quotes)):
        for pattern in _HOLDERS:
            if match := pattern.search(text):
                return match.group("who").rstrip(" .")
    return finding.source.title


def _share(part: frozenset[str], whole: frozenset[str]) -> float:
    """How much of `part` is in `whole`: 0 to 1."""
    return len(part & whole) / len(part) if part else 1.0
