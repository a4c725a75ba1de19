"""Functions of one value, of two, and of any number of them."""

import math

import numpy as np

from .formula import Formula
from .integers import in_float
from .moved import Moved
from .registry import onnx_op
from .report import NodeProblem
from .shape_arithmetic import fold_arithmetic
from .values import Host, format_shape

# ONNX's functions of one value without attributes, and the npir op. A new one
# is one line here.
UNARY_OPS = {
    "Relu": "npir.relu",
    "Sigmoid": "npir.sigmoid",
    "Tanh": "npir.tanh",
    "Abs": "npir.abs",
    "HardSwish": "npir.hardswish",
    "Mish": "npir.mish",
    "Softplus": "npir.softplus",
    "Erf": "npir.erf",
    "Sqrt": "npir.sqrt",
    "Reciprocal": "npir.reciprocal",
    "Exp": "npir.exp",
    "Log": "npir.log",
    "Neg": "npir.neg",
    "Sign": "npir.sign",
    "Floor": "npir.floor",
    "Ceil": "npir.ceil",
    "Round": "npir.round",
    "Sin": "npir.sin",
    "Cos": "npir.cos",
}

# Those that npir has no op for, of a Formula and the value.
FORMULAS = {
    "Softsign": lambda f, x: f("div", x, f(".add", f(".abs", x), 1)),
    "Tan": lambda f, x: f("div", f(".sin", x), f(".cos", x)),
    "Sinh": lambda f, x: f(
        "mul", f(".sub", f(".exp", x), f(".exp", f(".neg", x))), 0.5
    ),
    "Cosh": lambda f, x: f(
        "mul", f(".add", f(".exp", x), f(".exp", f(".neg", x))), 0.5
    ),
}


def set_unary(node, op, attributes=None):
    """Set the result to npir op `op` of operand 0."""

    def emit(x):
        return x.apply(lambda t: node.emit(op, [t], attributes))

    node.set(in_float(node, [node.typed(0)], emit))


def _register_unary(onnx_name, npir_name):
    @onnx_op(onnx_name)
    def import_unary(node):
        set_unary(node, npir_name)


def set_formula(node, function):
    """Set the result to `function(f, x)` of operand 0."""
    f = Formula(node)
    node.set(node.activation(0).apply(lambda x: function(f, x)))


def _register_formula(onnx_name, function):
    @onnx_op(onnx_name)
    def import_formula(node):
        set_formula(node, function)


for _names in UNARY_OPS.items():
    _register_unary(*_names)
for _names in FORMULAS.items():
    _register_formula(*_names)


BINARY_OPS = {
    "Add": "npir.add",
    "Sub": "npir.sub",
    "Mul": "npir.mul",
    "Div": "npir.div",
}


def combine(node, op, x, y, suffix="", attributes=None):
    """npir op `op` of two values, of which one may be a Host."""

    def emit(a, b):
        return node.emit(op, [a, b], attributes, suffix)

    if isinstance(x, Moved):
        return x.combine(node, y, emit)
    if isinstance(y, Moved):
        return y.combine(node, x, lambda b, a: emit(a, b))
    if isinstance(x, Host):
        return emit(node.importer.typed_constant(x, y.dtype), y)
    if isinstance(y, Host):
        return emit(x, node.importer.typed_constant(y, x.dtype))
    return emit(x, y)


def _register_binary(onnx_name, npir_name):
    @onnx_op(onnx_name, inputs=(2, 2), hosts=True)
    def import_binary(node):
        x, y = node.value(0), node.value(1)
        if isinstance(x, Host) and isinstance(y, Host):
            fold_arithmetic(node)
        else:
            node.set(
                in_float(node, [x, y], lambda x, y: combine(node, npir_name, x, y))
            )


for _names in BINARY_OPS.items():
    _register_binary(*_names)


def scalar(node, index, what):
    """Operand `index`, one number that is known at import."""
    host = node.host(index, what)
    if host.shape and host.array.size != 1:
        raise NodeProblem(
            f"expected a scalar {what}, got shape {format_shape(host.shape)}"
        )
    if host.is_integer and not host.holds_batch:
        return float(host.array.reshape(()))
    return float(node.importer.as_float(host).array.reshape(()))


@onnx_op("Pow", inputs=(2, 2))
def import_pow(node):
    x, y = node.value(0), node.value(1)
    if not isinstance(y, Host) or y.array.size != 1 or len(y.shape) > len(x.shape):
        if isinstance(y, Host) and y.is_integer:
            y = Host(y.array.astype(np.float32), y.name)
        elif not isinstance(y, Host):
            y = node.cast(y, "float32", ".exponent")
        node.set(in_float(node, [x, y], lambda x, y: combine(node, "npir.pow", x, y)))
        return
    exponent = scalar(node, 1, "exponent")
    if exponent == 1:
        node.set(x)
        return
    f = Formula(node)
    powers = {
        -1: lambda x: f("reciprocal", x),
        -0.5: lambda x: f("rsqrt", x),
        0.5: lambda x: f("sqrt", x),
        2: lambda x: f("square", x),
        3: lambda x: f("mul", f(".square", x), x),
    }
    power = powers.get(exponent, lambda x: f("pow", x, exponent))
    node.set(in_float(node, [x], lambda x: x.apply(power)))


def _chain(node, op):
    """All operands, combined from left to right."""
    values = [node.value(i) for i in range(len(node.inputs))]

    def combine_all(*values):
        result = values[0]
        for i, value in enumerate(values[1:], 1):
            suffix = "" if i == len(values) - 1 else f".{i}"
            result = combine(node, op, result, value, suffix)
        return result

    # Two constants in a row would be left to run.
    values.sort(key=lambda value: isinstance(value, Host))
    return in_float(node, values, combine_all)


@onnx_op("Sum", inputs=(1, None))
def import_sum(node):
    node.set(_chain(node, "npir.add"))


@onnx_op("Mean", inputs=(1, None))
def import_mean(node):
    total = _chain(node, "npir.add")
    if len(node.inputs) == 1:
        node.set(total)
        return
    f = Formula(node)
    node.set(total.apply(lambda x: f(".mul", x, 1 / len(node.inputs))))


def _bound_of(node, index):
    """The number that operand `index` bounds the other by, or None."""
    value = node.value(index)
    if not isinstance(value, Host) or value.array.size != 1 or value.is_integer:
        return None
    if len(value.shape) > len(node.value(1 - index).shape):
        return None
    return scalar(node, index, "bound")


def _register_extremum(onnx_name, npir_name, bounds):
    @onnx_op(onnx_name, inputs=(1, None))
    def import_extremum(node):
        """With a number it bounds, and may go into the layer before."""
        if len(node.inputs) == 2:
            for i in range(2):
                number = _bound_of(node, i)
                if number is not None and math.isfinite(number):
                    node.set(clamped(node, node.activation(1 - i), *bounds(number)))
                    return
        node.set(_chain(node, npir_name))


def clamped(node, x, low, high):
    """`x`, a Tensor or Moved, between two bounds."""
    if (low, high) == (0, math.inf):
        return x.apply(lambda t: node.emit("npir.relu", [t]))
    return x.apply(lambda t: node.emit("npir.clamp", [t], {"min": low, "max": high}))


_register_extremum("Max", "npir.maximum", lambda number: (number, math.inf))
_register_extremum("Min", "npir.minimum", lambda number: (-math.inf, number))


@onnx_op("Identity", hosts=True)
def import_identity(node):
    node.set(node.value(0))


@onnx_op("Dropout", inputs=(1, 3), outputs=2, hosts=True)
def import_dropout(node):
    """Nothing, at inference."""
    node.ignore("ratio", "seed")
    if node.is_given(2):
        training = node.host(2, "training_mode")
        if training.array.size != 1 or training.array.reshape(()):
            raise NodeProblem("expected training_mode to be false")
    x = node.value(0)
    node.set(x)
    if len(node.outputs) > 1 and node.outputs[1]:
        # The mask keeps everything.
        if not all(isinstance(size, int) for size in x.shape):
            raise NodeProblem("its mask is not supported where the batch is free")
        node.set(Host(np.ones(x.shape, np.bool_), f"{node.layer}.mask"), 1)
