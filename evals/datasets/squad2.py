"""SQuAD 2.0: questions on paragraphs of Wikipedia, half of which the paragraph does not answer.

Published as rajpurkar/SQuAD-explorer and chrischute/squad (CC BY-SA 4.0). All paragraphs are searched for
every question. A row of `squad2/corpus.jsonl` and one of `squad2/qa.jsonl`:

    {"id": "Rivers#3", "doc": "Rivers", "title": "Rivers", "text": "The Ouse rises near Brackley. It …"}
    {"id": "q1", "question": "Where does the Ouse rise?", "answerable": true, "answers": ["near Brackley"],
     "answer_spans": [{"text": "near Brackley", "start": 15}], "passage_id": "Rivers#3", "doc": "Rivers"}
"""

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel

from evals.datasets.rows import Row, read_rows
from evals.datasets.values import QuestionSet, Text, form, sentence_at, text
from evals.types import Case, Fact, Gold
from qa import InputError

PARAGRAPHS, QUESTIONS = "squad2/corpus.jsonl", "squad2/qa.jsonl"
PUBLISHED = "https://github.com/chrischute/squad (the official development set)"


class Paragraph(Row):
    title: str
    text: str


class Span(BaseModel):
    text: str
    start: int


class Question(Row):
    question: str
    answerable: bool
    answers: tuple[str, ...]
    answer_spans: tuple[Span, ...]
    passage_id: str
    doc: str


def questions(folder: Path) -> QuestionSet:
    """Every question, to be answered from all paragraphs."""
    paragraphs = {row.id: row for row in read_rows(folder, PARAGRAPHS, Paragraph, PUBLISHED)}
    texts = {row.id: text(row.id, row.title, row.text) for row in paragraphs.values()}
    rows = read_rows(folder, QUESTIONS, Question, PUBLISHED)
    for row in rows:
        if row.passage_id not in paragraphs:
            raise InputError(
                f"{folder / QUESTIONS}, id {row.id}: passage_id: {row.passage_id!r} is not in {PARAGRAPHS}."
            )
    cases = tuple(_case(row, paragraphs, texts) for row in rows)
    return QuestionSet(name="squad2", texts=tuple(texts.values()), cases=cases)


def _case(row: Question, paragraphs: Mapping[str, Paragraph], texts: Mapping[str, Text]) -> Case:
    if not row.answerable:
        return Case(
            id=row.id, kind="absent", part="test", question=row.question, cluster=row.doc, refusal=True
        )
    body, source = paragraphs[row.passage_id].text, texts[row.passage_id].source
    quotes = [sentence_at(body, span.start, span.start + len(span.text)) for span in row.answer_spans]
    return Case(
        id=row.id,
        kind="single",
        part="test",
        question=row.question,
        cluster=row.doc,
        facts=(Fact(accept=tuple(dict.fromkeys(map(form, row.answers)))),),
        gold=(tuple(Gold(source=source, quote=quote) for quote in dict.fromkeys(quotes)),),
        references=row.answers,
    )
