"""Networks in MLIR's TOSA dialect, each op written as text and computed in numpy at once.

Tensors hold a batch of samples along axis 0, which is `?` in the text where it is free.
"""
import math

import numpy as np

ELEMENTS = {np.dtype(np.float32): "f32", np.dtype(np.int32): "i32", np.dtype(np.bool_): "i1"}


class Tensor:
    """An SSA value, its numbers, and which of its dimensions is the free batch (or None)."""

    def __init__(self, name, array, batch):
        self.name, self.array, self.batch = name, array, batch

    @property
    def type(self):
        dims = ["?" if i == self.batch else str(d) for i, d in enumerate(self.array.shape)]
        return "tensor<" + "x".join([*dims, ELEMENTS[self.array.dtype]]) + ">"


def windows(x, kernel, stride, pad, dilation, filler):
    """[N, OH, OW, KH, KW, C] of an image [N, H, W, C] padded with `filler`."""
    x = np.pad(x, ((0, 0), pad[:2], pad[2:], (0, 0)), constant_values=filler)
    reach = [(k - 1) * d + 1 for k, d in zip(kernel, dilation)]
    size = [(x.shape[i + 1] - reach[i]) // stride[i] + 1 for i in range(2)]
    rows = np.arange(size[0])[:, None] * stride[0] + np.arange(kernel[0])[None] * dilation[0]
    columns = np.arange(size[1])[:, None] * stride[1] + np.arange(kernel[1])[None] * dilation[1]
    return x[:, rows[:, None, :, None], columns[None, :, None, :], :]


class Graph:
    """A function @main. `free` makes the first dimension of inputs dynamic."""

    def __init__(self, free=True):
        self.free, self.arguments, self.lines, self.count = free, [], [], 0

    def input(self, name, array):
        tensor = Tensor(f"%{name}", np.asarray(array), 0 if self.free else None)
        self.arguments.append((name, tensor))
        return tensor

    def new_name(self):
        self.count += 1
        return f"%v{self.count}"

    def const(self, array, name=None):
        array = np.asarray(array)
        tensor = Tensor(self.new_name(), array, None)
        if array.dtype == np.bool_:
            value = str(array.tolist()).lower() if array.size else ""
        else:
            value = f'"0x{np.ascontiguousarray(array).tobytes().hex()}"'
        loc = f' loc("{name}")' if name else ""
        self.lines.append(f'{tensor.name} = "tosa.const"() {{values = dense<{value}> : {tensor.type}}} '
                          f": () -> {tensor.type}{loc}")
        return tensor

    def scalar(self, number, rank):
        return self.const(np.full([1] * rank, number, np.float32))

    def shape(self, numbers):
        name = self.new_name()
        self.lines.append(f"{name} = tosa.const_shape {{values = dense<{list(numbers)}> : tensor<{len(numbers)}xindex>}} "
                          f": () -> !tosa.shape<{len(numbers)}>")
        return name, f"!tosa.shape<{len(numbers)}>"

    def op(self, op, operands, array, attributes="", name=None, batch=-1):
        """Adds an op; operands are tensors or (name, type). `batch` is the free dimension of the result."""
        if batch == -1:
            known = [o for o in operands if isinstance(o, Tensor) and o.batch is not None]
            batch = known[0].batch if known else None
        array = np.asarray(array)
        if array.dtype == np.float64:
            array = array.astype(np.float32)
        result = Tensor(self.new_name(), array, batch)
        values = [(o.name, o.type) if isinstance(o, Tensor) else o for o in operands]
        attributes = f" {{{attributes}}}" if attributes else ""
        loc = f' loc("{name}")' if name else ""
        self.lines.append(f"{result.name} = tosa.{op} {', '.join(v for v, _ in values)}{attributes} : "
                          f"({', '.join(t for _, t in values)}) -> {result.type}{loc}")
        return result

    def text(self, *results):
        arguments = ", ".join(f'%{name}: {t.type} loc("{name}")' for name, t in self.arguments)
        types = ", ".join(r.type for r in results)
        body = "\n  ".join([*self.lines, f"return {', '.join(r.name for r in results)} : {types}"])
        return f"func.func @main({arguments}) -> ({types}) {{\n  {body}\n}}\n"

    # Ops with more than operands and one formula.

    def zero(self):
        return self.const(np.zeros(1, np.float32))

    def _window(self, kernel=None, pad=(0, 0, 0, 0), stride=(1, 1), dilation=None, accumulate=True):
        parts = [f"pad = array<i64: {', '.join(map(str, pad))}>", f"stride = array<i64: {stride[0]}, {stride[1]}>"]
        if kernel:
            parts.append(f"kernel = array<i64: {kernel[0]}, {kernel[1]}>")
        if dilation:
            parts.append(f"dilation = array<i64: {dilation[0]}, {dilation[1]}>")
        if accumulate:
            parts.append("acc_type = f32")
        return ", ".join(parts)

    def conv2d(self, x, weight, bias, pad=(0, 0, 0, 0), stride=(1, 1), dilation=(1, 1), name=None):
        taps = windows(x.array.astype(np.float64), weight.shape[1:3], stride, pad, dilation, 0)
        y = np.einsum("nhwijc,oijc->nhwo", taps, weight) + bias
        operands = [x, self.const(weight), self.const(bias), self.zero(), self.zero()]
        return self.op("conv2d", operands, y, self._window(None, pad, stride, dilation), name)

    def depthwise_conv2d(self, x, weight, bias, pad=(0, 0, 0, 0), stride=(1, 1), dilation=(1, 1), name=None):
        taps = windows(x.array.astype(np.float64), weight.shape[:2], stride, pad, dilation, 0)
        y = np.einsum("nhwijc,ijcm->nhwcm", taps, weight)
        y = y.reshape(*y.shape[:3], -1) + bias
        operands = [x, self.const(weight), self.const(bias), self.zero(), self.zero()]
        return self.op("depthwise_conv2d", operands, y, self._window(None, pad, stride, dilation), name)

    def transpose_conv2d(self, x, weight, bias, out_pad=(0, 0, 0, 0), stride=(1, 1), name=None):
        n, h, w, _ = x.array.shape
        o, kh, kw, _ = weight.shape
        y = np.zeros((n, (h - 1) * stride[0] + kh, (w - 1) * stride[1] + kw, o))
        for i in range(h):
            for j in range(w):
                y[:, i * stride[0]:i * stride[0] + kh, j * stride[1]:j * stride[1] + kw] += np.einsum(
                    "nc,oijc->nijo", x.array[:, i, j].astype(np.float64), weight)
        top, bottom, left, right = out_pad
        y = np.pad(y, ((0, 0), (max(top, 0), max(bottom, 0)), (max(left, 0), max(right, 0)), (0, 0)))
        y = y[:, max(-top, 0):y.shape[1] - max(-bottom, 0), max(-left, 0):y.shape[2] - max(-right, 0)] + bias
        operands = [x, self.const(weight), self.const(bias), self.zero(), self.zero()]
        attributes = (f"acc_type = f32, out_pad = array<i64: {', '.join(map(str, out_pad))}>, "
                      f"stride = array<i64: {stride[0]}, {stride[1]}>")
        return self.op("transpose_conv2d", operands, y, attributes, name)

    def max_pool2d(self, x, kernel, pad=(0, 0, 0, 0), stride=(1, 1), name=None):
        y = windows(x.array, kernel, stride, pad, (1, 1), -np.inf).max((3, 4))
        return self.op("max_pool2d", [x], y, self._window(kernel, pad, stride, accumulate=False), name)

    def avg_pool2d(self, x, kernel, pad=(0, 0, 0, 0), stride=(1, 1), name=None):
        y = np.nanmean(windows(x.array.astype(np.float64), kernel, stride, pad, (1, 1), np.nan), (3, 4))
        return self.op("avg_pool2d", [x, self.zero(), self.zero()], y, self._window(kernel, pad, stride), name)

    def matmul(self, a, b, name=None):
        return self.op("matmul", [a, b, self.zero(), self.zero()],
                       a.array.astype(np.float64) @ b.array.astype(np.float64), "", name)

    def mul(self, a, b, name=None):
        shift = ("%shift" + str(self.count), "tensor<1xi8>")
        self.lines.append(f'{shift[0]} = "tosa.const"() {{values = dense<0> : tensor<1xi8>}} : () -> tensor<1xi8>')
        return self.op("mul", [a, b, shift], a.array * b.array, "", name)

    def reshape(self, x, shape, name=None):
        """`shape` may have a -1, which is then the free batch."""
        batch = list(shape).index(-1) if -1 in shape else None
        return self.op("reshape", [x, self.shape(shape)], x.array.reshape(shape), "", name, batch)

    def transpose(self, x, perm, name=None):
        return self.op("transpose", [x], x.array.transpose(perm), f"perms = array<i32: {', '.join(map(str, perm))}>", name)

    def reduce(self, kind, x, axis, name=None):
        function = {"sum": np.sum, "max": np.max, "min": np.min, "product": np.prod, "any": np.any, "all": np.all}[kind]
        y = function(x.array, axis=axis, keepdims=True).astype(x.array.dtype)
        return self.op(f"reduce_{kind}", [x], y, f"axis = {axis} : i32", name)

    def unary(self, op, x, function, name=None):
        return self.op(op, [x], function(x.array.astype(np.float64)), "", name)

    def erf(self, x, name=None):
        return self.unary("erf", x, np.vectorize(math.erf), name)

    def negate(self, x, name=None):
        return self.op("negate", [x, self.zero(), self.zero()], -x.array, "", name)

    def clamp(self, x, low, high, name=None):
        return self.op("clamp", [x], np.clip(x.array, low, high).astype(np.float32),
                       f"min_val = {float(low):e} : f32, max_val = {float(high):e} : f32", name)

    def resize(self, x, mode, scale, offset, border, name=None):
        image = x.array
        for axis in (1, 2):
            n, d = scale[2 * axis - 2:2 * axis]
            size = ((image.shape[axis] - 1) * n - offset[axis - 1] + border[axis - 1]) // d + 1
            point = np.arange(size) * d + offset[axis - 1]
            low, fraction = point // n, (point % n) / n
            last = image.shape[axis] - 1
            first = image.take(np.clip(low, 0, last), axis)
            second = image.take(np.clip(low + 1, 0, last), axis)
            if mode == "NEAREST_NEIGHBOR":
                fraction = (fraction >= 0.5).astype(np.float64)
            fraction = fraction.reshape([-1 if i == axis else 1 for i in range(4)])
            image = first * (1 - fraction) + second * fraction
        operands = [x, self.shape(scale), self.shape(offset), self.shape(border)]
        return self.op("resize", operands, image, f"mode = {mode}", name)
