"""What convolutions and pools share: maps, [N, C, H, W] or [N, C, L] of torch's, over
which npir has the channels last."""

from ..onnx.moved import emit_view
from ..onnx.report import NodeProblem
from ..onnx.values import format_shape

_TO_NHWC, _TO_NCHW = [0, 2, 3, 1], [0, 3, 1, 2]


class Maps:
    """The operand `name` of a node as maps; `dims` is 2 or 1. Over one dimension npir's
    maps are one high."""

    def __init__(self, node, name, dims=2):
        self._node = node
        self._dims = dims
        x = node.tensor(name)
        if len(x.shape) != dims + 2:
            layout = "[N, C, H, W]" if dims == 2 else "[N, C, L]"
            raise NodeProblem(
                f"expected an operand of {layout}, with the batch, got {format_shape(x.shape)}"
            )
        self._x = x
        self.channels = x.shape[1]
        self.size = list(x.shape[2:]) if dims == 2 else [1, x.shape[2]]

    def pair(self, values, filler=1):
        """An argument for height and width."""
        return list(values) if self._dims == 2 else [filler, *values]

    def pads(self, padding):
        """npir's pads, [top, bottom, left, right]."""
        high, wide = self.pair(padding, 0)
        return [high, high, wide, wide]

    def emit(self, op, operands, attributes):
        """`op` over the maps, between what brings them to npir's layout and back."""
        return self.apply(lambda x: self._node.emit(op, [x, *operands], attributes))

    def apply(self, function):
        """`function`, of maps [N, H, W, C], over the maps."""
        node, x = self._node, self._x
        if self._dims == 2:
            x = node.emit("npir.transpose", [x], {"perm": _TO_NHWC}, ".nhwc")
            return node.emit("npir.transpose", [function(x)], {"perm": _TO_NCHW}, ".nchw")
        x = node.emit("npir.transpose", [x], {"perm": [0, 2, 1]}, ".nhwc")
        batch, length, channels = x.shape
        y = function(emit_view(node, x, (batch, 1, length, channels), ".map"))
        batch, _, length, channels = y.shape
        y = emit_view(node, y, (batch, length, channels), ".line")
        return node.emit("npir.transpose", [y], {"perm": [0, 2, 1]}, ".nchw")
