"""Columns that plain text sets apart by runs of spaces or by tabs.

White space becomes one space when a document is read, and with it a table would become a string of numbers.
Knows lines; knows no files.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

# Justified text has gaps of two spaces, here and there.
_GAP = re.compile(r"[^\S\n]{2,}|\t")
_CLEAR_GAP = re.compile(r"\S(?:[^\S\n]{3,}|\t)\S")
_WIDE_GAP = re.compile(r"[^\S\n]{4,}|\t+")
_LABELLED = re.compile(r"[A-Z][\w ./-]{0,40}:\s")
LEAST_COLUMNS = 3
LEAST_ROWS = 2


def apart(lines: Sequence[str]) -> list[str]:
    """`lines` with columns kept apart: the rows of a table between bars, things written side by side on lines
    of their own."""
    told: list[str] = []
    for width, rows in groupby(lines, key=_width):
        block = list(rows)
        if width >= LEAST_COLUMNS and len(block) >= LEAST_ROWS:
            told += [f"| {' | '.join(_cells(row))} |" for row in block]
        else:
            told += [part for line in block for part in _side_by_side(line)]
    return told


def _width(line: str) -> int:
    """How many cells a line has; 0 for a line that has bars already, or no clear gap."""
    return len(_cells(line)) if "|" not in line and _CLEAR_GAP.search(line) else 0


def _cells(line: str) -> list[str]:
    return [cell for cell in _GAP.split(line.strip()) if cell]


def _side_by_side(line: str) -> Iterator[str]:
    """A line, or its parts where one that stands far behind another begins with a label."""
    margin, words = line[: len(line) - len(line.lstrip())], line.strip()
    first, *others = _WIDE_GAP.split(words)
    if others and any(_LABELLED.match(part) for part in others):
        yield from (f"{margin}{part}" for part in (first, *others))
    else:
        yield line
