"""Arithmetic on shapes, done at import with the free batch as a symbol: what
exporters write for `x.view(x.size(0), -1)` leaves a reshape and nothing else."""

import operator

import numpy as np

from .node import axis_of
from .registry import onnx_op
from .report import NodeProblem
from .values import Batch, Host, format_shape, host_of

# The most elements of a list that is taken for a shape.
MAX_SIZES = 1024


def _shape_operand(node, index):
    """Operand `index`, integers that are known at import."""
    x = node.value(index)
    if not isinstance(x, Host) or not x.is_integer:
        raise NodeProblem("unsupported op, except on shapes")
    if x.array.size > MAX_SIZES:
        raise NodeProblem(f"expected at most {MAX_SIZES} sizes, got {x.array.size}")
    return x


@onnx_op("Shape")
def import_shape(node):
    start, end = node.int("start", 0), node.int("end", None)
    x = node.value(0)
    shape = x.array.shape if isinstance(x, Host) else x.shape
    node.set(host_of(list(shape[slice(start, end)]), node.name))


@onnx_op("Gather", inputs=(2, 2))
def import_gather(node):
    axis = node.int("axis", 0)
    x, indices = _shape_operand(node, 0), _shape_operand(node, 1)
    axis = axis_of(axis, x.array.ndim)
    if indices.array.dtype == object or x.array.ndim != 1:
        raise NodeProblem("expected constant indices into a list of sizes")
    try:
        node.set(host_of(np.take(x.array, indices.array, axis), node.name))
    except IndexError:
        raise NodeProblem(
            f"expected indices into shape {format_shape(x.array.shape)}, got "
            f"{format_shape(indices.array.flat)}"
        ) from None


@onnx_op("Concat", inputs=(1, None))
def import_concat(node):
    axis = node.int("axis", 0)
    parts = [_shape_operand(node, i).array for i in range(len(node.inputs))]
    if any(part.ndim != 1 for part in parts) or axis not in (0, -1):
        raise NodeProblem("expected lists of sizes to concatenate along axis 0")
    node.set(host_of([e for part in parts for e in part], node.name))


@onnx_op("Slice", inputs=(3, 5))
def import_slice(node):
    x = _shape_operand(node, 0)
    bounds = [node.static_integers(i, what) for i, what in ((1, "starts"), (2, "ends"))]
    axes = node.static_integers(3, "axes") if node.is_given(3) else [0]
    steps = node.static_integers(4, "steps") if node.is_given(4) else [1]
    if x.array.ndim != 1 or axes not in ([0], [-1]) or any(len(b) != 1 for b in bounds):
        raise NodeProblem("expected a slice of a list of sizes")
    if len(steps) != 1 or steps[0] == 0:
        raise NodeProblem(f"expected a step other than 0, got {format_shape(steps)}")
    part = x.array[slice(bounds[0][0], bounds[1][0], steps[0])]
    node.set(host_of(part, node.name))


def _multiply(a, b):
    if isinstance(a, Batch) and isinstance(b, Batch):
        raise NodeProblem("computes the square of the batch")
    if isinstance(a, Batch) or isinstance(b, Batch):
        batch, number = (a, b) if isinstance(a, Batch) else (b, a)
        return Batch(batch.factor * number) if number else 0
    return a * b


def _divide(a, b):
    if isinstance(a, Batch) and isinstance(b, Batch):
        a, b, symbol = a.factor, b.factor, int
    elif isinstance(a, Batch):
        a, symbol = a.factor, Batch
    elif isinstance(b, Batch):
        raise NodeProblem("divides by the batch")
    else:
        # ONNX rounds towards zero.
        if b == 0:
            raise NodeProblem("divides by 0")
        return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
    if b == 0 or a % b != 0:
        raise NodeProblem(f"expected the batch divided without a rest, got {a} by {b}")
    return symbol(a // b)


def _combine(sign):
    def combine(a, b):
        if isinstance(a, Batch) != isinstance(b, Batch) and 0 not in (a, b):
            raise NodeProblem("adds a number to the batch")
        if not isinstance(a, Batch) and not isinstance(b, Batch):
            return sign(a, b)
        a, b = (x.factor if isinstance(x, Batch) else x for x in (a, b))
        factor = sign(a, b)
        return Batch(factor) if factor else 0

    return combine


_FUNCTIONS = {
    "Add": _combine(operator.add),
    "Sub": _combine(operator.sub),
    "Mul": _multiply,
    "Div": _divide,
}


def fold(node):
    """Set the result to that of arithmetic on two shapes."""
    x, y = _shape_operand(node, 0), _shape_operand(node, 1)
    function = np.frompyfunc(_FUNCTIONS[node.op], 2, 1)
    try:
        # As Python's integers, which do not overflow.
        result = function(x.array.astype(object), y.array.astype(object))
    except ValueError:
        raise NodeProblem(
            "expected shapes that broadcast, got "
            f"{format_shape(x.array.shape)} and {format_shape(y.array.shape)}"
        ) from None
    node.set(host_of(result, node.name))


for _name in ("Sub", "Mul", "Div"):
    # Sums of activations are an op of their own.
    onnx_op(_name, inputs=(2, 2))(fold)
