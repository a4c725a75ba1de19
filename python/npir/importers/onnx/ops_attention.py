"""Attention in one node, written with products and a softmax."""

import math

import numpy as np
from onnx import TensorProto

from .ops_microsoft import given
from .recipe import Recipe
from .registry import MICROSOFT, onnx_op
from .report import NodeProblem
from .values import Host, format_shape

# Far below any score; the sum of two is still a number.
_LOWEST = -1e38


class Attention:
    """The parts of an attention, as a Recipe of its node writes them. Queries, keys and
    values are [N, heads, length, size] in between."""

    def __init__(self, node):
        self.node = node
        self.r = Recipe(node)

    def split_heads(self, x, heads):
        """[N, length, heads * size] by heads."""
        r = self.r
        length, width = self.r.shape(x)[1:]
        if heads < 1 or width % heads:
            raise NodeProblem(f"expected a divisor of {width} as heads, got {heads}")
        x = r(".Reshape", x, [0, length, heads, width // heads])
        return r(".Transpose", x, perm=[0, 2, 1, 3])

    def join_heads(self, x):
        """Set the result to [N, length, heads * size]."""
        heads, length, size = self.r.shape(x)[1:]
        x = self.r(".Transpose", x, perm=[0, 2, 1, 3])
        self.r("Reshape", x, [0, length, heads * size])

    def repeat_heads(self, x, heads):
        """`x` with each of its heads as often as `heads` asks for."""
        own, length, size = self.r.shape(x)[1:]
        if own == heads:
            return x
        if heads % own:
            raise NodeProblem(
                f"expected a multiple of {own} heads for the queries, got {heads}"
            )
        r, times = self.r, heads // own
        x = r(".Unsqueeze", x, [2])
        x = r(".Expand", x, [1, 1, times, 1, 1])
        return r(".Reshape", x, [0, heads, length, size])

    def scores(self, q, k, scale):
        r = self.r
        sizes = r.shape(q)[-1], r.shape(k)[-1]
        if sizes[0] != sizes[1]:
            raise NodeProblem(
                f"expected heads of one size for queries and keys, got {sizes[0]} and "
                f"{sizes[1]}"
            )
        scores = r(".MatMul", q, r(".Transpose", k, perm=[0, 1, 3, 2]))
        return r(".Mul", scores, scale or 1 / math.sqrt(sizes[0]))

    def causal(self, scores, offset=0):
        """`scores` without those of keys behind the query, the first `offset` keys being
        in front of all."""
        rows, columns = self.r.shape(scores)[-2:]
        mask = np.triu(np.full((rows, columns), _LOWEST, np.float32), 1 + offset)
        return self.r(".Add", scores, mask)

    def padded(self, scores, mask, filter_value):
        """`scores` where the integers of `mask` are 1, and far less where they are 0. The
        mask: [N, keys], [N, queries, keys], [N, 1, queries, keys], or how many keys count,
        [N]."""
        r = self.r
        shape, keys = r.shape(mask), r.shape(scores)[-1]
        if len(shape) == 1 and shape[0] == r.shape(scores)[0]:
            mask = r(".Reshape", mask, [-1, 1])
            mask = r(".Less", np.arange(keys, dtype=np.int32)[np.newaxis], mask)
            shape = r.shape(mask)
        if len(shape) == 4:
            rows = r.shape(scores)[-2]
            past = keys - rows
            mask = r(".Slice", mask, [past, 0], [past + rows, keys], [2, 3])
            shape = r.shape(mask)
        if not 2 <= len(shape) <= 4 or shape[-1] != keys:
            raise NodeProblem(
                f"expected a mask for {keys} keys of rank 2 to 4, or their numbers, got "
                f"{format_shape(shape)}"
            )
        axes = {2: [1, 2], 3: [1], 4: []}[len(shape)]
        mask = r(".Cast", mask, to=TensorProto.FLOAT)
        mask = r(".Mul", r(".Sub", 1, mask), filter_value)
        return r(".Add", scores, r(".Unsqueeze", mask, axes) if axes else mask)

    def weigh(self, scores, v):
        r = self.r
        return r(".MatMul", r(".Softmax", scores, axis=-1), v)


@onnx_op("Attention", inputs=(2, 7), outputs=2, domain=MICROSOFT)
def import_contrib_attention(node):
    """Of what one layer makes of operand 0."""
    heads, scale = node.int("num_heads"), node.float("scale", 0.0)
    causal, sizes = node.int("unidirectional", 0), node.ints("qkv_hidden_sizes")
    filter_value = node.float("mask_filter_value", -10000.0)
    node.require("do_rotary", 0)
    node.ignore("past_present_share_buffer", "rotary_embedding_dim")
    _refuse_states(node, (4, 6))
    a = Attention(node)
    r = a.r
    x = r(".MatMul", node.inputs[0], node.inputs[1])
    if node.is_given(2):
        x = r(".Add", x, node.inputs[2])
    width = r.shape(x)[-1]
    sizes = sizes or [width // 3] * 3
    if len(sizes) != 3 or sum(sizes) != width or heads is None:
        raise NodeProblem(
            f"expected num_heads, and three sizes with the sum {width}, got "
            f"{format_shape(sizes)}"
        )
    parts = r(".Split", x, sizes, outputs=3, axis=-1)
    q, k, v = (a.split_heads(part, heads) for part in parts)
    scores = a.scores(q, k, scale)
    _finish(a, scores, v, given(node, 3), given(node, 5), filter_value, causal)


def _refuse_states(node, indices):
    for index in indices:
        if node.is_given(index):
            raise NodeProblem(
                f"states of earlier runs, as in input {index}, are not supported"
            )


def _finish(a, scores, v, mask, bias, filter_value, causal):
    if bias:
        scores = a.r(".Add", scores, bias)
    if mask:
        scores = a.padded(scores, mask, filter_value)
    if causal:
        scores = a.causal(scores, a.r.shape(scores)[-1] - a.r.shape(scores)[-2])
    a.join_heads(a.weigh(scores, v))


@onnx_op("MultiHeadAttention", inputs=(1, 8), outputs=3, domain=MICROSOFT)
def import_multi_head_attention(node):
    """Of three operands, or of one that holds all of them by heads."""
    heads, scale = node.int("num_heads"), node.float("scale", 0.0)
    causal = node.int("unidirectional", 0)
    filter_value = node.float("mask_filter_value", -10000.0)
    if heads is None:
        raise NodeProblem("attribute 'num_heads' is missing")
    a = Attention(node)
    r = a.r
    names = [given(node, i) for i in range(3)]
    if names[1] is None:
        names = _unpack(r, names[0], ("q", "k", "v"))
    elif names[2] is None:
        names[1:] = _unpack(r, names[1], ("k", "v"))
    if node.is_given(3):
        names = _add_biases(r, names, node.inputs[3])
    # Keys and values of another network come by heads.
    q, k, v = (
        a.split_heads(x, heads) if len(r.shape(x)) == 3 else x for x in names
    )
    present = []
    for x, past in ((k, given(node, 6)), (v, given(node, 7))):
        present.append(r(".Concat", past, x, axis=2) if past else x)
        r.set(present[-1], len(present))
    scores = a.scores(q, present[0], scale)
    mask, bias = given(node, 4), given(node, 5)
    _finish(a, scores, present[1], mask, bias, filter_value, causal)


def _unpack(r, x, names):
    """The parts of [N, length, heads, parts, size] as [N, length, heads * size]."""
    shape = r.shape(x)
    if len(shape) != 5 or shape[3] != len(names):
        raise NodeProblem(
            f"expected {' and '.join(names)} in [N, length, heads, {len(names)}, size], "
            f"got {format_shape(shape)}"
        )
    parts = r(".Split", x, [1] * len(names), outputs=len(names), axis=3)
    return [r(".Reshape", p, [0, shape[1], shape[2] * shape[4]]) for p in parts]


def _add_biases(r, names, bias):
    widths = [r.shape(x)[-1] for x in names]
    if any(len(r.shape(x)) != 3 for x in names) or r.shape(bias) != (sum(widths),):
        raise NodeProblem(
            f"expected a bias of [{sum(widths)}] for operands of rank 3, got "
            f"{format_shape(r.shape(bias))}"
        )
    parts = r(".Split", bias, widths, outputs=3, axis=0)
    return [r(".Add", x, part) for x, part in zip(names, parts)]


@onnx_op("Attention", inputs=(3, 7), outputs=4)
def import_attention(node):
    """ONNX's, of operator set 23."""
    causal, softcap = node.int("is_causal", 0), node.float("softcap", 0.0)
    scale, mode = node.float("scale", 0.0), node.int("qk_matmul_output_mode", 0)
    counts = [node.int(name, 0) for name in ("q_num_heads", "kv_num_heads")]
    node.ignore("softmax_precision")
    if node.is_given(6):
        raise NodeProblem("numbers of keys that are no padding are not supported")
    if mode not in (0, 1, 2, 3):
        raise NodeProblem(f"expected qk_matmul_output_mode from 0 to 3, got {mode}")
    a = Attention(node)
    r = a.r
    by_heads = len(r.shape(node.inputs[0])) == 4
    operands = [
        x if by_heads else a.split_heads(x, count)
        for x, count in zip(node.inputs, (counts[0], counts[1], counts[1]))
    ]
    past = 0
    for i in (1, 2):
        if node.is_given(3 + i):
            past = r.shape(node.inputs[3 + i])[2]
            operands[i] = r(".Concat", node.inputs[3 + i], operands[i], axis=2)
        r.set(operands[i], i)
    q = operands[0]
    k, v = (a.repeat_heads(x, r.shape(q)[1]) for x in operands[1:])
    stages = [a.scores(q, k, scale)]
    if softcap:
        stages.append(
            r(".Mul", r(".Tanh", r(".Div", stages[-1], softcap)), softcap)
        )
    capped = stages[-1]
    scores = _add_mask(a, capped, given(node, 3))
    if causal:
        scores = a.causal(scores, past)
    weights = r(".Softmax", scores, axis=-1)
    if _holds_truth(r, given(node, 3)):
        weights = _only_allowed(a, weights, given(node, 3), past if causal else None)
    r.set((stages[0], capped, scores, weights)[mode], 3)
    y = r(".MatMul", weights, v)
    if by_heads:
        r.set(y)
    else:
        a.join_heads(y)


def _holds_truth(r, mask):
    if mask is None:
        return False
    value = r.value(mask)
    return (value.array.dtype.name if isinstance(value, Host) else value.dtype) == "bool"


def _only_allowed(a, weights, mask, past):
    """`weights` with 0 where the mask says no, also for a query that may see no key."""
    r = a.r
    mask = _reach(a, weights, r(".Cast", mask, to=TensorProto.FLOAT), 0)
    weights = r(".Mul", weights, mask)
    if past is None:
        return weights
    rows, columns = r.shape(weights)[-2:]
    return r(".Where", np.tril(np.ones((rows, columns), bool), past), weights, 0)


def _reach(a, scores, mask, filler):
    """`mask` for all keys; `filler` for those that it leaves out."""
    r = a.r
    missing = r.shape(scores)[-1] - r.shape(mask)[-1]
    if missing <= 0:
        return mask
    pads = [0] * len(r.shape(mask))
    return r(".Pad", mask, [*pads, *pads[1:], missing], filler)


def _add_mask(a, scores, mask):
    """`scores` with a mask added: of truth values, or of numbers."""
    if mask is None:
        return scores
    r = a.r
    if _holds_truth(r, mask):
        mask = r(".Where", mask, 0, _LOWEST)
    return r(".Add", scores, _reach(a, scores, mask, _LOWEST))
