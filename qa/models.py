"""What the pipeline asks of a language model, whichever it is. Knows no question and no document."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from qa.prompts import Prompt


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Some more text of one prompt of a batch; the last piece of a prompt has `finished` set."""

    index: int
    """Which prompt of the batch, from 0."""
    text: str = ""
    finished: bool = False
    first_logprob: float = 0.0
    """Natural logarithm of the probability of the first token; with `finished` only, like the counts."""
    prompt_tokens: int = 0
    completion_tokens: int = 0


class LanguageModel(Protocol):
    """What the pipeline asks of a model. Every method raises `ModelError` when the model fails."""

    name: str
    small: bool
    """Whether its own words are not to be trusted: what it drafts is then told in those of the documents."""

    @property
    def state(self) -> str:
        """`loading`, `ready` or `stopped`."""
        ...

    def write(
        self, prompts: Sequence[Prompt], max_tokens: int, cancelled: threading.Event
    ) -> Iterator[Piece]:
        """Answers to all prompts, piece by piece as they are written; ends early once `cancelled` is set."""
        ...

    def yes(self, prompts: Sequence[Prompt], cancelled: threading.Event) -> tuple[list[float], int]:
        """Probability (0 to 1) that each prompt is answered Yes rather than No, and prompt tokens read."""
        ...

    def close(self) -> None: ...


def is_word(token: str, word: str) -> bool:
    return token.strip().lower() == word


def yes_probability(word: str, probability: float) -> float:
    """Probability of Yes, from the word that was written and its probability; 0.5 for any other word."""
    if is_word(word.strip(".,! "), "yes"):
        return probability
    return 1 - probability if is_word(word.strip(".,! "), "no") else 0.5
