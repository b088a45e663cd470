"""The sentences of what was found, each with what stands above it, and how one leans on another.

Knows passages and their documents' outlines; knows no question but for what it names.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from qa import answer_type, facts, outline, sentences, speakers
from qa.outline import Above, Outline
from qa.types import Passage

FOLLOWS = 2
"""Characters between a question and its answer: a blank line at most."""

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
    """Its telling words, and those of what stands above it …"""
    lent: frozenset[str] = field(default=frozenset(), compare=False)
    """… of which these it has not itself."""
    passage: int = field(compare=False)
    """Which of the passages it stands in."""
    above: Above = field(default=Above(), compare=False)
    item: int = field(default=-1, compare=False)
    """Where the item of a list, or the row of a table, begins that it is from; -1 for others."""
    lead: str = field(default="", compare=False)
    """The sentences of its item before it."""
    score: float = field(default=0.0, compare=False)
    """How near the question it stands, about 0 to 2."""
    relevance: float = field(default=0.5, compare=False)
    """How probably it answers the question, as a cross-encoder reads the two together, 0 to 1 …"""
    lifted: bool = field(default=False, compare=False)
    """… and whether it does so only under its headings."""

    def is_in(self, other: "Quote") -> bool:
        """Whether `other` has all of it."""
        return self.document_id == other.document_id and other.start <= self.start and self.end <= other.end

    @property
    def heading(self) -> str:
        """The headings above it, from the outermost on."""
        return " ".join(heading.lead for heading in self.above.headings)

    @property
    def words(self) -> str:
        """It as people read it: the row of a table with the names of its columns, anything else as it is."""
        return outline.labelled(self.text, self.above.columns) if self.above.columns else self.text

    @property
    def read(self) -> str:
        """It under its headings, as models read it."""
        return f"{self.heading} {self.words}".lstrip()

    @property
    def readings(self) -> tuple[str, ...]:
        """It behind what its item says before it, alone and under its headings."""
        alone = f"{self.lead} {self.words}".lstrip()
        return (alone, f"{self.heading} {alone}") if self.heading else (alone,)


def quotes_of(passage: Passage, number: int, around: Outline) -> Iterator[Quote]:
    """The sentences of a passage, the `number`th that was found, under what stands above them."""
    item, lead = -1, ""
    for span in sentences.split(passage.text):
        start, end = sentences.bare(passage.text, span)
        text, above = passage.text[start:end], around.at(passage.start + span[0])
        if outline.is_rule(text):
            continue
        before, item = item, _item(passage, span)
        lead = lead if item == before >= 0 else ""
        quote = Quote(
            document_id=passage.document_id,
            start=passage.start + start,
            end=passage.start + end,
            text=text,
            terms=frozenset(),
            passage=number,
            above=above,
            item=item,
            lead=lead,
        )
        own = facts.terms(text)
        terms = own if quote.read == text else facts.terms(quote.read)
        yield replace(quote, terms=terms, lent=terms - own)
        lead = f"{lead} {text}".lstrip()


def _item(passage: Passage, span: sentences.Span) -> int:
    """Where the item of a list, or the row of a table, begins that holds a sentence; -1 without one."""
    line = passage.text.rfind("\n", 0, span[0]) + 1
    listed = sentences.starts_item(passage.text[line : span[1]]) and passage.text[line] not in "#>"
    return passage.start + line if listed else -1


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
    """The headings above `quote` which say something of the question that it does not say itself, and the
    nearest where it is not understood without them."""
    asked = facts.terms(question) - facts.terms(quote.words)
    nearest = quote.above.headings[-1:] if quote.lifted else ()
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
        if heading in nearest
        or asked & facts.terms(heading.words)
        or answer_type.needs(question, quote.words, heading.words)
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
    if quote.above.heads:
        return False
    listed = quote.item >= 0 and len(quote.text.split()) > 1
    return (listed or bool(_ENDED.search(quote.text) or _LABELLED.match(quote.text))) and not asks(quote)
