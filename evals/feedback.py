"""Answers that a reader turned down, as drafts of cases: what went wrong once is asked again ever after.

Knows the rows that the web chat keeps; knows no engine. Nobody has written down what would have been right,
so a person adds that before the case is asked.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evals.types import Case, Gold, Kind
from qa import Answer, InputError, Turn, answer_from

NEAREST = 2
"""Passages told of a refusal, as where the answer may stand."""


class _Said(BaseModel):
    role: Literal["user", "assistant"]
    content: str


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True)

    question: str = Field(min_length=1)
    history: tuple[_Said, ...] = ()
    answer: dict[str, Any]
    rating: Literal["up", "down"]
    reason: str | None = None


def cases_from_feedback(path: Path) -> tuple[Case, ...]:
    """A draft for every thumbs-down of a feedback file; the same question and answer once.

    Raises:
        InputError: the file cannot be read, or a row is broken; the message names line and field.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The feedback file {path} cannot be read ({error}).") from error
    drafts: dict[str, Case] = {}
    for number, line in enumerate(lines, start=1):
        if line.strip():
            draft = _draft(line, f"{path}, line {number}")
            if draft:
                drafts.setdefault(draft.id, draft)
    return tuple(drafts.values())


def case_from_feedback(row: Mapping[str, Any]) -> Case | None:
    """The draft of one row; None for a thumbs-up.

    Raises:
        InputError: the row is broken; the message names the field.
    """
    return _draft(json.dumps(row), "the row")


def _draft(line: str, where: str) -> Case | None:
    try:
        row = _Row.model_validate_json(line)
        answer = answer_from(row.answer)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "the row"
        raise InputError(f"{where}: {field}: {first['msg']}.") from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{where}: answer: is no answer of ours ({error}).") from error
    return _case(row, answer) if row.rating == "down" else None


def _case(row: _Row, answer: Answer) -> Case:
    history = tuple(Turn(role=said.role, content=said.content) for said in row.history)
    told = [row.question, *(turn.content for turn in history), answer.answer]
    refused = answer.status == "unanswerable"
    digest = hashlib.sha256("\n".join(told).encode("utf-8", "replace")).hexdigest()
    return Case(
        id=f"feedback-{digest[:8]}",
        kind=_kind(answer, bool(history)),
        part="test" if int(digest, 16) % 3 == 0 else "dev",
        question=row.question,
        history=history,
        gold=_gold(answer),
        disputed=answer.status == "disputed",
        wrong=() if refused else (answer.answer,),
        standalone=answer.standalone_question if history else "",
        state="draft",
        note=_note(row, refused),
    )


def _kind(answer: Answer, follows: bool) -> Kind:
    if follows:
        return "follow-up"
    return "conflict" if answer.status == "disputed" else "single"


def _gold(answer: Answer) -> tuple[tuple[Gold, ...], ...]:
    """Where what is right may stand: the quotes that were cited, or the nearest passages of a refusal."""
    cited = [Gold(source=one.source, quote=one.quote) for one in answer.citations]
    near = [Gold(source=one.source, quote=one.text) for one in answer.passages[:NEAREST]]
    return tuple((gold,) for gold in (cited or near))


def _note(row: _Row, refused: bool) -> str:
    reason = f"A reader turned this down: {row.reason}" if row.reason else "A reader turned this down."
    if refused:
        return f"{reason} It was refused: add the fact and keep the gold that proves it, or set refusal."
    return f"{reason} Add the fact that is right and what must not be said; keep the gold that proves it."
