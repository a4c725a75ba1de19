"""A tensor of the module, and the forms that it has in ONNX.

npir has channels last, ONNX has them second. A tensor is written in the order that the
node makes which computes it; another form is a Transpose, made once, where a node needs
it. What computes element by element takes any order and passes it on, so that between
two convolutions there is none.
"""

import numpy as np


def identity(rank):
    return tuple(range(rank))


def channels_first(rank):
    """The order [N, C, ...] of [N, ..., C]."""
    return (0, rank - 1, *range(1, rank - 1))


def inverse(order):
    return tuple(order.index(dim) for dim in range(len(order)))


class SymmetricElements:
    """What integers around zero stand for: `scales` along `axis`, or one for all."""

    def __init__(self, bits, signed, scales, axis):
        self.bits = bits
        self.signed = signed
        self.scales = scales
        self.zero_points = [0] * len(scales)
        self.axis = axis


class BlockElements:
    """What the integers `[OC, IC]` of a weight stand for whose `scales` are `[OC, G]`: each
    for a block of IC / G integers along `axis`, without zero points."""

    axis = 1

    def __init__(self, bits, signed, scales, block):
        self.bits = bits
        self.signed = signed
        self.scales = scales
        self.block = block

    def scales_along(self, axis):
        """The scales of the integers as they are, or transposed, where blocks lie along 0."""
        return self.scales if axis == self.axis else self.scales.T


class Value:
    """`forms`: by order, the name of the ONNX tensor whose dimension i is dimension
    order[i] of this one. The first is the one that is computed.

    `array`: the elements where they are known. `elements`: what the integers stand for,
    of a quantized tensor; of a constant's dequantized form, too, whose `array` holds the
    integers then. `dequantized`: the Tensor that this is dequantized from. `real`: the
    Value of what integers stand for, once it was needed. `rows`: the same with the rows
    rounded when the network runs.
    """

    def __init__(self, tensor, layer, array=None, elements=None):
        self.tensor = tensor
        self.layer = layer
        self.array = array
        self.elements = elements
        self.dequantized = None
        self.real = None
        self.rows = None
        self.forms = {}

    @property
    def shape(self):
        return self.tensor.shape

    @property
    def rank(self):
        return len(self.tensor.shape)

    @property
    def is_constant(self):
        return self.array is not None

    @property
    def order(self):
        """The order that costs nothing; None if all do."""
        return next(iter(self.forms), identity(self.rank)) if not self.is_constant else None

    def floats(self):
        """The real elements of a constant."""
        if self.elements is None:
            return self.array
        if isinstance(self.elements, BlockElements):
            scales = np.repeat(self.elements.scales, self.elements.block, axis=1)
            return self.array.astype(np.float32) * scales
        shape = [1] * self.array.ndim
        if self.elements.axis is not None:
            shape[self.elements.axis] = -1
        zero_points = np.array(self.elements.zero_points, np.int32).reshape(shape)
        scales = np.array(self.elements.scales, np.float32).reshape(shape)
        return (self.array.astype(np.int32) - zero_points).astype(np.float32) * scales
