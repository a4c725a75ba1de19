"""What is computed at import: constants, shapes and their arithmetic."""

import math

import numpy as np
from onnx import TensorProto, helper

from .formula import Formula
from .ops_repeat import set_broadcast
from .registry import onnx_op
from .report import NodeProblem
from .shape_arithmetic import fold, fold_integers
from .values import Batch, Host, format_shape, host_of, size_of


@onnx_op("Constant", inputs=(0, 0), hosts=True)
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


@onnx_op("Shape", hosts=True)
def import_shape(node):
    start, end = node.int("start", 0), node.int("end", None)
    shape = node.value(0).shape
    node.set(host_of(list(shape[slice(start, end)]), node.layer))


# What becomes of the element types of ONNX: at import, and while the network runs.
_CASTS = {
    TensorProto.FLOAT: np.float32,
    TensorProto.FLOAT16: np.float32,
    TensorProto.BFLOAT16: np.float32,
    TensorProto.DOUBLE: np.float32,
    TensorProto.INT32: np.int32,
    TensorProto.INT64: np.int64,
    TensorProto.BOOL: np.bool_,
}


@onnx_op("Cast", hosts=True)
def import_cast(node):
    node.ignore("saturate")
    _cast(node, node.int("to"))


@onnx_op("CastLike", inputs=(2, 2), hosts=True)
def import_cast_like(node):
    node.ignore("saturate")
    _cast(node, helper.np_dtype_to_tensor_dtype(_dtype(node.value(1))))


def _dtype(value):
    """numpy's type of the elements of a Host or a Tensor."""
    if not isinstance(value, Host):
        return np.dtype(value.dtype)
    return np.dtype(np.int64) if value.holds_batch else value.array.dtype


def _cast(node, to):
    """Floats of any precision are computed in float32."""
    x = node.value(0)
    holds_batch = isinstance(x, Host) and x.holds_batch
    if to not in _CASTS or (holds_batch and _CASTS[to] not in (np.int32, np.int64)):
        raise NodeProblem(
            "unsupported except to floats, int32, int64 or bool; the batch size is an "
            "integer"
        )
    dtype = _CASTS[to]
    if holds_batch:
        node.set(x)
    elif not isinstance(x, Host):
        if dtype == np.float32 and to != TensorProto.FLOAT:
            name = TensorProto.DataType.Name(to).lower()
            node.importer.report.remark(f"'{node.layer}': float32 stands for {name}")
        node.set(node.cast(x, np.dtype(dtype).name))
    elif dtype == np.float32 and x.array.dtype.kind == "f":
        # With a remark where it was not float32.
        node.set(node.importer.as_float(x))
    else:
        with np.errstate(invalid="ignore"):
            node.set(Host(x.array.astype(dtype), x.name))


@onnx_op("Size", hosts=True)
def import_size(node):
    size, batches = size_of(node.value(0).shape)
    if batches > 1:
        raise NodeProblem("computes the square of the batch")
    node.set(host_of(Batch(size) if batches else size, node.layer))


# More elements are not made at import.
_MAX_ELEMENTS = 2**26


def _check_elements(count):
    if count > _MAX_ELEMENTS:
        raise NodeProblem(f"expected at most {_MAX_ELEMENTS} elements, got {count}")


@onnx_op("ConstantOfShape", hosts=True)
def import_constant_of_shape(node):
    value = node.array("value") if node.has("value") else np.zeros(1, np.float32)
    shape = node.integers(0, "shape")
    sizes = [dim for dim in shape if isinstance(dim, int)]
    if value.size != 1 or any(dim < 0 for dim in sizes):
        raise NodeProblem("expected one value, and sizes of at least 0")
    _check_elements(size_of(sizes)[0])
    host = Host(value.reshape(()), node.layer)
    if len(sizes) < len(shape):
        set_broadcast(node, host, shape)
    else:
        node.set(Host(np.broadcast_to(host.array, shape), node.layer))


@onnx_op("EyeLike", hosts=True)
def import_eye_like(node):
    offset = node.int("k", 0)
    like = node.value(0)
    own = helper.np_dtype_to_tensor_dtype(_dtype(like))
    dtype, shape = node.int("dtype", own), like.shape
    if len(shape) != 2 or not all(isinstance(dim, int) for dim in shape):
        raise NodeProblem(
            f"expected a matrix of constant sizes, got {format_shape(shape)}"
        )
    if dtype not in _CASTS:
        raise NodeProblem("unsupported except of floats, int32, int64 or bool")
    _check_elements(size_of(shape)[0])
    node.set(Host(np.eye(*shape, offset, _CASTS[dtype]), node.layer))


@onnx_op("Range", inputs=(3, 3), hosts=True)
def import_range(node):
    bounds = []
    for i, what in enumerate(("start", "limit", "delta")):
        host = node.host(i, what)
        if host.holds_batch:
            raise NodeProblem(
                f"expected constant {what}, got {host.array.reshape(-1)[0]}"
            )
        bounds.append(host.array)
    if any(bound.size != 1 for bound in bounds) or not bounds[2].any():
        raise NodeProblem("expected three numbers, the last one not 0")
    start, limit, delta = (bound.reshape(()) for bound in bounds)
    count = max(math.ceil((limit.item() - start.item()) / delta.item()), 0)
    _check_elements(count)
    array = (start + np.arange(count) * delta).astype(start.dtype)
    node.set(Host(array, node.layer))


@onnx_op("Mod", inputs=(2, 2), hosts=True)
def import_mod(node):
    fmod = node.int("fmod", 0)
    x, y = node.value(0), node.value(1)
    if isinstance(x, Host) and isinstance(y, Host):
        if fmod:
            node.set(Host(fold(node, np.fmod, [x, y]), node.layer))
        else:
            fold_integers(node)
        return
    if fmod != 1:
        raise NodeProblem("unsupported on integers while the network runs")
    f = Formula(node)
    x, y = node.tensor(0), node.tensor(1)
    ratio = f(".div", x, y)
    # Rounded towards zero.
    whole = f(".mul", f(".sign", ratio), f(".floor", f(".abs", ratio)))
    node.set(f("sub", x, f(".mul", whole, y)))
