"""RAGTruth: answers and summaries by language models, with every unsupported stretch marked by people.

Published as ParticleMedia/RAGTruth (MIT). A row of `ragtruth/qa.jsonl` or `ragtruth/summary.jsonl`:

    {"id": "rt1", "source_id": 7, "question": "who pays", "passages": [{"id": "7p1", "text": "It pays."}],
     "response": "The town pays 5 dollars.", "model": "m", "hallucinated": true,
     "spans": [{"start": 14, "end": 23, "text": "5 dollars", "label": "Evident Baseless Info"}]}
"""

from pathlib import Path

from pydantic import BaseModel, Field

from evals.datasets.rows import Row, read_rows
from evals.datasets.values import LabelledPair, QuestionSet, text
from evals.types import Case

ANSWERS, SUMMARIES = "ragtruth/qa.jsonl", "ragtruth/summary.jsonl"
PUBLISHED = "https://github.com/ParticleMedia/RAGTruth"


class Passage(BaseModel):
    id: str
    text: str


class Span(BaseModel):
    start: int
    end: int


class Response(Row):
    source_id: int
    question: str | None
    passages: tuple[Passage, ...] = Field(min_length=1)
    response: str
    spans: tuple[Span, ...]
    hallucinated: bool


def pairs(folder: Path, name: str = ANSWERS) -> tuple[LabelledPair, ...]:
    """Every response as one claim; the cluster is the source that six models wrote about."""
    return tuple(
        LabelledPair(
            id=row.id,
            evidence=tuple(passage.text for passage in row.passages),
            claim=row.response,
            label="unsupported" if row.hallucinated else "supported",
            cluster=str(row.source_id),
            question=row.question,
            unsupported=tuple((span.start, span.end) for span in row.spans),
        )
        for row in read_rows(folder, name, Response, PUBLISHED)
    )


def questions(folder: Path) -> QuestionSet:
    """The questions, to be answered from their own passages: for how much of an answer is unsupported.

    Nobody wrote down what is right, nor whether the passages hold it.
    """
    rows = {row.source_id: row for row in read_rows(folder, ANSWERS, Response, PUBLISHED)}
    texts = {p.id: text(p.id, None, p.text) for row in rows.values() for p in row.passages}
    cases = tuple(
        Case(
            id=f"ragtruth-{source_id}",
            kind="single",
            part="test",
            question=row.question or "",
            documents=tuple(texts[passage.id].source for passage in row.passages),
            refusal_ok=True,
        )
        for source_id, row in rows.items()
    )
    return QuestionSet(name="ragtruth", texts=tuple(texts.values()), cases=cases)
