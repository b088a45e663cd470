"""Copies of a corpus: with text planted that an attacker could have written, or with documents added.

Knows files and places in a text; asks nothing. The documents themselves are never touched.
"""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from evals.types import Planted, Position
from qa import Document, InputError


def plant(text: str, planted: str, position: Position) -> str:
    """`text` with one more paragraph: after its first one, between two in the middle, or last."""
    paragraphs = text.split("\n\n")
    at = {"start": 1, "middle": (len(paragraphs) + 1) // 2, "end": len(paragraphs)}[position]
    return "\n\n".join([*paragraphs[:at], planted, *paragraphs[at:]])


def write_copy(
    documents: Mapping[str, Document],
    *,
    originals: Path,
    folder: Path,
    planted: Sequence[Planted] = (),
    added: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Write a copy of the corpus into `folder`, and nothing else.

    Args:
        documents: those of the corpus, by source.
        originals: the folder they were read from; documents without planted text are copied as they are.
        planted: text to put into documents.
        added: texts of further documents, by source.

    Raises:
        InputError: a document to plant in is gone, or the folder cannot be written.
    """
    texts = {source: document.text for source, document in documents.items()}
    for each in planted:
        if each.source not in texts:
            raise InputError(f"There is no document {each.source} to plant text in; type: qa index")
        texts[each.source] = plant(texts[each.source], each.text, each.position)
    texts |= added
    changed = {*added, *(each.source for each in planted)}
    try:
        shutil.rmtree(folder, ignore_errors=True)
        for source, text in texts.items():
            path = folder / source
            path.parent.mkdir(parents=True, exist_ok=True)
            if source not in changed and (originals / source).is_file():
                shutil.copyfile(originals / source, path)
            else:
                path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"The copy of the documents cannot be written to {folder} ({error}); name another --out."
        ) from error
