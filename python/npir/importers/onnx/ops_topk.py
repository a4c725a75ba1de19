"""The largest elements, one after the other."""

import numpy as np
from onnx import TensorProto

from .node import axis_of
from .recipe import Recipe
from .registry import onnx_op
from .report import NodeProblem
from .values import Batch, format_shape

# Each one costs a search of its own.
_MAX_COUNT = 256
# Below what a network computes.
_LOWEST = -3.4028235e38


@onnx_op("TopK", inputs=(2, 2), outputs=2)
def import_topk(node):
    """Of equal ones the first, as in ONNX; in order, whatever `sorted` says."""
    axis, largest = node.int("axis", -1), node.int("largest", 1)
    node.ignore("sorted")
    (count,) = node.static_integers(1, "number of elements")[:1] or [0]
    r = Recipe(node)
    x = node.inputs[0]
    shape = r.shape(x)
    axis = axis_of(axis, len(shape))
    if isinstance(shape[axis], Batch):
        raise NodeProblem(f"expected an axis other than the batch, got {axis}")
    if not 0 < count <= min(shape[axis], _MAX_COUNT):
        raise NodeProblem(
            f"expected from 1 to {min(shape[axis], _MAX_COUNT)} elements of "
            f"{format_shape(shape)} along axis {axis}, got {count}"
        )
    if not largest:
        x = r(".Neg", x)
    along = [1] * len(shape)
    along[axis] = shape[axis]
    numbers = np.arange(shape[axis], dtype=np.int64).reshape(along)
    values, indices = [], []
    for step in range(count):
        values.append(r(".ReduceMax", x, [axis], keepdims=1))
        indices.append(r(".ArgMax", x, axis=axis, keepdims=1))
        if step < count - 1:
            x = r(".Where", r(".Equal", indices[-1], numbers), _LOWEST, x)
    if r.wants(0):
        y = values[0] if count == 1 else r(".Concat", *values, axis=axis)
        r.set(y if largest else r(".Neg", y))
    if r.wants(1):
        y = indices[0] if count == 1 else r(".Concat", *indices, axis=axis)
        r("Cast", y, to=TensorProto.INT64, index=1)
