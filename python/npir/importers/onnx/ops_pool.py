"""Pools over one, two or three dimensions."""

from .axes import reduce
from .formula import Formula
from .registry import onnx_op
from .report import NodeProblem
from .values import format_shape
from .windows import (
    Window,
    map_operand,
    pool_nhwc,
    to_channels_first,
    to_channels_last,
)


def _map_and_window(node, window):
    if window.given_kernel is None:
        raise NodeProblem("attribute 'kernel_shape' is missing")
    x = map_operand(node, 3)
    return x, window.fit(x.shape[2:]).pad_same()


def _emit_pool(node, op, window, x, excess, attributes):
    """npir op `op` over [N, ..., C] `x`."""

    def emit(x, part, suffix):
        return node.emit(op, [x], {**part, **attributes}, suffix)

    return pool_nhwc(node, x, lambda dims: window.part(dims, excess), emit)


@onnx_op("MaxPool")
def import_max_pool(node):
    node.ignore("storage_order")  # of the indices, which are not supported
    ceil_mode = node.int("ceil_mode", 0)
    x, window = _map_and_window(node, Window(node))
    excess = window.ceil_excess() if ceil_mode else None
    y = to_channels_last(node, x)
    y = _emit_pool(node, "npir.max_pool2d", window, y, excess, {})
    node.set(to_channels_first(node, y))


@onnx_op("AveragePool")
def import_average_pool(node):
    """What rounding up adds counts as padding does, as in onnxruntime."""
    include_pad = node.int("count_include_pad", 0)
    ceil_mode = node.int("ceil_mode", 0)
    x, window = _map_and_window(node, Window(node))
    excess = window.ceil_excess() if ceil_mode else [0] * len(window.size)
    covers_map = window.kernel == window.size and window.dilations == [1] * len(excess)
    if covers_map and not any(window.begin + window.end):
        node.set(reduce(node, x, "mean", list(range(2, len(x.shape))), True))
        return
    y = to_channels_last(node, x)
    attributes = {"count_include_pad": bool(include_pad)}
    y = _emit_pool(node, "npir.avg_pool2d", window, y, excess, attributes)
    node.set(to_channels_first(node, y))


@onnx_op("LpPool")
def import_lp_pool(node):
    """The p-th root of a sum, which is a mean times the size of the window."""
    p = node.int("p", 2)
    ceil_mode = node.int("ceil_mode", 0)
    x, window = _map_and_window(node, Window(node))
    excess = window.ceil_excess() if ceil_mode else None
    f = Formula(node)
    y = _power(f, to_channels_last(node, x), p)
    count = 1
    for size in window.kernel:
        count *= size
    attributes = {"count_include_pad": True}
    y = _emit_pool(node, "npir.avg_pool2d", window, y, excess, attributes)
    y = f(".mul", y, count)
    node.set(to_channels_first(node, _root(f, y, p)))


def _power(f, x, p):
    if p == 1:
        return f(".abs", x)
    return f(".square", x) if p == 2 else f(".pow", f(".abs", x), p)


def _root(f, x, p):
    if p == 1:
        return x
    return f(".sqrt", x) if p == 2 else f(".pow", x, 1 / p)


def _global_map(node):
    x = node.tensor(0)
    if len(x.shape) < 3:
        raise NodeProblem(f"expected [N, C, ...], got {format_shape(x.shape)}")
    return x, list(range(2, len(x.shape)))


def _register_global(name, kind):
    @onnx_op(name)
    def import_global_pool(node):
        x, axes = _global_map(node)
        node.set(reduce(node, x, kind, axes, True))


_register_global("GlobalAveragePool", "mean")
_register_global("GlobalMaxPool", "max")


@onnx_op("GlobalLpPool")
def import_global_lp_pool(node):
    p = node.int("p", 2)
    x, axes = _global_map(node)
    f = Formula(node)
    node.set(_root(f, reduce(node, _power(f, x, p), "sum", axes, True, ".sum"), p))
