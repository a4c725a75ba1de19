"""What convolutions and pools share: windows over [N, C, ...] maps."""

from .moved import emit_view
from .report import NodeProblem
from .values import format_shape, product


class Window:
    """The window attributes of a node. `fit` has to be called before they are used."""

    def __init__(self, node):
        self._strides = node.ints("strides")
        self._dilations = node.ints("dilations")
        self.given_kernel = node.ints("kernel_shape")
        self._pads = node.ints("pads")
        self.auto_pad = node.text("auto_pad", "NOTSET")
        if self.auto_pad not in ("NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"):
            raise NodeProblem(f"unknown auto_pad '{self.auto_pad}'")

    def fit(self, size, kernel=None):
        """Settle the attributes for maps of `size`. `kernel` is that of the filter, which
        the attribute may repeat."""
        self.size = list(size)
        rank = len(self.size)
        self.kernel = self.given("kernel_shape", self.given_kernel or kernel, rank)
        self.strides = self.given("strides", self._strides or [1] * rank, rank)
        self.dilations = self.given("dilations", self._dilations or [1] * rank, rank)
        pads = self.given("pads", self._pads or [0] * (2 * rank), 2 * rank)
        if self.auto_pad == "NOTSET":
            self.begin, self.end = pads[:rank], pads[rank:]
        else:
            self.begin, self.end = [0] * rank, [0] * rank
        for stride in self.strides if self.auto_pad != "NOTSET" else ():
            if stride < 1:
                raise NodeProblem(f"expected strides of at least 1, got {self.strides}")
        return self

    @staticmethod
    def given(name, values, count):
        if values is None:
            raise NodeProblem(f"attribute '{name}' is missing")
        if len(values) != count:
            raise NodeProblem(
                f"expected {count} values in attribute '{name}', got {len(values)}"
            )
        return list(values)

    def extent(self, i):
        """How many elements a window covers along dimension `i`, gaps included."""
        return (self.kernel[i] - 1) * self.dilations[i] + 1

    def pad_same(self):
        """Where auto_pad says so: as many outputs as strides begin inside the map."""
        if not self.auto_pad.startswith("SAME"):
            return self
        for i, size in enumerate(self.size):
            outputs = -(-size // self.strides[i])
            total = max((outputs - 1) * self.strides[i] + self.extent(i) - size, 0)
            self.split_padding(i, total, self.auto_pad == "SAME_UPPER")
        return self

    def split_padding(self, i, total, more_behind):
        less, more = total // 2, total - total // 2
        self.begin[i], self.end[i] = (less, more) if more_behind else (more, less)

    def ceil_excess(self):
        """What has to be added behind, so that a window that is cut off fits: of those
        that begin inside the map or the padding before it."""
        excess = []
        for i, size in enumerate(self.size):
            room = size + self.begin[i] + self.end[i] - self.extent(i)
            stride = self.strides[i]
            if stride < 1 or room < 0 or room % stride == 0:
                excess.append(0)
                continue
            steps = -(-room // stride)
            if steps * stride >= size + self.begin[i]:
                steps -= 1
            excess.append(max(steps * stride - room, 0))
        return excess

    def part(self, dims, excess=None):
        """The attributes of a 2-D op over two dimensions; None is one of size 1."""
        behind = [e + x for e, x in zip(self.end, excess or [0] * len(self.end))]

        def pick(values, default):
            return [default if i is None else values[i] for i in dims]

        begin, end = pick(self.begin, 0), pick(behind, 0)
        return {
            "kernel": pick(self.kernel, 1),
            "strides": pick(self.strides, 1),
            "pads": [begin[0], end[0], begin[1], end[1]],
            "dilations": pick(self.dilations, 1),
        }


def map_operand(node, most=2):
    """Operand 0, which has to be [N, C] and `most` spatial dimensions or fewer."""
    x = node.tensor(0)
    if not 3 <= len(x.shape) <= 2 + most:
        raise NodeProblem(
            f"expected {node.op} over 1 to {most} dimensions, on [N, C, ...], got "
            f"{format_shape(x.shape)}"
        )
    return x


def to_channels_last(node, x):
    """[N, C, ...] as [N, ..., C]."""
    rank = len(x.shape)
    perm = [0, *range(2, rank), 1]
    return node.emit("npir.transpose", [x], {"perm": perm}, ".nhwc")


def to_channels_first(node, x):
    """[N, ..., C] as [N, C, ...], the last op of a layer."""
    rank = len(x.shape)
    perm = [0, rank - 1, *range(1, rank - 1)]
    return node.emit("npir.transpose", [x], {"perm": perm}, ".nchw")


def emit_nhwc(node, op, x, operands, attributes):
    """Set the result to the 2-D `op` over [N, C, L] or [N, C, H, W], between two
    transposes."""
    x = to_channels_last(node, x)
    is_line = len(x.shape) == 3
    if is_line:
        # One row.
        batch, length, channels = x.shape
        x = emit_view(node, x, (batch, 1, length, channels), ".row")
    y = node.emit(op, [x, *operands], attributes)
    if is_line:
        y = emit_view(node, y, (y.shape[0], *y.shape[2:]), ".line")
    node.set(to_channels_first(node, y))


def pool_nhwc(node, x, attributes, emit):
    """[N, ..., C] pooled over up to three dimensions. `emit(x, part, suffix)` adds a 2-D
    pool, whose attributes `attributes(dims)` makes; a pool over a box is one over planes
    and one over what is left."""
    shape = x.shape
    if len(shape) == 4:
        return emit(x, attributes((0, 1)), "")
    if len(shape) == 3:
        x = emit_view(node, x, (shape[0], 1, *shape[1:]), ".row")
        y = emit(x, attributes((None, 0)), "")
        return emit_view(node, y, (y.shape[0], *y.shape[2:]), ".line")
    batch, depth, height, width, channels = shape
    x = emit_view(
        node, x, (product([batch, depth]), height, width, channels), ".planes"
    )
    x = emit(x, attributes((1, 2)), ".plane")
    _, height, width, _ = x.shape
    x = emit_view(node, x, (batch, depth, height * width, channels), ".columns")
    y = emit(x, attributes((0, None)), "")
    return emit_view(node, y, (batch, y.shape[1], height, width, channels), ".box")
