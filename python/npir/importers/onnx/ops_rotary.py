"""Rotary embeddings: pairs of elements turned by an angle that grows with the position."""

import numpy as np

from .ops_microsoft import given
from .recipe import Recipe
from .registry import MICROSOFT, onnx_op
from .report import NodeProblem
from .values import Batch, format_shape


def _rotate(r, x, cos, sin, size, interleaved):
    """[N, length, heads, size] with pairs of the first `size` elements turned by angles,
    whose cosines and sines are [N or 1, length, 1, size / 2]."""
    whole = r.shape(x)[-1]
    size = size or whole
    if size % 2 or not 0 < size <= whole or r.shape(cos)[-1] != size // 2:
        raise NodeProblem(
            f"expected cosines for {size // 2} pairs of {whole} elements, got "
            f"{format_shape(r.shape(cos))}"
        )
    rest = None
    if size < whole:
        x, rest = r(".Split", x, [size, whole - size], outputs=2, axis=-1)
    shape = r.shape(x)
    if interleaved:
        x = r(".Reshape", x, [0, *shape[1:3], size // 2, 2])
        parts = [r(".Gather", x, np.array(i), axis=4) for i in (0, 1)]
    else:
        parts = r(".Split", x, [size // 2] * 2, outputs=2, axis=-1)
    one = r(".Sub", r(".Mul", parts[0], cos), r(".Mul", parts[1], sin))
    two = r(".Add", r(".Mul", parts[0], sin), r(".Mul", parts[1], cos))
    if interleaved:
        pair = [r(".Unsqueeze", part, [4]) for part in (one, two)]
        y = r(".Reshape", r(".Concat", *pair, axis=4), [0, *shape[1:]])
    else:
        y = r(".Concat", one, two, axis=-1)
    return y if rest is None else r(".Concat", y, rest, axis=-1)


def _rotary(node, caches, positions):
    """Set the result to a rotary embedding of operand 0; `caches` and `positions` are
    operands, too."""
    heads, size = node.int("num_heads", 0), node.int("rotary_embedding_dim", 0)
    interleaved = node.int("interleaved", 0)
    r = Recipe(node)
    x = node.inputs[0]
    shape = r.shape(x)
    if len(shape) == 4:
        x = r(".Transpose", x, perm=[0, 2, 1, 3])
    else:
        heads = heads or shape[-1] // (size or 2 * r.shape(node.inputs[caches[0]])[-1])
        if heads < 1 or shape[-1] % heads:
            raise NodeProblem(
                f"expected a divisor of {shape[-1]} as num_heads, got {heads}"
            )
        x = r(".Reshape", x, [0, shape[1], heads, shape[-1] // heads])
    length = r.shape(x)[1]
    angles = []
    for index in caches:
        cache = node.inputs[index]
        if positions is None:
            pass
        elif len(r.shape(positions)) == 1 and not isinstance(
            r.shape(positions)[0], Batch
        ):
            start = int(r.value(positions).array.reshape(-1)[0])
            cache = r(".Slice", cache, [start], [start + length], [0])
            cache = r(".Unsqueeze", cache, [0])
        else:
            cache = r(".Gather", cache, positions, axis=0)
        angles.append(r(".Unsqueeze", cache, [2]))
    y = _rotate(r, x, *angles, size, interleaved)
    if len(shape) == 4:
        r("Transpose", y, perm=[0, 2, 1, 3])
    else:
        r("Reshape", y, [0, *shape[1:]])


@onnx_op("RotaryEmbedding", inputs=(3, 4))
def import_rotary_embedding(node):
    _rotary(node, (1, 2), given(node, 3))


@onnx_op("RotaryEmbedding", inputs=(4, 4), domain=MICROSOFT)
def import_contrib_rotary_embedding(node):
    node.require("is_packed_batching", 0)
    if node.float("scale", 1.0) != 1:
        raise NodeProblem("expected a scale of 1")
    _rotary(node, (2, 3), node.inputs[1])
