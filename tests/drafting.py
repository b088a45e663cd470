"""A language model that writes what a test tells it to, and keeps what it was asked."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from qa import prompts
from qa.errors import ModelError
from qa.models import Piece
from qa.prompts import Prompt

NOTHING = "The passage does not mention it."


@dataclass
class DraftingModel:
    """Answers a prompt with the drafts whose keys stand in it, and with `NOTHING` when no key does."""

    drafts: Mapping[str, str] = field(default_factory=dict)
    """What it writes of a document, by some words of that document's title."""
    odds: float | Callable[[Prompt], float] = 0.95
    """Probability of Yes whenever it is asked."""
    rewritten: str = ""
    """What it makes of a follow-up question."""
    dies_after: int | None = None
    """Fails once it has written so many pieces."""
    on_piece: Callable[[], None] = lambda: None
    name: str = "drafting"
    small: bool = False
    """Whether the words of the documents stand instead of its draft."""
    state: str = "ready"
    asked: list[Prompt] = field(default_factory=list)
    closed: bool = False

    def write(
        self, prompts_: Sequence[Prompt], max_tokens: int, cancelled: threading.Event
    ) -> Iterator[Piece]:
        self.asked += prompts_
        written = 0
        for index, prompt in enumerate(prompts_):
            words = self._reply(prompt, max_tokens).split(" ")
            for number, word in enumerate(words):
                if cancelled.is_set():
                    return
                if self.dies_after is not None and written >= self.dies_after:
                    raise ModelError("The model fell over. Ask again.")
                written += 1
                self.on_piece()
                yield Piece(index=index, text=word if number == 0 else f" {word}")
            yield Piece(index=index, finished=True, prompt_tokens=100, completion_tokens=len(words))

    def yes(self, prompts_: Sequence[Prompt], cancelled: threading.Event) -> tuple[list[float], int]:
        self.asked += prompts_
        odds = self.odds if callable(self.odds) else lambda prompt, value=self.odds: value
        return [odds(prompt) for prompt in prompts_], 10 * len(prompts_)

    def close(self) -> None:
        self.closed = True

    def _reply(self, prompt: Prompt, max_tokens: int) -> str:
        if max_tokens == prompts.STANDALONE_TOKENS:
            return self.rewritten
        return " ".join(text for key, text in self.drafts.items() if key in prompt.user) or NOTHING
