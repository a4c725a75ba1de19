"""What convolutions, pools and resizes share: maps, [N, C, H, W] or [N, C, L] of
torch's, over which npir has the channels last."""

from ..onnx.moved import emit_view
from ..onnx.report import NodeProblem
from ..onnx.values import format_shape
from ..onnx.windows import Window, to_channels_first, to_channels_last


class Maps:
    """The operand `name` of a node as maps over `dims` dimensions, 1 or 2. Over one
    dimension npir's maps are one high."""

    def __init__(self, node, name, dims):
        self._node = node
        self._dims = dims
        self._x = node.tensor(name)
        if len(self._x.shape) != dims + 2:
            layout = "[N, C, H, W]" if dims == 2 else "[N, C, L]"
            raise NodeProblem(
                f"expected an operand of {layout}, with the batch, got "
                f"{format_shape(self._x.shape)}"
            )
        self.channels = self._x.shape[1]
        self.size = list(self._x.shape[2:])

    def pair(self, values, filler):
        """What an argument says of height and width."""
        return list(values) if self._dims == 2 else [filler, *values]

    def emit(self, op, operands, attributes):
        """`op` over the maps, between what brings them to npir's layout and back."""
        node = self._node
        x = to_channels_last(node, self._x)
        if self._dims == 1:
            batch, length, channels = x.shape
            x = emit_view(node, x, (batch, 1, length, channels), ".row")
        y = node.emit(op, [x, *operands], attributes)
        if self._dims == 1:
            y = emit_view(node, y, (y.shape[0], *y.shape[2:]), ".line")
        return to_channels_first(node, y)


class TorchWindow(Window):
    """The windows of a node over maps of `size`; arguments are by torch's names."""

    def __init__(self, node, size, kernel):  # pylint: disable=super-init-not-called
        count = len(size)
        self.size, self.kernel = size, list(kernel)
        self.strides = node.ints("stride", count) or self.kernel
        self.dilations = [1] * count
        if node.has("dilation"):
            self.dilations = node.ints("dilation", count)
        self.begin, self.end = self._padding(node, count)

    def _padding(self, node, count):
        """Before and behind, of a list or of torch's word."""
        padding = node.argument("padding")
        if padding == "valid":
            return [0] * count, [0] * count
        if padding == "same":
            total = [self.extent(i) - 1 for i in range(count)]
            return [t // 2 for t in total], [t - t // 2 for t in total]
        padding = node.ints("padding", count) or [0] * count
        return padding, list(padding)

    def attributes(self, excess=None):
        """Those of a 2-D op with a kernel."""
        return self.part((0, 1) if len(self.size) == 2 else (None, 0), excess)
