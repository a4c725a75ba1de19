"""Products of matrices: linear layers, whose constant weight is [OC, IC], and those of
two activations."""

import numpy as np

from .node import transposed
from .registry import onnx_op
from .report import NodeProblem
from .values import Host, format_shape


def _scaled(host, factor, node):
    """`factor` times a weight, as a weight of its own where that is needed."""
    if factor == 1:
        return host
    return Host(host.array * np.float32(factor), f"{node.layer}.{host.name}")


@onnx_op("Gemm", inputs=(2, 3))
def import_gemm(node):
    node.require("transA", 0, "expected transA = 0: the input is [N, C]")
    transpose = node.int("transB", 0)
    alpha, beta = node.float("alpha", 1.0), node.float("beta", 1.0)
    if transpose not in (0, 1):
        raise NodeProblem(f"expected transB of 0 or 1, got {transpose}")
    weight = _scaled(node.weight(1, "weight B", 2), alpha, node)
    bias = None
    if node.is_given(2) and beta != 0:
        bias = node.importer.as_float(node.host(2, "bias C"))
    x = node.activation(0)
    if len(x.shape) != 2:
        raise NodeProblem(f"expected an input of rank 2, got {format_shape(x.shape)}")
    if transpose:
        operands = [node.constant(weight)]
    else:
        operands = [node.constant(weight, "transposed", transposed)]
    if bias is not None:
        outputs = weight.array.shape[0 if transpose else 1]
        operands.append(_gemm_bias(node, bias, beta, outputs))
    node.set(x.apply_last(node, lambda t: node.emit("npir.linear", [t, *operands])))


def _gemm_bias(node, bias, beta, outputs):
    """The constant [outputs] of a bias that broadcasts along the batch."""
    bias = _scaled(bias, beta, node)
    shape = bias.array.shape
    if shape == (outputs,):
        return node.constant(bias)
    if shape not in ((), (1,), (1, 1), (1, outputs)):
        raise NodeProblem(
            f"expected bias C of [{outputs}] or what broadcasts to it, got "
            f"{format_shape(shape)}"
        )

    def spread(array):
        return np.array(np.broadcast_to(array.reshape(-1), (outputs,)))

    return node.constant(bias, f"spread {outputs}", spread)


@onnx_op("MatMul", inputs=(2, 2))
def import_matmul(node):
    x, y = node.value(0), node.value(1)
    if isinstance(x, Host) and isinstance(y, Host):
        _fold_matmul(node, node.importer.as_float(x), node.importer.as_float(y))
        return
    ranks = len(x.shape), len(y.shape)
    if min(ranks) < 2:
        raise NodeProblem(
            "expected matrices, of rank 2 or more, got "
            f"{format_shape(x.shape)} and {format_shape(y.shape)}"
        )
    if isinstance(y, Host) and ranks[1] == 2:
        weight = node.constant(node.importer.as_float(y), "transposed", transposed)
        node.set(x.apply_last(node, lambda t: node.emit("npir.linear", [t, weight])))
    else:
        node.set(node.emit("npir.matmul", [node.tensor(0), node.tensor(1)]))


def _fold_matmul(node, x, y):
    try:
        node.set(Host(np.matmul(x.array, y.array), node.layer))
    except ValueError:
        raise NodeProblem(
            "expected matrices that fit, got "
            f"{format_shape(x.shape)} and {format_shape(y.shape)}"
        ) from None
