"""The real engine process with a runtime in it that does what the prompts say (`tests/fake_runtime`)."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from qa.local_model import LocalModel
from qa.prompts import Prompt

ROOT = Path(__file__).parent.parent
FAKE_RUNTIME = Path(__file__).parent / "fake_runtime"


class EngineRoom:
    """Opens models and tells what their engines were asked to do."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.models: list[LocalModel] = []

    def open(self, name: str = "engine") -> LocalModel:
        """A model in a folder called `name`; the fake runtime opens by that name."""
        (self.folder / name).mkdir(exist_ok=True)
        self.models.append(LocalModel(self.folder / name, "fake"))
        return self.models[-1]

    def log(self, key: str) -> list:
        """What the runtime wrote down under `key`, in order."""
        path = self.folder / "log.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [json.loads(line)[key] for line in lines if key in json.loads(line)]

    def python(self, code: str, *arguments: object) -> subprocess.Popen:
        """Another process of ours, leader of a group of its own."""
        return subprocess.Popen(
            [sys.executable, "-c", code, *map(str, arguments)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )


@pytest.fixture(name="room")
def engine_room(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(FAKE_RUNTIME))
    monkeypatch.setenv("FAKE_RUNTIME_LOG", str(tmp_path / "log.jsonl"))
    room = EngineRoom(tmp_path)
    yield room
    for model in room.models:
        model.close()


def prompt(command: str) -> Prompt:
    return Prompt(system="You are a test.", user=command)


def written(model, *commands, max_tokens=200, cancelled=None):
    """The whole text of each answer."""
    texts = [""] * len(commands)
    for piece in model.write([prompt(c) for c in commands], max_tokens, cancelled or threading.Event()):
        texts[piece.index] += piece.text
    return texts


def alive(pid: int) -> bool:
    """Whether the process runs; one that ended and was not asked for its exit code does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
    except NotADirectoryError:  # no /proc here
        os.kill(pid, 0)
        return True
