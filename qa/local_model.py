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
import uuid
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, suppress
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

from filelock import FileLock

from qa.errors import ModelError
from qa.models import Piece, yes_probability
from qa.prompts import Prompt

# By its path and without the current folder on the search path: a `json.py` among the documents is not ours.
ENGINE, CONVERSION = (
    (sys.executable, "-P", str(Path(__file__).with_name(program)))
    for program in ("engine.py", "conversion.py")
)
CANCEL_SECONDS = 0.1
START_SECONDS = 180.0
STARTS_ALLOWED = 3
STARTS_SECONDS = 60.0
SEAL = "complete.json"
CONVERSION_SHARE = 2.8
"""Room that writing the engine's own format takes, against the size of the model file; 1.6 of it stays."""

Message = dict[str, Any]


class LocalModel:
    """The engine in a child process, started at once, awaited at first use, restarted after a crash.

    An engine that ends again and again is left alone for a while: three starts a minute and no more.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.small = True
        self._folder = folder
        self._lock = threading.Lock()
        self._starts: deque[float] = deque(maxlen=STARTS_ALLOWED)
        self._closed = False
        self._engine = self._started()

    def write(
        self, prompts: Sequence[Prompt], max_tokens: int, cancelled: threading.Event
    ) -> Iterator[Piece]:
        engine = self._awake()
        engine.await_ready(cancelled)
        with closing(engine.ask([chatml(p) for p in prompts], max_tokens, cancelled)) as messages:
            for message in messages:
                yield _piece(message)

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
        if self._engine.ended:
            return "stopped"
        return "ready" if self._engine.ready.is_set() else "loading"

    @property
    def pid(self) -> int:
        """Process id of the engine."""
        return self._engine.pid

    def close(self) -> None:
        """End the engine; whoever waits for it gets a `ModelError`."""
        with self._lock:
            self._closed = True
        self._engine.kill()

    def _awake(self) -> "_Engine":
        with self._lock:
            if self._closed:
                raise ModelError("The language model was closed. Open it again to ask.")
            if self._engine.ended:
                self._engine = self._started()
            return self._engine

    def _started(self) -> "_Engine":
        now = time.monotonic()
        if len(self._starts) == STARTS_ALLOWED and now - self._starts[0] < STARTS_SECONDS:
            wait = STARTS_SECONDS - (now - self._starts[0])
            raise ModelError(
                f"{self._engine.epitaph()} It ended {STARTS_ALLOWED} times within a minute. "
                f"Run: qa doctor, or ask again in {wait:.0f} s."
            )
        self._starts.append(now)
        return _Engine(self._folder)


class _Engine:
    """One life of the engine's process; its lines in and out."""

    def __init__(self, folder: Path) -> None:
        self.ready = threading.Event()
        """Set when it takes prompts, and when it has ended."""
        self._inboxes: dict[int, queue.Queue[Message | None]] = {}
        self._numbers = itertools.count(1)
        self._writing = threading.Lock()
        self._last_words = ""
        # In a session of its own: Ctrl-C stops an answer and must not end the engine.
        self._process = subprocess.Popen(
            [*ENGINE, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
        assert self._process.stdout is not None and self._process.stderr is not None
        self._collecting = threading.Thread(target=self._collect, args=(self._process.stderr,), daemon=True)
        self._collecting.start()
        threading.Thread(target=self._listen, args=(self._process.stdout,), daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    def await_ready(self, cancelled: threading.Event) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self.ready.wait(CANCEL_SECONDS) and not cancelled.is_set():
            if time.monotonic() > deadline:
                self.kill()
                raise ModelError(
                    f"The language model was not ready after {START_SECONDS:g} s. "
                    "Ask again when the machine is less busy, or run: qa doctor"
                )

    def ask(
        self, prompts: Sequence[str], max_tokens: int, cancelled: threading.Event
    ) -> Generator[Message, None, None]:
        """What the engine says to `prompts`, until it has finished all of them or `cancelled` is set."""
        number = next(self._numbers)
        inbox = self._inboxes[number] = queue.Queue()
        left = len(prompts)
        try:
            if not cancelled.is_set():
                self._say({"id": number, "prompts": prompts, "max_tokens": max_tokens})
            while left and not cancelled.is_set():
                try:
                    message = inbox.get(timeout=CANCEL_SECONDS)
                except queue.Empty:
                    message = None if self.ended else {}
                if message is None:
                    raise ModelError(f"{self.epitaph()} Ask again; if it ends again, run: qa doctor")
                if message:
                    left -= "text" not in message
                    yield message
        finally:
            # Also reached when the caller leaves the generator in the middle.
            del self._inboxes[number]
            if left:
                self._say({"cancel": number})

    def epitaph(self) -> str:
        """How it ended, in words for people."""
        self.kill()
        self._collecting.join(1.0)
        last = f" Its last words: {self._last_words}" if self._last_words else ""
        return f"The language model's process ended with exit code {self._process.returncode}.{last}"

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def _say(self, message: Message) -> None:
        assert self._process.stdin is not None
        # One that has ended cannot be told anything; whoever waits for its answer learns that there.
        with suppress(OSError, ValueError), self._writing:
            self._process.stdin.write(json.dumps(message) + "\n")
            self._process.stdin.flush()

    def _listen(self, out: IO[str]) -> None:
        try:
            for line in out:
                message = json.loads(line)
                if "ready" in message:
                    self.ready.set()
                elif inbox := self._inboxes.get(message["id"]):
                    inbox.put(message)
        finally:
            # It has nothing more to say: whoever waits must hear it. One that ends by itself has a reason.
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(1.0)
            self.kill()
            self.ready.set()
            for inbox in list(self._inboxes.values()):
                inbox.put(None)

    def _collect(self, err: IO[str]) -> None:
        for line in err:
            self._last_words = line.strip()[:300] or self._last_words


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
    return gguf.with_name(f"{gguf.stem}-openvino-{version('openvino-genai')}-rows")


def _prepare(gguf: Path, folder: Path) -> None:
    for old in (folder, *folder.parent.glob(f"{folder.name}.*.part")):
        shutil.rmtree(old, ignore_errors=True)
    need, free = gguf.stat().st_size * CONVERSION_SHARE, shutil.disk_usage(folder.parent).free
    if need > free:
        raise ModelError(
            f"Preparing {gguf.name} for its engine needs {need / 1e6:.0f} MB, {folder.parent} has "
            f"{free / 1e6:.0f} MB free. Make room there and type: qa models fetch"
        )
    # One that goes on after its parent was killed must not write into the folder of the next.
    part = folder.with_name(f"{folder.name}.{uuid.uuid4().hex}.part")
    part.mkdir()
    link = part / gguf.name
    link.symlink_to(gguf.resolve())
    run = subprocess.run(
        [*CONVERSION, str(link)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
    )
    link.unlink()
    if run.returncode != 0:
        shutil.rmtree(part, ignore_errors=True)
        last = run.stderr.strip().splitlines()[-1:] or ["no message"]
        raise ModelError(f"{gguf} could not be prepared for the engine: {last[0]} Run: qa doctor")
    (part / SEAL).write_text(json.dumps(_seal_of(part)), encoding="utf-8")
    part.rename(folder)


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


def _piece(message: Message) -> Piece:
    if "error" in message:
        raise ModelError(f"The language model cannot read this: {message['error']}. Ask in fewer words.")
    if "text" in message:
        return Piece(index=message["index"], text=message["text"])
    return Piece(
        index=message["index"],
        finished=True,
        first_logprob=message["logprob"],
        prompt_tokens=message["prompt_tokens"],
        completion_tokens=message["tokens"],
    )
