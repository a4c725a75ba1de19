"""Products of matrices: linear layers, whose constant weight is [OC, IC], and those of
two activations."""

import numpy as np

from ..onnx.node import transposed
from ..onnx.report import NodeProblem
from ..onnx.values import Host, format_shape
from .ops_elementwise import combine
from .registry import aten


@aten("linear.default")
def import_linear(node):
    operands = [node.constant(node.weight("weight", "weight", 2))]
    if node.is_given("bias"):
        operands.append(node.constant(node.weight("bias", "bias", 1)))
    _set_linear(node, node.activation("input"), operands)


def _set_linear(node, x, operands):
    if len(x.shape) == 1:
        raise NodeProblem("expected an input of rank 2 or more, got 1")
    node.set(x.apply_last(node, lambda tensor: node.emit("npir.linear", [tensor, *operands])))


def _transposed_matrix(array):
    return transposed(array.reshape(array.shape[-2:]))


def _set_product(node, x, y, bias=None):
    """Set the result to x @ y + bias; `bias` is a Host of [columns of y]."""
    if min(len(x.shape), len(y.shape)) < 2:
        raise NodeProblem(
            "expected matrices, of rank 2 or more, got "
            f"{format_shape(x.shape)} and {format_shape(y.shape)}"
        )
    is_one = isinstance(y, Host) and set(y.shape[:-2]) <= {1} and y.batch is None
    if is_one and len(y.shape) <= len(x.shape):
        # One matrix for all.
        weight = node.importer.as_float(y)
        operands = [node.constant(weight, "transposed", _transposed_matrix)]
        if bias is not None:
            operands.append(node.constant(bias))
        _set_linear(node, node.settle(x, "float32"), operands)
        return
    operands = [node.whole(node.settle(value, "float32")) for value in (x, y)]
    product = node.emit("npir.matmul", operands, None, ".matmul" if bias is not None else "")
    node.set(product if bias is None else combine(node, "npir.add", product, bias))


@aten("matmul.default", "mm.default", "bmm.default")
def import_matmul(node):
    other = "other" if node.has("other") else "mat2"
    _set_product(node, node.value("self"), node.value(other))


@aten("addmm.default", "baddbmm.default")
def import_addmm(node):
    if node.number("beta") != 1 or node.number("alpha") != 1:
        raise NodeProblem("expected alpha = 1 and beta = 1")
    names = ("batch1", "batch2") if node.has("batch1") else ("mat1", "mat2")
    x, y = (node.value(name) for name in names)
    bias, columns = node.value("self"), node.shape[-1]
    if isinstance(bias, Host) and bias.array.size in (1, columns):
        bias = node.importer.as_float(bias)
        if bias.shape != (columns,):
            array = np.broadcast_to(bias.array.reshape(-1), (columns,))
            bias = Host(np.ascontiguousarray(array), bias.name)
        _set_product(node, x, y, bias)
        return
    operands = [node.whole(node.settle(value, "float32")) for value in (x, y)]
    product = node.emit("npir.matmul", operands, None, ".matmul")
    node.set(combine(node, "npir.add", product, bias))
