"""What stands above a line of a document: the headings of its section, who wrote it, the head of its table.

A line of a contract, a manual or a timetable says little alone ("EUR 168 a year"); what it is about stands
above it. Knows the cleaned text of one document, Markdown's headings and tables, and how people head plain
text.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from qa import dates, sentences
from qa.types import Document

LABELLED_LINES = 3
"""In a text with so many of them, a label at the beginning of a line names what the whole line is about."""
LONGEST_HEADING = 120
"""Characters; a longer line is no heading."""
HEAD_LINES = 4
"""The head of a letter has so many lines below the first."""

_HASHES = re.compile(r"(?P<hashes>#{1,6})\s+(?P<words>\S.*?)\s*#*$")
_UNDERLINE = re.compile(r"(?P<mark>[=~^-])(?P=mark){2,}$")
_NUMBERED_CAPITALS = re.compile(
    r"(?:\d{1,2}(?:\.\d{1,2})*[.)]?\s+)?(?P<words>[A-Z][A-Z0-9,&/'’()-]*(?: [A-Z0-9,&/'’()-]+){0,5})$"
)
_SENDER = re.compile(r"(?:From|Von|De): *(?P<name>[^<\n]*[^<\s])?(?: *<[^>]*>)?$")
_MAIL_FIELD = re.compile(r"(?P<field>To|Cc|Date|Sent|Subject|An|Datum|Betreff): *(?P<value>.*)$")
# "HOLLIS: ", "[03/06/2026, 18:02] Tomas: ": what somebody said, or what a line is about.
_LABEL = re.compile(
    r"(?:\[?(?P<when>\d[^\]A-Za-z]{3,24}(?: [AP]M)?)\]?[ -]+)?"
    r"(?P<words>[A-Z][\w.'’-]+(?: [\w.'’&/-]+){0,2}): +(?=\S)"
)
_QUESTION = re.compile(r"Q(?:uestion)?(?: ?\d+)?[:.)] +(?P<words>\S.*)$")
_LISTED = re.compile(r"(?:[-*+•‣▪◦–·:]|\(?\d{1,3}[.)])\s+\S")
_BAR = re.compile(r"(?<!\\)\|")
_RULE = re.compile(r"\|?(?:\s*:?-+:?\s*\|)+(?:\s*:?-+:?\s*)?$")
_SECTION, _DAY, _INTRODUCTION = 2, 7, 8
"""Levels of headings without Markdown's own: one heading ends those of its level and below."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A line that names what the lines below it are about."""

    words: str
    """What it says; of a letter who wrote it and when."""
    text: str
    """What stands in the document from `start` to `end`: without the marks around it."""
    start: int
    end: int
    writer: str = ""
    """Whose words stand below it, where it says so; empty for any other heading."""

    @property
    def lead(self) -> str:
        """It as it leads to a line below it."""
        return self.words if self.words.endswith("?") else f"{self.words}:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Above:
    """What stands above a line."""

    headings: tuple[Heading, ...] = ()
    """From the outermost to the nearest, without the document's title."""
    columns: tuple[str, ...] = ()
    """What the table's head calls the cells of the line; empty outside a table, and for the head itself."""
    head: int = -1
    """Where the table's head begins; -1 outside a table, and for the head itself."""
    heads: bool = False
    """Whether the line only names what stands below it: a heading, or the head of a table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """What stands above each place of a document."""

    starts: tuple[int, ...] = (0,)
    above: tuple[Above, ...] = (Above(),)

    def at(self, start: int) -> Above:
        """What stands above the line in which the character `start` is."""
        return self.above[max(0, bisect_right(self.starts, start) - 1)]


@lru_cache(maxsize=32)
def read(document: Document) -> Outline:
    """The outline of a document; a heading that only repeats its title is none, nor is page furniture."""
    lines = list(_lines(document.text))
    furniture = {start for start, _ in document.skipped}
    # One day is that of the whole document.
    by_day = sum(dates.is_day(line) for _, line in lines if len(line) <= LONGEST_HEADING) > 1
    labelled = sum(_LABEL.match(line) is not None for _, line in lines) >= LABELLED_LINES
    headings: dict[int, Heading] = {}
    columns: tuple[str, ...] = ()
    head = -1
    starts, above = [0], [Above()]
    for number, (start, line) in enumerate(lines):
        following = [words for _, words in lines[number + 1 : number + 1 + HEAD_LINES]]
        level, heading = _heading(start, line, following) or (0, None)
        if start in furniture or (level == _DAY and dates.is_day(line) and not by_day):
            level = 0
        if level or not sentences.starts_item(line):
            headings = {one: said for one, said in headings.items() if one < (level or _INTRODUCTION)}
        heads = line.startswith("|") and bool(following) and _heads(line, following[0], first=head < 0)
        if heads or not line.startswith("|"):
            columns, head = (), -1
        starts.append(start)
        told = tuple(headings[one] for one in sorted(headings))
        names = heads or 0 < level < _INTRODUCTION
        above.append(Above(headings=told, columns=columns, head=head, heads=names))
        if labelled and not names and (label := _LABEL.match(line)):
            starts.append(start + label.end())
            above.append(Above(headings=(*told, _labelling(start, label))))
        if heads:
            columns, head = cells(line), start
        if level and heading and heading.words != document.title:
            headings[level] = heading
    return Outline(starts=tuple(starts), above=tuple(above))


def titled(document: Document, start: int) -> str:
    """The title and the headings above the character `start`, each on a line."""
    return "\n".join((document.title, *(one.words for one in read(document).at(start).headings)))


def is_rule(line: str) -> bool:
    """Whether a line only parts the head of a table from its rows."""
    return "|" in line and _RULE.match(line) is not None


def _heads(row: str, following: str, *, first: bool) -> bool:
    """Whether a row is the head of its table: a rule follows, or numbers in the `first` row below words."""
    counts = following.startswith("|") and any(character.isdigit() for character in following)
    return is_rule(following) or (first and counts and not any(character.isdigit() for character in row))


def cells(row: str) -> tuple[str, ...]:
    """What stands in a row of a Markdown table, without the bars."""
    return tuple(cell.strip() for cell in _BAR.split(row.strip().removeprefix("|").removesuffix("|")))


def labelled(row: str, columns: Sequence[str]) -> str:
    """A row of a table as words: each cell that is not empty after the name of its column."""
    pairs = zip(columns, cells(row), strict=False)
    return "; ".join(f"{column}: {cell}" if column else cell for column, cell in pairs if cell)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    return ((match.start(), match.group().rstrip()) for match in re.finditer(r"\S[^\n]*", text))


def _heading(start: int, line: str, following: Sequence[str]) -> tuple[int, Heading] | None:
    """The level of a heading, and it; None for any other line.

    Args:
        start: where `line` begins in its document.
        following: the lines after it.
    """
    if len(line) > LONGEST_HEADING:
        return None
    whole = Heading(words=line.rstrip(":"), text=line, start=start, end=start + len(line))
    for level, marked in ((0, _HASHES.match(line)), (_SECTION, _NUMBERED_CAPITALS.match(line))):
        if marked and (level == 0 or re.search("[A-Z]{4}", line)):
            words, (first, last) = marked["words"], marked.span("words")
            bare = replace(whole, words=words, text=words, start=start + first, end=start + last)
            return level or len(marked["hashes"]), bare
    if sender := _SENDER.match(line):
        return _letter(whole, sender["name"] or "", following)
    if following and (under := _UNDERLINE.match(following[0])) and len(under.group()) >= len(line) - 1:
        return (1 if under["mark"] == "=" else _SECTION), whole
    if question := _QUESTION.match(line):
        words, (first, last) = question["words"], question.span("words")
        return _DAY, replace(whole, words=words, text=words, start=start + first, end=start + last)
    if dates.is_day(line):
        return _DAY, whole
    introduces = bool(following) and _LISTED.match(following[0]) and not _LISTED.match(line)
    return (_INTRODUCTION, whole) if introduces and not line.endswith((".", "!", "?")) else None


def _labelling(start: int, label: re.Match[str]) -> Heading:
    """The label of a line that begins at `start`: whoever speaks in it, or what it is about."""
    first, last = label.span("words")
    words = ", ".join(filter(None, label.group("words", "when")))
    return Heading(
        words=words, text=label["words"], start=start + first, end=start + last, writer=label["words"]
    )


def _letter(line: Heading, writer: str, following: Sequence[str]) -> tuple[int, Heading] | None:
    """The head of a letter, which stands for who wrote it and when; None where no other field follows."""
    fields = {match["field"]: match["value"] for one in following if (match := _MAIL_FIELD.match(one))}
    when = next((fields[name] for name in ("Date", "Sent", "Datum") if name in fields), "")
    words = ", ".join(filter(None, (writer, when)))
    return (1, replace(line, words=words, writer=writer)) if fields else None
