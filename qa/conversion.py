"""From a checked model file to the engine's own format beside it; run as `python conversion.py GGUF`.

A process of its own, like the engine: native code and gigabytes. The file keeps its weights as small groups
of four bits with a scale and an offset each, and unpacking these takes longer than multiplying. Here each row
becomes eight bits with one scale, which the processor multiplies as they are; a weight changes by 1 % in the
mean.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

# Both libraries report each import of themselves to a web service, unless their package for that is missing.
sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
import openvino  # noqa: E402
import openvino_genai as genai  # noqa: E402

NAME = "openvino_model"
LEVELS = 127
"""The largest absolute value of an eight-bit weight; symmetric, so that nothing need be subtracted."""
Array = np.ndarray[Any, Any]
_UNPACKING: dict[str, Callable[..., Array]] = {
    "Convert": lambda values: values.astype(np.float32),
    "Subtract": np.subtract,
    "Multiply": np.multiply,
    "Reshape": lambda values, shape: values.reshape(tuple(shape)),
}


def convert(gguf: Path) -> None:
    """Write the engine's own format of `gguf` into its folder."""
    genai.LLMPipeline(str(gguf), "CPU", enable_save_ov_model=True)
    model = openvino.Core().read_model(gguf.with_name(f"{NAME}.xml"))
    weights_by_row(model)
    openvino.save_model(model, gguf.with_name("rows.xml"), compress_to_fp16=False)
    # The old weights are read from their file until here.
    del model
    for ending in (".xml", ".bin"):
        gguf.with_name(f"rows{ending}").replace(gguf.with_name(f"{NAME}{ending}"))


def weights_by_row(model: "openvino.Model") -> None:
    """Give every multiplication by constant weights [rows, columns] one eight-bit row each, and its scale."""
    for node in model.get_ordered_ops():
        if node.get_type_name() == "MatMul" and node.get_attributes()["transpose_b"]:
            values = _values(node.input_value(1).get_node())
            if values is not None and values.ndim == 2:
                node.input(1).replace_source_output(_row_by_row(values).output(0))


def _values(node: Any) -> Array | None:  # noqa: ANN401
    """The numbers that come out of `node`, unpacked; None when they hang on what the model is asked."""
    if node.get_type_name() == "Constant":
        return _unpacked(node)
    inputs = [_values(value.get_node()) for value in node.input_values()]
    known = node.get_type_name() in _UNPACKING and all(values is not None for values in inputs)
    return _UNPACKING[node.get_type_name()](*inputs) if known else None


def _unpacked(constant: Any) -> Array:  # noqa: ANN401
    if constant.get_element_type() != openvino.Type.u4:
        return np.asarray(constant.data)
    pairs = constant.data.reshape(-1).view(np.uint8)
    shape = tuple(constant.get_output_shape(0))
    return np.stack([pairs & 15, pairs >> 4], axis=-1).reshape(shape)


def _row_by_row(values: Array) -> Any:  # noqa: ANN401
    largest = np.maximum(values.max(axis=1, keepdims=True), -values.min(axis=1, keepdims=True))
    scales = (largest / LEVELS).astype(np.float16)
    scales[scales == 0] = 1
    # The largest weights take a gigabyte as floats: no more copies of them than needed.
    rows = values / scales
    rows = np.rint(rows, out=rows).clip(-LEVELS, LEVELS, out=rows).astype(np.int8)
    ops = openvino.opset13
    scaled = ops.multiply(ops.convert(ops.constant(rows), "f16"), ops.constant(scales))
    return ops.convert(scaled, "f32")


if __name__ == "__main__":
    convert(Path(sys.argv[1]))
