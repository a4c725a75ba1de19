"""Attention as one op."""

import math

import numpy as np

from ..onnx.report import NodeProblem
from ..onnx.values import Host
from .ops_elementwise import combine
from .registry import aten


@aten("scaled_dot_product_attention.default")
def import_attention(node):
    """softmax(query * scale @ key^T + mask) @ value."""
    if node.number("dropout_p") != 0:
        raise NodeProblem("drops out; export the model in evaluation mode: model.eval()")
    if node.number("enable_gqa"):
        raise NodeProblem("expected as many heads of queries as of keys: enable_gqa = False")
    query, key, value = (node.tensor(name) for name in ("query", "key", "value"))
    scale = node.number("scale", 1 / math.sqrt(query.shape[-1]))
    factor = node.constant(Host(np.array(scale, np.float32), f"{node.layer}.scale"))
    query = node.emit("npir.mul", [query, factor], None, ".query")
    scores = node.emit("npir.matmul", [query, key], {"transpose_rhs": True}, ".scores")
    for i, mask in enumerate(_masks(node, scores)):
        scores = combine(node, "npir.add", scores, mask, f".mask{i}" if i else ".mask")
    weights = node.emit("npir.softmax", [scores], None, ".softmax")
    node.set(node.emit("npir.matmul", [weights, value]))


def _masks(node, scores):
    """What is added to the scores."""
    masks = []
    if node.number("is_causal"):
        array = np.triu(np.full(scores.shape[-2:], -np.inf, np.float32), 1)
        masks.append(Host(array, f"{node.layer}.causal"))
    if not node.is_given("attn_mask"):
        return masks
    mask = node.value("attn_mask")
    if isinstance(mask, Host) and mask.array.dtype == np.bool_:
        array = np.where(mask.array, np.float32(0), np.float32(-np.inf))
        mask = Host(array, mask.name, mask.batch)
    elif not isinstance(mask, Host) and mask.dtype == "bool":
        ends = [
            node.constant(Host(np.array(end, np.float32), f"{node.layer}.{name}"))
            for name, end in (("seen", 0), ("hidden", -np.inf))
        ]
        mask = node.emit("npir.where", [node.whole(mask), *ends], None, ".hide")
    return [*masks, mask]
