"""Comparing what several sources answered: the same, something more, or the opposite.

Knows only sentences that were proved; which of two is right is never decided here.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from qa import facts, judgement
from qa.reading import Finding
from qa.types import Account, Sentence

Relation = Literal["same", "more", "opposed"]

SAME = 0.6
"""Of two sentences sharing this much of what the question did not say, one is enough."""
OPPOSED = 0.3
"""Sentences must share at least this much before a difference between them counts as a dispute."""
OPPONENT_SUPPORT = 0.7
"""How sure it must be that a source says what contradicts another."""
MORE_ANSWERS = 0.75
"""A further source is heard only when it is at least this sure, relative to the first."""

_QUANTITY = re.compile(
    r"\bhow (?:many|much|old|long|far|often|big|large)\b|\b(?:number|age) of\b", re.IGNORECASE
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
    _waiting: list[Finding] = field(default_factory=list)

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
            if self._adds(one):
                self._keep(one)
        return self.kept[before:]

    def _keep(self, finding: Finding) -> None:
        self.kept.append(finding)
        self._waiting.remove(finding)

    def _adds(self, finding: Finding) -> bool:
        relations = [relation(one, finding, self.question) for one in self.kept]
        if "same" in relations:
            return False
        if "opposed" in relations:
            return finding.support >= OPPONENT_SUPPORT
        return finding.answers >= max(judgement.ACCEPTED, MORE_ANSWERS * self.kept[0].answers)


def accounts(kept: Sequence[Finding], sentences: Sequence[Sentence], question: str) -> tuple[Account, ...]:
    """One account for each side when the sources differ on what was asked, else none."""
    opposed = [
        (finding, sentence)
        for finding, sentence in zip(kept, sentences, strict=True)
        if finding is not kept[0] and relation(kept[0], finding, question) == "opposed"
    ]
    if not opposed:
        return ()
    sides = [(kept[0], sentences[0]), *opposed]
    return tuple(Account(holder=holder(f), text=s.text, citations=s.citations) for f, s in sides)


def relation(first: Finding, other: Finding, question: str) -> Relation:
    """How `other` stands to `first`, both being answers to `question`."""
    asked = facts.terms(question)
    mine, theirs = facts.terms(first.text), facts.terms(other.text)
    numbers, others = facts.numbers(first.text), facts.numbers(other.text)
    if _QUANTITY.search(question) and numbers and others and not numbers & others:
        return "opposed"
    if len(mine & theirs) >= OPPOSED * min(len(mine), len(theirs)) and facts.negated(
        first.text
    ) != facts.negated(other.text):
        return "opposed"
    return "same" if _share(theirs - asked, mine) >= SAME else "more"


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
