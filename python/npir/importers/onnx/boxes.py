"""Convolutions over three dimensions as ones over two: the maps that a kernel covers along
the depth stand side by side as channels, and each depth of the result is a sample."""

import numpy as np

from .recipe import Recipe
from .values import Batch


class Box:
    """[N, C, D, H, W], operand 0 of a node, whose Window was fitted."""

    def __init__(self, node, window, groups):
        self.node = node
        self.r = Recipe(node)
        self.window = window
        self.groups = groups

    def convolve(self, filters, bias):
        """Set the result to the convolution with [OC, C / groups, KD, KH, KW] filters."""
        window = self.window
        outputs, inner, depth, *kernel = filters.shape
        x = self._pad_depth(self.node.inputs[0], window.begin[0], window.end[0])
        x = self._stack(x, depth, window.strides[0])
        array = np.ascontiguousarray(filters.array.transpose(0, 2, 1, 3, 4))
        array = array.reshape(outputs, depth * inner, *kernel)
        self._apply("Conv", x, array, bias, {})

    def convolve_transposed(self, filters, bias, output_padding):
        """The same of a transposed one with [C, OC / groups, KD, KH, KW] filters: along the
        depth it is a plain one on the map with zeros in between."""
        window, groups = self.window, self.groups
        inputs, outputs, depth, *kernel = filters.shape
        x = self._spread_depth(self.node.inputs[0], window.strides[0])
        reach = (depth - 1) * window.dilations[0]
        behind = reach - window.end[0] + output_padding[0]
        x = self._pad_depth(x, reach - window.begin[0], behind)
        x = self._stack(x, depth, 1)
        array = filters.array[:, :, ::-1].reshape(
            groups, inputs // groups, outputs, depth, *kernel
        )
        array = np.ascontiguousarray(array.transpose(0, 3, 1, 2, 4, 5))
        array = array.reshape(depth * inputs, outputs, *kernel)
        attributes = {"output_padding": output_padding[1:]}
        self._apply("ConvTranspose", x, array, bias, attributes)

    def _pad_depth(self, x, begin, end):
        if begin == end == 0:
            return x
        return self.r(".Pad", x, [0, 0, begin, 0, 0, 0, 0, end, 0, 0])

    def _spread_depth(self, x, stride):
        """`x` with zeros between its planes."""
        if stride == 1:
            return x
        r = self.r
        channels, depth, *plane = r.shape(x)[1:]
        size = int(np.prod(plane))
        x = r(".Reshape", x, [0, channels, depth, 1, size])
        x = r(".Pad", x, [0] * 8 + [stride - 1, 0])
        x = r(".Reshape", x, [0, channels, depth * stride, *plane])
        return r(".Slice", x, [0], [(depth - 1) * stride + 1], [2])

    def _stack(self, x, depth, stride):
        """[N, groups * depth * C / groups, D, H, W] of the planes that the kernel covers."""
        r, step = self.r, self.window.dilations[0]
        channels, planes, *plane = r.shape(x)[1:]
        count = (planes - (depth - 1) * step - 1) // stride + 1
        parts = [
            r(".Slice", x, [k * step], [k * step + (count - 1) * stride + 1], [2], [stride])
            for k in range(depth)
        ]
        if depth == 1:
            return parts[0]
        if self.groups == 1:
            return r(".Concat", *parts, axis=1)
        size = count * int(np.prod(plane))
        shape = [0, self.groups, 1, channels // self.groups, size]
        parts = [r(".Reshape", part, shape) for part in parts]
        x = r(".Concat", *parts, axis=2)
        return r(".Reshape", x, [0, depth * channels, count, *plane])

    def _apply(self, op, x, filters, bias, attributes):
        """Set the result to `op` of each plane."""
        r, window = self.r, self.window
        channels, depth, *plane = r.shape(x)[1:]
        x = r(".Transpose", x, perm=[0, 2, 1, 3, 4])
        batch = r.shape(x)[0]
        samples = -1 if isinstance(batch, Batch) else batch * depth
        x = r(".Reshape", x, [samples, channels, *plane])
        attributes = attributes | {
            "group": self.groups,
            "strides": window.strides[1:],
            "dilations": window.dilations[1:],
            "pads": [*window.begin[1:], *window.end[1:]],
        }
        y = r("." + op, x, filters, bias, layer=self.node.layer, **attributes)
        outputs, *plane = r.shape(y)[1:]
        samples = -1 if isinstance(batch, Batch) else batch
        y = r(".Reshape", y, [samples, depth, outputs, *plane])
        r.set(r(".Transpose", y, perm=[0, 2, 1, 3, 4]))
