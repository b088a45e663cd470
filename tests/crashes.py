"""Indexing that is killed: `python -m tests.crashes DATA WORK STEPS` makes one data folder per step.

WORK is a folder to be indexed, or a file to be uploaded as `notes.txt`.
Runs as a process of its own and opens no corpus itself, so that its forks are as clean as fresh processes.
"""

import os
import shutil
import signal
import sys
import time
from pathlib import Path

from qa.config import Config
from qa.corpus import Corpus, Step
from tests.fakes import HashEmbedding


def _die_at(last: int, data_dir: Path, work: Path) -> None:
    seen = 0

    def count(step: Step) -> None:
        nonlocal seen
        if seen == last:
            os.kill(os.getpid(), signal.SIGKILL)
        seen += 1

    corpus = Corpus.open(Config(data_dir=data_dir, chunk_tokens=40), HashEmbedding())
    if work.is_dir():
        corpus.sync(work, count)
    else:
        corpus.add("notes.txt", work.read_bytes(), None, count)


def _kill(data_dir: Path, work: Path, step: int, seconds: float | None) -> None:
    child = os.fork()
    if child == 0:
        _die_at(step, data_dir, work)
        os._exit(0)
    if seconds is not None:
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL or seconds is not None


def main(data: str, work: str, steps: str) -> None:
    for step in range(int(steps)):
        target = Path(f"{data}-{step}")
        shutil.copytree(data, target)
        _kill(target, Path(work), step, None)
        if step % 3 == 0:
            # Once more, while it recovers.
            _kill(target, Path(work), 10_000, 0.02 * step)


if __name__ == "__main__":
    main(*sys.argv[1:])
