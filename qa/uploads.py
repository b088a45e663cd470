"""What makes an uploaded file a document: its name, its id, its limits.

The name is a label for people and never a path; the bytes are kept in the ledger. Knows nothing of HTTP.
"""

import hashlib
import unicodedata
from pathlib import PurePosixPath

from qa.errors import DocumentError
from qa.plain_text import visible

LARGEST_UPLOAD = 10_000_000
"""Bytes of one file."""
LARGEST_UPLOADS = 1_000_000_000
"""Bytes of all uploaded files together."""
LONGEST_NAME = 150
FOLDER = "uploads"


def clean_name(name: str) -> str:
    """The last part of `name` without what cannot be seen.

    Raises:
        DocumentError: nothing is left.
    """
    shown = " ".join(visible(name.replace("\\", "/")).split()).rpartition("/")[2]
    parts = PurePosixPath(unicodedata.normalize("NFC", shown).lstrip(". "))
    cleaned = parts.stem[: LONGEST_NAME - len(parts.suffix)] + parts.suffix[:LONGEST_NAME]
    if not cleaned:
        raise DocumentError("A file came without a name; give it one that ends in .txt and upload it again.")
    return cleaned


def document_id(owner: str | None, name: str) -> str:
    """Stable for one name of one owner; whoever does not know the owner's label cannot guess it."""
    return hashlib.sha256(f"upload\n{owner or ''}\n{name}".encode()).hexdigest()[:16]


def check_size(name: str, size: int, size_of_all: int) -> None:
    """
    Raises:
        DocumentError: the file is too large, or too much was uploaded already.
    """
    if size > LARGEST_UPLOAD:
        raise DocumentError(
            f"{name} is larger than {LARGEST_UPLOAD // 1_000_000} MB; split it into smaller files."
        )
    if size + size_of_all > LARGEST_UPLOADS:
        raise DocumentError(
            f"{name} cannot be kept: the uploads have {LARGEST_UPLOADS // 1_000_000} MB already. "
            "Delete some that are not needed."
        )
