"""Schemes that quantize activations when the network runs, or weights alone."""

from .graph import Tensor
from .ops_layers import reduce, set_linear
from .registry import exports
from .values import BlockElements, SymmetricElements, Value, channels_first, identity

_NCHW = channels_first(4)
# Since when DequantizeLinear has scales for blocks.
_BLOCKS_OPSET = 21
_STEPS = 255
# Rows whose values span less are rows of zeros: no grid of f32 is as fine.
_LEAST_SPAN = 2.0**-118


def _is_one_row(value):
    return all(dim == 1 for dim in value.shape[:-1])


def _round_row(context, name, layer):
    """The one row of a tensor, rounded as ONNX rounds whole tensors."""
    outputs = context.writer.wide_node("DynamicQuantizeLinear", [name], layer, 3)
    return context.writer.node("DequantizeLinear", outputs, f"{layer}.dequantize")


def _round_rows(context, name, axis, layer):
    """Every row, which lies along `axis`, rounded to the 256 steps from its least value to
    its greatest, one of which is zero: round(x / scale) * scale within these bounds."""

    def node(op_type, inputs, suffix):
        return context.writer.node(op_type, inputs, f"{layer}.{suffix}")

    zero, one, steps = (context.bound(number) for number in (0, 1, _STEPS))
    low = reduce(context, "min", name, [axis], True, f"{layer}.low")
    high = reduce(context, "max", name, [axis], True, f"{layer}.high")
    low, high = node("Min", [low, zero], "min"), node("Max", [high, zero], "max")
    span = node("Sub", [high, low], "span")
    span = node("Max", [span, context.bound(_LEAST_SPAN)], "span")
    # In the order of npir's kernels, whose scale is 1 / (255 / span).
    ratio = node("Div", [steps, span], "ratio")
    scale = node("Div", [one, ratio], "scale")
    least = node("Round", [node("Mul", [low, ratio], "least")], "least")
    greatest = node("Add", [least, steps], "greatest")
    inverse = node("Div", [one, scale], "inverse")
    integers = node("Round", [node("Mul", [name, inverse], "scaled")], "round")
    integers = node("Min", [node("Max", [integers, least], "bound"), greatest], "integers")
    return context.writer.node("Mul", [integers, scale], layer)


def rounded_rows(context, x, layer):
    """The Value of `x` with its rows, what the last dimension holds, rounded when the
    network runs; made once, in nodes called `layer`."""
    if x.rows is None:
        order = x.order or identity(x.rank)
        name = context.form(x, order)
        x.rows = Value(Tensor(x.shape, "float32"), layer)
        x.rows.forms[order] = (
            _round_row(context, name, layer)
            if _is_one_row(x)
            else _round_rows(context, name, order.index(x.rank - 1), layer)
        )
    return x.rows


@exports("dynamic_quantize")
def export_dynamic_quantize(context):
    context.set_value(rounded_rows(context, context.operand(0), context.layer))


def _scaled(context, weight, scales):
    """The real Value of a constant weight whose scales are `[OC, G]`; both are given as
    indices of operands."""
    scales = context.require_constant(scales, "scale").floats()
    context.require_constant(weight, "weight")
    weight = context.stored_operand(weight)
    elements = weight.tensor.elements
    bits, signed, (outputs, groups) = elements.bits, elements.signed, scales.shape
    if groups == 1:
        elements = SymmetricElements(bits, signed, scales.reshape(outputs), 0)
    else:
        block = weight.shape[1] // groups
        elements = BlockElements(bits, signed, scales, block)
    tensor = Tensor(weight.shape, "float32")
    return Value(tensor, weight.layer, weight.array, elements)


def _opset_of(scales):
    """The opset of an op whose operand `scales` are `[OC, G]`."""

    def opset(op, tensors):
        groups = tensors[op.operands[scales]].shape[1]
        return _BLOCKS_OPSET if groups > 1 else 17

    return opset


@exports("dequantize_groups", _opset_of(1))
def export_dequantize_groups(context):
    context.set_value(_scaled(context, 0, 1))


def _set_convolution(context, rows, weight, addends):
    """The op's result, of maps in ONNX's order, is a convolution of single pixels."""
    shape = (*weight.shape, 1, 1)
    array = weight.array.reshape(shape)
    tensor = Tensor(shape, weight.tensor.dtype)
    filters = Value(tensor, weight.layer, array, weight.elements)
    inputs = [context.form(rows, _NCHW), context.form(filters), *addends]
    context.set(context.clamp(context.node("Conv", inputs)), _NCHW)


@exports("dynamic_linear", _opset_of(2))
def export_dynamic_linear(context):
    x = context.operand(0)
    rows = rounded_rows(context, x, f"{x.layer}.rows")
    weight, bias = _scaled(context, 1, 2), context.operand(3)
    addends = [] if bias is None else [context.form(bias)]
    is_map = rows.order == _NCHW and not isinstance(weight.elements, BlockElements)
    set_result = _set_convolution if is_map else set_linear
    set_result(context, rows, weight, addends)
