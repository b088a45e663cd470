"""openvino-genai as `qa.engine` uses it, without a model: tokens are bytes, and the prompt says what to do.

Found in place of the real one when this folder is on PYTHONPATH. The last line of a prompt is a command:
    say TEXT       write TEXT, a byte a step         sure 0.9 TEXT   write TEXT as one token so probable
    slowly TEXT    the same, 20 ms a step            too long        does not fit the cache
    refuse         cannot be added                   die             the process ends in the middle of a word
The folder's name says how it opens: `slow`, `stuck` or `broken`. What happens is written to FAKE_RUNTIME_LOG.
"""

import json
import math
import os
import time
from enum import Enum
from pathlib import Path
from types import SimpleNamespace


class GenerationStatus(Enum):
    RUNNING, FINISHED, IGNORED, CANCEL, STOP = range(5)


class GenerationFinishReason(Enum):
    NONE, STOP, LENGTH = range(3)


class GenerationConfig(SimpleNamespace):
    pass


class SchedulerConfig(SimpleNamespace):
    pass


class Tokenizer:
    def encode(self, text):
        # The real one cuts there too.
        return SimpleNamespace(input_ids=SimpleNamespace(shape=(1, min(8192, len(text.encode())))))

    def decode(self, ids):
        return bytes(ids).decode(errors="replace")


class Handle:
    def __init__(self, number, command, longest):
        self.number = number
        word, _, rest = command.partition(" ")
        self.word, self.probability = word, 0.5
        if word == "sure":
            probability, _, rest = rest.partition(" ")
            self.probability = float(probability)
        raw = rest.encode()
        self.tokens = [list(raw)] if word == "sure" else [[byte] for byte in raw[:longest]]
        self.status, self.unread = GenerationStatus.RUNNING, []

    def step(self):
        if self.word == "too":
            self.status = GenerationStatus.IGNORED
            return
        if self.word == "slowly":
            time.sleep(0.02)
        if self.word == "die" and len(self.tokens) < 3:
            os.write(2, b"out of cheese\n")
            os._exit(7)
        token, self.tokens = self.tokens[0], self.tokens[1:]
        reason = GenerationFinishReason.NONE if self.tokens else GenerationFinishReason.STOP
        self.unread.append(
            SimpleNamespace(
                generated_ids=token,
                generated_log_probs=[math.log(self.probability)],
                finish_reason=reason,
            )
        )
        if not self.tokens:
            self.status = GenerationStatus.FINISHED

    def can_read(self):
        return bool(self.unread)

    def read(self):
        return {self.number: self.unread.pop(0)}

    def get_status(self):
        return self.status

    def cancel(self):
        _log({"cancelled": self.number})
        self.status = GenerationStatus.CANCEL


class ContinuousBatchingPipeline:
    def __init__(self, folder, scheduler, device, properties):
        _log({"opened": os.getpid()})
        name = Path(folder).name
        if name == "broken":
            raise RuntimeError("no model in the folder")
        time.sleep({"slow": 0.5, "stuck": 60.0}.get(name, 0.0))
        self.handles = []

    def get_tokenizer(self):
        return Tokenizer()

    def generate(self, prompts, configs):
        _log({"warmed": prompts})

    def add_request(self, number, prompt, config):
        _log({"prompt": prompt})
        command = prompt.partition("<|im_start|>user\n")[2].rpartition("<|im_end|>")[0].split("\n")[-1]
        if command == "refuse":
            raise RuntimeError("this prompt is refused")
        self.handles.append(Handle(number, command, config.max_new_tokens))
        return self.handles[-1]

    def has_non_finished_requests(self):
        return bool(self.handles)

    def step(self):
        running = [handle for handle in self.handles if handle.status is GenerationStatus.RUNNING]
        for handle in running:
            handle.step()
        self.handles = [handle for handle in running if handle.status is GenerationStatus.RUNNING]


class LLMPipeline:
    """Writes its own format beside the file, in two steps with time between them when the file says so."""

    def __init__(self, gguf, device, enable_save_ov_model, **properties):
        _log({"converted": os.getpid()})
        words = Path(gguf).read_text()
        if words == "broken":
            raise RuntimeError("this is no model")
        Path(gguf).with_name("openvino_model.bin").write_text(words)
        time.sleep(0.7 if words == "slow" else 0)
        Path(gguf).with_name("openvino_model.xml").write_text("<net/>")


def _log(entry):
    if path := os.environ.get("FAKE_RUNTIME_LOG"):
        with open(path, "a", encoding="utf-8") as log:
            log.write(json.dumps(entry) + "\n")
