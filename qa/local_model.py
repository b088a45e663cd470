"""The local language model: the engine of `qa.engine`, kept running in a child process."""

import itertools
import json
import math
import queue
import shutil
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

from filelock import FileLock

from qa.errors import ModelError
from qa.models import Piece, yes_probability
from qa.prompts import Prompt

CANCEL_SECONDS = 0.1
START_SECONDS = 180.0
CRASHES_ALLOWED = 3
SEAL = "complete.json"
ENGINE_SHARE = 1.2
"""Room that the engine's own format takes, against the size of the model file."""


class LocalModel:
    """The engine in a child process, started at once, awaited at first use, restarted after a crash."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self._folder = folder
        self._lock = threading.Lock()
        self._requests = itertools.count(1)
        self._inboxes: dict[int, queue.Queue[dict[str, Any] | None]] = {}
        self._crashes: deque[float] = deque(maxlen=CRASHES_ALLOWED)
        self._closed = False
        self._start()

    def write(
        self, prompts: Sequence[Prompt], max_tokens: int, cancelled: threading.Event
    ) -> Iterator[Piece]:
        self._await_ready(cancelled)
        number = next(self._requests)
        inbox: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._inboxes[number] = inbox
        request = {"id": number, "prompts": [chatml(p) for p in prompts], "max_tokens": max_tokens}
        try:
            self._say(request)
            left = len(prompts)
            while left and not cancelled.is_set():
                try:
                    message = inbox.get(timeout=CANCEL_SECONDS)
                except queue.Empty:
                    continue
                if message is None:
                    raise ModelError(self._crash_message())
                piece = _piece(message)
                left -= piece.finished
                yield piece
        finally:
            # Also reached when the caller leaves the generator in the middle.
            del self._inboxes[number]
            self._say({"cancel": number}, strict=False)

    def yes(self, prompts: Sequence[Prompt], cancelled: threading.Event) -> tuple[list[float], int]:
        words, logprobs, tokens = [""] * len(prompts), [0.0] * len(prompts), 0
        for piece in self.write(prompts, 1, cancelled):
            words[piece.index] += piece.text
            if piece.finished:
                logprobs[piece.index] = piece.first_logprob
                tokens += piece.prompt_tokens
        return [
            yes_probability(word, math.exp(logprob)) for word, logprob in zip(words, logprobs, strict=True)
        ], tokens

    @property
    def state(self) -> str:
        """`loading`, `ready` or `stopped`."""
        if self._process.poll() is not None:
            return "stopped"
        return "ready" if self._ready.is_set() else "loading"

    @property
    def pid(self) -> int:
        """Process id of the engine."""
        return self._process.pid

    def close(self) -> None:
        self._closed = True
        self._process.kill()
        self._process.wait()

    def _start(self) -> None:
        self._ready = threading.Event()
        self._errors: deque[str] = deque(maxlen=5)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "qa.engine", str(self._folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        assert self._process.stdout is not None and self._process.stderr is not None
        for target, stream in ((self._listen, self._process.stdout), (self._collect, self._process.stderr)):
            threading.Thread(target=target, args=(stream, self._ready), daemon=True).start()

    def _listen(self, out: IO[str], ready: threading.Event) -> None:
        for line in out:
            message = json.loads(line)
            if "ready" in message:
                ready.set()
            elif inbox := self._inboxes.get(message["id"]):
                inbox.put(message)
        # The engine is gone: whoever waits must hear it.
        ready.set()
        for inbox in list(self._inboxes.values()):
            inbox.put(None)

    def _collect(self, err: IO[str], _ready: threading.Event) -> None:
        for line in err:
            self._errors.append(line.strip())

    def _await_ready(self, cancelled: threading.Event) -> None:
        with self._lock:
            if self._process.poll() is not None and not self._closed:
                self._crashes.append(time.monotonic())
                if len(self._crashes) == CRASHES_ALLOWED and self._crashes[-1] - self._crashes[0] < 60:
                    raise ModelError(self._crash_message())
                self._start()
        deadline = time.monotonic() + START_SECONDS
        while not self._ready.wait(CANCEL_SECONDS):
            if cancelled.is_set():
                return
            if time.monotonic() > deadline:
                self._process.kill()
                raise ModelError(f"The engine did not start within {START_SECONDS:g} s. Try again: qa doctor")

    def _say(self, message: dict[str, Any], strict: bool = True) -> None:
        assert self._process.stdin is not None
        try:
            with self._lock:
                self._process.stdin.write(json.dumps(message) + "\n")
                self._process.stdin.flush()
        except (OSError, ValueError) as error:
            if strict:
                raise ModelError(self._crash_message()) from error

    def _crash_message(self) -> str:
        last = f" Its last words: {self._errors[-1]}" if self._errors else ""
        code = self._process.poll()
        return f"The engine ended (exit code {code}) while it answered.{last} Ask again, or run: qa doctor"


def is_prepared(gguf: Path) -> bool:
    """Whether `engine_folder` has nothing left to write."""
    folder = _engine_folder(gguf)
    return _seal_of(folder) == _read_seal(folder)


def engine_folder(gguf: Path) -> Path:
    """The engine's own format of a checked model file, beside it; written at the first call (half a minute).

    It is made from the checked file by this machine, so it has no published hash: the sizes, dates and
    inodes of its files are kept when it is complete, and it is made again when one of them differs.

    Raises:
        ModelError: the engine cannot open the file, or there is no room beside it.
    """
    folder = _engine_folder(gguf)
    if is_prepared(gguf):
        return folder
    try:
        with FileLock(f"{folder}.lock"):
            if not is_prepared(gguf):
                _prepare(gguf, folder)
    except OSError as error:
        raise ModelError(
            f"{error.filename or folder}: {error.strerror or error}. The language model is prepared for its "
            "engine beside its file: set QA_MODELS to a folder that can be written and type: qa models fetch"
        ) from error
    return folder


def _engine_folder(gguf: Path) -> Path:
    return gguf.with_name(f"{gguf.stem}-openvino-{version('openvino-genai')}")


def _prepare(gguf: Path, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    need, free = gguf.stat().st_size * ENGINE_SHARE, shutil.disk_usage(folder.parent).free
    if need > free:
        raise ModelError(
            f"Preparing {gguf.name} for its engine needs {need / 1e6:.0f} MB, {folder.parent} has "
            f"{free / 1e6:.0f} MB free. Make room there and type: qa models fetch"
        )
    folder.mkdir()
    link = folder / gguf.name
    link.symlink_to(gguf.resolve())
    run = subprocess.run(
        [sys.executable, "-m", "qa.engine", "--convert", str(link)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    link.unlink()
    if run.returncode != 0:
        shutil.rmtree(folder, ignore_errors=True)
        last = run.stderr.strip().splitlines()[-1:] or ["no message"]
        raise ModelError(f"{gguf} could not be prepared for the engine: {last[0]} Run: qa doctor")
    (folder / SEAL).write_text(json.dumps(_seal_of(folder)), encoding="utf-8")


def _seal_of(folder: Path) -> dict[str, list[int]]:
    files = [path for path in sorted(folder.glob("*")) if path.name != SEAL]
    facts = {path.name: path.stat() for path in files}
    return {name: [f.st_size, f.st_mtime_ns, f.st_ino] for name, f in facts.items()}


def _read_seal(folder: Path) -> object:
    try:
        return json.loads((folder / SEAL).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def chatml(prompt: Prompt) -> str:
    """The text a Qwen chat model reads. Text from outside cannot end a turn: its `<|` is broken up."""
    system, user = (text.replace("<|", "< |") for text in (prompt.system, prompt.user))
    return (
        f"<|im_start|>system\n{system}<|im_end|>\n<|im_start|>user\n{user}<|im_end|>\n<|im_start|>assistant\n"
    )


def _piece(message: dict[str, Any]) -> Piece:
    if "text" in message:
        return Piece(index=message["index"], text=message["text"])
    return Piece(
        index=message["index"],
        finished=True,
        first_logprob=message["logprob"],
        prompt_tokens=message["prompt_tokens"],
        completion_tokens=message["tokens"],
    )
