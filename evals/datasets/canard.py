"""CANARD: follow-up questions of conversations on Wikipedia, each rewritten by a person to stand alone.

Published as aagohary/canard (CC BY-SA 4.0). There are no documents: only the rewriting is measured. A row
of `canard/dev.jsonl`:

    {"id": "C_1#2", "title": "A band", "section": "End", "history": [{"role": "user", "text": "Who left?"},
     {"role": "agent", "text": "The singer."}], "question": "Why?", "rewrite": "Why did the singer leave?",
     "turn": 2}
"""

from pathlib import Path

from evals.datasets.rows import Row, Said, read_rows
from evals.datasets.values import QuestionSet
from evals.types import Case
from qa import Turn

FOLLOW_UPS = "canard/dev.jsonl"
PUBLISHED = "https://sites.google.com/view/qanta/projects/canard"


class FollowUp(Row):
    title: str
    section: str
    history: tuple[Said, ...]
    question: str
    rewrite: str


def rewrites(folder: Path) -> QuestionSet:
    """Every question after the first one of its conversation.

    The people who rewrote knew article and section; they are told as the subject the conversation began with.
    """
    cases = tuple(
        Case(
            id=row.id,
            kind="follow-up",
            part="test",
            question=row.question,
            history=(
                Turn(role="user", content=f"Tell me about {row.title}: {row.section}."),
                *(said.turn for said in row.history),
            ),
            cluster=row.id.partition("#")[0],
            refusal_ok=True,
            standalone=row.rewrite,
        )
        for row in read_rows(folder, FOLLOW_UPS, FollowUp, PUBLISHED)
        if row.history
    )
    return QuestionSet(name="canard", texts=(), cases=cases)
