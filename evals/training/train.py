"""Learning: batches of like length, two processes that share their gradients, and a mean of the weights.

Knows tensors and time; which texts are learnt from is the recipe's business. On a processor each worker has
one thread: two threads that wait for each other at every multiplication are slower than two workers that
wait once a step.
"""

import logging
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import torch
from tokenizers import Tokenizer
from torch import distributed
from torch.nn import functional

from evals.training.model import LABELS, Checker, from_minilm
from evals.training.recipe import ANSWERABLE, Example

_TOKENS, _CLAIM_TOKENS = 224, 96
_POOL = 4_000
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How long and how fast is learnt; with `minutes` the pace follows the clock, and rows may be left."""

    epochs: float = 1.0
    minutes: float | None = None
    batch_tokens: int = 1_536
    rate: float = 2e-4
    head_rate: float = 6e-4
    warm_up: int = 100
    smoothing: float = 0.03
    mean: float = 0.998
    frozen: int = 2
    dropout: float = 0.0
    start: Path | None = None
    """Weights of a course before this one; else the published ones."""
    blank: bool = False
    """Begin with layers that know nothing: what the published ones are worth."""
    save_minutes: float = 12.0
    seed: int = 7


@dataclass(frozen=True, slots=True)
class Tokens:
    """An example as numbers: `label` is the place of a support label, or 1 for what is answered."""

    ids: list[int]
    types: list[int]
    task: str
    label: int
    weight: float


def tokens(examples: Sequence[Example], tokenizer: Path) -> list[Tokens]:
    """The examples as the model reads them: evidence, then claim; only the evidence is ever cut."""
    reader = Tokenizer.from_file(str(tokenizer))
    reader.no_padding()
    reader.enable_truncation(_TOKENS, strategy="only_first")
    # A claim longer than this would leave no room for evidence.
    pairs = [(one.first, " ".join(one.second.split()[:_CLAIM_TOKENS])) for one in examples]
    return [
        Tokens(encoded.ids, encoded.type_ids, one.task, _label(one), one.weight)
        for one, encoded in zip(examples, reader.encode_batch(pairs), strict=True)
    ]


def _label(one: Example) -> int:
    return int(one.label == ANSWERABLE) if one.task == "answers" else LABELS.index(one.label)


def learn(
    rank: int, workers: int, learnt: Sequence[Tokens], weights: Path, out: Path, settings: Settings, port: int
) -> None:
    """One worker of `workers`; the first one writes `out`/weights.pt now and then, and when all is read."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.manual_seed(settings.seed)
    if workers > 1:
        torch.set_num_threads(1)
        distributed.init_process_group(
            "gloo", init_method=f"tcp://127.0.0.1:{port}", rank=rank, world_size=workers
        )
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = from_minilm(weights, settings.dropout, settings.frozen, settings.blank)
    if settings.start is not None:
        model.load_state_dict(torch.load(settings.start, weights_only=True))
    model = model.to(device).train()
    _Run(model, device, rank, workers, out, settings).over(learnt)
    if workers > 1:
        distributed.destroy_process_group()


class _Run:
    def __init__(
        self, model: Checker, device: torch.device, rank: int, workers: int, out: Path, settings: Settings
    ) -> None:
        self._model, self._device, self._rank, self._workers = model, device, rank, workers
        self._out, self._settings = out, settings
        named = [(name, part) for name, part in model.named_parameters() if part.requires_grad]
        if settings.frozen:
            # Nothing below a frozen layer is reached by a gradient.
            named = [(name, part) for name, part in named if not name.startswith(("segments", "opened"))]
        heads = [part for name, part in named if name.startswith(("support", "answers"))]
        body = [part for name, part in named if not name.startswith(("support", "answers"))]
        self._parts = [*heads, *body]
        self._mean = [part.detach().clone() for part in self._parts]
        self._optimizer = torch.optim.AdamW(
            [{"params": heads, "top": settings.head_rate}, {"params": body, "top": settings.rate}],
            weight_decay=0.01, fused=True,
        )  # fmt: skip

    def over(self, learnt: Sequence[Tokens]) -> None:
        settings, began, saved, rows, losses = self._settings, time.monotonic(), 0.0, 0, [0.0]
        epochs = math.ceil(settings.epochs) if settings.minutes is None else 1_000
        plan = [batch for n in range(min(epochs, 3)) for batch in _batches(learnt, settings, n)]
        own = plan[self._rank : len(plan) - len(plan) % self._workers : self._workers]
        whole = len(own) if settings.minutes is None else None
        for step, batch in enumerate(own):
            loss = self._loss(batch)
            loss.backward()
            elapsed = self._shared(time.monotonic() - began)
            done = step / whole if whole else elapsed / 60 / (settings.minutes or 1)
            self._step(step, done)
            rows += len(batch) * self._workers
            losses = [*losses[-99:], loss.item()]
            if step % 25 == 0 and self._rank == 0:
                log.info(
                    "step %d rows %d loss %.3f %.1f rows/s",
                    step,
                    rows,
                    sum(losses) / len(losses),
                    rows / elapsed,
                )
            if done >= 1:
                break
            if elapsed - saved > settings.save_minutes * 60:
                saved = elapsed
                self._save(f"after {rows} rows")
        self._save(f"the end, {rows} rows")

    def _loss(self, batch: Sequence[Tokens]) -> torch.Tensor:
        support, answers = self._model(*stacked(batch, self._device))
        labels = torch.tensor([one.label for one in batch], device=self._device)
        weights = torch.tensor([one.weight for one in batch], device=self._device)
        asked = torch.tensor([one.task == "answers" for one in batch], device=self._device)
        one_of = functional.cross_entropy(
            support, labels, reduction="none", label_smoothing=self._settings.smoothing
        )
        yes_no = functional.binary_cross_entropy_with_logits(
            answers, labels.clamp(max=1).float(), reduction="none"
        )
        return (torch.where(asked, yes_no, one_of) * weights).mean()

    def _shared(self, elapsed: float) -> float:
        """Mean the workers' gradients, and their clocks with them: all must stop at the same step."""
        if self._workers == 1:
            return elapsed
        flat = torch.cat([part.grad.flatten() for part in self._parts if part.grad is not None])
        both = torch.cat([flat, torch.tensor([elapsed])]) / self._workers
        distributed.all_reduce(both)
        place = 0
        for part in self._parts:
            part.grad = both[place : place + part.numel()].view_as(part)
            place += part.numel()
        return float(both[-1])

    def _step(self, step: int, done: float) -> None:
        pace = min(1.0, (step + 1) / self._settings.warm_up) * max(0.01, 1 - done)
        for group in self._optimizer.param_groups:
            group["lr"] = group["top"] * pace
        torch.nn.utils.clip_grad_norm_(self._parts, 1.0)
        self._optimizer.step()
        self._optimizer.zero_grad()
        with torch.no_grad():
            share = 1 - min(self._settings.mean, (step + 1) / (step + 20))
            torch._foreach_lerp_(self._mean, self._parts, share)

    def _save(self, when: str) -> None:
        if self._rank:
            return
        mean = {id(part): kept for part, kept in zip(self._parts, self._mean, strict=True)}
        state = {
            name: mean.get(id(part), part.detach()).clone() for name, part in self._model.named_parameters()
        }
        torch.save(state, self._out / "weights.part")
        (self._out / "weights.part").replace(self._out / "weights.pt")
        log.info("saved %s", when)


def stacked(batch: Sequence[Tokens], device: torch.device) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Ids, mask and kinds of a batch, all as long as its longest."""
    longest = max(len(one.ids) for one in batch)
    ids, mask, types = torch.zeros((3, len(batch), longest), dtype=torch.long)
    for row, one in enumerate(batch):
        ids[row, : len(one.ids)] = torch.tensor(one.ids)
        types[row, : len(one.ids)] = torch.tensor(one.types)
        mask[row, : len(one.ids)] = 1
    return ids.to(device), mask.to(device), types.to(device)


def _batches(learnt: Sequence[Tokens], settings: Settings, epoch: int) -> Iterator[list[Tokens]]:
    """All rows once in an order by chance, rows of like length together."""
    chance = Random(settings.seed + epoch)
    order = list(learnt)
    chance.shuffle(order)
    for first in range(0, len(order), _POOL):
        pool = sorted(order[first : first + _POOL], key=lambda one: len(one.ids))
        batches: list[list[Tokens]] = [[]]
        for one in pool:
            if (len(batches[-1]) + 1) * len(one.ids) > settings.batch_tokens:
                batches.append([])
            batches[-1].append(one)
        # Neighbours are of one length, so that workers which read them at once finish at once.
        twos = [batches[n : n + 2] for n in range(0, len(batches), 2)]
        chance.shuffle(twos)
        yield from (batch for two in twos for batch in two)
