"""What the newest part of a conversation can be: being answered, answered, stopped, failed.

Values only: how they look is in `ui.rendering`, how they come about in `ui.asking`.
"""

from dataclasses import dataclass

from qa import Answer, Citation, Passage, Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Working:
    """A question that is being answered."""

    question: str
    stage: str = "queue"
    message: str = "Looking through the documents"
    seconds: int = 0
    passages: tuple[Passage, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A question with its whole answer."""

    answer: Answer
    follow_ups: tuple[str, ...] = ()
    rating: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A question which was not answered to the end."""

    question: str
    title: str
    detail: str
    sentences: tuple[Sentence, ...] = ()
    """Those that were proved before."""
    citations: tuple[Citation, ...] = ()


View = Working | Settled | Broken
