"""Any OpenAI-compatible server as the language model, through llama-index's `OpenAILike`."""

import math
import queue
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from functools import partial
from ipaddress import ip_address
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
import openai
from llama_index.core.base.llms.types import ChatMessage, ChatResponse
from llama_index.llms.openai_like import OpenAILike

from qa.errors import ModelError
from qa.models import Piece, is_word, yes_probability
from qa.prompts import Prompt

CANCEL_SECONDS = 0.1
UNKNOWN_CERTAINTY = 0.9
"""Taken for the probability of a word that came without one."""

_T = TypeVar("_T")


class RemoteModel:
    """A model on a server. Prompts of a batch are sent at once; nothing is sent twice."""

    def __init__(self, url: str, model: str, key: str | None, timeout_seconds: float) -> None:
        self.name = model
        self.small = False
        self._url = url
        self._key = key
        self._timeout_seconds = timeout_seconds
        self._gives_logprobs = True
        self._latest = threading.local()
        self._http = httpx.Client(
            timeout=timeout_seconds,
            # A proxy of the environment has no way to a server on this machine.
            trust_env=not _is_here(url),
            follow_redirects=True,
            event_hooks={"response": [self._remember]},
        )
        self._client = OpenAILike(  # type: ignore[call-arg]  # its parent takes the http_client
            model=model,
            api_base=url,
            # A local server needs no key, but the client insists on one.
            api_key=key or "none",
            is_chat_model=True,
            temperature=0.0,
            timeout=timeout_seconds,
            # Retries would multiply the longest wait; whoever asked can ask again.
            max_retries=0,
            http_client=self._http,
        )

    @property
    def state(self) -> str:
        # Whether the server answers is known only once it is asked.
        return "ready"

    def write(
        self, prompts: Sequence[Prompt], max_tokens: int, cancelled: threading.Event
    ) -> Iterator[Piece]:
        yield from self._together(
            [partial(self._write_one, index, prompt, max_tokens) for index, prompt in enumerate(prompts)],
            cancelled,
        )

    def yes(self, prompts: Sequence[Prompt], cancelled: threading.Event) -> tuple[list[float], int]:
        odds, tokens = [0.5] * len(prompts), 0
        jobs = [partial(self._yes_one, index, prompt) for index, prompt in enumerate(prompts)]
        for index, probability, read in self._together(jobs, cancelled):
            odds[index] = probability
            tokens += read
        return odds, tokens

    def close(self) -> None:
        self._http.close()

    def _together(
        self, jobs: Sequence[Callable[[], Generator[_T, None, None]]], cancelled: threading.Event
    ) -> Generator[_T, None, None]:
        """What the jobs yield, as it comes, until all have ended or `cancelled` is set."""
        results: queue.Queue[_T | Exception | None] = queue.Queue()
        left_by_caller = threading.Event()
        deadline = time.monotonic() + self._timeout_seconds
        for job in jobs if not cancelled.is_set() else ():
            # A thread that waits for a dead server must not keep the program from ending.
            threading.Thread(target=_run, args=(job, results, left_by_caller), daemon=True).start()
        left = len(jobs)
        try:
            while left and not cancelled.is_set():
                try:
                    result = results.get(timeout=CANCEL_SECONDS)
                except queue.Empty:
                    if time.monotonic() > deadline:
                        raise self._error(TimeoutError("no complete reply")) from None
                    continue
                if isinstance(result, Exception):
                    raise self._error(result) from result
                if result is None:
                    left -= 1
                else:
                    yield result
        finally:
            left_by_caller.set()

    def _write_one(self, index: int, prompt: Prompt, max_tokens: int) -> Generator[Piece, None, None]:
        usage, finished, pieces = None, False, 0
        options = {"max_tokens": max_tokens, "stream_options": {"include_usage": True}}
        try:
            for response in self._client.stream_chat(_messages(prompt), **options):
                usage = getattr(response.raw, "usage", None) or usage
                choices = getattr(response.raw, "choices", None)
                finished = finished or bool(choices and choices[0].finish_reason)
                if response.delta:
                    pieces += 1
                    yield Piece(index=index, text=response.delta)
        finally:
            self._hang_up()
        if not finished:
            raise ConnectionError("the reply broke off") if pieces else ValueError("no answer in the reply")
        yield Piece(
            index=index,
            finished=True,
            prompt_tokens=getattr(usage, "prompt_tokens", 0),
            # Servers that do not count send a token a piece.
            completion_tokens=getattr(usage, "completion_tokens", pieces),
        )

    def _remember(self, response: httpx.Response) -> None:
        self._latest.response = response

    def _hang_up(self) -> None:
        """Close this thread's connection: llama-index leaves that to the collector of cyclic garbage."""
        if hasattr(self._latest, "response"):
            self._latest.response.close()

    def _yes_one(self, index: int, prompt: Prompt) -> Generator[tuple[int, float, int], None, None]:
        reply = self._word(prompt)
        tokens = getattr(getattr(reply.raw, "usage", None), "prompt_tokens", 0)
        top = [option for options in (reply.logprobs or [])[:1] for option in options]
        odds = {
            word: sum(math.exp(o.logprob) for o in top if is_word(o.token, word)) for word in ("yes", "no")
        }
        if odds["yes"] + odds["no"] > 0:
            yield index, odds["yes"] / (odds["yes"] + odds["no"]), tokens
        else:
            # Without log-probabilities the word itself is all there is.
            yield index, yes_probability(reply.message.content or "", UNKNOWN_CERTAINTY), tokens

    def _word(self, prompt: Prompt) -> ChatResponse:
        """One token in reply to `prompt`, with log-probabilities where the server has them."""
        if self._gives_logprobs:
            try:
                return self._client.chat(_messages(prompt), max_tokens=1, logprobs=True, top_logprobs=5)
            except (openai.BadRequestError, openai.UnprocessableEntityError):
                # It may be these options that it refuses; the same without them shows whether it is.
                pass
        reply = self._client.chat(_messages(prompt), max_tokens=1)
        self._gives_logprobs = False
        return reply

    def _error(self, error: Exception) -> ModelError:
        said = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
        if isinstance(error, AttributeError | TypeError | LookupError):
            # The client library stumbled over what came back.
            said = f"its reply is not of the OpenAI kind ({said})"
        if self._key:
            said = said.replace(self._key, "…")
        return ModelError(
            f"The model server at {self._url} failed: {said.rstrip('.')}. {self._next_step(error)}"
        )

    def _next_step(self, error: Exception) -> str:
        status = getattr(error, "status_code", 0)
        if status in (401, 403):
            return "Set QA_LLM_KEY to a key that it accepts."
        if status == 404:
            return f"Check QA_LLM_URL (it mostly ends in /v1) and that it has QA_LLM_MODEL={self.name!r}."
        if isinstance(error, TimeoutError | httpx.TimeoutException | openai.APITimeoutError):
            return f"QA_LLM_TIMEOUT_SECONDS is {self._timeout_seconds:g}: ask again, or set it higher."
        if isinstance(error, openai.APIConnectionError):
            return "Start it, or correct QA_LLM_URL; without QA_LLM_URL the local model answers."
        if status or isinstance(error, httpx.HTTPError | ConnectionError):
            return "Ask again; if it fails again, the server's own log says why."
        return "Check that QA_LLM_URL is an OpenAI-compatible server; its address mostly ends in /v1."


def _run(
    job: Callable[[], Generator[Any, None, None]],
    results: "queue.Queue[Any]",
    left_by_caller: threading.Event,
) -> None:
    try:
        # A job that is left in the middle hangs up, by which the server knows to stop.
        with closing(job()) as items:
            for item in items:
                if left_by_caller.is_set():
                    return
                results.put(item)
        results.put(None)
    except Exception as error:  # whatever the client library or the server comes up with
        results.put(error)


def _is_here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _messages(prompt: Prompt) -> list[ChatMessage]:
    return [ChatMessage(role="system", content=prompt.system), ChatMessage(role="user", content=prompt.user)]
