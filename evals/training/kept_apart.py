"""The texts which the checker is measured on, as hashes of their runs of words: none may be learnt from."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from evals.training.recipe import shingles

_LEAST_CHARACTERS = 60


def shingles_of(folders: Sequence[Path]) -> frozenset[int]:
    """Every run of words of every text below `folders`: JSON lines (*.jsonl) and plain text (*.txt)."""
    found: set[int] = set()
    for folder in folders:
        for path in sorted(folder.rglob("*.txt")):
            found.update(shingles(path.read_text(encoding="utf-8")))
        for path in sorted(folder.rglob("*.jsonl")):
            with path.open(encoding="utf-8") as lines:
                for line in lines:
                    found.update(run for text in _texts(json.loads(line)) for run in shingles(text))
    return frozenset(found)


def _texts(value: object) -> Iterator[str]:
    """The texts in a JSON value; sentences of a list are read as one text, as they stand on a page."""
    if isinstance(value, str) and len(value) >= _LEAST_CHARACTERS:
        yield value
    elif isinstance(value, dict):
        yield from (text for one in value.values() for text in _texts(one))
    elif isinstance(value, list):
        if value and all(isinstance(one, str) for one in value):
            yield " ".join(value)
        else:
            yield from (text for one in value for text in _texts(one))
