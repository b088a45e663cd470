"""The last conversation of a data folder, kept so that `--continue` can go on with it.

Knows turns and one file; the newest turns are kept.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from qa.errors import DataError
from qa.types import Answer, Turn

LONGEST = 20
"""Turns that are kept."""


def load(data_dir: Path) -> tuple[Turn, ...]:
    """The turns kept last, oldest first; none when there was no conversation.

    Raises:
        DataError: the file cannot be read or is damaged.
    """
    path = _file(data_dir)
    try:
        return tuple(Turn(**turn) for turn in json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, TypeError) as error:
        raise DataError(
            f"The conversation in {path} cannot be read ({error}). Ask without --continue to begin a new one."
        ) from error


def save(data_dir: Path, turns: Sequence[Turn]) -> None:
    """Keep the newest turns; a crash leaves the old file or the new one.

    Raises:
        DataError: the file cannot be written.
    """
    path = _file(data_dir)
    fresh = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        fresh.write_text(json.dumps([asdict(turn) for turn in turns[-LONGEST:]]), encoding="utf-8")
        fresh.replace(path)
    except OSError as error:
        raise DataError(
            f"The conversation cannot be kept in {path} ({error.strerror}). "
            "Free some space or set QA_DATA to another folder; until then --continue knows only older turns."
        ) from error
    finally:
        fresh.unlink(missing_ok=True)


def extended(turns: Sequence[Turn], answer: Answer) -> tuple[Turn, ...]:
    """`turns` and this question with its answer."""
    said = answer.answer or answer.reason or ""
    asked = (Turn(role="user", content=answer.question), Turn(role="assistant", content=said))
    return (*turns, *asked)[-LONGEST:]


def _file(data_dir: Path) -> Path:
    return data_dir / "conversation.json"
