"""Softmax and its kin."""

import numpy as np

from .axes import on_softmax_axis, reduce
from .formula import Formula
from .ops_reduce import emit_argmax
from .registry import onnx_op
from .values import Host


@onnx_op("Softmax")
def import_softmax(node):
    def softmax(x):
        return node.emit("npir.softmax", [x])

    node.set(on_softmax_axis(node, softmax))


@onnx_op("LogSoftmax")
def import_log_softmax(node):
    """Not the logarithm of a softmax, which is 0 where this is far below 0."""
    f = Formula(node)

    def log_softmax(x):
        axes = [len(x.shape) - 1]
        x = f(".sub", x, reduce(node, x, "max", axes, True, ".max"))
        total = reduce(node, f(".exp", x), "sum", axes, True, ".sum")
        return f("sub", x, f(".log", total))

    node.set(on_softmax_axis(node, log_softmax))


@onnx_op("Hardmax")
def import_hardmax(node):
    def hardmax(x):
        last = len(x.shape) - 1
        largest = emit_argmax(node, x, {"axis": last, "keep_dims": True}, ".argmax")
        indices = Host(np.arange(x.shape[last]), f"{node.layer}.indices")
        attributes = {"kind": "#npir.compare_kind<eq>"}
        operands = [largest, node.importer.typed_constant(indices)]
        hit = node.emit("npir.compare", operands, attributes, ".hit")
        return node.cast(hit, "float32")

    node.set(on_softmax_axis(node, hardmax))
