"""The conversation in the terminal.

Knows the commands of the chat; whoever answers is passed in.
"""

from collections.abc import Callable, Sequence
from contextlib import closing, suppress

from rich.console import Console

from qa import last_conversation
from qa.errors import QAError
from qa.opening import Answering, Note
from qa.questions import clean
from qa.rendering import follow, show_outcome, show_sources
from qa.types import Answer, Turn

# Line editing and earlier lines at the prompt, where the platform has it.
with suppress(ImportError):
    import readline  # noqa: F401

HELP = (
    "Type a question. /sources shows the quotes, /new begins anew, /quit or Ctrl-D ends; "
    "Ctrl-C stops an answer."
)


class Chat:
    """One sitting: the turns so far and the last answer."""

    def __init__(
        self,
        answering: Answering,
        *,
        turns: Sequence[Turn],
        documents: Sequence[str],
        longest_question: int,
        keep: Callable[[Sequence[Turn]], None],
        console: Console,
        note: Note,
    ) -> None:
        self._answering = answering
        self._turns = tuple(turns)
        self._documents = documents
        self._longest_question = longest_question
        self._keep = keep
        self._console = console
        self._note = note
        self._answer: Answer | None = None

    def run(self) -> None:
        """Read and answer until the end of the input or `/quit`."""
        self._note(HELP)
        while True:
            try:
                line = self._console.input("\nYou: ", markup=False).strip()
            except EOFError:
                return
            except KeyboardInterrupt:
                self._note("\nType /quit or press Ctrl-D to end.")
                continue
            if line == "/quit":
                return
            if line:
                self._take(line)

    def _take(self, line: str) -> None:
        match line:
            case "/new":
                self._turns, self._answer = (), None
                self._note("A new conversation.")
            case "/sources" if self._answer and self._answer.citations:
                show_sources(self._answer.citations, self._answering.address, self._console)
            case "/sources":
                self._note("There are no sources yet: ask a question first.")
            case _ if line.startswith("/"):
                self._note(HELP)
            case _:
                self._ask(line)

    def _ask(self, line: str) -> None:
        try:
            question = clean(line, self._longest_question)
            with closing(self._answering.stream(question, self._turns, self._documents)) as events:
                answer = follow(events, self._console, self._note)
        except KeyboardInterrupt:
            self._note("\nStopped.")
        except QAError as error:
            self._note(f"{error.title}: {error}")
        else:
            show_outcome(answer, self._console)
            if answer.citations:
                self._note(f"Quotes: {len(answer.citations)}; /sources shows them.")
            self._answer = answer
            self._turns = last_conversation.extended(self._turns, answer)
            self._keep(self._turns)
