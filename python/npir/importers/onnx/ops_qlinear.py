"""Ops on quantized tensors (QLinearConv and its kin) as the same op in float, between
what DequantizeLinear and QuantizeLinear are imported as.

The result is rounded once, as in the op itself; sums of integers are exact in float up
to 2^24, so that what differs is at most the rounding of a value beside the middle
of two integers.
"""

import numpy as np

from .quantized import Quantized
from .recipe import Recipe
from .registry import MICROSOFT, onnx_op
from .report import NodeProblem
from .values import Host

_WINDOW = ("auto_pad", "dilations", "kernel_shape", "pads", "strides")


class QRecipe(Recipe):
    """A Recipe of a node with operands on integers."""

    def __init__(self, node):
        super().__init__(node)
        self.node = node

    def attributes(self, *names, **others):
        """Those of the node that have these names, as they are."""
        return self.node.copy_attributes(names) | others

    def operand(self, index):
        return self.node.inputs[index] if self.node.is_given(index) else None

    def real(self, index, axis=None):
        """The real numbers of operand `index`, whose scale and zero point follow it."""
        scale = self.operand(index + 1)
        if scale is None:
            return self.operand(index)
        # Without one it is 0, as in DequantizeLinear.
        zero_point = self.operand(index + 2)
        return self(
            ".DequantizeLinear", self.operand(index), scale, zero_point, axis=axis
        )

    def bias(self, index, x_scale, w_scale):
        """The real numbers of an int32 bias, or None."""
        if self.operand(index) is None:
            return None
        host = self.node.host(index, "bias")
        scales = [
            self.node.importer.as_float(self.node.host(i, "scale")).array.reshape(-1)
            for i in (x_scale, w_scale)
        ]
        if host.array.dtype != np.int32:
            raise NodeProblem(f"expected a bias of int32, got {host.array.dtype}")
        scale = (scales[0] * scales[1]).astype(np.float32)
        if scale.size not in (1, host.array.size):
            raise NodeProblem(
                f"expected one scale, or {host.array.size}, for the bias, got {scale.size}"
            )
        array = host.array.reshape(-1).astype(np.float32) * scale
        return self.bind(Host(array.reshape(host.shape), host.name))

    def quantize(self, x, scale, like=0):
        """Set the result to `x`, rounded with operand `scale` and the zero point after
        it, which is 0 of the type of operand `like` where it is left out."""
        zero_point = self.operand(scale + 1)
        if zero_point is None:
            zero_point = self._zero_of(like)
        self("QuantizeLinear", x, self.operand(scale), zero_point)

    def _zero_of(self, index):
        value = self.node.integers_of(index)
        if isinstance(value, Quantized):
            return np.zeros((), value.elements.dtype)
        if isinstance(value, Host):
            return np.zeros((), value.array.dtype)
        raise NodeProblem("expected a zero point of the result, got none")


@onnx_op("QLinearConv", inputs=(8, 9))
def import_qlinear_conv(node):
    r = QRecipe(node)
    attributes = r.attributes(*_WINDOW, "group")
    bias = r.bias(8, 1, 4)
    y = r(".Conv", r.real(0), r.real(3, axis=0), bias, **attributes)
    r.quantize(y, 6)


@onnx_op("QLinearMatMul", inputs=(8, 8))
def import_qlinear_matmul(node):
    r = QRecipe(node)
    y = r(".MatMul", r.real(0), r.real(3, axis=-1))
    r.quantize(y, 6)


@onnx_op("QGemm", inputs=(6, 9), domain=MICROSOFT)
def import_qgemm(node):
    """Without a scale of its own the result is in float."""
    r = QRecipe(node)
    transpose = node.int("transB", 0)
    attributes = r.attributes("transA", "transB", "alpha")
    bias = r.bias(6, 1, 4)
    # The bias has the scale of the product, alpha included.
    alpha = attributes.pop("alpha", 1.0)
    product = r(".Gemm", r.real(0), r.real(3, axis=0 if transpose else 1), **attributes)
    if bias is not None:
        product = r(".Add", product, bias)
    if alpha != 1:
        product = r(".Mul", product, alpha)
    if node.is_given(7):
        r.quantize(product, 7)
    else:
        r.set(product)


def _register_binary(name, op):
    @onnx_op(name, inputs=(7, 8), domain=MICROSOFT)
    def import_binary(node):
        r = QRecipe(node)
        r.quantize(r("." + op, r.real(0), r.real(3)), 6)


_register_binary("QLinearAdd", "Add")
_register_binary("QLinearMul", "Mul")


def _register_unary(name, op, *names):
    @onnx_op(name, inputs=(4, 5), domain=MICROSOFT)
    def import_unary(node):
        r = QRecipe(node)
        attributes = r.attributes(*names)
        r.quantize(r("." + op, r.real(0), **attributes), 3)


_register_unary("QLinearSigmoid", "Sigmoid")
_register_unary("QLinearLeakyRelu", "LeakyRelu", "alpha")


@onnx_op("QLinearSoftmax", inputs=(4, 5), domain=MICROSOFT)
def import_qlinear_softmax(node):
    """`opset` tells whose axis it is: before 13 all the dimensions from there on."""
    axis, opset = node.int("axis", -1), node.int("opset", 13)
    r = QRecipe(node)
    y = r(".Softmax", r.real(0), axis=axis, opset=min(opset, r.opset))
    r.quantize(y, 3)


def _channels_first(node, r, x, function):
    """`function` of [N, C, ...], also where the node says that channels come last."""
    last = node.int("channels_last", 0)
    if not last:
        return function(x)
    rank = len(r.shape(x))
    y = function(r(".Transpose", x, perm=[0, rank - 1, *range(1, rank - 1)]))
    return r(".Transpose", y, perm=[0, *range(2, rank), 1])


def _register_pool(name, op, *names):
    @onnx_op(name, inputs=(4, 5), domain=MICROSOFT)
    def import_pool(node):
        r = QRecipe(node)
        attributes = r.attributes(*names)
        node.int("channels_last")
        y = _channels_first(
            node, r, r.real(0), lambda x: r("." + op, x, **attributes)
        )
        r.quantize(y, 3)


_register_pool("QLinearGlobalAveragePool", "GlobalAveragePool")
_register_pool(
    "QLinearAveragePool", "AveragePool", *_WINDOW, "ceil_mode", "count_include_pad"
)


@onnx_op("QLinearReduceMean", inputs=(4, 5), domain=MICROSOFT)
def import_qlinear_reduce_mean(node):
    axes, keep = node.ints("axes"), node.int("keepdims", 1)
    r = QRecipe(node)
    r.quantize(r(".ReduceMean", r.real(0), axes, keepdims=keep), 3)


@onnx_op("QLinearConcat", inputs=(5, None), domain=MICROSOFT)
def import_qlinear_concat(node):
    axis = node.int("axis")
    if axis is None:
        raise NodeProblem("attribute 'axis' is missing")
    r = QRecipe(node)
    if len(node.inputs) % 3 != 2:
        raise NodeProblem(
            "expected a scale and a zero point of the result and of each operand, got "
            f"{len(node.inputs)} inputs"
        )
    parts = [r.real(i) for i in range(2, len(node.inputs), 3)]
    r.quantize(r(".Concat", *parts, axis=axis), 0, like=2)


@onnx_op("QLinearWhere", inputs=(9, 9), domain=MICROSOFT)
def import_qlinear_where(node):
    r = QRecipe(node)
    r.quantize(r(".Where", node.inputs[0], r.real(1), r.real(4)), 7, like=1)
