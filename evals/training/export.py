"""From weights to the file that is shipped: calibrated logits, int8 weights, one ONNX graph.

Calibration is written into the heads themselves, so whoever reads the file needs no second file: a softmax of
the first three outputs and a sigmoid of the fourth are probabilities as they are.
"""

import warnings
from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process
from torch import nn

from evals.training.model import Checker

_INPUTS = ("input_ids", "attention_mask", "token_type_ids")


class _Joined(nn.Module):
    def __init__(self, model: Checker) -> None:
        super().__init__()
        self._model = model

    def forward(self, ids: torch.Tensor, mask: torch.Tensor, types: torch.Tensor) -> torch.Tensor:
        support, answers = self._model(ids, mask, types)
        return torch.cat([support, answers.unsqueeze(-1)], dim=-1)


def load(weights: Path) -> Checker:
    """The network with the weights of a run, ready to be read and not to learn."""
    model = Checker()
    model.load_state_dict(torch.load(weights, weights_only=True), strict=True)
    return model.eval()


def calibrate(
    model: Checker, scale: float, shift: tuple[float, float, float], answers: tuple[float, float]
) -> None:
    """Scale the support logits and shift each; for answers, a factor and a shift."""
    with torch.no_grad():
        model.support.weight.mul_(scale)
        model.support.bias.mul_(scale).add_(torch.tensor(shift))
        model.answers.weight.mul_(answers[0])
        model.answers.bias.mul_(answers[0]).add_(answers[1])


def export(model: Checker, path: Path) -> None:
    """Write the graph of a checker to `path`, with int8 weights."""
    write(_Joined(model), path)


def write(model: nn.Module, path: Path) -> None:
    """Write any network that gives logits for ids, mask and kinds to `path`, with int8 weights; the whole
    numbers' graph is left beside it."""
    whole, prepared = path.with_suffix(".fp32.onnx"), path.with_suffix(".prepared.onnx")
    example = torch.ones((1, 8), dtype=torch.long)
    axes = {name: {0: "pairs", 1: "tokens"} for name in _INPUTS}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model, (example, example, example), str(whole), input_names=list(_INPUTS),
            output_names=["logits"], dynamic_axes=axes | {"logits": {0: "pairs"}}, opset_version=17,
            dynamo=False,
        )  # fmt: skip
    quant_pre_process(str(whole), str(prepared), skip_symbolic_shape=True)
    quantize_dynamic(
        str(prepared), str(path), weight_type=QuantType.QInt8, per_channel=True,
        op_types_to_quantize=["MatMul", "Gather"],
    )  # fmt: skip
    prepared.unlink()
