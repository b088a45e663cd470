"""Chroma's chunking evaluation: questions whose answers are spans of long texts, to judge retrieval by.

Published as brandonstarxel/chunking_evaluation (MIT). Each question is searched for in its own text; the
texts have up to half a million characters. A row of `chunking/corpus.jsonl` and one of `chunking/qa.jsonl`:

    {"id": "talks", "title": "talks", "text": "Good evening. Fees fall to $8. …"}
    {"id": "ce1", "question": "What happens to fees?", "doc": "talks",
     "gold_spans": [{"start": 14, "end": 30, "text": "Fees fall to $8."}]}
"""

from pathlib import Path

from pydantic import BaseModel, Field

from evals.datasets.rows import Row, read_rows
from evals.datasets.values import QuestionSet, text
from evals.types import Case, Gold
from qa import InputError

TEXTS, QUESTIONS = "chunking/corpus.jsonl", "chunking/qa.jsonl"
PUBLISHED = "https://github.com/brandonstarxel/chunking_evaluation"


class LongText(Row):
    title: str
    text: str


class Span(BaseModel):
    text: str


class Question(Row):
    question: str
    doc: str
    gold_spans: tuple[Span, ...] = Field(min_length=1)


def questions(folder: Path) -> QuestionSet:
    """Every question, with all its spans as gold that is needed."""
    texts = {
        row.id: text(row.id, row.title, row.text) for row in read_rows(folder, TEXTS, LongText, PUBLISHED)
    }
    cases = []
    for row in read_rows(folder, QUESTIONS, Question, PUBLISHED):
        if row.doc not in texts:
            raise InputError(f"{folder / QUESTIONS}, id {row.id}: doc: {row.doc!r} is not in {TEXTS}.")
        source = texts[row.doc].source
        cases.append(
            Case(
                id=row.id,
                kind="single",
                part="test",
                question=row.question,
                documents=(source,),
                cluster=row.doc,
                gold=tuple((Gold(source=source, quote=span.text),) for span in row.gold_spans),
            )
        )
    return QuestionSet(name="chunking", texts=tuple(texts.values()), cases=tuple(cases))
