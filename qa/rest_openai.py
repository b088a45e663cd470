"""The routes in the style of OpenAI, for programs that speak it: chat completions and the list of models.

Knows that style; the answer is the same as everywhere, its marks in the text and the whole object beside it.
"""

import logging
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse
from pydantic import BaseModel, ConfigDict, Field

from qa import problems
from qa.errors import InputError, QAError
from qa.questions import clean
from qa.routing import PROBLEM_RESPONSES, STREAM_HEADERS, Served, encode, events_until_left, last_answer
from qa.service import Service
from qa.types import EXTRACTIVE, Answer, Proved, Turn
from qa.waiting_line import Inbox

LARGEST_HISTORY = 40
"""Later messages count; what came before them is left out."""
LONGEST_MESSAGE = 20_000

log = logging.getLogger(__name__)
openai_router = APIRouter(responses=PROBLEM_RESPONSES)


class TextPart(BaseModel):
    """A part of a message; only text can be read."""

    model_config = ConfigDict(extra="forbid")
    type: Literal["text"]
    text: str


class Message(BaseModel):
    """One message; those of the system and the developer are not followed."""

    model_config = ConfigDict(extra="ignore")
    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[TextPart] | None = None

    def text(self) -> str:
        parts = self.content or ""
        return parts if isinstance(parts, str) else "\n".join(part.text for part in parts)


class StreamOptions(BaseModel):
    model_config = ConfigDict(extra="ignore")
    include_usage: bool = False


class Completion(BaseModel):
    """What is asked. Fields that steer sampling are taken without effect: answers are proved, not sampled."""

    model_config = ConfigDict(extra="forbid")
    messages: Annotated[list[Message], Field(min_length=1, max_length=1000)]
    model: str = Field(default="", max_length=200, description="Any name; the answer says who answered.")
    stream: bool = False
    stream_options: StreamOptions | None = None
    documents: list[Annotated[str, Field(max_length=100)]] = Field(default=[], max_length=1000)
    """Ours: ids of the only documents to look in."""
    n: Literal[1] | None = None
    temperature: float | None = Field(default=None, description="No effect.")
    top_p: float | None = Field(default=None, description="No effect.")
    max_tokens: int | None = Field(default=None, description="No effect.")
    max_completion_tokens: int | None = Field(default=None, description="No effect.")
    presence_penalty: float | None = Field(default=None, description="No effect.")
    frequency_penalty: float | None = Field(default=None, description="No effect.")
    stop: str | list[str] | None = Field(default=None, description="No effect.")
    seed: int | None = Field(default=None, description="No effect.")
    user: str | None = Field(default=None, description="No effect.")

    def question_and_history(self) -> tuple[str, list[Turn]]:
        """
        Raises:
            InputError: the last message is not the user's.
        """
        *earlier, last = self.messages
        if last.role != "user":
            raise InputError(f"The last message is of the {last.role}; it must be the user's question.")
        turns = [
            Turn(role=message.role, content=message.text()[:LONGEST_MESSAGE])
            for message in earlier
            if message.role in ("user", "assistant") and message.text()
        ]
        return last.text(), turns[-LARGEST_HISTORY:]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerMessage:
    """The answer as text with marks, and why a part of it is missing."""

    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The one choice."""

    index: int = 0
    message: AnswerMessage
    finish_reason: Literal["stop"] = "stop"
    logprobs: None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenUsage:
    """Tokens of the language model."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatCompletion:
    """An answer in OpenAI's form, with the proof beside it."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: tuple[Choice, ...]
    usage: TokenUsage
    cited_answer: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model that can be asked."""

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "cited-qa"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelList:
    """The models that can be asked."""

    object: Literal["list"] = "list"
    data: tuple[Model, ...]


@openai_router.post("/v1/chat/completions", response_model=ChatCompletion)
async def chat_completions(completion: Completion, request: Request, service: Served) -> Response:
    """Answer the last message; `cited_answer` holds the whole object of `/v1/answers`.

    Streamed, each chunk is one checked sentence with its marks; the last one has `cited_answer`.
    """
    question, history = completion.question_and_history()
    asked = service.asked(clean(question, service.config.question_characters), history, completion.documents)
    if completion.stream:
        service.line.check_room()
        head = {
            "id": f"chatcmpl-{uuid.uuid4().hex}",
            "object": "chat.completion.chunk",
            "created": int(time.time()),
            "model": _model_name(service),
        }
        with_usage = completion.stream_options is not None and completion.stream_options.include_usage
        return EventSourceResponse(_chunks(asked, request, head, with_usage), headers=STREAM_HEADERS)
    answer = await last_answer(asked, request)
    if answer is None:
        # Nobody reads this: the client has left.
        return Response(status_code=499)
    told = ChatCompletion(
        id=f"chatcmpl-{answer.id}",
        created=int(time.time()),
        model=answer.model,
        choices=(Choice(message=AnswerMessage(content=_content(answer))),),
        usage=_usage(answer),
        cited_answer=answer,
    )
    return JSONResponse(asdict(told))


@openai_router.get("/v1/models", response_model=ModelList)
def list_models(service: Served) -> Response:
    """The one model that answers."""
    return JSONResponse(asdict(ModelList(data=(Model(id=_model_name(service)),))))


async def _chunks(
    asked: AbstractContextManager[Inbox], request: Request, head: dict[str, Any], with_usage: bool
) -> AsyncIterator[bytes]:
    try:
        told = ""
        yield _chunk(head, {"role": "assistant", "content": ""})
        with asked as inbox:
            async for event in events_until_left(inbox, request):
                if event is None:
                    yield KEEPALIVE_COMMENT
                if isinstance(event, Proved):
                    text = (" " if told else "") + _marked(event)
                    told += text
                    yield _chunk(head, {"content": text})
                if isinstance(event, Answer):
                    yield _chunk(head, {"content": _content(event).removeprefix(told)})
                    yield _chunk(head, {}, "stop", cited_answer=asdict(event))
                    if with_usage:
                        yield encode(None, head | {"choices": [], "usage": asdict(_usage(event))})
        yield b"data: [DONE]\n\n"
    except Exception as error:
        if not isinstance(error, QAError):
            log.error("unforeseen error", exc_info=error)
        problem = problems.of_error(error)
        yield encode(None, {"error": problem.body() | {"message": problem.detail}})


def _chunk(head: dict[str, Any], delta: dict[str, str], finish: str | None = None, **beside: object) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
    return encode(None, head | {"choices": [choice]} | beside)


def _marked(proved: Proved) -> str:
    """A sentence as it stands in the text of the answer."""
    return f"{proved.sentence.text} {''.join(f'[{number}]' for number in proved.sentence.citations)}"


def _content(answer: Answer) -> str:
    return " ".join(part for part in (answer.answer, answer.reason) if part)


def _usage(answer: Answer) -> TokenUsage:
    read, written = answer.usage.prompt_tokens, answer.usage.completion_tokens
    return TokenUsage(prompt_tokens=read, completion_tokens=written, total_tokens=read + written)


def _model_name(service: Service) -> str:
    model = service.assistant.model
    return model.name if model else EXTRACTIVE
