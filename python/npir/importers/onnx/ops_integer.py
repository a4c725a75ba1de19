"""Ops on integers that no scale comes with, and quantization at run time."""

import numpy as np

from .ops_quantize import read_integer_type
from .quantized import Elements, Quantized, StoredHost
from .ops_qlinear import QRecipe
from .registry import MICROSOFT, onnx_op
from .report import NodeProblem
from .unscaled import Dynamic, Unscaled
from .values import Host, format_shape

_WINDOW = ("auto_pad", "dilations", "kernel_shape", "pads", "strides", "group")


@onnx_op("DynamicQuantizeLinear", outputs=3)
def import_dynamic_quantize(node):
    """The numbers themselves with the scale 1: each layer rounds what it reads."""
    node.set_integers(Dynamic(node.activation(0)))
    r = QRecipe(node)
    r.set(r.bind(Host(np.float32(1), f"{node.layer}.scale")), 1)
    r.set(r.bind(Host(np.uint8(0), f"{node.layer}.zero_point")), 2)


def round_rows(node, x):
    """`x` as linear layers with dynamic activations read it: each row rounded to 8 bits."""
    node.importer.report.remark(
        f"'{node.layer}': each row of its input is quantized by itself when the network "
        "runs, not the whole tensor"
    )


    def emit(t):
        shape = list(t.value.shape)
        return node.emit("npir.dynamic_quantize", [t], {}, ".rows", shape)

    return x.apply_last(node, emit)


def _shifted(r, index, zero_point, rounds):
    """Operand `index` of integers less its zero point, as real numbers; of scale 1."""
    node = r.node
    value = node.integers_of(index)
    if isinstance(value, Dynamic):
        return r.bind(round_rows(node, value.x) if rounds else value.x)
    if isinstance(value, Quantized):
        value = r.bind(node.value(index))
    elif isinstance(value, Host):
        return r.bind(_stored(node, value, zero_point, np.ones(1, np.float32)))
    else:
        value = node.inputs[index]
    x = r(".Cast", value, to=1)
    if zero_point is None:
        return x
    host = node.host(zero_point, "zero point")
    return r(".Sub", x, host.array.astype(np.float32)) if host.array.any() else x


def _stored(node, host, zero_point, scales, axis=None):
    """Constant integers that are dequantized with `scales`."""
    bits, signed = read_integer_type(host.array, "a constant")
    zeros = np.zeros(1, np.int64)
    if zero_point is not None:
        zeros = node.host(zero_point, "zero point").array.reshape(-1).astype(np.int64)
    count = max(scales.size, zeros.size)
    if count == 1:
        axis = None
    elif axis is None or host.shape[axis] != count or 1 < min(scales.size, zeros.size) < count:
        raise NodeProblem(
            f"expected one scale and zero point, or one for each output channel of "
            f"{format_shape(host.shape)}, got {count}"
        )
    elements = Elements(
        bits,
        signed,
        np.array(np.broadcast_to(scales, count), np.float32),
        np.array(np.broadcast_to(zeros, count)),
        axis,
    )
    return StoredHost(host.array, elements, host.name, node.layer)


def _product(node, axis, rounds, emit):
    """Set the result to the Unscaled of `emit(r, x, w)`, the output channels of the
    constant w along `axis`."""
    r = QRecipe(node)
    zeros = [i if node.is_given(i) else None for i in (2, 3)]
    x = _shifted(r, 0, zeros[0], rounds)
    weight = node.integers_of(1)
    if not isinstance(weight, Host):
        node.set(_general(r, emit, x, zeros[1]))
        return
    axis %= len(weight.shape)
    channels = weight.shape[axis]

    def make(scale, zero_point):
        array = scale.array
        if zero_point is not None or array.size not in (1, channels) or np.any(array <= 0):
            return None
        if array.size > 1 and not _is_along(array.shape, axis, len(weight.shape)):
            return None
        stored = _stored(node, weight, zeros[1], array.reshape(-1), axis)
        return r.value(emit(r, x, r.bind(stored)))

    node.set_integers(Unscaled(make))


def _is_along(shape, axis, rank):
    """Whether scales of `shape` are those of the channels: the last dimension of a product
    of matrices, the second one of a convolution, whose filters have them first."""
    last = axis == rank - 1
    behind = 0 if last else rank - 2
    sizes = [1] * (rank - len(shape)) + list(shape)
    where = [i for i, size in enumerate(sizes) if size != 1]
    return len(shape) <= rank and where == [rank - 1 - behind]


def _general(r, emit, x, zero_point):
    y = emit(r, x, _shifted(r, 1, zero_point, False))
    return r.value(r(".Cast", y, to=6))


@onnx_op("MatMulInteger", inputs=(2, 4))
def import_matmul_integer(node):
    def emit(r, x, w):
        return r(".MatMul", x, w, layer=node.layer)

    _product(node, -1, True, emit)


@onnx_op("ConvInteger", inputs=(2, 4))
def import_conv_integer(node):
    attributes = node.copy_attributes(_WINDOW)

    def emit(r, x, w):
        return r(".Conv", x, w, layer=node.layer, **attributes)

    _product(node, 0, False, emit)


def _float_product(node, x, weight, bias):
    """Set the result to a layer of the quantized `weight`: operands of the node."""
    r = QRecipe(node)
    host = node.host(weight[0], "weight")
    scale = node.importer.as_float(node.host(weight[1], "scale")).array.reshape(-1)
    zero = weight[2] if node.is_given(weight[2]) else None
    stored = r.bind(_stored(node, host, zero, scale, len(host.shape) - 1))
    has_bias = node.is_given(bias)
    y = r(".MatMul", x, stored, layer=node.layer if not has_bias else "")
    if has_bias:
        r("Add", y, node.inputs[bias])
    else:
        r.set(y)


@onnx_op("DynamicQuantizeMatMul", inputs=(3, 5), domain=MICROSOFT)
def import_dynamic_quantize_matmul(node):
    _float_product(node, round_rows(node, node.activation(0)), (1, 2, 3), 4)


@onnx_op("MatMulIntegerToFloat", inputs=(4, 7), domain=MICROSOFT)
def import_matmul_integer_to_float(node):
    value = node.integers_of(0)
    r = QRecipe(node)
    if isinstance(value, Dynamic):
        x = round_rows(node, value.x)
    else:
        x = r(
            ".DequantizeLinear",
            node.inputs[0],
            node.inputs[2],
            node.inputs[4] if node.is_given(4) else None,
        )
    _float_product(node, x, (1, 3, 5), 6)
