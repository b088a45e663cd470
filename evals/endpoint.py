"""A running endpoint as the one who answers: a server of our contract, or one that speaks the OpenAI style.

Knows the two protocols from the caller's side. What comes back is checked before it counts as an answer.
"""

import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import httpx
from pydantic import BaseModel, Field, ValidationError

from evals.engines import Engine, local_documents
from evals.identity import documents_digest
from evals.refusals import is_refusal
from evals.scorers import Documents
from qa import (
    Answer,
    Client,
    Config,
    InputError,
    ModelError,
    QAError,
    Timings,
    Turn,
    Usage,
    answer_from,
)

OPENAI_PATH = "/v1/chat/completions"


def remote_engine(url: str, config: Config, seconds: float, model: str | None = None) -> Engine:
    """The endpoint at `url`, over the documents that lie in the documents folder here too.

    Args:
        url: its address; with `/v1/chat/completions` at the end it is asked in the OpenAI style.
        seconds: the longest wait for one answer.

    Raises:
        QAError: it cannot be reached, or speaks neither of the two.
        InputError: the address or the documents folder cannot be used.
    """
    if not url.startswith(("http://", "https://")):
        raise InputError(f"--against is {url!r}; it must begin with http:// or https://.")
    documents = local_documents(config)
    address = url.rstrip("/")
    if address.endswith((OPENAI_PATH, "/v1")):
        address = address.removesuffix(OPENAI_PATH).removesuffix("/v1")
        return _openai(address, config, seconds, documents, model)
    try:
        with Client(address, config.token) as client:
            health = client.health()
        if not isinstance(health, dict) or "index_version" not in health:
            raise QAError(f"What runs at {address} tells no health of ours.")
    except QAError as error:
        raise QAError(
            f"{error} If it speaks the OpenAI style, type: --against {address}{OPENAI_PATH}"
        ) from error
    return _contract(address, config, seconds, documents, health)


def _contract(
    address: str, config: Config, seconds: float, documents: Documents, health: Mapping[str, Any]
) -> Engine:
    def ask(question: str, history: Sequence[Turn], chosen: Sequence[str]) -> Answer:
        deadline = time.monotonic() + seconds
        with Client(address, config.token) as client:
            for event in client.stream(question, history, chosen):
                if isinstance(event, Answer):
                    return event
                if time.monotonic() > deadline:
                    raise ModelError(_late(address, seconds))
        raise ModelError(f"{address} ended without an answer.")

    identity = {
        "model": str(health.get("model")),
        "endpoint": address,
        "index": str(health.get("index_version")),
        "data": documents_digest(documents),
    }
    return Engine(name=f"{identity['model']} at {address}", ask=ask, documents=documents, identity=identity)


def _openai(address: str, config: Config, seconds: float, documents: Documents, model: str | None) -> Engine:
    headers = {"authorization": f"Bearer {config.token}"} if config.token else {}
    # A proxy of the environment would be asked for loopback names too.
    http = httpx.Client(base_url=address, headers=headers, timeout=seconds, trust_env=False)
    name = model or _first_model(_call(http, "GET", "/v1/models"), address)

    def ask(question: str, history: Sequence[Turn], chosen: Sequence[str]) -> Answer:
        began = time.monotonic()
        messages = [asdict(turn) for turn in (*history, Turn(role="user", content=question))]
        body = {"model": name, "messages": messages, "temperature": 0, "stream": False}
        reply = _call(http, "POST", OPENAI_PATH, body)
        return _read(reply, question, name, address, round(1000 * (time.monotonic() - began)))

    identity = {"model": name, "endpoint": f"{address}{OPENAI_PATH}", "data": documents_digest(documents)}
    return Engine(name=f"{name} at {address}", ask=ask, documents=documents, identity=identity, filters=False)


def _call(http: httpx.Client, method: str, path: str, body: Mapping[str, object] | None = None) -> bytes:
    """What the endpoint replies.

    Raises:
        ModelError: it is down, late, or replies with an error.
    """
    try:
        response = http.request(method, path, json=body)
        response.raise_for_status()
    except httpx.TimeoutException as error:
        raise ModelError(_late(str(http.base_url), http.timeout.read or 0)) from error
    except httpx.HTTPStatusError as error:
        raise ModelError(f"{error.request.url} replied with status {error.response.status_code}.") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ModelError(
            f"{http.base_url} does not answer ({type(error).__name__}); is it running?"
        ) from error
    return response.content


class _Model(BaseModel):
    id: str


class _Models(BaseModel):
    data: list[_Model] = Field(min_length=1)


class _Message(BaseModel):
    content: str | None


class _Choice(BaseModel):
    message: _Message


class _Usage(BaseModel):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Reply(BaseModel):
    choices: list[_Choice] = Field(min_length=1)
    cited_answer: dict[str, Any] | None = None
    """Ours, where the server sends it beside the text."""
    usage: _Usage | None = None


def _first_model(listed: bytes, address: str) -> str:
    try:
        return _Models.model_validate_json(listed).data[0].id
    except ValidationError as error:
        raise ModelError(f"{address}/v1/models lists no model; name one with --model.") from error


def _read(reply: bytes, question: str, model: str, address: str, total_ms: int) -> Answer:
    """The answer in a reply; whole, where the server sends our object beside the text."""
    try:
        read = _Reply.model_validate_json(reply)
        if read.cited_answer:
            return answer_from(read.cited_answer)
    except (ValidationError, KeyError, TypeError) as error:
        raise ModelError(
            f"{address} replied with no answer in the OpenAI style ({_brief(error)})."
        ) from error
    # Only because this style has no field for it.
    content = read.choices[0].message.content or ""
    refusal = is_refusal(content)
    usage = read.usage or _Usage()
    return Answer(
        id=uuid.uuid4().hex,
        question=question,
        standalone_question=question,
        status="unanswerable" if refusal else "answered",
        answer=content,
        reason=content if refusal else None,
        sentences=(),
        accounts=(),
        citations=(),
        passages=(),
        model=model,
        index_version="",
        timings=Timings(
            standalone_ms=0,
            retrieve_ms=0,
            draft_ms=0,
            check_ms=0,
            first_sentence_ms=total_ms,
            total_ms=total_ms,
        ),
        usage=Usage(prompt_tokens=usage.prompt_tokens, completion_tokens=usage.completion_tokens),
    )


def _late(address: str, seconds: float) -> str:
    return f"No answer from {address} within {seconds:g} s; allow more with --timeout."


def _brief(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc'])) or 'the reply'}: {first['msg']}"
    return repr(error)
