"""Products of matrices: linear layers, whose constant weight is [OC, IC], and those of
two activations."""

import math

import numpy as np

from ..onnx.moved import Moved
from ..onnx.node import transposed
from ..onnx.report import NodeProblem
from ..onnx.values import Host, format_shape
from .ops_elementwise import emit_binary
from .registry import aten


@aten("linear.default")
def import_linear(node):
    weight, bias = node.value("weight"), node.argument("bias")
    if not isinstance(weight, Host):
        raise NodeProblem("expected a constant weight")
    operands = [node.constant(node.weight("weight", "weight", 2))]
    if bias is not None:
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
    if isinstance(y, Host) and len(y.shape) <= len(x.shape) and set(y.shape[:-2]) <= {1}:
        # One matrix for all.
        weight = node.importer.as_float(y)
        operands = [node.constant(weight, "transposed", _transposed_matrix)]
        if bias is not None:
            operands.append(node.constant(bias))
        _set_linear(node, node.settle(x), operands)
        return
    operands = [node.settle(x), node.settle(y)]
    for operand in operands:
        if isinstance(operand, Moved):
            raise operand.refuse()
    product = node.emit("npir.matmul", operands, None, ".matmul" if bias is not None else "")
    node.set(product if bias is None else emit_binary(node, "npir.add", product, bias))


@aten("matmul.default", "mm.default", "bmm.default")
def import_matmul(node):
    other = "other" if node.has("other") else "mat2"
    _set_product(node, node.value("self"), node.value(other))


@aten("addmm.default", "baddbmm.default")
def import_addmm(node):
    if node.number("beta") != 1 or node.number("alpha") != 1:
        raise NodeProblem("expected alpha = 1 and beta = 1")
    batched = node.has("batch1")
    x, y = (node.value(n) for n in (("batch1", "batch2") if batched else ("mat1", "mat2")))
    bias = node.value("self")
    if isinstance(bias, Host) and isinstance(y, Host) and len(y.shape) == 2:
        columns = y.shape[1]
        spread = np.broadcast_to(node.importer.as_float(bias).array.reshape(-1), (columns,))
        if bias.array.size in (1, columns):
            host = bias if bias.shape == (columns,) else Host(spread, bias.name)
            _set_product(node, x, y, node.importer.as_float(host))
            return
    operands = [node.settle(x), node.settle(y)]
    if any(isinstance(operand, Moved) for operand in operands):
        raise NodeProblem("expected the batch as the first dimension")
    product = node.emit("npir.matmul", operands, None, ".matmul")
    node.set(emit_binary(node, "npir.add", product, bias))


@aten("scaled_dot_product_attention.default")
def import_attention(node):
    """softmax(query * scale @ key^T + mask) @ value."""
    if node.number("dropout_p") != 0:
        raise NodeProblem("drops out; export the model in evaluation mode: model.eval()")
    if node.number("enable_gqa"):
        raise NodeProblem("expected as many heads of queries as of keys: enable_gqa = False")
    query, key, value = (node.tensor(name) for name in ("query", "key", "value"))
    if isinstance(query.shape[-1], int):
        size = query.shape[-1]
    scale = node.number("scale")
    scale = 1 / math.sqrt(size) if scale is None else scale
    factor = node.constant(Host(np.array(scale, np.float32), f"{node.layer}.scale"))
    query = node.emit("npir.mul", [query, factor], None, ".query")
    scores = node.emit("npir.matmul", [query, key], {"transpose_rhs": True}, ".scores")
    mask = _attention_mask(node, scores)
    if mask is not None:
        scores = emit_binary(node, "npir.add", scores, mask, ".mask")
    weights = node.emit("npir.softmax", [scores], None, ".softmax")
    node.set(node.emit("npir.matmul", [weights, value]))


def _attention_mask(node, scores):
    """What is added to the scores, or None."""
    if node.number("is_causal"):
        rows, columns = scores.shape[-2:]
        array = np.triu(np.full((rows, columns), -np.inf, np.float32), 1)
        return Host(array, f"{node.layer}.causal")
    if not node.is_given("attn_mask"):
        return None
    mask = node.value("attn_mask")
    if isinstance(mask, Host) and mask.array.dtype == np.bool_:
        array = np.where(mask.array, np.float32(0), np.float32(-np.inf))
        return Host(array, mask.name, mask.batch)
    return mask
