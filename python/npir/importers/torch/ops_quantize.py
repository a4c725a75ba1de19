"""PT2E's quantize and dequantize: a quantized model as floats between pairs of them."""

import numpy as np

from ..onnx.node import axis_of
from ..onnx.quantized import Elements, Quantized, StoredHost
from ..onnx.report import NodeProblem
from ..onnx.values import Host, Tensor, format_shape
from .registry import aten

_NAMESPACE = "quantized_decomposed"
_BITS = range(2, 17)


def _numbers(node, name):
    """An argument as a list of numbers: one, or one for each channel."""
    value = node.argument(name)
    if isinstance(value, Host):
        return value.array.reshape(-1)
    if not isinstance(value, (int, float)):
        raise NodeProblem(f"expected a constant '{name}'")
    return np.array([value])


def _bits(low, high):
    """(bits, signed) of the narrowest integers that hold `low` to `high`."""
    for bits in _BITS:
        half = 1 << (bits - 1)
        if -half <= low and high < half and low < 0:
            return bits, True
        if low >= 0 and high < 2 * half:
            return bits, False
    raise NodeProblem(f"expected integers of 2 to 16 bits, got {low} to {high}")


def _elements(node, shape):
    """The Elements that the arguments tell, of a tensor of `shape`."""
    per_channel = "per_channel" in node.op
    scales = _numbers(node, "scales" if per_channel else "scale").astype(np.float32)
    name = "zero_points" if per_channel else "zero_point"
    if node.is_given(name):
        zero_points = _numbers(node, name).astype(np.int64)
    else:
        zero_points = np.zeros(len(scales), np.int64)
    low, high = node.number("quant_min"), node.number("quant_max")
    if not np.all(np.isfinite(scales)) or np.any(scales < np.finfo(np.float32).tiny):
        raise NodeProblem("expected scales that are positive normal numbers")
    axis = None
    if per_channel:
        axis = axis_of(node.number("axis"), len(shape))
        if shape[axis] != len(scales):
            raise NodeProblem(
                f"expected {shape[axis]} scales along axis {axis} of {format_shape(shape)}, got "
                f"{len(scales)}"
            )
    return Elements(*_bits(low, high), scales, zero_points, axis), (low, high)


@aten(
    "quantize_per_tensor.default",
    "quantize_per_tensor.tensor",
    "quantize_per_channel.default",
    namespace=_NAMESPACE,
)
def import_quantize(node):
    node.ignore("dtype")
    x = node.activation("input")
    elements, bounds = _elements(node, x.shape)
    if bounds != elements.range:
        raise NodeProblem(
            f"expected all integers of {elements.bits} bits, from {elements.range[0]} to "
            f"{elements.range[1]}, got {bounds[0]} to {bounds[1]}"
        )
    if elements.axis is not None:
        x = node.whole(x)
    builder = node.importer.builder

    def quantize(tensor):
        value = builder.quantize(tensor.value, elements.native(), node.layer)
        return Tensor(value, tensor.factor)

    node.result = Quantized(x.apply(quantize), elements)


@aten(
    "dequantize_per_tensor.default",
    "dequantize_per_tensor.tensor",
    "dequantize_per_channel.default",
    namespace=_NAMESPACE,
    takes_hosts=True,
)
def import_dequantize(node):
    node.ignore("dtype", "out_dtype")
    x = node.argument("input")
    if isinstance(x, Host):
        low, high = node.number("quant_min"), node.number("quant_max")
        if low < -(1 << 15) or high >= 1 << 16:
            # A bias, which is quantized anew with the scales of its layer.
            node.result = Host(_real(node, x), x.name)
            return
        elements, _ = _elements(node, x.shape)
        integers = x.array.astype(elements.dtype)
        node.result = StoredHost(integers, elements, x.name, node.layer)
        return
    if not isinstance(x, Quantized):
        raise NodeProblem("expected integers, constant or made by a quantize op")
    elements, _ = _elements(node, x.shape)
    if elements != x.elements:
        raise NodeProblem(
            "expected the scale and the zero point that its operand was quantized with, got others"
        )
    builder = node.importer.builder
    node.set(
        x.inner.apply(lambda t: Tensor(builder.dequantize(t.value, node.layer), t.factor))
    )


def _real(node, host):
    """The numbers that integers of any width stand for."""
    scales = _numbers(node, "scales" if "per_channel" in node.op else "scale")
    shape = [1] * host.array.ndim
    if len(scales) > 1:
        shape[axis_of(node.number("axis"), host.array.ndim)] = len(scales)
    return host.array.astype(np.float32) * scales.astype(np.float32).reshape(shape)
