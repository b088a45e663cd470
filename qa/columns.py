"""Columns that plain text sets apart by runs of spaces or by tabs.

White space becomes one space when a document is read, and with it a table would become a string of numbers.
Knows lines; knows no files.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

LEAST_COLUMNS = 3
LEAST_ROWS = 2

# Justified text has gaps of two spaces, here and there.
_CELL = re.compile(r"\S+(?: \S+)*")
_CLEAR_GAP = re.compile(r"\S(?: {3,})\S")
_WIDE_GAP = re.compile(r" {4,}|\t+")
_LABELLED = re.compile(r"[A-Z][\w ./-]{0,40}:\s")


@dataclass(frozen=True, slots=True)
class _Cell:
    """Some words of a line, from one character of it to another, or from one tab to the next."""

    words: str
    start: int
    end: int

    def distance(self, other: "_Cell") -> int:
        """How far this stands beside one of another line; 0 where one stands below the other."""
        return max(0, other.start - self.end, self.start - other.end)


def apart(lines: Sequence[str]) -> list[str]:
    """`lines` with columns kept apart: the rows of a table between bars, things written side by side on lines
    of their own."""
    told: list[str] = []
    parted = [(line, _cells(line)) for line in lines]
    for is_row, group in groupby(parted, key=lambda pair: len(pair[1]) >= LEAST_COLUMNS):
        block = list(group)
        if is_row and len(block) >= LEAST_ROWS:
            told += _table([cells for _, cells in block])
        else:
            told += [part for line, _ in block for part in _side_by_side(line)]
    return told


def _table(rows: Sequence[Sequence[_Cell]]) -> Iterator[str]:
    """The rows of a table between bars, each cell under the one of the widest row that it stands below."""
    columns = max(rows, key=len)
    for row in rows:
        placed: list[list[str]] = [[] for _ in columns]
        for cell in row:
            nearest = min(range(len(columns)), key=lambda i: cell.distance(columns[i]))
            placed[nearest].append(cell.words)
        yield f"| {' | '.join(' '.join(words) for words in placed)} |"


def _cells(line: str) -> list[_Cell]:
    """What a line sets apart; nothing where no gap is clear, or bars part it already."""
    if "\t" in line:
        parts = enumerate(part.strip() for part in line.split("\t"))
        return [_Cell(part, number, number) for number, part in parts if part]
    if "|" in line or not _CLEAR_GAP.search(line):
        return []
    return [_Cell(match.group(), *match.span()) for match in _CELL.finditer(line)]


def _side_by_side(line: str) -> Iterator[str]:
    """A line, or its parts where one that stands far behind another begins with a label."""
    margin, words = line[: len(line) - len(line.lstrip())], line.strip()
    first, *others = _WIDE_GAP.split(words)
    if others and any(_LABELLED.match(part) for part in others):
        yield from (f"{margin}{part}" for part in (first, *others))
    else:
        yield line
