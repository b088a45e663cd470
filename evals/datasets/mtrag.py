"""mtRAG: conversations over documents; turns that lean on earlier ones, or that nothing answers.

Published as IBM/mt-rag-benchmark (Apache-2.0). `tasks`: each turn sees the passages that came with it; a
turn without any is asked of all. `rewrites`: follow-ups as a person would ask them alone (they have no
documents: only the rewriting is measured). `ratings`: answers that three people rated for faithfulness. A
row of each of `mtrag/tasks.jsonl`, `mtrag/rewrites.jsonl` and `mtrag/human_eval.jsonl`:

    {"id": "c1<::>2", "conversation_id": "c1", "turn": 2, "history": [{"role": "user", "text": "Who has it?"},
     {"role": "agent", "text": "The town."}], "question": "Since when?", "passages": [{"id": "p1", "title":
     null, "text": "The town bought it in 1990."}], "answers": ["Since 1990."], "meta": {"answerability":
     ["ANSWERABLE"]}}
    {"id": "c1<::>2", "history_and_question": "|user|: Who has it?\\n|user|: Since when?",
     "question": "|user|: Since when?", "rewrite": "|user|: Since when does the town own it?"}
    {"id": "c1<::>2|reference", "history": […], "question": "Since when?", "passages": […], "response":
     "Since 1990.", "model": "reference", "human": {"faithfulness": [4.0, 4.0, 3.0]}}
"""

from pathlib import Path
from statistics import mean, median
from typing import Literal

from pydantic import BaseModel, Field

from evals.datasets.rows import Row, Said, read_rows
from evals.datasets.values import Label, LabelledPair, QuestionSet, text
from evals.types import Case
from qa import Turn

TASKS, REWRITES, RATINGS = "mtrag/tasks.jsonl", "mtrag/rewrites.jsonl", "mtrag/human_eval.jsonl"
PUBLISHED = "https://github.com/IBM/mt-rag-benchmark"
_USER = "|user|: "


class Passage(BaseModel):
    id: str
    title: str | None = None
    text: str


class Meta(BaseModel):
    answerability: tuple[Literal["ANSWERABLE", "UNANSWERABLE", "PARTIAL", "UNDERSPECIFIED"]]


class Task(Row):
    conversation_id: str
    history: tuple[Said, ...]
    question: str
    passages: tuple[Passage, ...]
    answers: tuple[str, ...]
    meta: Meta


class Rewrite(Row):
    history_and_question: str
    question: str
    rewrite: str


class Human(BaseModel):
    faithfulness: tuple[float, ...] = Field(min_length=1)


class Rated(Row):
    question: str
    passages: tuple[Passage, ...]
    response: str
    human: Human


def questions(folder: Path) -> QuestionSet:
    """Every turn; where it cannot be understood or answered in full, refusing is right too."""
    rows = read_rows(folder, TASKS, Task, PUBLISHED)
    texts = {
        passage.id: text(passage.id, passage.title, passage.text)
        for row in rows
        for passage in row.passages
        if passage.text.strip()
    }
    cases = []
    for row in rows:
        answerability = row.meta.answerability[0]
        cases.append(
            Case(
                id=row.id,
                kind="follow-up" if row.history else "single",
                part="test",
                question=row.question.strip(),
                history=tuple(said.turn for said in row.history),
                documents=tuple(texts[p.id].source for p in row.passages if p.id in texts),
                cluster=row.conversation_id,
                refusal=answerability == "UNANSWERABLE",
                refusal_ok=answerability in ("PARTIAL", "UNDERSPECIFIED"),
                references=row.answers if answerability in ("ANSWERABLE", "PARTIAL") else (),
            )
        )
    return QuestionSet(name="mtrag", texts=tuple(texts.values()), cases=tuple(cases))


def rewrites(folder: Path) -> QuestionSet:
    """Every follow-up with the form in which a person would ask it alone; the history is the user's part."""
    cases = []
    for row in read_rows(folder, REWRITES, Rewrite, PUBLISHED):
        before = row.history_and_question.removesuffix(row.question).strip()
        earlier = [part.strip() for part in before.split(_USER.strip()) if part.strip()]
        cases.append(
            Case(
                id=row.id,
                kind="follow-up",
                part="test",
                question=row.question.removeprefix(_USER).strip(),
                history=tuple(Turn(role="user", content=one) for one in earlier),
                cluster=row.id.partition("<::>")[0],
                refusal_ok=True,
                standalone=row.rewrite.removeprefix(_USER).strip(),
            )
        )
    return QuestionSet(name="mtrag-rewrites", texts=(), cases=tuple(cases))


def pairs(folder: Path) -> tuple[LabelledPair, ...]:
    """Every rated answer that had passages; `rating` is the raters' mean, `label` tells their median."""
    rated = read_rows(folder, RATINGS, Rated, PUBLISHED)
    return tuple(
        LabelledPair(
            id=row.id,
            evidence=tuple(passage.text for passage in row.passages),
            claim=row.response,
            label=_label(median(row.human.faithfulness)),
            cluster=row.id.partition("<::>")[0],
            question=row.question,
            rating=mean(row.human.faithfulness),
            ratings=row.human.faithfulness,
        )
        for row in rated
        if row.passages
    )


def _label(rating: float) -> Label:
    if rating >= 4:
        return "supported"
    return "partly" if rating >= 3 else "unsupported"
