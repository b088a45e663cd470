"""RAMDocs: one question, passages that mean different things by it, some noise and some plain falsehood.

Published as HanNight/RAMDocs (MIT). Each question sees its own passages only. Strict: every accepted answer
must be said and no wrong one. A row of `ramdocs/qa.jsonl`:

    {"id": "ram1", "question": "When was the Elk founded?", "answers": ["1912", "1897"],
     "wrong_answers": ["1868"], "entities": ["Elk (club)", "Elk (magazine)"], "passages": [
     {"id": "ram1p0", "text": "The Elk … in 1912.", "type": "correct", "answer": "1912"},
     {"id": "ram1p1", "text": "The Elk … in 1868.", "type": "misinfo", "answer": "1868"}]}
"""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field

from evals.datasets.rows import Row, read_rows
from evals.datasets.values import QuestionSet, Text, form, text
from evals.matching import normalise, says
from evals.types import Case, Fact

QUESTIONS = "ramdocs/qa.jsonl"
PUBLISHED = "https://github.com/HanNight/RAMDocs"


class Passage(BaseModel):
    id: str
    text: str
    type: Literal["correct", "misinfo", "noise"]


class Question(Row):
    question: str
    answers: tuple[str, ...] = Field(min_length=1)
    wrong_answers: tuple[str, ...]
    passages: tuple[Passage, ...] = Field(min_length=1)


def questions(folder: Path) -> QuestionSet:
    """Every question, to be answered from its own passages."""
    found = [_case(row) for row in read_rows(folder, QUESTIONS, Question, PUBLISHED)]
    texts = tuple(one for own, _ in found for one in own)
    return QuestionSet(name="ramdocs", texts=texts, cases=tuple(case for _, case in found))


def _case(row: Question) -> tuple[tuple[Text, ...], Case]:
    own = tuple(text(passage.id, None, passage.text) for passage in row.passages)
    # A wrong answer which is part of a right one ("1912" in "May 1912") cannot be told from it by its words.
    right = " | ".join(map(normalise, row.answers))
    wrong = [form(answer) for answer in row.wrong_answers]
    return own, Case(
        id=row.id,
        kind="conflict",
        part="test",
        question=row.question,
        documents=tuple(file.source for file in own),
        facts=tuple(Fact(accept=(form(answer),)) for answer in dict.fromkeys(row.answers)),
        forbidden=tuple(one for one in dict.fromkeys(wrong) if not says(right, (one,))),
        disputed=len(row.answers) > 1 or any(passage.type == "misinfo" for passage in row.passages),
    )
