"""Whether evidence supports a claim, and whether a passage answers a question: our own small model.

Knows texts, windows and probabilities; what is done about a claim that stands on nothing is decided by its
callers. The model lies in the package (`qa/checker`; its card says what it learnt and how often it is wrong);
the tokenizer is the embedding's. A pair's probabilities do not depend on the pairs beside it.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from qa.embedding import encodable, open_files, run_alone
from qa.facts import names, numbers, share, terms
from qa.model_files import EMBEDDING_TOKENIZER, locate
from qa.sentences import split

MODEL = Path(__file__).parent / "checker" / "model.onnx"
MODEL_SHA256 = "00a90f7fcd30c20f7408c179102eeda5b48ea6004f4792d1dc4b2e10de9828b2"
Pair = tuple[str, str]
Rows = npt.NDArray[np.float32]

_TOKENS, _CLAIM_TOKENS = 256, 96
_WINDOW_WORDS = 90
# Most windows of a long text share hardly a word with the claim; reading them would change no maximum.
_WINDOWS = 4
_STRAIGHT = str.maketrans("“”„‘’‚«»–—", '"""\'\'\'""--')
_TELLING = 0.5
_QUOTED_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True)
class Support:
    """What evidence says of a claim, as probabilities which add up to 1."""

    supported: float
    unsupported: float
    """It says too little, or nothing."""
    contradicted: float
    """It says otherwise."""


# Constant, the model's log odds, and `features`, as `evals/training/combination.py` fitted them.
WEIGHTS = (0.566, 0.906, 0.607, -0.045, -0.247)
_NOTHING = Support(0.0, 1.0, 0.0)


class SupportChecker:
    """Reads evidence and claim together. Opening takes 0.2 s; one object serves many threads."""

    def __init__(
        self, model: Path, tokenizer: Path, sha256: str | None = None, threads: int | None = None
    ) -> None:
        """Open both files; `threads` None means every processor.

        Raises:
            ModelFileError: a file cannot be read, is not the one with this hash, or is no such model.
        """
        self._session, self._tokenizer = open_files(model, tokenizer, threads, "a support checker", sha256)
        self._tokenizer.enable_truncation(_TOKENS, strategy="only_first")
        # Who writes "[SEP]" into a document must not end the evidence there.
        self._tokenizer.encode_special_tokens = True

    @classmethod
    def from_folder(
        cls, models_dir: Path, threads: int | None = None, model: Path | None = None
    ) -> "SupportChecker":
        """The package's model, or another, with the tokenizer of `models_dir`; checked by hash.

        Raises:
            ModelFileError: a file is missing, wrong, or cannot be opened.
        """
        tokenizer = locate(EMBEDDING_TOKENIZER, models_dir)
        return cls(model or MODEL, tokenizer, None if model else MODEL_SHA256, threads)

    def support(self, pairs: Sequence[Pair]) -> tuple[Support, ...]:
        """What each evidence says of its claim, for (evidence, claim); of long evidence the best window.

        What the model says is weighed together with the words and numbers that the evidence shares with the
        claim. Evidence or a claim without a word supports nothing.
        """
        read = self.read(pairs)
        return tuple(
            one if one is _NOTHING else _weighed(one, features(evidence, claim))
            for one, (evidence, claim) in zip(read, pairs, strict=True)
        )

    def read(self, pairs: Sequence[Pair]) -> tuple[Support, ...]:
        """As `support`, by the model alone."""
        found = self._windowed(pairs, lambda rows: _softmax(rows[:, :3]))
        return tuple(_NOTHING if rows is None else _said(rows) for rows in found)

    def answers(self, pairs: Sequence[Pair]) -> tuple[float, ...]:
        """How probably each passage holds the answer to its question, for (passage, question)."""
        found = self._windowed(pairs, lambda rows: _sigmoid(rows[:, 3:]))
        return tuple(0.0 if rows is None else float(rows.max()) for rows in found)

    def _windowed(self, pairs: Sequence[Pair], read: Callable[[Rows], Rows]) -> list[Rows | None]:
        """For each pair the probabilities of its windows, or None where there is nothing to read."""
        windows: list[tuple[int, Pair]] = []
        for number, (first, second) in enumerate(pairs):
            first, second = _readable(first), _readable(second)
            if _wordy(first) and _wordy(second):
                windows += [(number, (window, second)) for window in _windows(first, second)]
        rows = read(self._logits([pair for _, pair in windows])) if windows else np.zeros((0, 4), np.float32)
        found: list[Rows | None] = [None] * len(pairs)
        of = np.array([number for number, _ in windows], dtype=np.int64)
        for number in set(of.tolist()):
            found[number] = rows[of == number]
        return found

    def _logits(self, pairs: Sequence[Pair]) -> Rows:
        clipped = [(first, _clip(second)) for first, second in pairs]
        encodings = self._tokenizer.encode_batch(clipped)
        return np.concatenate([run_alone(self._session, encoding) for encoding in encodings])


def features(evidence: str, claim: str) -> tuple[float, float, float]:
    """What is counted beside the model: terms shared, whether a number is missing, and names that are."""
    held, wanted = terms(evidence), terms(claim)
    missing_names = names(claim) - held
    return share(wanted, held), float(not numbers(claim) <= numbers(evidence)), min(2.0, len(missing_names))


def _weighed(said: Support, counted: Sequence[float]) -> Support:
    odds = math.log(_inner(said.supported) / (1 - _inner(said.supported)))
    total = WEIGHTS[0] + WEIGHTS[1] * odds + sum(w * f for w, f in zip(WEIGHTS[2:], counted, strict=True))
    supported = 1 / (1 + math.exp(-total))
    rest = said.unsupported + said.contradicted
    contradicted = (1 - supported) * said.contradicted / rest if rest > 0 else 0.0
    return Support(supported, 1 - supported - contradicted, contradicted)


def _inner(probability: float) -> float:
    return min(max(probability, 1e-4), 1 - 1e-4)


def _said(rows: Rows) -> Support:
    """The window which supports best; where none does, the one which contradicts most says how."""
    supported = float(rows[:, 0].max())
    contradicted = min(float(rows[:, 2].max()), 1 - supported)
    if supported >= _TELLING:
        contradicted = float(rows[rows[:, 0].argmax(), 2])
    return Support(supported, 1 - supported - contradicted, contradicted)


def _softmax(rows: Rows) -> Rows:
    risen = np.exp(rows - rows.max(axis=1, keepdims=True))
    shares: Rows = risen / risen.sum(axis=1, keepdims=True)
    return shares


def _sigmoid(rows: Rows) -> Rows:
    shares: Rows = np.reciprocal(1 + np.exp(-rows))
    return shares


def _readable(text: str) -> str:
    return " ".join(encodable(text).translate(_STRAIGHT).split())


def _wordy(text: str) -> bool:
    return any(character.isalnum() for character in text)


def _clip(claim: str) -> str:
    """So much of a claim that evidence still fits beside it; a word may be many tokens, but not usually."""
    return " ".join(claim.split()[:_CLAIM_TOKENS])[: _CLAIM_TOKENS * 6]


def _windows(evidence: str, claim: str) -> list[str]:
    """The evidence, or where it is long, the stretches and the single sentences nearest to the claim."""
    if len(evidence.split()) <= _WINDOW_WORDS:
        return [evidence]
    told = [evidence[start:end] for start, end in split(evidence)]
    sizes = [len(one.split()) for one in told]
    asked = terms(claim)
    near = [len(asked & terms(one[:_QUOTED_CHARACTERS])) for one in told]
    stretches = _stretches(sizes)
    best = sorted(stretches, key=lambda at: -len(asked & terms(" ".join(told[at.start : at.stop]))))
    found = [" ".join(told[at.start : at.stop]) for at in best[: _WINDOWS - 1]]
    return [_gathered(told, sizes, near), *found]


def _stretches(sizes: Sequence[int]) -> list[range]:
    """Neighbouring sentences as long as a window, each stretch beginning in the middle of the one before."""
    found: list[range] = []
    start = 0
    while start < len(sizes):
        stop, words = start + 1, sizes[start]
        while stop < len(sizes) and words + sizes[stop] <= _WINDOW_WORDS:
            words += sizes[stop]
            stop += 1
        found.append(range(start, stop))
        if stop >= len(sizes):
            break
        start += max(1, (stop - start) // 2)
    return found


def _gathered(told: Sequence[str], sizes: Sequence[int], near: Sequence[int]) -> str:
    """The sentences that share most with the claim, wherever they stand, in their order."""
    taken: list[int] = []
    words = 0
    for place in sorted(range(len(told)), key=lambda n: -near[n]):
        if taken and words + sizes[place] > _WINDOW_WORDS:
            break
        taken.append(place)
        words += sizes[place]
    return " ".join(told[place] for place in sorted(taken))
