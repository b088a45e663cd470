"""How much the checker's model weighs beside shared words: a small regression on held-out rows.

`python -m evals.training.combination --held-out FILE --model FILE` prints the weights that stand in
`qa/support.py`, fitted on every other row, and how well they do on the rest. It reads the exported model as
questions do, and needs no torch. Rows made by rule are left out: only what people labelled is weighed.
"""

import argparse
import pickle
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special  # type: ignore[import-untyped]

from evals import reliability
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


def table(checker: SupportChecker, rows: Sequence[Example]) -> Numbers:
    """For each row: one, the model's log odds, and what is counted."""
    pairs = [(row.first, row.second) for row in rows]
    odds = special.logit(np.clip([said.supported for said in checker.read(pairs)], 1e-4, 1 - 1e-4))
    counted = np.array([support_features(*pair) for pair in pairs])
    return np.column_stack([np.ones(len(rows)), odds, counted])


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
    given = parser.parse_args()
    held_out: list[Example] = pickle.loads(given.held_out.read_bytes())
    rows = [row for row in held_out if row.task == "support" and not row.source.startswith(_BY_RULE)]
    values = table(SupportChecker.from_folder(Config.from_env().models_dir, model=given.model), rows)
    stands = np.array([float(row.label == "supported") for row in rows])
    weights = fitted(values[::2], stands[::2])
    rest, truth = values[1::2], stands[1::2]
    for name, chosen in (("model alone", np.array([0, 1.0, 0, 0, 0])), ("weighed", weights)):
        likely = special.expit(rest @ chosen)
        right = float(((likely > 0.5) == (truth > 0.5)).mean())
        print(f"{name}: right {right:.3f}, ECE {reliability.error(likely, truth):.3f}")  # noqa: T201
    print(len(rows), "rows; weights", tuple(round(float(weight), 3) for weight in weights))  # noqa: T201


if __name__ == "__main__":
    main()
