"""Reductions over axes, and the index of the largest element."""

from .axes import on_axis, reduce
from .formula import Formula
from .integers import in_float
from .moved import Moved, emit_view
from .node import axis_of
from .registry import onnx_op
from .report import NodeProblem
from .values import Batch, format_shape


def _plain(kind):
    return lambda node, f, x, axes, keep: reduce(node, x, kind, axes, keep)


def _l1(node, f, x, axes, keep):
    return reduce(node, f(".abs", x), "sum", axes, keep)


def _l2(node, f, x, axes, keep):
    return f("sqrt", reduce(node, f(".square", x), "sum", axes, keep, ".sum"))


def _sum_square(node, f, x, axes, keep):
    return reduce(node, f(".square", x), "sum", axes, keep)


def _log_sum(node, f, x, axes, keep):
    return f("log", reduce(node, x, "sum", axes, keep, ".sum"))


def _log_sum_exp(node, f, x, axes, keep):
    """With the largest element taken out, so that nothing overflows."""
    largest = reduce(node, x, "max", axes, True, ".max")
    total = f(".exp", f(".sub", x, largest))
    total = f(".log", reduce(node, total, "sum", axes, True, ".sum"))
    result = f("add", total, largest)
    if not keep:
        dims = [size for i, size in enumerate(x.shape) if i not in axes]
        result = emit_view(node, result, dims, ".shaped")
    return result


# The function, and since which opset the axes are an input.
_REDUCTIONS = {
    "ReduceL1": (_l1, 18),
    "ReduceL2": (_l2, 18),
    "ReduceLogSum": (_log_sum, 18),
    "ReduceLogSumExp": (_log_sum_exp, 18),
    "ReduceMax": (_plain("max"), 18),
    "ReduceMean": (_plain("mean"), 18),
    "ReduceMin": (_plain("min"), 18),
    "ReduceProd": (_plain("prod"), 18),
    "ReduceSum": (_plain("sum"), 13),
    "ReduceSumSquare": (_sum_square, 18),
}


def _register_reduction(onnx_name, function, axes_are_input_since):
    @onnx_op(onnx_name, inputs=(1, 2))
    def import_reduction(node):
        keep_dims = node.int("keepdims", 1) != 0
        if node.opset < axes_are_input_since:
            axes, noop = node.ints("axes"), 0
        else:
            noop = node.int("noop_with_empty_axes", 0)
            axes = node.static_integers(1, "axes") if node.is_given(1) else []
        if not axes and noop:
            node.set(node.value(0))
            return
        operand = node.typed(0)
        rank = len(operand.shape)
        axes = sorted(axis_of(a, rank, "axes") for a in axes or range(rank))
        f = Formula(node)

        def reduce_last(tensor):
            return function(node, f, tensor, [len(tensor.shape) - 1], True)

        def compute(x):
            if not isinstance(x, Moved):
                return function(node, f, x, axes, keep_dims)
            if axes == [rank - 1] and keep_dims:
                return x.apply_last(node, reduce_last)
            if x.batch_axis in axes:
                raise NodeProblem(
                    f"expected axes other than the batch, got {format_shape(axes)}"
                )
            tensor, perm = x.led(node)
            inner = sorted(perm.index(axis) for axis in axes)
            y = function(node, f, tensor, inner, keep_dims)
            left = [p for i, p in enumerate(perm) if keep_dims or i not in inner]
            return Moved.back(y, left)

        node.set(in_float(node, [operand], compute))


for _name, _reduction in _REDUCTIONS.items():
    _register_reduction(_name, *_reduction)


def _register_arg(onnx_name, is_least):
    @onnx_op(onnx_name)
    def import_arg(node):
        axis = node.int("axis", 0)
        attributes = {
            "keep_dims": node.int("keepdims", 1) != 0,
            "last": node.int("select_last_index", 0) != 0,
        }
        x = node.tensor(0)
        axis = axis_of(axis, len(x.shape))
        if isinstance(x.shape[axis], Batch):
            raise NodeProblem(f"expected an axis other than the batch, got {axis}")
        if is_least:
            x = Formula(node)(".neg", x)
        node.set(emit_argmax(node, x, {"axis": axis, **attributes}))


def emit_argmax(node, x, attributes, suffix=""):
    return node.emit("npir.argmax", [x], attributes, suffix)


_register_arg("ArgMax", False)
_register_arg("ArgMin", True)


@onnx_op("LpNormalization")
def import_lp_normalization(node):
    p = node.int("p", 2)
    if p not in (1, 2):
        raise NodeProblem(f"expected p of 1 or 2, got {p}")
    axis = node.int("axis", -1)
    x = node.activation(0)
    f = Formula(node)

    def normalize(x):
        norm = _l1 if p == 1 else _l2
        return f("div", x, norm(node, f, x, [len(x.shape) - 1], True))

    node.set(on_axis(node, x, axis_of(axis, len(x.shape)), normalize))


@onnx_op("MeanVarianceNormalization")
def import_mean_variance_normalization(node):
    axes = node.ints("axes", [0, 2, 3])
    x = node.tensor(0)
    axes = sorted(axis_of(a, len(x.shape), "axes") for a in axes)
    f = Formula(node)
    centred = f(".sub", x, reduce(node, x, "mean", axes, True, ".mean"))
    variance = reduce(node, f(".square", centred), "mean", axes, True, ".variance")
    node.set(f("div", centred, f(".add", f(".sqrt", variance), 1e-9)))
