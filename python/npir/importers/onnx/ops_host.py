"""What is computed at import: constants, shapes and their arithmetic."""

import numpy as np
from onnx import TensorProto

from .registry import onnx_op
from .report import NodeProblem
from .shape_arithmetic import MAX_SIZES, fold, fold_integers, integers_of
from .values import Batch, Host, format_shape, host_of, size_of


@onnx_op("Constant", inputs=(0, 0))
def import_constant(node):
    # A tensor, or numbers: one attribute of several.
    if node.has("value"):
        array = node.array("value")
    elif node.has("value_float"):
        array = np.array(node.float("value_float"), np.float32)
    elif node.has("value_floats"):
        array = np.array(node.floats("value_floats"), np.float32)
    elif node.has("value_int"):
        array = np.array(node.int("value_int"), np.int64)
    elif node.has("value_ints"):
        array = np.array(node.ints("value_ints"), np.int64)
    else:
        raise NodeProblem("expected a value of numbers")
    node.set(Host(array, node.layer))


@onnx_op("Shape")
def import_shape(node):
    start, end = node.int("start", 0), node.int("end", None)
    shape = node.value(0).shape
    node.set(host_of(list(shape[slice(start, end)]), node.layer))


_CASTS = {
    TensorProto.FLOAT: np.float32,
    TensorProto.FLOAT16: np.float32,
    TensorProto.DOUBLE: np.float32,
    TensorProto.INT32: np.int64,
    TensorProto.INT64: np.int64,
    TensorProto.BOOL: np.bool_,
}


@onnx_op("Cast")
def import_cast(node):
    """Of what is known at import; of activations to float32, which all are."""
    node.ignore("saturate")
    to = node.int("to")
    x = node.value(0)
    if not isinstance(x, Host):
        if to != TensorProto.FLOAT:
            raise NodeProblem(
                "unsupported except to float32, or on constants and shapes"
            )
        node.set(x)
    elif to not in _CASTS or (x.holds_batch and _CASTS[to] != np.int64):
        raise NodeProblem(
            "unsupported except to floats, integers or bool; the batch size is an integer"
        )
    elif x.holds_batch:
        node.set(x)
    elif _CASTS[to] == np.float32 and not x.is_integer and x.array.dtype.kind == "f":
        # With a remark where it was not float32.
        node.set(node.importer.as_float(x))
    else:
        with np.errstate(invalid="ignore"):
            node.set(Host(x.array.astype(_CASTS[to]), x.name))


@onnx_op("ConstantOfShape")
def import_constant_of_shape(node):
    value = node.array("value") if node.has("value") else np.zeros(1, np.float32)
    shape = node.static_integers(0, "shape")
    if value.size != 1 or any(dim < 0 for dim in shape):
        raise NodeProblem("expected one value, and sizes of at least 0")
    if size_of(shape)[0] > MAX_SIZES:
        raise NodeProblem(
            f"expected at most {MAX_SIZES} elements, got {format_shape(shape)}"
        )
    node.set(Host(np.full(shape, value.reshape(())), node.layer))


@onnx_op("Range", inputs=(3, 3))
def import_range(node):
    bounds = [
        node.static_integers(i, what)
        for i, what in enumerate(("start", "limit", "delta"))
    ]
    if any(len(bound) != 1 for bound in bounds) or bounds[2] == [0]:
        raise NodeProblem("expected three numbers, the last one not 0")
    values = range(*(bound[0] for bound in bounds))
    if len(values) > MAX_SIZES:
        raise NodeProblem(f"expected at most {MAX_SIZES} elements, got {len(values)}")
    node.set(host_of(list(values), node.layer))


@onnx_op("Mod", inputs=(2, 2))
def import_mod(node):
    node.require("fmod", 0)
    fold_integers(node)


def _equal(a, b):
    if isinstance(a, Batch) != isinstance(b, Batch):
        number = b if isinstance(a, Batch) else a
        if number > 0:
            raise NodeProblem(f"compares the batch with {number}")
    return a == b


@onnx_op("Equal", inputs=(2, 2))
def import_equal(node):
    result = fold(node, np.frompyfunc(_equal, 2, 1), [node.value(0), node.value(1)])
    node.set(Host(result.astype(np.bool_), node.layer))


@onnx_op("Where", inputs=(3, 3))
def import_where(node):
    condition = node.host(0, "condition")
    if condition.array.dtype != np.bool_:
        raise NodeProblem("expected a condition of bool")

    def where(a, b):
        return np.where(condition.array, a, b)

    x, y = node.value(1), node.value(2)
    if (
        isinstance(x, Host)
        and isinstance(y, Host)
        and not (x.is_integer or y.is_integer)
    ):
        x, y = node.importer.as_float(x), node.importer.as_float(y)
        node.set(Host(fold(node, where, [x, y]), node.layer))
    else:
        integers = [integers_of(x), integers_of(y)]
        node.set(host_of(fold(node, where, integers), node.layer))
