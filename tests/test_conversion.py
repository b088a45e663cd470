"""The weights of the engine's own format: eight bits and one scale a row, nearly the file's own numbers."""

import numpy as np
import openvino
import pytest

from qa.conversion import weights_by_row

ops = openvino.opset13
ROWS, GROUPS, GROUP = 24, 4, 32


def grouped_weights(seed=0):
    """Four-bit weights as a model file has them, unpacked by the model itself, and the numbers they mean."""
    random = np.random.default_rng(seed)
    levels = random.integers(0, 16, (ROWS, GROUPS, GROUP), np.uint8)
    offsets = random.integers(6, 10, (ROWS, GROUPS, 1), np.uint8)
    scales = random.uniform(0.01, 0.05, (ROWS, GROUPS, 1)).astype(np.float16)
    packed = ops.constant(levels, openvino.Type.u4)
    whole = ops.subtract(
        ops.convert(packed, "f16"), ops.convert(ops.constant(offsets, openvino.Type.u4), "f16")
    )
    unpacked = ops.reshape(
        ops.multiply(whole, ops.constant(scales)), np.array([ROWS, GROUPS * GROUP], np.int64), False
    )
    values = ((levels.astype(np.float32) - offsets) * scales).reshape(ROWS, -1)
    return ops.convert(unpacked, "f32"), values


def model_over(weights, transpose_b=True):
    columns = weights.get_output_shape(0)[1 if transpose_b else 0]
    given = ops.parameter([-1, columns], np.float32, name="given")
    return openvino.Model([ops.matmul(given, weights, False, transpose_b)], [given])


def run(model, given):
    return openvino.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})(given)[0]


def constants(model):
    return [str(op.get_element_type()) for op in model.get_ops() if op.get_type_name() == "Constant"]


def test_multiplication_by_grouped_weights_becomes_one_by_rows_of_eight_bits():
    weights, values = grouped_weights()
    model = model_over(weights)
    assert any("uint4" in kind for kind in constants(model))
    weights_by_row(model)
    assert sorted(constants(model)) == ["<Type: 'float16'>", "<Type: 'int8_t'>"]
    given = np.random.default_rng(1).normal(size=(5, GROUPS * GROUP)).astype(np.float32)
    exact = given @ values.T
    assert np.abs(run(model, given) - exact).max() < 0.02 * np.abs(exact).max()


def test_row_of_zeros_stays_zero():
    values = np.ones((3, 64), np.float32)
    values[1] = 0
    model = model_over(ops.constant(values))
    weights_by_row(model)
    assert run(model, np.ones((1, 64), np.float32))[0].tolist() == pytest.approx([64, 0, 64], rel=0.01)


def test_product_of_two_inputs_is_left_alone():
    left, right = (ops.parameter([-1, 64], np.float32, name=name) for name in ("left", "right"))
    model = openvino.Model([ops.matmul(left, ops.relu(right), False, True)], [left, right])
    before = [op.get_friendly_name() for op in model.get_ordered_ops()]
    weights_by_row(model)
    assert [op.get_friendly_name() for op in model.get_ordered_ops()] == before


def test_weights_that_stand_in_columns_are_left_alone():
    model = model_over(ops.constant(np.ones((64, 3), np.float32)), transpose_b=False)
    weights_by_row(model)
    assert constants(model) == ["<Type: 'float32'>"]
