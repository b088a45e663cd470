"""The command `python -m evals.training`: data in, one small model file out."""

import argparse
import logging
import pickle
from dataclasses import replace
from pathlib import Path
from random import Random

import torch.multiprocessing

from evals.training import calibration, export, kept_apart, recipe, train

log = logging.getLogger(__name__)


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    given = _arguments()
    if not given.finish:
        learn(given)
    finish(given)


def learn(given: argparse.Namespace) -> None:
    """Read the rows, keep some back, and learn from the others."""
    settings = train.Settings(
        minutes=given.minutes, epochs=given.epochs, seed=given.seed, start=given.after, rate=given.rate,
        frozen=given.frozen, blank=given.blank, batch_tokens=given.batch_tokens, warm_up=given.warm_up,
    )  # fmt: skip
    given.out.mkdir(parents=True, exist_ok=True)
    shingled = kept_apart.shingles_of(given.held)
    log.info("%d runs of words of texts which are measured on", len(shingled))
    mix = recipe.examples(given.data, Random(given.seed), shingled, hard=given.after is not None)
    log.info("%d rows in the mix", len(mix))
    kept = [one for one in mix if recipe.held_out(one)]
    (given.out / "held_out.pkl").write_bytes(pickle.dumps(kept))
    chosen = recipe.of_mix([one for one in mix if not recipe.held_out(one)], given.mix)[: given.rows]
    learnt = train.tokens(chosen, given.models / "tokenizer.json")
    log.info("%d rows, %.0f tokens each", len(learnt), sum(len(one.ids) for one in learnt) / len(learnt))
    workers = 1 if torch.cuda.is_available() else given.workers
    if workers == 1:
        settings = replace(settings, batch_tokens=2 * settings.batch_tokens)
    common = (workers, learnt, given.models / "model.safetensors", given.out, settings, given.port)
    if workers == 1:
        train.learn(0, *common)
    else:
        torch.multiprocessing.start_processes(train.learn, common, workers, start_method="fork")


def finish(given: argparse.Namespace) -> None:
    """Calibrate the weights that were learnt, and write them as the file that is shipped."""
    held_out = pickle.loads((given.out / "held_out.pkl").read_bytes())
    model = export.load(given.out / "weights.pt")
    found = calibration.fit(model, train.tokens(held_out, given.models / "tokenizer.json"))
    log.info("%s", found)
    export.calibrate(model, found.scale, found.shift, found.answers)
    export.export(model, given.out / "model.onnx")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m evals.training", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the public rows (*.jsonl.gz)")
    parser.add_argument("--models", type=Path, required=True, help="folder with all-MiniLM-L6-v2")
    parser.add_argument("--out", type=Path, required=True, help="folder for weights, model and log")
    parser.add_argument("--held", type=Path, nargs="+", required=True, help="folders which are measured on")
    parser.add_argument("--minutes", type=float, help="learn so long; else for --epochs")
    parser.add_argument("--epochs", type=float, default=1.0)
    parser.add_argument("--rows", type=int, help="learn from so many rows of the mix; else from all")
    parser.add_argument("--mix", choices=recipe.MIXES, default="all", help="whose support labels are learnt")
    parser.add_argument("--blank", action="store_true", help="layers begin with random weights")
    parser.add_argument("--frozen", type=int, default=2, help="so many lowest layers stay as published")
    parser.add_argument("--batch-tokens", type=int, default=1_536, help="of each worker at each step")
    parser.add_argument("--warm-up", type=int, default=100, help="steps until the full rate")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--after", type=Path, help="weights of the first course: learn the hard one")
    parser.add_argument("--rate", type=float, default=2e-4)
    parser.add_argument(
        "--finish", action="store_true", help="only write the model from weights that are there"
    )
    parser.add_argument("--port", type=int, default=29_541)
    return parser.parse_args()


if __name__ == "__main__":
    main()
