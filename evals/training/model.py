"""The checker's network: MiniLM read as a cross-encoder, with one head for support and one for answers.

Knows tensors and the names of the original weights; which texts are read, and what is learnt from them, is
not its business. The word vectors stay as they were published: they are half of the weights, and what they
know of rare words cannot be learnt again from a hundred thousand rows.
"""

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional

WIDTH, LAYERS, HEADS, WORDS, PLACES = 384, 6, 12, 30522, 512
LABELS = ("supported", "unsupported", "contradicted")


class Layer(nn.Module):
    """One layer of BERT; the three projections of attention are one matrix, which is faster on a CPU."""

    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.attend = nn.Linear(WIDTH, 3 * WIDTH)
        self.join = nn.Linear(WIDTH, WIDTH)
        self.attended = nn.LayerNorm(WIDTH, eps=1e-12)
        self.widen = nn.Linear(WIDTH, 4 * WIDTH)
        self.narrow = nn.Linear(4 * WIDTH, WIDTH)
        self.thought = nn.LayerNorm(WIDTH, eps=1e-12)
        self.drop = nn.Dropout(dropout)

    def forward(self, hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        rows, length, _ = hidden.shape
        parts = self.attend(hidden).view(rows, length, 3, HEADS, WIDTH // HEADS)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        mixed = self._mixed(query, key, value, mask)
        mixed = self.join(mixed.transpose(1, 2).reshape(rows, length, WIDTH))
        hidden = self.attended(hidden + self.drop(mixed))
        thought = self.narrow(functional.gelu(self.widen(hidden)))
        return self.thought(hidden + self.drop(thought))

    def _mixed(
        self, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, mask: torch.Tensor
    ) -> torch.Tensor:
        return functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)


class Checker(nn.Module):
    """Logits of (evidence, claim): three for support, and one for whether the second text is answered."""

    def __init__(self, dropout: float = 0.1, frozen: int = 0) -> None:
        super().__init__()
        self._frozen = frozen
        self.words = nn.Embedding(WORDS, WIDTH)
        self.places = nn.Embedding(PLACES, WIDTH)
        self.segments = nn.Embedding(2, WIDTH)
        self.opened = nn.LayerNorm(WIDTH, eps=1e-12)
        self.layers = nn.ModuleList(Layer(dropout) for _ in range(LAYERS))
        self.drop = nn.Dropout(dropout)
        # The whole pair, the second text's mean, and its most telling token: one changed word must count.
        self.support = nn.Linear(3 * WIDTH, len(LABELS))
        self.answers = nn.Linear(3 * WIDTH, 1)
        self.words.weight.requires_grad_(False)
        self.places.weight.requires_grad_(False)
        for layer in self.layers[:frozen]:
            layer.requires_grad_(False)

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        places = torch.arange(input_ids.shape[1], device=input_ids.device)
        hidden = self.words(input_ids) + self.places(places) + self.segments(token_type_ids)
        hidden = self.drop(self.opened(hidden))
        mask = (attention_mask == 0)[:, None, None, :] * torch.tensor(-1e4)
        mask = mask.to(hidden.dtype)
        with torch.set_grad_enabled(torch.is_grad_enabled() and not self._frozen):
            for layer in self.layers[: self._frozen]:
                hidden = layer(hidden, mask)
        for layer in self.layers[self._frozen :]:
            hidden = layer(hidden, mask)
        hidden = hidden.float()
        second = (token_type_ids * attention_mask).unsqueeze(-1).float()
        mean = (hidden * second).sum(1) / second.sum(1).clamp(min=1)
        most = (hidden * second - (1 - second) * 1e4).amax(1)
        features = self.drop(torch.cat([hidden[:, 0], mean, most], dim=1))
        return self.support(features), self.answers(features).squeeze(-1)


def from_minilm(weights: Path, dropout: float = 0.1, frozen: int = 0, blank: bool = False) -> Checker:
    """The network with the published weights of all-MiniLM-L6-v2 and untrained heads.

    Args:
        blank: only the vectors of words and places are the published ones, the layers know nothing.
    """
    model = Checker(dropout, frozen)
    model.load_state_dict(_renamed(load_file(weights)), strict=False)
    unlearnt = [model.support, model.answers]
    if blank:
        unlearnt += [part for part in model.layers.modules() if isinstance(part, nn.Linear)]
    for part in unlearnt:
        nn.init.normal_(part.weight, std=0.02)
        nn.init.zeros_(part.bias)
    return model


def _renamed(given: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    before = "embeddings."
    state = {
        "words.weight": given[f"{before}word_embeddings.weight"],
        "places.weight": given[f"{before}position_embeddings.weight"],
        "segments.weight": given[f"{before}token_type_embeddings.weight"],
    }
    names = {"opened": f"{before}LayerNorm"}
    for n in range(LAYERS):
        old, new = f"encoder.layer.{n}.", f"layers.{n}."
        names |= {
            f"{new}join": f"{old}attention.output.dense",
            f"{new}attended": f"{old}attention.output.LayerNorm",
            f"{new}widen": f"{old}intermediate.dense",
            f"{new}narrow": f"{old}output.dense",
            f"{new}thought": f"{old}output.LayerNorm",
        }
        for kind in ("weight", "bias"):
            thirds = [given[f"{old}attention.self.{part}.{kind}"] for part in ("query", "key", "value")]
            state[f"{new}attend.{kind}"] = torch.cat(thirds)
    state |= {
        f"{new}.{kind}": given[f"{old}.{kind}"] for new, old in names.items() for kind in ("weight", "bias")
    }
    return state
