"""Who says a sentence of a document, as far as its own words tell.

A speaker stands in the sentence ("Kelly said"), in the one beside it when a quotation runs on, behind a "he"
of the sentence before, or in what announced a block of quoted text ("a spokesperson wrote:"). Where none of
these holds, the document itself speaks. Knows English and characters; knows nothing of questions or answers.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import lru_cache

from qa import facts, sentences

NEAREST = 2
"""Sentences back that "he said" may reach."""

# No name begins with one of these, however it is written.
_NOBODY = (
    "a after all although an and another as at because before both but by during earlier even finally "
    "first for from he her here his how however i if in indeed instead it its last later many "
    "meanwhile more most no not of on once one only our she since so some speaking still that the "
    "their then there these they this those though throughout to two under until we what when where "
    "whether which while who why with yet you your "
    f"{facts.DAY_NAMES} {facts.MONTH_NAMES}"
)
_PROPER = rf"(?!(?i:{_NOBODY.replace(' ', '|')})\b)[A-Z][\w.'’-]*"
_NAME = (
    r"(?:(?:spokes(?:man|woman|person)|officials? (?:of|at|in)) )?"
    rf"{_PROPER}(?:(?: (?:of|the|for|and|de|von|van|del))* {_PROPER})*"
    r"(?: (?:officials?|spokes(?:man|woman|person)|office))?"
)
_VERB = (
    r"(?:acknowledged|added|admitted|alleged|announced|answered|argued|asserted|assured|blamed|claimed|claims|"
    r"complained|confirmed|conceded|contended|declared|denied|described|disputed|emphasi[sz]ed|estimated|"
    r"explained|expressed|gave|insisted|maintained|noted|notes|pledged|predicted|promised|questioned|"
    r"reiterated|replied|reported|reports|responded|revealed|said|says|(?:spoke|talked) (?:about|of)|stated|"
    r"states|stressed|suggested|testified|told|tweeted|urged|vowed|warned|wrote|writes)"
)
_AUXILIARY = r"(?:(?:has|had|have|also|then|later|repeatedly|previously|reportedly) )*"
_ROLE = r"(?:, (?:an?|the|then|his|her|their) [^,.;:]{2,80}(?=,))?"
_ASIDE = (
    r"(?:,? on [A-Z]\w+(?:, [A-Z]\w+\.? \d+)?|, (?:[a-z]+ing|[A-Z]\w+['’]s?) [^,.;:]{2,80}"
    r"| \([^)]{1,20}\))?,?"
)
_NOT_REPORTED = r"(?<!\bthat )(?<!\bthat the )(?<!\bby )(?<!\bby The )(?<![\w.])"
# In this order: the plainer form wins. What somebody says that another said is the first one's word.
_SPEAKERS = (
    re.compile(rf"^(?P<who>{_NAME}): [“\"]"),
    re.compile(rf"\b[Aa]ccording to (?:the )?(?P<who>{_NAME})"),
    re.compile(rf"{_NOT_REPORTED}(?P<who>{_NAME}{_ROLE}){_ASIDE} {_AUXILIARY}{_VERB}\b"),
    re.compile(rf"[”\",] ?(?:said|says|wrote|added|tweeted) (?:the )?(?P<who>{_NAME})"),
)
_SUBJECT = re.compile(rf"(?P<who>{_NAME})")
_PRONOUN = re.compile(rf"\b(?:he|she|they|it)(?:['’]d)? {_AUXILIARY}{_VERB}\b", re.IGNORECASE)
_OPENS = re.compile(r"^[“\"]")
_ANNOUNCES_ALL = re.compile(
    r"\b(?:following|statement|account|readout|transcript|full text)\b", re.IGNORECASE
)


def speaker(text: str, start: int, end: int) -> str | None:
    """Who says what stands at `text[start:end]`, in the document's own words; None when nobody is named.

    Args:
        text: the whole document.
        start, end: a sentence of it, or part of one, in characters.
    """
    spans = _spans(text)
    at = max(0, bisect_right(spans, (start, len(text))) - 1)
    own = text[start:end]
    if named := _named(own):
        return named
    before = _before(text, spans, at)
    if _PRONOUN.search(own):
        return _first(before) or next(
            (_bare(match["who"]) for match in map(_SUBJECT.match, before[:1]) if match), None
        )
    if announced := _announced(text, spans, at):
        return announced
    return _first((*_rest_of_quotation(text, spans, at), *before)) if _OPENS.match(own) else None


def refers_back(sentence: str) -> bool:
    """Whether only a "he said" tells who speaks in `sentence`."""
    return bool(_PRONOUN.search(sentence)) and not _named(sentence)


def named_in(sentence: str) -> Iterator[str]:
    """Everybody whom the sentence itself names as saying something, the plainest first."""
    line = " ".join(sentence.split())
    return (_bare(match["who"]) for pattern in _SPEAKERS for match in pattern.finditer(line))


def _named(sentence: str) -> str | None:
    """The speaker that the sentence itself names."""
    return next(named_in(sentence), None)


def _bare(name: str) -> str:
    return re.sub(r"['’]s$", "", name.strip(" ,."))


def _first(lines: Iterable[str]) -> str | None:
    return next((name for name in map(_named, lines) if name), None)


def _before(text: str, spans: tuple[sentences.Span, ...], at: int) -> list[str]:
    """The sentences before `at`, nearest first."""
    return [text[start:end] for start, end in reversed(spans[max(0, at - NEAREST) : at])]


def _same_paragraph(text: str, spans: tuple[sentences.Span, ...], at: int) -> bool:
    return 0 < at < len(spans) and "\n\n" not in text[spans[at - 1][1] : spans[at][0]]


def _rest_of_quotation(text: str, spans: tuple[sentences.Span, ...], at: int) -> Iterator[str]:
    """The sentences after `at` in its paragraph: a speaker is often named where the quotation ends."""
    while at + 1 < len(spans) and _same_paragraph(text, spans, at + 1):
        at += 1
        yield text[slice(*spans[at])]


def _announced(text: str, spans: tuple[sentences.Span, ...], at: int) -> str | None:
    """Whose words a block of text is: the speaker before the colon it follows, or before "the following"."""
    paragraph = at
    while _same_paragraph(text, spans, paragraph):
        paragraph -= 1
    if paragraph and text[slice(*spans[paragraph - 1])].endswith(":"):
        return _first((text[slice(*spans[paragraph - 1])], *_before(text, spans, paragraph - 1)))
    for start, end in reversed(spans[:paragraph]):
        line = text[start:end]
        if line.endswith(":") and _ANNOUNCES_ALL.search(line):
            return _named(line)
    return None


@lru_cache(maxsize=64)
def _spans(text: str) -> tuple[sentences.Span, ...]:
    return sentences.split(text)
