"""Integers, and the real numbers that they stand for."""

import numpy as np

from .values import Host, Tensor


class Elements:
    """What integers stand for: (integer - zero point) * scale, with one of each, or
    with one for each index of dimension `axis`."""

    def __init__(self, bits, signed, scales, zero_points, axis=None):
        self.bits = bits
        self.signed = signed
        self.scales = scales
        self.zero_points = zero_points
        self.axis = axis

    def __eq__(self, other):
        return (
            (self.bits, self.signed, self.axis)
            == (other.bits, other.signed, other.axis)
            and np.array_equal(self.scales, other.scales)
            and np.array_equal(self.zero_points, other.zero_points)
        )

    @property
    def range(self):
        """The least and the greatest integer."""
        half = 1 << (self.bits - 1)
        return (-half, half - 1) if self.signed else (0, 2 * half - 1)

    @property
    def dtype(self):
        """The numpy type that holds the integers."""
        width = next(width for width in (8, 16, 32) if self.bits <= width)
        return np.dtype(f"{'int' if self.signed else 'uint'}{width}")

    @property
    def name(self):
        return f"{'int' if self.signed else 'uint'}{self.bits}"

    def along(self, rank):
        """Scales and zero points in shapes that broadcast to a tensor of `rank`."""
        shape = [1] * rank
        if self.axis is not None:
            shape[self.axis] = len(self.scales)
        return self.scales.reshape(shape), self.zero_points.reshape(shape)

    def quantize(self, array):
        """ONNX's QuantizeLinear of an f32 array."""
        scales, zero_points = self.along(array.ndim)
        with np.errstate(all="ignore"):
            rounded = np.rint(array / scales) + zero_points
        # What is no number becomes the zero point, as in npir.quantize.
        rounded = np.where(np.isnan(rounded), zero_points, rounded)
        return np.asarray(np.clip(rounded, *self.range)).astype(self.dtype)

    def dequantize(self, integers):
        scales, zero_points = self.along(integers.ndim)
        wide = np.int64 if self.bits > 16 else np.int32
        shifted = integers.astype(wide) - zero_points.astype(wide)
        return np.asarray(shifted.astype(np.float32) * scales)

    def native(self):
        """The same for the module builder."""
        from ..._npir import QuantizedElements

        return QuantizedElements(
            self.bits,
            self.signed,
            [float(scale) for scale in self.scales],
            [int(zero_point) for zero_point in self.zero_points],
            self.axis,
        )


class Quantized:
    """An activation as integers: `inner`, a Tensor or Moved of a quantized type. Few ops
    read it as it is; on_integers.py has the others."""

    def __init__(self, inner, elements):
        self.inner = inner
        self.elements = elements

    @property
    def shape(self):
        return self.inner.shape

    @property
    def dtype(self):
        return self.elements.name


class StoredHost(Host):
    """A constant that is dequantized from integers. To those who compute with it, it
    is a Host of floats; as a constant of the module, it is its integers and a
    dequantize op, called `layer`."""

    def __init__(self, integers, elements, name, layer):
        self.integers = integers
        self.elements = elements
        self.name = name
        self.layer = layer
        self._array = None

    @property
    def array(self):
        if self._array is None:
            self._array = self.elements.dequantize(self.integers)
        return self._array

    @property
    def shape(self):
        return self.integers.shape

    @property
    def is_integer(self):
        return False

    @property
    def holds_batch(self):
        return False

    def plain(self):
        """A Host of floats."""
        return Host(self.array, self.name)

    def moved(self, function):
        """The StoredHost with the integers in another order; None where no dimension
        is the channels then."""
        integers = np.asarray(function(self.integers), order="C")
        elements = self.elements
        if elements.axis is not None:
            elements = self._move_axis(function)
            if elements is None:
                return None
        return StoredHost(integers, elements, self.name, self.layer)

    def _move_axis(self, function):
        old = self.elements
        shape = [1] * self.integers.ndim
        shape[old.axis] = len(old.scales)
        channels = np.arange(len(old.scales), dtype=np.int32).reshape(shape)
        channels = function(np.broadcast_to(channels, self.integers.shape))
        for axis in range(channels.ndim):
            first = [0] * channels.ndim
            first[axis] = slice(None)
            along = [1] * channels.ndim
            along[axis] = -1
            order = channels[tuple(first)]
            if np.array_equal(
                channels, np.broadcast_to(order.reshape(along), channels.shape)
            ):
                return Elements(
                    old.bits,
                    old.signed,
                    old.scales[order],
                    old.zero_points[order],
                    axis,
                )
        return None

    def add_to(self, builder, name):
        """The Tensor of the constant, which is called `name`."""
        integers = builder.quantized_constant(
            name, self.integers, self.elements.native()
        )
        # What was needed to look at it is needed no more.
        self._array = None
        return Tensor(builder.dequantize(integers, self.layer))


# What moves the elements of its first operand, and computes nothing.
_MOVES = ("Flatten", "Identity", "Reshape", "Squeeze", "Transpose", "Unsqueeze")


def find_stored(graph_node, values):
    """The StoredHost that a node moves; None if it does anything else."""
    if graph_node.op not in _MOVES or not graph_node.inputs:
        return None
    value = values.get(graph_node.inputs[0])
    return value if isinstance(value, StoredHost) else None
