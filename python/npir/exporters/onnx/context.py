"""What an op's handler works with: operands in the order that it needs, nodes, results."""

import numpy as np
from onnx import TensorProto

from .registry import ExportProblem
from .values import BlockElements, Value, identity, inverse
from .writer import RANGES, integer_type


def quantize(context, name, order):
    """The ONNX tensor `name`, of `order`, rounded to the integers of the op's result."""
    tensor = context.result
    elements = tensor.elements
    integer = integer_type(8 if elements.bits <= 8 else 16, elements.signed)
    least, greatest = RANGES[integer]
    if (tensor.min, tensor.max) != (least, greatest):
        if elements.axis is not None:
            raise ExportProblem(
                f"ONNX has no activations of {elements.bits} bits with a scale for each "
                "channel"
            )
        # ONNX's integers are wider: the bounds are real ones.
        low, high = (
            (bound - elements.zero_points[0]) * elements.scales[0]
            for bound in (tensor.min, tensor.max)
        )
        name = context.node(
            "Clip", [name, context.bound(low), context.bound(high)], ".grid"
        )
    attributes = {}
    if elements.axis is not None:
        attributes["axis"] = order.index(elements.axis)
    suffix = "" if context.op.name == "npir.quantize" else ".quantize"
    inputs = [name, *context.parameters(elements, integer)]
    output = context.node("QuantizeLinear", inputs, suffix, **attributes)
    context.writer.integers[output] = integer
    return output


class Context:
    """An op on its way to ONNX."""

    def __init__(self, op, exporter):
        self.op = op
        self.layer = op.layer
        self.writer = exporter.writer
        self.opset = exporter.writer.opset
        self._exporter = exporter

    # Operands.

    def stored_operand(self, index):
        """The Value of an operand as it is; None where an optional one is missing."""
        if index >= len(self.op.operands):
            return None
        return self._exporter.values[self.op.operands[index]]

    def operand(self, index):
        """The same in real numbers."""
        value = self.stored_operand(index)
        return value if value is None else self.to_real(value)

    def to_real(self, value):
        """What the integers of `value` stand for; `value` itself if it has none."""
        tensor = value.tensor
        if tensor.elements is None or value.dequantized is not None:
            return value
        if value.real is None:
            if value.is_constant:
                real = Value(tensor, value.layer, value.array, tensor.elements)
            else:
                real = Value(tensor, value.layer)
                order = value.order
                axis = tensor.elements.axis
                real.forms[order] = self.dequantize(
                    value.forms[order],
                    tensor.elements,
                    None if axis is None else order.index(axis),
                    self._dequantize_layer(value),
                )
            real.dequantized = tensor
            value.real = real
        return value.real

    def _dequantize_layer(self, value):
        if self.op.name == "npir.dequantize":
            return self.layer
        return f"{value.layer.removesuffix('.quantize')}.dequantize"

    @property
    def operands(self):
        return [self.operand(i) for i in range(len(self.op.operands))]

    @property
    def result(self):
        return self._exporter.graph.tensors[self.op.results[0]]

    def require_constant(self, index, what):
        value = self.operand(index)
        if not value.is_constant:
            raise ExportProblem(f"expected a constant {what}, got a computed tensor")
        return value

    def form(self, value, order=None):
        """The name of the ONNX tensor with the dimensions of `value` in `order`, or as they
        are."""
        order = identity(value.rank) if order is None else tuple(order)
        if order not in value.forms:
            if value.is_constant:
                value.forms[order] = self._constant_form(value, order)
            else:
                old = value.order
                perm = [old.index(dim) for dim in order]
                value.forms[order] = self.writer.node(
                    "Transpose",
                    [value.forms[old]],
                    f"{value.layer}.transpose",
                    perm=perm,
                )
        return value.forms[order]

    def _constant_form(self, value, order):
        array = np.transpose(value.array, order)
        if value.elements is None:
            return self.writer.constant(value.layer, array)
        elements, axis = value.elements, value.elements.axis
        # Narrower integers than ONNX has are kept in the next wider ones.
        name = self.writer.constant(
            value.layer, array, integer_type(elements.bits, elements.signed)
        )
        axis = None if axis is None else order.index(axis)
        return self.dequantize(name, elements, axis, f"{value.layer}.dequantize")

    def aligned(self, value, order):
        """The name of the ONNX tensor that broadcasts to one of `order` as `value`
        broadcasts to the tensor with its dimensions as they are."""
        rank = len(order)
        if value.rank == rank:
            return self.form(value, order)
        if order == identity(rank):
            return self.form(value)
        if value.is_constant:
            wide = np.reshape(value.floats(), (1,) * (rank - value.rank) + value.shape)
            return self.writer.constant(value.layer, np.transpose(wide, order))
        shape = [1] * (rank - value.rank) + list(value.shape)
        if None in shape:
            raise ExportProblem("expected an operand of the result's rank")
        wide = self.node("Reshape", [self.form(value), self.int64s(shape)], ".reshape")
        perm = [i for i in order]
        return self.node("Transpose", [wide], ".transpose", perm=perm)

    def common_order(self, values, rank):
        """The order of the most operands' kind: that of the first computed one that is not
        as written, else the written one."""
        orders = [v.order for v in values if not v.is_constant and v.rank == rank]
        moved = [order for order in orders if order != identity(rank)]
        return moved[0] if moved else identity(rank)

    # Nodes.

    def node(self, op_type, inputs, suffix="", **attributes):
        """Add a node, named as the layer and `suffix`; the name of its output."""
        return self.writer.node(op_type, inputs, self.layer + suffix, **attributes)

    def int64s(self, values, suffix=".shape"):
        return self.writer.constant(self.layer + suffix, np.array(values, np.int64))

    def scalar(self, value, suffix):
        return self.writer.constant(self.layer + suffix, np.array(value, np.float32))

    def parameters(self, elements, integer):
        """The names of the scale and of the zero point, integers of ONNX's `integer`."""
        shape = (-1,) if elements.axis is not None else ()
        scale = np.array(elements.scales, np.float32).reshape(shape)
        zero_point = np.array(elements.zero_points).reshape(shape)
        return [
            self.writer.shared(f"{self.layer}.scale", scale, TensorProto.FLOAT),
            self.writer.shared(f"{self.layer}.zero_point", zero_point, integer),
        ]

    def dequantize(self, name, elements, axis, layer):
        """The output of a DequantizeLinear called `layer`."""
        attributes = {} if axis is None else {"axis": axis}
        if isinstance(elements, BlockElements):
            scales = elements.scales_along(axis)
            inputs = [name, self.writer.constant(f"{self.layer}.scale", scales)]
            attributes["block_size"] = elements.block
        else:
            integer = self.writer.integers[name]
            inputs = [name, *self.parameters(elements, integer)]
        return self.writer.node("DequantizeLinear", inputs, layer, **attributes)

    def clamp(self, name):
        """The output `name` within the op's clamp range."""
        low, high = self.op.get("clamp_min"), self.op.get("clamp_max")
        if low is None and high is None:
            return name
        return self.clip(name, low, high, ".clamp")

    def clip(self, name, low, high, suffix):
        if low == 0 and high is None:
            return self.node("Relu", [name], suffix)
        bounds = ["" if b is None else self.bound(b) for b in (low, high)]
        return self.node("Clip", [name, *bounds] if bounds[1] else [name, bounds[0]], suffix)

    def bound(self, value):
        """The name of a scalar; all clamps with one bound share it."""
        array = np.array(value, np.float32)
        return self.writer.shared("bound", array, TensorProto.FLOAT)

    # Results.

    def set(self, name, order=None):
        """The op's result is the ONNX tensor `name` of real numbers, in `order` or as it
        is; rounded where the op computes in integers."""
        value = Value(self.result, self.layer)
        order = identity(value.rank) if order is None else tuple(order)
        if self.result.elements is not None:
            name = quantize(self, name, order)
        value.forms[order] = name
        self.set_value(value)

    def set_constant(self, array):
        self.set_value(Value(self.result, self.layer, array))

    def set_value(self, value):
        self._exporter.values[self.op.results[0]] = value

    def set_moved(self, perm):
        """The op's result is operand 0 with its dimensions permuted: nothing to compute."""
        source = self.stored_operand(0)
        moved = Value(self.result, self.layer)
        back = inverse(tuple(perm))
        moved.forms = {
            tuple(back[dim] for dim in order): name
            for order, name in source.forms.items()
        }
        self.set_value(moved)
