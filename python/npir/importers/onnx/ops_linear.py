"""Products of matrices: linear layers, whose constant weight is [OC, IC], and those of
two activations."""

import numpy as np

from .formula import Formula
from .moved import Moved, emit_view
from .node import transposed
from .ops_elementwise import combine
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
    """A linear layer where B is known, and C broadcasts along the batch."""
    transposes = [node.int(name, 0) for name in ("transA", "transB")]
    alpha, beta = node.float("alpha", 1.0), node.float("beta", 1.0)
    for name, value in zip(("transA", "transB"), transposes):
        if value not in (0, 1):
            raise NodeProblem(f"expected {name} of 0 or 1, got {value}")
    has_bias = node.is_given(2) and beta != 0
    known = [i for i in (1, 2)[: 1 + has_bias] if node.is_host(i)]
    x = node.activation(0)
    if len(x.shape) != 2:
        raise NodeProblem(f"expected an input of rank 2, got {format_shape(x.shape)}")
    if transposes[0]:
        x = _turned(node, x, ".a")
    if 1 not in known:
        _general_gemm(node, x, transposes[1], alpha, beta if has_bias else 0)
        return
    weight = _scaled(node.weight(1, "weight B", 2), alpha, node)
    if transposes[1]:
        operands = [node.constant(weight)]
    else:
        operands = [node.constant(weight, "transposed", transposed)]
    if has_bias and not (2 in known and len(node.value(2).shape) < 2):
        bias = node.value(2)
        if not isinstance(bias, Host) or bias.shape[0] != 1:
            y = x.apply_last(
                node,
                lambda t: node.emit("npir.linear", [t, *operands], None, ".product"),
            )
            _add_bias(node, y, beta)
            return
    if has_bias:
        bias = node.importer.as_float(node.value(2))
        outputs = weight.array.shape[0 if transposes[1] else 1]
        operands.append(_gemm_bias(node, bias, beta, outputs))
    node.set(x.apply_last(node, lambda t: node.emit("npir.linear", [t, *operands])))


def _turned(node, x, suffix):
    """A transposed matrix."""
    if isinstance(x, Moved):
        return x.transposed([1, 0]).settled(node)
    if x.is_dynamic:
        return Moved.of(x).transposed([1, 0])
    return node.emit("npir.transpose", [x], {"perm": [1, 0]}, suffix)


def _general_gemm(node, x, transpose, alpha, beta):
    """Of two activations."""
    y = node.tensor(1)
    if isinstance(x, Moved):
        raise x.refuse()
    if len(y.shape) != 2:
        raise NodeProblem(f"expected matrices, got {format_shape(y.shape)}")
    f = Formula(node)
    scales = alpha != 1
    name = ".product" if scales or beta else ""
    y = node.emit("npir.matmul", [x, y], {"transpose_rhs": bool(transpose)}, name)
    if scales:
        y = f(".mul" if beta else "mul", y, alpha)
    if beta:
        _add_bias(node, y, beta)
    else:
        node.set(y)


def _add_bias(node, y, beta):
    """Set the result to `y` and beta times operand 2."""
    bias = node.value(2)
    if beta != 1:
        f = Formula(node)
        bias = node.activation(2).apply(lambda t: f(".mul", t, beta))
    elif isinstance(bias, Host):
        bias = node.importer.as_float(bias)
    node.set(combine(node, "npir.add", y, bias))


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


@onnx_op("MatMul", inputs=(2, 2), hosts=True)
def import_matmul(node):
    x, y = node.value(0), node.value(1)
    if isinstance(x, Host) and isinstance(y, Host):
        _fold_matmul(node, node.importer.as_float(x), node.importer.as_float(y))
        return
    ranks = len(x.shape), len(y.shape)
    if 0 in ranks:
        raise NodeProblem("expected matrices or vectors, got a scalar")
    if isinstance(y, Host) and ranks[1] == 2 and ranks[0] > 1:
        weight = node.constant(node.importer.as_float(y), "transposed", transposed)
        node.set(x.apply_last(node, lambda t: node.emit("npir.linear", [t, weight])))
    elif min(ranks) == 1:
        _multiply_vectors(node)
    else:
        node.set(node.emit("npir.matmul", [node.tensor(0), node.tensor(1)]))


def _multiply_vectors(node):
    """A vector is a matrix of one row or column, which the result lacks."""
    x, y = node.tensor(0), node.tensor(1)
    is_row, is_column = len(x.shape) == 1, len(y.shape) == 1
    if is_row:
        x = emit_view(node, x, (1, *x.shape), ".row")
    if is_column:
        y = emit_view(node, y, (*y.shape, 1), ".column")
    product = node.emit("npir.matmul", [x, y], {}, ".matmul")
    dims = list(product.shape)
    if is_row:
        del dims[-2]
    if is_column:
        del dims[-1]
    node.set(emit_view(node, product, dims))


def _fold_matmul(node, x, y):
    try:
        node.set(Host(np.matmul(x.array, y.array), node.layer))
    except ValueError:
        raise NodeProblem(
            "expected matrices that fit, got "
            f"{format_shape(x.shape)} and {format_shape(y.shape)}"
        ) from None
