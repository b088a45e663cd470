"""Which support check a run asks, and how far that check agrees with people.

The engine may ask the same model before it shows a sentence. A run that should not be judged by the engine's
own eyes asks for words instead (`--check words`); numbers and names have a metric without a model anyway.
Knows the checks and where their cards are kept; scores no answer.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from evals.checker_card import card
from evals.datasets import mtrag
from evals.raters import people
from evals.support import Checker, Pair, overlap, overlap_checker
from qa import Config, InputError, ModelFileError, SupportChecker

CHOICES = ("auto", "model", "words")
THRESHOLD = 0.5
"""Of the model: it was trained to be as often right on both sides of it."""
SHIPPED = Path(__file__).parent / "checker_card.json"


def open_checker(choice: str, config: Config) -> Checker:
    """The check of that name; `auto` takes the package's model where it can be opened.

    Raises:
        InputError: there is no such check.
        ModelFileError: the model or its tokenizer cannot be opened.
    """
    if choice not in CHOICES:
        raise InputError(f"--check is {choice!r}; use {', '.join(CHOICES)}.")
    if choice == "words" or (choice == "auto" and not _model().is_file()):
        return overlap_checker()
    try:
        checker = SupportChecker.from_folder(config.models_dir)
    except ModelFileError:
        if choice == "auto":
            return overlap_checker()
        raise

    def support(pairs: Sequence[Pair]) -> list[float]:
        return [said.supported for said in checker.support(pairs)]

    return Checker(name=f"support model {_digest()}", support=support, threshold=THRESHOLD)


def card_of(checker: Checker, folder: Path) -> Mapping[str, Any] | None:
    """The card of this very check, from the data folder or the package; None where nobody made one."""
    for path in (folder / "checker_card.json", SHIPPED):
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            if kept["checker"] == checker.name and kept["people"].keys() == kept["figures"].keys():
                return dict(kept)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            # Missing, cut, or of another version: it is made again with --card.
            continue
    return None


def make_card(checker: Checker, data: Path, folder: Path, share: float = 1.0) -> Mapping[str, Any]:
    """Measure the check against people's labels and keep the card in the data folder: minutes, not seconds.

    Raises:
        InputError: a set is missing or broken, or the card cannot be kept.
    """
    figures = card(checker.support, data, share=share)
    found = {
        "checker": checker.name,
        "figures": figures,
        "floor": card(overlap, data, share=share),
        "people": people(figures, {"mtrag": mtrag.pairs(data)}),
    }
    path = folder / "checker_card.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(f"The card cannot be kept in {path} ({error.strerror}); set QA_DATA.") from error
    return found


def _model() -> Path:
    return _package() / "checker" / "model.onnx"


def _digest() -> str:
    """Of the model and of the code that weighs what it says: a card is true of both together."""
    contents = _model().read_bytes() + (_package() / "support.py").read_bytes()
    return hashlib.sha256(contents).hexdigest()[:12]


def _package() -> Path:
    spec = find_spec("qa")
    assert spec and spec.origin
    return Path(spec.origin).parent
