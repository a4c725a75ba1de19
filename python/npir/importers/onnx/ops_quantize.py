"""QuantizeLinear and DequantizeLinear: a quantized model as floats between pairs of
them."""

import numpy as np
from onnx import TensorProto

from .model import bits_of, type_name
from .node import axis_of
from .quantized import Elements, Quantized, StoredHost
from .registry import onnx_op
from .report import NodeProblem
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


def _integer_type(array, what):
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
        if self.block:
            raise NodeProblem(
                f"a scale for each block of {self.block} elements is not supported"
            )

    def read(self, node, shape, integer_type):
        """The Elements of a tensor of `shape`. `integer_type` holds where there is no
        zero point."""
        scale = node.importer.as_float(node.host(1, "scale")).array
        if node.is_given(2):
            zero_point = node.host(2, "zero point").array
            integer_type = _integer_type(zero_point, "a zero point")
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
    node.set_quantized(
        Quantized(x.apply(lambda t: _quantize(node, t, elements)), elements)
    )


def _quantize(node, tensor, elements):
    value = node.importer.builder.quantize(tensor.value, elements.native(), node.layer)
    return Tensor(value, tensor.factor)


@onnx_op("DequantizeLinear", inputs=(2, 3), hosts=True)
def import_dequantize(node):
    parameters = _Parameters(node)
    x = node.integers_of(0)
    if isinstance(x, Quantized):
        made = x.elements
        elements = parameters.read(node, x.shape, (made.bits, made.signed))
        if elements != made:
            raise NodeProblem(
                "expected the scale and the zero point that "
                f"'{node.inputs[0]}' was quantized with, got others"
            )
        node.set(x.inner.apply(lambda t: _dequantize(node, t)))
        return
    if not isinstance(x, Host):
        raise NodeProblem(
            f"expected integers in '{node.inputs[0]}', constant or made by "
            "QuantizeLinear, got floats"
        )
    integer_type = _integer_type(x.array, "a constant")
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


def _dequantize(node, tensor):
    value = node.importer.builder.dequantize(tensor.value, node.layer)
    return Tensor(value, tensor.factor)
