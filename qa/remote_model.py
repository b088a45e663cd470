"""Any OpenAI-compatible server as the language model, through llama-index's `OpenAILike`."""

import math
import queue
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from llama_index.core.base.llms.types import ChatMessage
from llama_index.llms.openai_like import OpenAILike

from qa.errors import ModelError
from qa.models import Piece, is_word, yes_probability
from qa.prompts import Prompt

CANCEL_SECONDS = 0.1


class RemoteModel:
    """Any OpenAI-compatible server, through llama-index's `OpenAILike`."""

    def __init__(self, url: str, model: str, key: str | None, timeout_seconds: float) -> None:
        self.name = model
        self._url = url
        self._client = OpenAILike(
            model=model,
            api_base=url,
            # A local server needs no key, but the client insists on one.
            api_key=key or "none",
            is_chat_model=True,
            temperature=0.0,
            timeout=timeout_seconds,
            max_retries=1,
        )
        self._pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix="remote-model")

    @property
    def state(self) -> str:
        # Whether the server answers is known only once it is asked.
        return "ready"

    def write(
        self, prompts: Sequence[Prompt], max_tokens: int, cancelled: threading.Event
    ) -> Iterator[Piece]:
        pieces: queue.Queue[Piece | ModelError] = queue.Queue()
        left_by_caller = threading.Event()
        for index, prompt in enumerate(prompts):
            self._pool.submit(self._write_one, index, prompt, max_tokens, pieces, (cancelled, left_by_caller))
        left = len(prompts)
        try:
            while left and not cancelled.is_set():
                try:
                    piece = pieces.get(timeout=CANCEL_SECONDS)
                except queue.Empty:
                    continue
                if isinstance(piece, ModelError):
                    raise piece
                left -= piece.finished
                yield piece
        finally:
            left_by_caller.set()

    def yes(self, prompts: Sequence[Prompt], cancelled: threading.Event) -> tuple[list[float], int]:
        if cancelled.is_set():
            return [0.0] * len(prompts), 0
        results = list(self._pool.map(self._yes_one, prompts))
        return [probability for probability, _ in results], sum(tokens for _, tokens in results)

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _write_one(
        self,
        index: int,
        prompt: Prompt,
        max_tokens: int,
        pieces: "queue.Queue[Piece | ModelError]",
        stops: tuple[threading.Event, ...],
    ) -> None:
        usage: Any = None
        try:
            options = {"max_tokens": max_tokens, "stream_options": {"include_usage": True}}
            for response in self._client.stream_chat(_messages(prompt), **options):
                if any(stop.is_set() for stop in stops):
                    return
                usage = getattr(response.raw, "usage", None) or usage
                pieces.put(Piece(index=index, text=response.delta or ""))
        except Exception as error:  # whatever the client library or the server comes up with
            pieces.put(self._error(error))
            return
        prompt_tokens, written = getattr(usage, "prompt_tokens", 0), getattr(usage, "completion_tokens", 0)
        pieces.put(Piece(index=index, finished=True, prompt_tokens=prompt_tokens, completion_tokens=written))

    def _yes_one(self, prompt: Prompt) -> tuple[float, int]:
        try:
            reply = self._client.chat(_messages(prompt), max_tokens=1, logprobs=True, top_logprobs=5)
        except Exception as error:
            raise self._error(error) from error
        usage = getattr(reply.raw, "usage", None)
        tokens = getattr(usage, "prompt_tokens", 0)
        top = [option for options in (reply.logprobs or [])[:1] for option in options]
        odds = {
            word: sum(math.exp(o.logprob) for o in top if is_word(o.token, word)) for word in ("yes", "no")
        }
        if odds["yes"] + odds["no"] > 0:
            return odds["yes"] / (odds["yes"] + odds["no"]), tokens
        # The server gives no log-probabilities: the word itself is all there is.
        return yes_probability(reply.message.content or "", 0.9), tokens

    def _error(self, error: Exception) -> ModelError:
        return ModelError(
            f"The model server at {self._url} failed: {type(error).__name__}: {str(error)[:300]} "
            f"Check that it runs and that QA_LLM_MODEL={self.name!r} is a model it has."
        )


def _messages(prompt: Prompt) -> list[ChatMessage]:
    return [ChatMessage(role="system", content=prompt.system), ChatMessage(role="user", content=prompt.user)]
