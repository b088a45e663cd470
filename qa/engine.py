"""The child process that holds the local language model; run as `python -m qa.engine FOLDER`.

A native crash here must not take the assistant down, so this is a process of its own: requests come in as
JSON lines on standard input, text goes out as JSON lines on what was standard output, and the end of the
input is the end of the process: it cannot outlive its parent. All requests run together in one continuous
batch. It knows nothing of questions or documents.

In:   {"id": 1, "prompts": ["…"], "max_tokens": 40}    {"cancel": 1}
Out:  {"ready": true}
      {"id": 1, "index": 0, "text": "…"}                                 more text of prompt 0
      {"id": 1, "index": 0, "logprob": -0.1, "prompt_tokens": 200, "tokens": 12}    prompt 0 is finished
      {"id": 1, "index": 0, "error": "…"}                                prompt 0 cannot be answered
"""

import json
import os
import queue
import sys
import threading
from dataclasses import dataclass, field
from typing import Any, TextIO

# The library reports each import of itself to a web service, unless its package for that is missing.
sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
import openvino_genai as genai  # noqa: E402

Message = dict[str, Any]

CACHE_GIGABYTES = 1
# A step cannot be interrupted: this bounds how long a cancelled request still runs.
STEP_TOKENS = 256
# Answers repeat the passage: its next words are guessed from what the prompt has after the last ones, and
# read in one step. The words are the same; sixty of them take 3.6 s instead of 7.8 s.
GUESSED_TOKENS = 7
GUESSED_FROM = 3
LONGEST_PROMPT = 8000
"""In tokens. The tokenizer cuts at 8192 without a word, and the question is at the end of a prompt."""
# Eight-bit weights by row (`qa.conversion`) times activations rounded to eight bits, 256 at a time: the
# same words on every processor. It reads 1.6 times and writes twice as fast as the file's groups of 32, with
# as many development questions right. The Yes of 40 claims moved by 0.016 from unrounded activations, by
# 0.004 then.
PROPERTIES: dict[str, Any] = {"INFERENCE_PRECISION_HINT": "f32", "DYNAMIC_QUANTIZATION_GROUP_SIZE": "256"}


@dataclass(slots=True)
class _Running:
    """One prompt on its way."""

    request: int
    index: int
    handle: Any
    prompt_tokens: int
    token_ids: list[int] = field(default_factory=list)
    first_logprob: float = 0.0
    sent: str = ""


class Engine:
    """Steps the pipeline while anything is unfinished, and reports each new piece of text."""

    def __init__(self, folder: str, out: TextIO) -> None:
        scheduler = genai.SchedulerConfig()
        scheduler.cache_size = CACHE_GIGABYTES
        scheduler.enable_prefix_caching = True
        scheduler.dynamic_split_fuse = True
        scheduler.max_num_batched_tokens = STEP_TOKENS
        self._pipeline = genai.ContinuousBatchingPipeline(
            folder, scheduler, "CPU", {**PROPERTIES, "prompt_lookup": True}
        )
        self._tokenizer = self._pipeline.get_tokenizer()
        self._out = out
        self._running: list[_Running] = []
        self._serial = 0

    def run(self, inbox: "queue.Queue[Message | None]") -> None:
        """Serve until the inbox gives None."""
        # The first prompt costs seconds more than any other, whatever it is: let it not be a question.
        self._pipeline.generate(["Hello"], [_greedy(2)])
        self._say({"ready": True})
        while True:
            # Wait only when idle; otherwise take what is there and go on stepping.
            messages = [inbox.get()] if not self._running else []
            while not inbox.empty():
                messages.append(inbox.get())
            for message in messages:
                if message is None:
                    return
                if "cancel" in message:
                    self._cancel(message["cancel"])
                else:
                    self._add(message)
            if self._running:
                self._pipeline.step()
                self._report()

    def _add(self, message: Message) -> None:
        for index, prompt in enumerate(message["prompts"]):
            try:
                self._running.append(self._started(message, index, prompt))
            except Exception as error:  # one bad prompt must not end the others
                self._say_error(message["id"], index, str(error))

    def _started(self, message: Message, index: int, prompt: str) -> _Running:
        prompt_tokens = int(self._tokenizer.encode(prompt).input_ids.shape[1])
        if prompt_tokens > LONGEST_PROMPT:
            raise ValueError(f"the prompt is longer than {LONGEST_PROMPT} tokens")
        self._serial += 1
        handle = self._pipeline.add_request(self._serial, prompt, _greedy(message["max_tokens"]))
        return _Running(message["id"], index, handle, prompt_tokens)

    def _cancel(self, request: int) -> None:
        for one in self._running:
            if one.request == request:
                one.handle.cancel()
        self._running = [one for one in self._running if one.request != request]
        if not self._running and self._pipeline.has_non_finished_requests():
            self._pipeline.step()

    def _report(self) -> None:
        unfinished = []
        for one in self._running:
            finished = False
            while one.handle.can_read():
                for output in one.handle.read().values():
                    if not one.token_ids and output.generated_log_probs:
                        one.first_logprob = output.generated_log_probs[0]
                    one.token_ids.extend(output.generated_ids)
                    finished = finished or output.finish_reason != genai.GenerationFinishReason.NONE
            status = one.handle.get_status()
            finished = finished or status != genai.GenerationStatus.RUNNING
            self._say_text(one, finished)
            if status == genai.GenerationStatus.IGNORED:
                self._say_error(one.request, one.index, "the prompt does not fit the cache")
            elif finished:
                self._say_end(one)
            else:
                unfinished.append(one)
        self._running = unfinished

    def _say_text(self, one: _Running, finished: bool) -> None:
        text = self._tokenizer.decode(one.token_ids) if one.token_ids else ""
        # A character cut in the middle of its bytes decodes to U+FFFD: wait for the rest.
        if len(text) > len(one.sent) and (finished or not text.endswith("\ufffd")):
            self._say({"id": one.request, "index": one.index, "text": text[len(one.sent) :]})
            one.sent = text

    def _say_end(self, one: _Running) -> None:
        end = {"logprob": one.first_logprob, "prompt_tokens": one.prompt_tokens, "tokens": len(one.token_ids)}
        self._say({"id": one.request, "index": one.index, **end})

    def _say_error(self, request: int, index: int, error: str) -> None:
        self._say({"id": request, "index": index, "error": error})

    def _say(self, message: Message) -> None:
        self._out.write(json.dumps(message) + "\n")
        self._out.flush()


def _greedy(max_tokens: int) -> genai.GenerationConfig:
    """The likeliest token each time, so that the same prompt has the same answer."""
    config = genai.GenerationConfig()
    config.max_new_tokens = max_tokens
    config.do_sample = False
    # The chat template is ours: the one inside a model file is code we did not read.
    config.apply_chat_template = False
    config.logprobs = 1
    config.num_assistant_tokens = GUESSED_TOKENS
    config.max_ngram_size = GUESSED_FROM
    return config


def main() -> None:
    # Native code prints where it likes: keep the protocol's stream for ourselves.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    inbox: queue.Queue[Message | None] = queue.Queue()

    def read() -> None:
        try:
            for line in sys.stdin:
                inbox.put(json.loads(line))
        finally:
            # The parent is gone: do not wait for a step in native code to end.
            os._exit(0)

    threading.Thread(target=read, daemon=True).start()
    Engine(sys.argv[1], out).run(inbox)


if __name__ == "__main__":
    main()
