"""QuantizeLinear and DequantizeLinear: a quantized model as floats between pairs of
them."""

import numpy as np
from onnx import TensorProto

from .model import bits_of, type_name
from .node import axis_of
from .quantized import Elements, Quantized, StoredHost
from .recipe import Recipe
from .registry import onnx_op
from .report import NodeProblem
from .unscaled import Dynamic, Unscaled
from .values import Host, Tensor, format_shape

# (bits, signed) by ONNX's element type.
_OUTPUT_TYPES = {
    TensorProto.INT4: (4, True),
    TensorProto.UINT4: (4, False),
    TensorProto.INT8: (8, True),
    TensorProto.UINT8: (8, False),
    TensorProto.INT16: (16, True),
    TensorProto.UINT16: (16, False),
}
_DTYPES = ("int8", "uint8", "int16", "uint16", "int32")


def read_integer_type(array, what):
    """(bits, signed) of an array of integers."""
    if array.dtype.name not in _DTYPES:
        raise NodeProblem(
            f"expected {what} of int4, int8, int16, of uint4, uint8, uint16, or of "
            f"int32, got {array.dtype.name}"
        )
    return bits_of(array), array.dtype.kind == "i"


class _Parameters:
    """The attributes, and then the scale and the zero point, of a node."""

    def __init__(self, node):
        self.axis = node.int("axis", 1)
        self.block = node.int("block_size", 0)
        self.output_type = node.int("output_dtype", TensorProto.UNDEFINED)
        if self.output_type not in (TensorProto.UNDEFINED, *_OUTPUT_TYPES):
            raise NodeProblem(
                f"unsupported output_dtype {type_name(self.output_type)}: expected "
                "integers of 4, 8 or 16 bits"
            )

    def dequantize_blocks(self, node, integers):
        """The real numbers of a constant with a scale for each block along the axis: floats,
        since no type has so many scales."""
        axis = axis_of(self.axis, integers.ndim)
        scale = node.importer.as_float(node.host(1, "scale")).array
        expected = list(integers.shape)
        expected[axis] = -(-expected[axis] // self.block)
        operands = [scale]
        if node.is_given(2):
            operands.append(node.host(2, "zero point").array)
        if any(list(array.shape) != expected for array in operands):
            raise NodeProblem(
                f"expected scales and zero points of {format_shape(expected)}, for blocks "
                f"of {self.block} along axis {axis} of {format_shape(integers.shape)}, got "
                + " and ".join(format_shape(array.shape) for array in operands)
            )
        scale, *zero_points = [
            np.repeat(array, self.block, axis).take(range(integers.shape[axis]), axis)
            for array in operands
        ]
        real = integers.astype(np.float32)
        if zero_points:
            real = real - zero_points[0].astype(np.float32)
        return real * scale

    def read(self, node, shape, integer_type):
        """The Elements of a tensor of `shape`. `integer_type` holds where there is no
        zero point."""
        scale = node.importer.as_float(node.host(1, "scale")).array
        if node.is_given(2):
            zero_point = node.host(2, "zero point").array
            integer_type = read_integer_type(zero_point, "a zero point")
            if zero_point.shape != scale.shape and zero_point.size != scale.size:
                raise NodeProblem(
                    f"expected a zero point of shape {format_shape(scale.shape)} as "
                    f"the scale's, got {format_shape(zero_point.shape)}"
                )
        else:
            zero_point = np.zeros(scale.shape, np.int64)
        if np.any(~np.isfinite(scale)) or np.any(scale < np.finfo(np.float32).tiny):
            wrong = scale[~(scale >= np.finfo(np.float32).tiny) | ~np.isfinite(scale)]
            raise NodeProblem(
                "expected scales that are positive normal numbers, got "
                f"{float(wrong.reshape(-1)[0]):.7g}"
            )
        scales = np.ascontiguousarray(scale.reshape(-1))
        zero_points = zero_point.reshape(-1).astype(np.int64)
        if self.block:
            raise NodeProblem(
                f"a scale for each block of {self.block} elements is supported for "
                "constants alone"
            )
        if scale.size == 1:
            return Elements(*integer_type, scales, zero_points)
        if scale.ndim != 1:
            raise NodeProblem(
                "expected one scale, or one for each index of an axis, got shape "
                f"{format_shape(scale.shape)}"
            )
        axis = axis_of(self.axis, len(shape))
        if shape[axis] != scale.size:
            raise NodeProblem(
                f"expected {shape[axis]} scales along axis {axis} of "
                f"{format_shape(shape)}, got {scale.size}"
            )
        return Elements(*integer_type, scales, zero_points, axis)


# Of constants, too: their integers are kept.
@onnx_op("QuantizeLinear", inputs=(2, 3), hosts=True)
def import_quantize(node):
    node.ignore("saturate")  # of 8-bit floats
    parameters = _Parameters(node)
    x = node.value(0)
    default = _OUTPUT_TYPES.get(parameters.output_type, (8, False))
    elements = parameters.read(node, x.shape, default)
    if elements.bits > 16:
        raise NodeProblem("expected a zero point of 4, 8 or 16 bits, got int32")
    if isinstance(x, Host):
        array = elements.quantize(node.importer.as_float(x).array)
        if elements.bits < 8:
            array = array.view(np.dtype(array.dtype, metadata={"bits": elements.bits}))
        node.set(Host(array, x.name))
        return
    x = node.activation(0)
    if elements.axis is not None and not isinstance(x, Tensor):
        raise x.refuse()
    node.set_integers(
        Quantized(x.apply(lambda t: _quantize(node, t, elements)), elements)
    )


def _quantize(node, tensor, elements, suffix=""):
    value = node.importer.builder.quantize(
        tensor.value, elements.native(), node.layer + suffix
    )
    return Tensor(value, tensor.factor)


@onnx_op("DequantizeLinear", inputs=(2, 3), hosts=True)
def import_dequantize(node):
    parameters = _Parameters(node)
    x = node.integers_of(0)
    if isinstance(x, Dynamic):
        # Its scale is 1, and its zero point 0.
        node.set(x.x)
        return
    if isinstance(x, Quantized):
        made = x.elements
        if parameters.read(node, x.shape, (made.bits, made.signed)) == made:
            node.set(x.inner.apply(lambda t: _dequantize(node, t)))
            return
    if isinstance(x, Unscaled) and _set_scaled(node, x):
        return
    if not isinstance(x, Host):
        _dequantize_numbers(node, parameters)
        return
    integer_type = read_integer_type(x.array, "a constant")
    if parameters.block:
        node.set(Host(parameters.dequantize_blocks(node, x.array), x.name))
        return
    elements = parameters.read(node, x.shape, integer_type)
    if (elements.bits, elements.signed) != integer_type:
        raise NodeProblem(
            f"expected a zero point of the type of '{node.inputs[0]}', got "
            f"{elements.name}"
        )
    if elements.bits > 16:
        # A bias, which is quantized anew with the scales of its layer.
        node.set(Host(elements.dequantize(x.array), x.name))
    else:
        node.set(StoredHost(x.array, elements, x.name, node.layer))


def _set_scaled(node, x):
    """Set the result to an Unscaled with the one scale and zero point that it gets here;
    false where that does not fit."""
    scale = node.importer.as_float(node.host(1, "scale"))
    zero_point = node.host(2, "zero point").array if node.is_given(2) else None
    if scale.array.size != 1:
        return False
    if zero_point is not None and not zero_point.any():
        zero_point = None
    value = x.make(scale, zero_point)
    if value is not None:
        node.set(value)
    return value is not None


def _dequantize_numbers(node, parameters):
    """Of integers that no QuantizeLinear made with these scales, such as pixels: they are
    rounded to where they are already, so that the next layer finds its input so."""
    x = node.value(0)
    if x.dtype not in ("int32", "int64"):
        raise NodeProblem(
            f"expected integers in '{node.inputs[0]}', got {x.dtype}"
        )
    elements = parameters.read(node, x.shape, (32, True))
    scales, zero_points = elements.along(len(x.shape))
    r = Recipe(node)
    y = r(".Cast", node.inputs[0], to=TensorProto.FLOAT)
    if zero_points.any():
        y = r(".Sub", y, zero_points.astype(np.float32))
    if elements.bits > 16 or elements.axis is not None:
        r("Mul", y, scales)
        return
    y = r.value(r(".Mul", y, scales))
    y = y.apply(lambda t: _quantize(node, t, elements, ".quantize"))
    node.set(y.apply(lambda t: _dequantize(node, t)))


def _dequantize(node, tensor):
    value = node.importer.builder.dequantize(tensor.value, node.layer)
    return Tensor(value, tensor.factor)
