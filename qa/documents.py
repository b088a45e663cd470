"""Files of a folder, read as documents.

Knows which files are text, how their lines make paragraphs, and refuses what cannot be read with a reason for
people. Knows nothing of the ledger, of passages or of questions.
"""

import hashlib
import os
import re
import stat
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from qa import columns, decoding, page, sentences
from qa.errors import DocumentError, InputError
from qa.types import Document

SUFFIXES = frozenset({".txt", ".text", ".md", ".markdown", ".rst"})
"""Lower-case endings of the files that `read` takes."""
MARKDOWN = frozenset({".md", ".markdown"})
LARGEST_BYTES = 50_000_000
"""A larger file is refused."""


def find_files(folder: Path) -> tuple[tuple[Path, str], ...]:
    """Every regular file below `folder` with its source, sorted by source; of any kind, not only `SUFFIXES`.

    Hidden files and folders are left out, and links that lead out of the folder.

    Raises:
        InputError: the folder is missing, is no folder or cannot be listed; the message says what to do.
    """
    if not folder.exists():
        raise InputError(f"The folder {folder} does not exist; create it with: mkdir -p '{folder}'")
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder; name the folder that holds it: {folder.parent}")
    root = folder.resolve()
    found = []
    for place, folders, names in os.walk(folder, onerror=_cannot_list):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for path in (Path(place, name) for name in names if not name.startswith(".")):
            if _is_inside(path, root):
                found.append((path, _printable(path.relative_to(folder).as_posix())))
    return tuple(sorted(found, key=lambda item: item[1]))


def read(path: Path, source: str) -> Document:
    """The file at `path` as a document that is known as `source`.

    Raises:
        DocumentError: it is no text that could be read; the message names it, the reason and the next step.
    """
    _check_kind(source)
    return parse(_load(path, source), source)


def parse(raw: bytes, source: str, again: str = "index again") -> Document:
    """The bytes of a file as the document `source`; `again` is what to do when they have been put right.

    Raises:
        DocumentError: as `read`.
    """
    _check_kind(source)
    if not raw:
        raise DocumentError(f"{source} is empty; write something into it or delete it, and {again}.")
    if len(raw) > LARGEST_BYTES:
        raise DocumentError(
            f"{source} is larger than {LARGEST_BYTES // 1_000_000} MB; split it into smaller files."
        )
    try:
        text, hidden_characters = decoding.clean(decoding.decode(raw))
    except decoding.NotTextError as reason:
        raise DocumentError(f"{source} {reason}; save it as plain text in UTF-8 and {again}.") from reason
    if Path(source).suffix.lower() in MARKDOWN:
        text = page.unemphasised(text)
    blocks, text = _paragraphs(columns.apart(text.split("\n")))
    if not blocks:
        raise DocumentError(f"{source} holds no text; write something into it or delete it, and {again}.")
    skipped = page.furniture(blocks)
    return Document(
        id=hashlib.sha256(_printable(source).encode()).hexdigest()[:16],
        source=_printable(source),
        title=page.title(blocks, skipped) or _title_of_file(Path(source)),
        date=page.written_on(blocks),
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        skipped=tuple(span for number, span in enumerate(_spans(text, blocks)) if number in skipped),
        hidden_characters=hidden_characters,
    )


def _check_kind(source: str) -> None:
    path = Path(source)
    if path.suffix.lower() not in SUFFIXES:
        kinds = ", ".join(sorted(SUFFIXES))
        raise DocumentError(
            f"{source} is not one of {kinds}; save it as plain text, for example as {path.stem}.txt."
        )


def _load(path: Path, source: str) -> bytes:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise DocumentError(f"{source} is not a regular file; put a copy of the text in its place.")
        with path.open("rb") as file:
            return file.read(LARGEST_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise DocumentError(f"{source} cannot be opened ({reason}); check it with: ls -l '{path}'") from error


def _paragraphs(lines: Sequence[str]) -> tuple[list[str], str]:
    """The blocks of some lines, with wrapped ones joined, and the text that they make.

    Items of one list stand on lines of their own; between all other blocks is a blank line.
    """
    front = page.front_matter(lines)
    blocks = [_tidy(line) for line in lines[:front] if line.strip()]
    pieces = ["\n\n".join(blocks)] if blocks else []
    width = _column(lines[front:])
    for paragraph in _between_blanks(lines[front:]):
        joined = _joined(paragraph, width)
        blocks += joined
        parts = joined[:1]
        for this, following in pairwise(joined):
            listed = sentences.starts_item(this) and sentences.starts_item(following)
            parts += ["\n" if listed else "\n\n", following]
        pieces.append("".join(parts))
    return blocks, "\n\n".join(pieces)


def _between_blanks(lines: Sequence[str]) -> Iterator[list[str]]:
    paragraph: list[str] = []
    for line in [*lines, ""]:
        if line.strip():
            paragraph.append(line)
        elif paragraph:
            yield paragraph
            paragraph = []


def _joined(lines: Sequence[str], width: int) -> list[str]:
    """One paragraph's lines, those joined whose break was only made to keep within `width`."""
    blocks: list[list[str]] = [[_tidy(lines[0])]]
    for before, line in pairwise(lines):
        indented = _indent(line) >= _indent(before) + 2 and not sentences.starts_item(blocks[-1][0])
        last, this = _tidy(before), _tidy(line)
        if not sentences.goes_on(last, this) and (indented or not sentences.wraps(last, this, width)):
            blocks.append([this])
        else:
            hyphenated = last.endswith("-") and last[-2:-1].isalpha()
            blocks[-1] += [this] if hyphenated else [" ", this]
    return ["".join(parts) for parts in blocks]


def _column(lines: Sequence[str]) -> int:
    """How wide the text was wrapped, in characters; 0 when its line breaks are meant.

    Only a sentence which goes on in lower case after a line break shows that the text is wrapped at all.
    """
    breaks = [
        (len(_tidy(before)), following)
        for before, following in pairwise(lines)
        if before.strip() and following.strip() and not sentences.starts_item(following)
    ]
    going_on = sorted(length for length, following in breaks if following.lstrip()[0].islower())
    if not going_on or len(going_on) * 4 < len(breaks):
        return 0
    return going_on[len(going_on) * 9 // 10]


def _tidy(line: str) -> str:
    return " ".join(line.split())


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _spans(text: str, blocks: Sequence[str]) -> Iterator[tuple[int, int]]:
    end = 0
    for block in blocks:
        start = text.index(block, end)
        end = start + len(block)
        yield start, end


def _title_of_file(path: Path) -> str:
    words = " ".join(re.split(r"[\s_-]+", _printable(path.stem))).strip() or path.name
    return words[0].upper() + words[1:]


def _printable(name: str) -> str:
    """A file name whose bytes are no UTF-8 in a form that can be stored and sent."""
    return name.encode("utf-8", "backslashreplace").decode()


def _is_inside(path: Path, root: Path) -> bool:
    try:
        return stat.S_ISREG(path.stat().st_mode) and path.resolve(strict=True).is_relative_to(root)
    except OSError:
        # A link that leads nowhere, or a file that went away while the folder was listed.
        return False


def _cannot_list(error: OSError) -> None:
    raise InputError(
        f"The folder {error.filename} cannot be listed ({error.strerror}); "
        f"allow it with: chmod u+rx '{error.filename}'"
    ) from error
