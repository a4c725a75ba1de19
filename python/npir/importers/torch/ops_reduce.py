"""Reductions over axes, and the index of the largest element."""

import math

import numpy as np

from ..onnx.axes import reduce
from ..onnx.formula import Formula
from ..onnx.moved import emit_view
from ..onnx.node import axes_of
from ..onnx.report import NodeProblem
from ..onnx.values import Batch, Host, Sequence, product, size_of
from .ops_elementwise import in_float
from .registry import aten

_REDUCTIONS = {
    "mean.dim": "mean",
    "mean.default": "mean",
    "sum.dim_IntList": "sum",
    "sum.default": "sum",
    "amax.default": "max",
    "amin.default": "min",
    "max.default": "max",
    "min.default": "min",
    "prod.default": "prod",
    "prod.dim_int": "prod",
}


def _axes(node, rank):
    """The axes, ascending; all where none are given."""
    axes = node.ints("dim") if node.has("dim") else None
    return sorted(axes_of(axes or list(range(rank)), rank, "dim"))


def _keep_dims(node):
    return bool(node.number("keepdim")) if node.has("keepdim") else False


def _register_reduction(name, kind):
    @aten(name)
    def import_reduction(node):
        node.ignore("dtype")
        x = node.whole(node.typed("self"))
        axes, keep = _axes(node, len(x.shape)), _keep_dims(node)
        node.set(in_float(node, lambda x: reduce(node, x, kind, axes, keep), x))


for _names in _REDUCTIONS.items():
    _register_reduction(*_names)


@aten("argmax.default", "argmin.default")
def import_argmax(node):
    x = node.tensor("self")
    if node.is_given("dim"):
        axis, keep = node.axis("dim", len(x.shape)), _keep_dims(node)
    else:
        if any(isinstance(size, Batch) for size in x.shape):
            raise NodeProblem("expected an axis other than the batch")
        x = emit_view(node, x, (product(x.shape),), ".flat")
        axis, keep = 0, False
    node.set(_emit_argmax(node, x, axis, keep, "argmin" in node.op))


def _emit_argmax(node, x, axis, keep, is_least, suffix=""):
    if isinstance(x.shape[axis], Batch):
        raise NodeProblem(f"expected an axis other than the batch, got {axis}")
    if is_least:
        x = node.emit("npir.neg", [x], None, f"{suffix}.neg")
    return node.emit("npir.argmax", [x], {"axis": axis, "keep_dims": keep}, suffix)


@aten("max.dim", "min.dim")
def import_max_with_index(node):
    is_least = "min" in node.op
    x = node.tensor("self")
    axis, keep = node.axis("dim", len(x.shape)), _keep_dims(node)
    values = reduce(node, x, "min" if is_least else "max", [axis], keep)
    node.set(Sequence([values, _emit_argmax(node, x, axis, keep, is_least, ".index")]))


def _variance(node, suffix=""):
    """The variance, which is named `suffix`, the mean with all dimensions, the axes."""
    f = Formula(node)
    x = node.tensor("self")
    axes, keep = _axes(node, len(x.shape)), _keep_dims(node)
    if node.has("unbiased"):
        correction = int(node.number("unbiased"))
    else:
        correction = node.number("correction", 1)
    count, batches = size_of([x.shape[axis] for axis in axes])
    if batches:
        raise NodeProblem("expected axes other than the batch")
    mean = reduce(node, x, "mean", axes, True, ".mean")
    square = f(".square", f(".sub", x, mean))
    if correction == 0:
        return reduce(node, square, "mean", axes, keep, suffix), mean, axes
    total = reduce(node, square, "sum", axes, keep, ".sum")
    # Of one element it is not a number.
    factor = 1 / (count - correction) if count > correction else math.nan
    factor = node.constant(Host(np.array(factor, np.float32), f"{node.layer}.factor"))
    return node.emit("npir.mul", [total, factor], None, suffix), mean, axes


@aten("var.correction", "var.dim", "var.default")
def import_variance(node):
    node.set(_variance(node)[0])


@aten("std.correction", "std.dim", "std.default")
def import_deviation(node):
    node.set(node.emit("npir.sqrt", [_variance(node, ".variance")[0]]))


@aten("var_mean.correction", "var_mean.dim")
def import_variance_and_mean(node):
    variance, mean, axes = _variance(node)
    if not _keep_dims(node):
        dims = [size for i, size in enumerate(mean.shape) if i not in axes]
        mean = emit_view(node, mean, dims, ".mean.shaped")
    node.set(Sequence([variance, mean]))


@aten("linalg_vector_norm.default", "norm.ScalarOpt_dim")
def import_vector_norm(node):
    node.ignore("dtype")
    order = node.number("ord" if node.has("ord") else "p", 2)
    x = node.tensor("self")
    axes, keep = _axes(node, len(x.shape)), _keep_dims(node)
    f = Formula(node)
    if order == 2:
        node.set(f("sqrt", reduce(node, f(".square", x), "sum", axes, keep, ".sum")))
    elif order == 1:
        node.set(reduce(node, f(".abs", x), "sum", axes, keep))
    elif order == float("inf"):
        node.set(reduce(node, f(".abs", x), "max", axes, keep))
    else:
        raise NodeProblem(f"expected a norm of order 1, 2 or inf, got {order}")
