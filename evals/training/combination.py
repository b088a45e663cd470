"""How much the checker's model weighs beside shared words: a small regression.

`python -m evals.training.combination --held-out FILE --model FILE --data FOLDER` prints the weights which
stand in `qa/support.py`. They are fitted on rows that people labelled and no model learnt from: those held
out of training, and claims of RAGTruth and WiCE from every other source. The card's figures of these two
sets are of the sources between. It reads the exported model as questions do, and needs no torch.
"""

import argparse
import pickle
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special  # type: ignore[import-untyped]

from evals import checker_card, reliability
from evals.datasets import ragtruth, wice
from evals.support import Pair
from evals.training.recipe import Example
from qa import Config, SupportChecker, support_features

Numbers = NDArray[np.float64]
_BY_RULE = (
    "made_",
    "synth_",
    "conjnli_auto",
    "fm2_no_gold",
    "help_",
    "breaking",
    "med",
    "snli",
    "mnli",
    "sanli",
)
_PENALTY = 1e-3


def table(checker: SupportChecker, pairs: Sequence[Pair]) -> Numbers:
    """For each pair: one, the model's log odds, and what is counted."""
    odds = special.logit(np.clip([said.supported for said in checker.read(pairs)], 1e-4, 1 - 1e-4))
    counted = np.array([support_features(*pair) for pair in pairs])
    return np.column_stack([np.ones(len(pairs)), odds, counted])


def judged(folder: Path) -> list[tuple[Pair, bool]]:
    """Claims of every other source of RAGTruth's answers (of half of these) and of WiCE."""
    found: list[tuple[Pair, bool]] = []
    for pair in checker_card.part(checker_card.fitted_on(ragtruth.pairs(folder)), 0.5):
        found += checker_card.sentence_pairs(pair)
    for pair in checker_card.fitted_on(wice.pairs(folder)):
        if len(parts := checker_card.sentence_pairs(pair)) == 1:
            found.append((parts[0][0], pair.label == "supported"))
    return found


def fitted(given: Numbers, stands: Numbers) -> Numbers:
    """Weights of the columns of `given` that make `stands` likeliest."""

    def loss(weights: Numbers) -> float:
        likely = special.log_expit(np.where(stands > 0.5, 1, -1) * (given @ weights))
        return float(-likely.mean() + _PENALTY * (weights[1:] ** 2).sum())

    start = np.zeros(given.shape[1])
    start[1] = 1.0
    weights: Numbers = optimize.minimize(loss, start).x
    return weights


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m evals.training.combination", description=__doc__)
    parser.add_argument("--held-out", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True, help="folder with the public sets")
    given = parser.parse_args()
    held_out: list[Example] = pickle.loads(given.held_out.read_bytes())
    rows = [row for row in held_out if row.task == "support" and not row.source.startswith(_BY_RULE)]
    pairs = [((row.first, row.second), row.label == "supported") for row in rows] + judged(given.data)
    checker = SupportChecker.from_folder(Config.from_env().models_dir, model=given.model)
    values = table(checker, [pair for pair, _ in pairs])
    stands = np.array([float(supported) for _, supported in pairs])
    weights = fitted(values, stands)
    rest, truth = values, stands
    for name, chosen in (("model alone", np.array([0, 1.0, 0, 0, 0])), ("weighed", weights)):
        likely = special.expit(rest @ chosen)
        right = float(((likely > 0.5) == (truth > 0.5)).mean())
        print(f"{name}: right {right:.3f}, ECE {reliability.error(likely, truth):.3f}")  # noqa: T201
    print(len(pairs), "pairs; weights", tuple(round(float(weight), 3) for weight in weights))  # noqa: T201


if __name__ == "__main__":
    main()
