"""Comparing what several sources answered: the same, something more, or the opposite.

Knows only sentences that were proved; which of two is right is never decided here.
"""

import re
from collections.abc import Sequence
from typing import Literal

from qa import facts
from qa.reading import Finding
from qa.types import Account, Sentence

Relation = Literal["same", "more", "opposed"]

SAME = 0.6
"""Of two sentences sharing this much of what the question did not say, one is enough."""
OPPOSED = 0.3
"""Sentences must share at least this much before a difference between them counts as a dispute."""
MORE_SUPPORT = 0.75
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


def adds(finding: Finding, kept: Sequence[Finding], question: str) -> bool:
    """Whether `finding` tells the reader something that `kept` does not."""
    if not kept:
        return True
    relations = [relation(one, finding, question) for one in kept]
    if "same" in relations:
        return False
    return "opposed" in relations or finding.support >= MORE_SUPPORT * kept[0].support


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
    if _share(theirs, mine) >= OPPOSED and facts.negated(first.text) != facts.negated(other.text):
        return "opposed"
    return "same" if _share(theirs - asked, mine) >= SAME else "more"


def holder(finding: Finding) -> str:
    """Who says so: the speaker whom the sentence or its quotes name, else the document's title."""
    for text in (finding.text, *(quote.text for quote in finding.proof.quotes)):
        for pattern in _HOLDERS:
            if match := pattern.search(text):
                return match.group("who")
    return finding.source.title


def _share(part: frozenset[str], whole: frozenset[str]) -> float:
    """How much of `part` is in `whole`: 0 to 1."""
    return len(part & whole) / len(part) if part else 1.0
