"""A damaged index opened again: `python -m tests.damage DATA STATE WAY…` prints, as JSON, what came of it.

STATE is how the ledger says the index was left: `closed`, or `clean` when the process was killed at rest.
Runs as a process of its own whose forks open the corpus, for Chroma may die of what it reads.
"""

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from qa.config import Config
from qa.corpus import Corpus
from qa.ledger import Ledger
from tests.fakes import HashEmbedding

_NOISE = bytes(range(7, 256, 11))
FILES = ("data_level0.bin", "header.bin", "index_metadata.pickle", "link_lists.bin", "chroma.sqlite3")
WAYS: dict[str, Callable[[bytes], bytes | None]] = {
    "deleted": lambda content: None,
    "emptied": lambda content: b"",
    "cut in half": lambda content: content[: len(content) // 2],
    "zeroed": lambda content: bytes(len(content)),
    "full of noise": lambda content: (_NOISE * (len(content) // len(_NOISE) + 1))[: len(content)],
}
_WORDS = [hashlib.sha256(str(n).encode()).hexdigest()[:6] for n in range(101)]


def sentence(number: int) -> str:
    """Of words that few other numbers share, long enough to be a chunk of its own."""
    return (
        " ".join(_WORDS[number * step % 101 * (step + number // 101) % 101] for step in (1, 2, 3, 5, 7)) + "."
    )


def _damage(index: Path, name: str, way: str) -> None:
    (path,) = index.rglob(name)
    if way == "folder deleted":
        shutil.rmtree(path.parent)
        return
    content = WAYS[way](path.read_bytes())
    path.unlink() if content is None else path.write_bytes(content)


def searched(corpus: Corpus) -> list[list[float]]:
    """How near the nearest chunks are to some questions: equal before the damage and after the repair."""
    vectors = [HashEmbedding().get_query_embedding(sentence(number)) for number in range(7, 700, 35)]
    return [[round(similarity, 4) for _, similarity in corpus.nearest(vector, 1)] for vector in vectors]


def _open_in_fork(data_dir: Path, report: Path) -> int:
    child = os.fork()
    if child == 0:
        embedder = HashEmbedding()
        corpus = Corpus.open(Config(data_dir=data_dir), embedder)
        found = {"repaired": corpus.repaired, "hits": searched(corpus), "embedded": len(embedder.embedded)}
        report.write_text(json.dumps(found))
        corpus.close()
        os._exit(0)
    return os.waitpid(child, 0)[1]


def main(data: str, state: str, *ways: str) -> None:
    outcomes = {}
    cases = [(name, way) for name in FILES for way in ways]
    for name, way in [*cases, ("header.bin", "folder deleted"), ("chroma.sqlite3", "folder deleted")]:
        target = Path(f"{data}-damaged")
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(data, target)
        ledger = Ledger(target / "ledger.sqlite3")
        ledger.set_meta(index_state=state)
        ledger.close()
        (index,) = target.glob("chroma-*")
        _damage(index, name, way)
        starts = 1
        while _open_in_fork(target, target / "report") != 0 and starts < 3:
            starts += 1
        outcomes[f"{name} {way}"] = {"starts": starts, **json.loads((target / "report").read_text())}
    sys.stdout.write(json.dumps(outcomes))


if __name__ == "__main__":
    main(*sys.argv[1:])
