"""What the browser keeps and sends: conversations, and the question asked next.

Everything here comes from outside and is checked before it is used: the browser's store is the reader's own,
and the reader may have changed it. Knows no library of the interface.
"""

from dataclasses import asdict
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from qa import Answer, InputError, Turn

LARGEST_HISTORY = 40
LONGEST_TEXT = 20_000
MOST_EXCHANGES = 400

Short = Annotated[str, Field(max_length=200)]
Text = Annotated[str, Field(max_length=LONGEST_TEXT)]
Rating = Literal["up", "down"]
Parsed = TypeVar("Parsed", bound=BaseModel)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Exchange(_Strict):
    """A question with its settled answer, as the browser keeps it."""

    answer: Answer
    follow_ups: Annotated[tuple[Text, ...], Field(max_length=6)] = ()
    rating: Rating | None = None


class Conversation(_Strict):
    """One conversation as the browser keeps it."""

    id: Short = ""
    title: Text = ""
    exchanges: Annotated[tuple[Exchange, ...], Field(max_length=MOST_EXCHANGES)] = ()
    owner: Short = ""
    broken: Text | None = None
    """The question that was being answered when the page or the server went away."""


class Said(_Strict):
    """One message of the conversation so far."""

    role: Literal["user", "assistant"]
    content: Text


class Asked(_Strict):
    """A question with what it needs."""

    question: str
    history: Annotated[tuple[Said, ...], Field(max_length=LARGEST_HISTORY)] = ()
    documents: Annotated[tuple[Short, ...], Field(max_length=1000)] = ()
    """The chosen ones; none: all."""
    owner: Short = ""
    """What this browser alone knows, when it has uploaded something for itself."""
    fresh: bool = False
    """Whether an answer that was given before shall not be given again."""

    def turns(self) -> tuple[Turn, ...]:
        """The history as the engine takes it."""
        return tuple(Turn(role=said.role, content=said.content) for said in self.history)


class Rated(_Strict):
    """What the reader thinks of an answer."""

    answer: Answer
    history: Annotated[tuple[Said, ...], Field(max_length=LARGEST_HISTORY)] = ()
    rating: Rating
    reason: Annotated[str, Field(max_length=2000)] = ""


class Opened(_Strict):
    """The list of documents, as one browser sees it; one of them may be removed before."""

    owner: Short = ""
    remove: Short | None = None


class Wanted(_Strict):
    """A conversation to be made into a file."""

    conversation: Conversation
    form: Literal["markdown", "json", "html"]


def parse(kind: type[Parsed], data: object) -> Parsed:
    """`data` as a `kind`.

    Raises:
        InputError: it is something else; the message names the field and the rule.
    """
    try:
        return kind.model_validate_json(data) if isinstance(data, str) else kind.model_validate(data)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, fault["loc"])) or "the message"
        raise InputError(
            f"The page sent something that cannot be used ({place}: {fault['msg']}). Reload the page."
        ) from error


def kept(answer: Answer, follow_ups: tuple[str, ...]) -> dict[str, Any]:
    """An exchange in the form in which the browser keeps it."""
    return {"answer": asdict(answer), "follow_ups": list(follow_ups), "rating": None}
