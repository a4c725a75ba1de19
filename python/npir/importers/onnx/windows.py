"""What convolutions and pools share: windows over NCHW maps."""

from .report import NodeProblem
from .values import format_shape

_TO_NHWC, _TO_NCHW = [0, 2, 3, 1], [0, 3, 1, 2]


class Window:
    """The window attributes of a node over two dimensions."""

    def __init__(self, node, kernel=None):
        self.strides = node.ints("strides", [1, 1], 2)
        self.dilations = node.ints("dilations", [1, 1], 2)
        self.kernel = node.ints("kernel_shape", kernel, 2)
        self._pads = node.ints("pads", None, 4)
        self._auto_pad = node.text("auto_pad", "NOTSET")
        if self._auto_pad not in ("NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"):
            raise NodeProblem(f"unknown auto_pad '{self._auto_pad}'")

    def pads(self, size):
        """npir's pads, [top, bottom, left, right], over maps of `size` (H, W)."""
        if self._auto_pad == "NOTSET":
            top, left, bottom, right = self._pads or [0] * 4
            return [top, bottom, left, right]
        if self._auto_pad == "VALID":
            return [0] * 4
        result = []
        for i in range(2):
            if self.strides[i] < 1:
                raise NodeProblem(f"expected strides of at least 1, got {self.strides}")
            # As many outputs as strides begin inside the map.
            outputs = -(-size[i] // self.strides[i])
            extent = (self.kernel[i] - 1) * self.dilations[i] + 1
            total = max((outputs - 1) * self.strides[i] + extent - size[i], 0)
            less, more = total // 2, total - total // 2
            upper = self._auto_pad == "SAME_UPPER"
            result += [less, more] if upper else [more, less]
        return result

    def check_ceil_mode(self, ceil_mode, size):
        """Rounding up is supported where it rounds nothing."""
        if ceil_mode == 0:
            return
        pads = self.pads(size)
        for i in range(2):
            extent = (self.kernel[i] - 1) * self.dilations[i] + 1
            room = size[i] + pads[2 * i] + pads[2 * i + 1] - extent
            if self.strides[i] < 1 or room % self.strides[i] != 0:
                raise NodeProblem(
                    "ceil_mode = 1 is not supported where the last window is "
                    f"cut off, as over dimension {i + 2} of {size[i]} elements"
                )


def map_operand(node):
    """Operand 0, which has to be [N, C, H, W]."""
    x = node.tensor(0)
    if len(x.shape) != 4:
        raise NodeProblem(
            f"expected a 2-D {node.op}, over [N, C, H, W], got {format_shape(x.shape)}"
        )
    return x


def emit_nhwc(node, op, x, operands, attributes):
    """Set the result to `op` over the NCHW map `x`, between two transposes."""
    x = node.emit("npir.transpose", [x], {"perm": _TO_NHWC}, ".nhwc")
    y = node.emit(op, [x, *operands], attributes)
    node.set(node.emit("npir.transpose", [y], {"perm": _TO_NCHW}, ".nchw"))
