"""How an answer is read before it is scored: what it says, what it cites, what it asserts.

Knows cases, answers and documents; gives no score.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence

from evals.matching import locate, normalise
from evals.types import Case, Gold
from qa import Answer, Citation, Document, find_terms, split_sentences

Documents = Mapping[str, Document]
"""By source."""
Range = tuple[str, int, int]
"""Source, first character, one past the last."""

LEAST_WORDS = 3
"""Telling words that make a sentence checkable."""
# Sentences on the answer itself assert nothing of the documents.
_REMARK = re.compile(
    r"documents? (?:do|does|did) not|(?:not|no) (?:mention|information|answer)|"
    r"^(?:the )?(?:accounts|documents|sources|reports) (?:differ|disagree)|"
    r"^(?:i|we) (?:can not|do not)|based on the (?:passages|documents)"
)
_MARK = re.compile(r"\s*\[\d+\]")


def refused(answer: Answer) -> bool:
    """By status, never by wording."""
    return answer.status == "unanswerable"


def excused(case: Case, answer: Answer | None) -> bool:
    """A refusal where facts or a refusal were right: nothing of the facts can be asked of it."""
    return case.refusal_ok and answer is not None and refused(answer)


def said(answer: Answer) -> str:
    """What a reader is told, normalised: the answer and who holds which account."""
    accounts = (f"{account.holder}: {account.text}" for account in answer.accounts)
    return normalise("\n".join((answer.answer, *accounts)))


def is_valid(citation: Citation, documents: Documents) -> bool:
    """Whether quote, characters and hash are the document's own."""
    document = documents.get(citation.source)
    return (
        document is not None
        and document.id == citation.document_id
        and 0 <= citation.start < citation.end <= len(document.text)
        and document.text[citation.start : citation.end] == citation.quote
        and hashlib.sha256(document.text.encode()).hexdigest() == citation.sha256
    )


def sentences(answer: Answer) -> tuple[tuple[str, str, tuple[int, ...]], ...]:
    """Text, the engine's verdict and the marks of each sentence.

    An answer without sentences of its own (other systems give text alone) is cut by ours; its marks are those
    that stand in or behind each sentence.
    """
    if refused(answer):
        return ()
    if answer.sentences:
        return tuple((s.text, s.verdict, s.citations) for s in answer.sentences)
    return tuple(_cut(answer.answer))


def is_checkable(sentence: str) -> bool:
    return len(find_terms(sentence)) >= LEAST_WORDS and not _REMARK.search(normalise(sentence))


def gold_places(group: Sequence[Gold], documents: Documents) -> tuple[Range, ...]:
    """Where the quotes of a group stand; those that are gone are left out."""
    places = []
    for quote in group:
        document = documents.get(quote.source)
        place = locate(document.text, quote.quote) if document else None
        if place:
            places.append((quote.source, *place))
    return tuple(places)


def covered(place: Range, ranges: Iterable[Range]) -> float:
    """Share of the characters of `place` inside the ranges; overlapping ranges count once."""
    source, start, end = place
    held: set[int] = set()
    for other, low, high in ranges:
        if other == source:
            held.update(range(max(start, low), min(end, high)))
    return len(held) / (end - start)


def _cut(text: str) -> Iterable[tuple[str, str, tuple[int, ...]]]:
    # A mark behind the full stop belongs to the sentence before it.
    text = re.sub(r"([.!?][\"”’']?)((?:\s*\[\d+\])+)", r"\2\1", text)
    for start, end in split_sentences(text):
        sentence = text[start:end]
        marks = tuple(dict.fromkeys(int(mark) for mark in re.findall(r"\[(\d+)\]", sentence)))
        yield _MARK.sub("", sentence).strip(), "", marks
