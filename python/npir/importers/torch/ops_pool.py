"""Pools over one or two dimensions."""

import math

import numpy as np

from ..onnx.axes import on_axis, reduce
from ..onnx.report import NodeProblem
from ..onnx.values import Host, Sequence, format_shape
from .maps import Maps, TorchWindow
from .registry import aten


def _window(node):
    """The maps, the window, and what rounding up adds behind."""
    dims = 1 if "pool1d" in node.op else 2
    maps = Maps(node, "self", dims)
    window = TorchWindow(node, maps.size, node.ints("kernel_size", dims))
    excess = window.ceil_excess() if node.number("ceil_mode") else [0] * dims
    return maps, window, excess


@aten("max_pool1d.default", "max_pool2d.default", "max_pool2d_with_indices.default")
def import_max_pool(node):
    maps, window, excess = _window(node)
    result = maps.emit("npir.max_pool2d", [], window.attributes(excess))
    node.set(Sequence([result]) if "with_indices" in node.op else result)


@aten("avg_pool1d.default", "avg_pool2d.default")
def import_average_pool(node):
    include_pad = bool(node.number("count_include_pad"))
    maps, window, excess = _window(node)
    if node.has("divisor_override") and node.is_given("divisor_override"):
        if node.number("divisor_override") != math.prod(window.kernel):
            raise NodeProblem("expected the window's size as the divisor")
        include_pad = True
    if include_pad and any(excess) and any(window.begin):
        raise NodeProblem("expected no padding that counts where ceil_mode adds some that does not")
    if window.kernel == maps.size and not any([*window.begin, *excess]):
        axes = list(range(2, 2 + len(maps.size)))
        node.set(reduce(node, node.tensor("self"), "mean", axes, True))
        return
    attributes = window.attributes(excess)
    attributes["count_include_pad"] = include_pad and any(window.begin)
    node.set(maps.emit("npir.avg_pool2d", [], attributes))


@aten(
    "adaptive_avg_pool1d.default", "adaptive_avg_pool2d.default", "_adaptive_avg_pool2d.default"
)
def import_adaptive_average_pool(node):
    _adaptive(node, "mean", "npir.avg_pool2d")


@aten("adaptive_max_pool2d.default")
def import_adaptive_max_pool(node):
    _adaptive(node, "max", "npir.max_pool2d")
    node.result = Sequence([node.result])


def _unequal_means(node, outputs):
    """Means of windows of several sizes: a product along each dimension."""
    x = node.tensor("self")
    for i, count in enumerate(outputs):
        axis = 2 + i
        size = x.shape[axis]
        matrix = np.zeros((count, size), np.float32)
        for j in range(count):
            begin, end = j * size // count, -(-(j + 1) * size // count)
            matrix[j, begin:end] = 1 / (end - begin)
        weight = node.constant(Host(matrix, f"{node.layer}.means{axis}"))
        suffix = "" if i + 1 == len(outputs) else f".{axis}"
        x = on_axis(
            node, x, axis, lambda t, w=weight, s=suffix: node.emit("npir.linear", [t, w], None, s)
        )
    return x


def _adaptive(node, kind, op):
    dims = 1 if "pool1d" in node.op else 2
    outputs = node.ints("output_size", dims)
    maps = Maps(node, "self", dims)
    if outputs == [1] * dims:
        axes = list(range(2, 2 + dims))
        node.set(reduce(node, node.tensor("self"), kind, axes, True))
        return
    if outputs == maps.size:
        node.set(node.tensor("self"))
        return
    if any(size % count for size, count in zip(maps.size, outputs)):
        if kind != "mean":
            raise NodeProblem(
                "expected windows of one size, got a result of "
                f"{format_shape(outputs)} over {format_shape(maps.size)}"
            )
        node.set(_unequal_means(node, outputs))
        return
    kernel = [size // count for size, count in zip(maps.size, outputs)]
    kernel = maps.pair(kernel, 1)
    node.set(maps.emit(op, [], {"kernel": kernel, "strides": kernel}))
