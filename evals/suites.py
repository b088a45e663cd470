"""What can be asked: the cases over the seeds or the desk, a case file of one's own, or a public data set.

Knows which loader makes which set; asks nothing.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from evals.cases import SEEDS, load
from evals.datasets import bipia, canard, chunking, clapnq, desk, mtrag, multihop, ragtruth, ramdocs, squad2
from evals.datasets.shelf import shelve
from evals.datasets.values import QuestionSet
from evals.engines import local_documents
from evals.types import Case
from qa import Config, InputError

SETS: dict[str, Callable[[Path], QuestionSet]] = {
    "canard": canard.rewrites,
    "chunking": chunking.questions,
    "clapnq": clapnq.questions,
    "mtrag": mtrag.questions,
    "mtrag-rewrites": mtrag.rewrites,
    "multihop": multihop.questions,
    "ragtruth": ragtruth.questions,
    "ramdocs": ramdocs.questions,
    "squad2": squad2.questions,
}
NAMES = ("seeds", "desk", "bipia", *SETS)


def open_suite(
    name: str, cases: Path, data: Path | None, config: Config, folder: Path, index: bool
) -> tuple[tuple[Case, ...], Config]:
    """The cases of a suite, and the settings with which its documents are found.

    Args:
        cases: the case file of the suite `seeds`.
        data: where the public data sets lie.
        folder: where the documents of a set are put.
        index: whether to index them here; a running endpoint has its own index.

    Raises:
        InputError: there is no such suite, or its files are missing or broken.
    """
    if name == "seeds":
        return load(cases), config
    if name not in NAMES:
        raise InputError(f"--suite is {name!r}; use one of {', '.join(NAMES)}.")
    if name == "desk":
        own = desk.questions()
        return own.cases, shelve(own, folder / "sets", config) if index else config
    if data is None:
        raise InputError(f"The suite {name} is no part of the project; name its folder with --data FOLDER.")
    if not data.is_dir():
        raise InputError(f"The data folder {data} is not there; name the one that holds {name} with --data.")
    questions = _attacks(data, config) if name == "bipia" else SETS[name](data)
    return questions.cases, shelve(questions, folder / "sets", config) if index else config


def choose(cases: Sequence[Case], part: str, kinds: Sequence[str], known: Sequence[str]) -> tuple[Case, ...]:
    """Those of a part and of some kinds; no kind named: all.

    Raises:
        InputError: a name is unknown, or nothing is left.
    """
    if part not in ("dev", "test", "all"):
        raise InputError(f"--part is {part!r}; use dev, test or all.")
    for kind in kinds:
        if kind not in known:
            raise InputError(f"--kind is {kind!r}; use one of {', '.join(known)}.")
    chosen = tuple(c for c in cases if part in (c.part, "all") and (not kinds or c.kind in kinds))
    if not chosen:
        raise InputError("No case is left to ask; choose another --part or --kind.")
    return chosen


def _attacks(data: Path, config: Config) -> QuestionSet:
    cases = [case for case in load(SEEDS) if not case.planted and not case.history]
    return bipia.questions(data, cases, local_documents(config))
