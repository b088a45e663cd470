"""The run file: every answer is kept as soon as it is there, so that nothing is asked twice.

JSON lines, each written through to the disk. A line cut by a crash is passed over. An answer is found again
by a key over everything it depends on; errors are kept to be read, and asked again.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from evals.types import Case
from qa import Answer, InputError, answer_from


class Journal:
    """The run file at `path`; made when the first answer is kept.

    Raises, in every method:
        InputError: the file cannot be read or written; what was kept before stays.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._answers = _read(path)

    def __len__(self) -> int:
        return len(self._answers)

    def forgetful(self) -> "Journal":
        """The same file, to which answers are only added."""
        empty = Journal(self.path)
        empty._answers = {}
        return empty

    def find(self, key: str) -> Answer | None:
        """The answer that was kept under `key`."""
        return self._answers.get(key)

    def keep(self, key: str, case: Case, answer: Answer | None, error: str | None) -> None:
        """Write one line and wait until it is on the disk."""
        line = {"key": key, "case": case.id, "error": error, "answer": asdict(answer) if answer else None}
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a+b") as file:
                data = json.dumps(line, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
                file.write(data if _ends_whole(self.path) else b"\n" + data)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error_of_disk:
            raise InputError(
                f"The run file {self.path} cannot be written ({error_of_disk.strerror}). What was answered "
                "before is kept; make room and start again: it goes on from there."
            ) from error_of_disk
        if answer:
            self._answers[key] = answer


def key_of(case: Case, identity: Mapping[str, str], variant: str = "") -> str:
    """A hash of everything that an answer depends on: who answers, over which documents, what is asked."""
    parts: dict[str, Any] = {
        "identity": dict(sorted(identity.items())),
        "question": case.question,
        "history": [asdict(turn) for turn in case.history],
        "documents": case.documents,
        "planted": [asdict(planted) for planted in case.planted],
        "variant": variant,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _ends_whole(path: Path) -> bool:
    """Whether the file is empty or its last line is ended; a crash may have cut it."""
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return True
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _read(path: Path) -> dict[str, Answer]:
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise InputError(
            f"The run file {path} cannot be read ({error}); name another folder with --out."
        ) from error
    answers = {}
    for line in lines:
        try:
            row = json.loads(line)
            if row["answer"]:
                answers[row["key"]] = answer_from(row["answer"])
        except (ValueError, KeyError, TypeError):
            # A line cut by a crash, or of a version with other fields: the question is asked again.
            continue
    return answers
