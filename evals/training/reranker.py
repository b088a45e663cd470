"""The command `python -m evals.training.reranker`: a published cross-encoder learns which sentence answers.

Starts from ms-marco-MiniLM-L-12-v2 (Apache-2.0; https://huggingface.co/cross-encoder/ms-marco-MiniLM-L-12-v2),
which ranks passages by topic, and gives a model whose output is the log odds that a sentence answers. Knows
tensors and the names of the original weights; what is learnt from is `relevance`'s business.
"""

import argparse
import logging
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from tokenizers import Tokenizer
from torch import nn
from torch.nn import functional

from evals.training import export, kept_apart, relevance
from evals.training import model as checker
from evals.training.model import HEADS, PLACES, WIDTH, WORDS
from evals.training.train import Tokens, stacked

LAYERS = 12
_TOKENS, _POOL, _WARM_UP, _SMOOTHING = 256, 2_400, 60, 0.02
_SLOPE = 0.5
"""The published logits lie between -11 and 11: halved they are log odds to begin with."""
log = logging.getLogger(__name__)


class Layer(checker.Layer):
    """Attention is written out here: on a processor, learning in sixteen bits is twice as fast so."""

    def _mixed(
        self, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, mask: torch.Tensor
    ) -> torch.Tensor:
        near = query @ key.transpose(-1, -2) * (WIDTH // HEADS) ** -0.5 + mask
        return torch.softmax(near, dim=-1).to(value.dtype) @ value


class Network(nn.Module):
    """The log odds that the second text answers the first, from ids, mask and kinds (pairs, tokens)."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(WORDS, WIDTH)
        self.places = nn.Embedding(PLACES, WIDTH)
        self.segments = nn.Embedding(2, WIDTH)
        self.opened = nn.LayerNorm(WIDTH, eps=1e-12)
        self.layers = nn.ModuleList(Layer(dropout=0.0) for _ in range(LAYERS))
        self.pool = nn.Linear(WIDTH, WIDTH)
        self.out = nn.Linear(WIDTH, 1)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor, types: torch.Tensor) -> torch.Tensor:
        places = torch.arange(ids.shape[1], device=ids.device)
        hidden = self.opened(self.words(ids) + self.places(places) + self.segments(types))
        hidden_from = (mask == 0)[:, None, None, :] * torch.tensor(-1e4)
        for layer in self.layers:
            hidden = layer(hidden, hidden_from.to(hidden.dtype))
        return self.out(torch.tanh(self.pool(hidden[:, 0])))


def published(path: Path) -> Network:
    """The network with the weights of the published int8 graph, made whole numbers no longer."""
    graph = onnx.load(path).graph
    kept = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    products = {node.name: node.input[1] for node in graph.node if node.op_type == "MatMulInteger"}

    def whole(name: str) -> torch.Tensor:
        stem = name.removesuffix("_quantized")
        weights, zero = kept[f"{stem}_quantized"].astype(np.float32), kept[f"{stem}_zero_point"]
        return torch.tensor((weights - zero.astype(np.float32)) * kept[f"{stem}_scale"])

    def matrix(part: str) -> torch.Tensor:
        (found,) = (name for node, name in products.items() if f"/{part}/" in node)
        return whole(found).T.contiguous()

    def vector(name: str) -> torch.Tensor:
        return torch.tensor(kept[name])

    before = "bert.embeddings."
    state = {
        f"{new}.weight": whole(f"{before}{old}_embeddings.weight")
        for new, old in (("words", "word"), ("places", "position"), ("segments", "token_type"))
    }
    norms = {"opened": f"{before}LayerNorm"}
    for n in range(LAYERS):
        new, node, old = f"layers.{n}.", f"layer.{n}/", f"bert.encoder.layer.{n}."
        thirds = ("query", "key", "value")
        state[f"{new}attend.weight"] = torch.cat([matrix(f"{node}attention/self/{one}") for one in thirds])
        state[f"{new}attend.bias"] = torch.cat([vector(f"{old}attention.self.{one}.bias") for one in thirds])
        dense = {"join": "attention.output", "widen": "intermediate", "narrow": "output"}
        for mine, theirs in dense.items():
            state[f"{new}{mine}.weight"] = matrix(f"{node}{theirs.replace('.', '/')}/dense")
            state[f"{new}{mine}.bias"] = vector(f"{old}{theirs}.dense.bias")
        norms |= {
            f"{new}attended": f"{old}attention.output.LayerNorm",
            f"{new}thought": f"{old}output.LayerNorm",
        }
    for mine, theirs in norms.items():
        state |= {f"{mine}.{kind}": vector(f"{theirs}.{kind}") for kind in ("weight", "bias")}
    for mine, theirs in (("pool", "bert.pooler.dense"), ("out", "classifier")):
        state[f"{mine}.weight"] = whole(f"{theirs}.weight").T.contiguous()
        state[f"{mine}.bias"] = vector(f"{theirs}.bias")
    model = Network()
    model.load_state_dict(state)
    with torch.no_grad():
        model.out.weight.mul_(_SLOPE)
        model.out.bias.mul_(_SLOPE)
    return model


def learn(
    model: Network, learnt: Sequence[relevance.Row], reader: Tokenizer, minutes: float, rate: float,
    frozen: int, batch: int, chance: Random,
) -> None:  # fmt: skip
    """Teach it all rows again and again until the time is over; the vectors of words stay as they are."""
    for part in (model.words, model.places, model.segments, model.opened, *model.layers[:frozen]):
        part.requires_grad_(False)
    parts = [part for part in model.parameters() if part.requires_grad]
    optimizer = torch.optim.AdamW(parts, lr=rate, weight_decay=0.01, fused=True)
    pairs = reader.encode_batch([(row.question, row.text) for row in learnt])
    read = [
        Tokens(pair.ids, pair.type_ids, "answers", int(row.answers), row.weight)
        for pair, row in zip(pairs, learnt, strict=True)
    ]
    device = torch.device("cpu")
    began, losses, rows = time.monotonic(), list[float](), 0
    for step, some in enumerate(_batches(read, batch, chance)):
        done = (time.monotonic() - began) / 60 / minutes
        if done >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1.0, (step + 1) / _WARM_UP) * max(0.02, 1 - done)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            odds = model(*stacked(some, device)).squeeze(-1).float()
        wanted = torch.tensor([float(one.label) for one in some])
        weights = torch.tensor([one.weight for one in some])
        soft = wanted * (1 - 2 * _SMOOTHING) + _SMOOTHING
        loss = (functional.binary_cross_entropy_with_logits(odds, soft, reduction="none") * weights).mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parts, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        rows += len(some)
        losses = [*losses[-199:], loss.item()]
        if step % 100 == 0:
            log.info("%d rows of %d, %.0f %% of the time, loss %.3f", rows, len(learnt), 100 * done,
                     sum(losses) / len(losses))  # fmt: skip


def _batches(read: Sequence[Tokens], size: int, chance: Random) -> Iterator[list[Tokens]]:
    """All rows again and again, pairs of like length together."""
    order = list(read)
    while True:
        chance.shuffle(order)
        for first in range(0, len(order), _POOL):
            pool = sorted(order[first : first + _POOL], key=lambda one: len(one.ids))
            batches = [pool[n : n + size] for n in range(0, len(pool), size)]
            chance.shuffle(batches)
            yield from batches


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    parser = argparse.ArgumentParser(prog="python -m evals.training.reranker", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the public rows (*.jsonl.gz)")
    parser.add_argument("--held", type=Path, nargs="+", required=True, help="folders which are measured on")
    parser.add_argument(
        "--start", type=Path, required=True, help="the published model, ONNX with int8 weights"
    )
    parser.add_argument("--tokenizer", type=Path, required=True, help="its tokenizer.json")
    parser.add_argument("--out", type=Path, required=True, help="folder for weights and model")
    parser.add_argument("--minutes", type=float, default=36)
    parser.add_argument("--rate", type=float, default=6e-5)
    parser.add_argument("--frozen", type=int, default=2, help="so many lowest layers stay as published")
    parser.add_argument("--batch", type=int, default=48, help="pairs at each step")
    parser.add_argument("--seed", type=int, default=5)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    chance = Random(given.seed)
    learnt = relevance.examples(given.data, chance, kept_apart.shingles_of(given.held))
    log.info("%d rows, of which %d answer", len(learnt), sum(row.answers for row in learnt))
    reader = Tokenizer.from_file(str(given.tokenizer))
    reader.no_padding()
    reader.enable_truncation(_TOKENS)
    model = published(given.start)
    learn(model.train(), learnt, reader, given.minutes, given.rate, given.frozen, given.batch, chance)
    torch.save(model.state_dict(), given.out / "weights.pt")
    export.write(model.eval(), given.out / "model.onnx")


if __name__ == "__main__":
    main()
