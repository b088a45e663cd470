"""CLAP-NQ: questions asked of a search engine, with long answers from one passage; half have none there.

Published as primeqa/clapnq (Apache-2.0). Each question sees its own passage only. There are no short facts:
the answers are references, and one of the sentences people chose must be cited. A row of `clapnq/qa.jsonl`:

    {"id": "42", "question": "why does bread rise", "answerable": true, "passages": [{"title": "Bread",
     "text": "Yeast makes gas . The gas lifts the dough . ", "sentences": ["Yeast makes gas .", "The …"]}],
     "answers": ["Bread rises because yeast makes gas."], "selected_sentences": [["Yeast makes gas ."]]}
"""

from pathlib import Path

from pydantic import BaseModel, Field

from evals.datasets.rows import Row, read_rows
from evals.datasets.values import QuestionSet, Text, text, visible
from evals.types import Case, Gold

QUESTIONS = "clapnq/qa.jsonl"
PUBLISHED = "https://github.com/primeqa/clapnq"


class Passage(BaseModel):
    title: str
    text: str


class Question(Row):
    question: str
    answerable: bool
    passages: tuple[Passage, ...] = Field(min_length=1)
    answers: tuple[str, ...]
    selected_sentences: tuple[tuple[str, ...], ...]


def questions(folder: Path) -> QuestionSet:
    """Every question, to be answered from its own passage."""
    found = [_case(row) for row in read_rows(folder, QUESTIONS, Question, PUBLISHED)]
    texts = tuple(one for own, _ in found for one in own)
    return QuestionSet(name="clapnq", texts=texts, cases=tuple(case for _, case in found))


def _case(row: Question) -> tuple[tuple[Text, ...], Case]:
    own = tuple(text(f"{row.id}-{n}", p.title, p.text) for n, p in enumerate(row.passages))
    chosen = dict.fromkeys(sentence for one in row.selected_sentences for sentence in one)
    quotes = [
        Gold(source=file.source, quote=visible(sentence))
        for sentence in chosen
        for file, passage in zip(own, row.passages, strict=True)
        if sentence in passage.text
    ]
    return own, Case(
        id=row.id,
        kind="single" if row.answerable else "absent",
        part="test",
        question=row.question,
        documents=tuple(file.source for file in own),
        gold=(tuple(quotes),) if quotes and row.answerable else (),
        refusal=not row.answerable,
        references=tuple(answer for answer in row.answers if answer.strip()),
    )
