"""Arithmetic: functions of one value without parameters, and of two."""

import numpy as np

from ..onnx.formula import Formula
from ..onnx.moved import Moved
from ..onnx.report import NodeProblem
from ..onnx.values import Host
from .registry import aten

# Functions of one value without arguments, and the npir op. A new one is one line here.
UNARY_OPS = {
    "abs": "npir.abs",
    "ceil": "npir.ceil",
    "cos": "npir.cos",
    "erf": "npir.erf",
    "exp": "npir.exp",
    "floor": "npir.floor",
    "hardsigmoid": "npir.hardsigmoid",
    "hardswish": "npir.hardswish",
    "log": "npir.log",
    "mish": "npir.mish",
    "neg": "npir.neg",
    "reciprocal": "npir.reciprocal",
    "relu": "npir.relu",
    "round": "npir.round",
    "rsqrt": "npir.rsqrt",
    "sigmoid": "npir.sigmoid",
    "sign": "npir.sign",
    "silu": "npir.silu",
    "sin": "npir.sin",
    "sqrt": "npir.sqrt",
    "square": "npir.square",
    "tanh": "npir.tanh",
}
# Those that npir has no op for.
FORMULAS = {
    "exp2": lambda f, x: f("exp", f(".mul", x, float(np.log(2)))),
    "expm1": lambda f, x: f("sub", f(".exp", x), 1),
    "log10": lambda f, x: f("mul", f(".log", x), float(1 / np.log(10))),
    "log1p": lambda f, x: f("log", f(".add", x, 1)),
    "log2": lambda f, x: f("mul", f(".log", x), float(1 / np.log(2))),
    "log_sigmoid": lambda f, x: f("neg", f(".softplus", f(".neg", x))),
}


def in_float(node, function, *values):
    """`function` of values in f32, as an integer where the result is one: npir computes
    on floats, which is exact up to 2^24."""
    if node.dtype == "float32":
        return function(*(_as_float(node, value) for value in values))
    if node.dtype == "bool":
        raise NodeProblem("expected numbers, got bool")
    node.importer.report.remark(
        f"'{node.layer}': integers are computed in float32, exactly up to 2^24"
    )
    result = function(*(_as_float(node, value) for value in values))
    return node.cast(result, node.dtype, ".integer")


def _as_float(node, value):
    if isinstance(value, Host):
        return node.importer.as_float(value)
    return node.cast(value, "float32", ".float")


def set_unary(node, op, attributes=None):
    """Set the result to npir op `op` of an operand, element by element."""

    def emit(x):
        return x.apply(lambda tensor: node.emit(op, [tensor], attributes))

    node.set(in_float(node, emit, node.typed("self")))


def set_formula(node, function):
    """Set the result to `function(f, x)` of an operand."""
    f = Formula(node)
    node.set(node.activation("self").apply(lambda x: function(f, x)))


def _register_unary(name, op):
    @aten(f"{name}.default")
    def import_unary(node):
        set_unary(node, op)


def _register_formula(name, function):
    @aten(f"{name}.default")
    def import_formula(node):
        set_formula(node, function)


for _names in UNARY_OPS.items():
    _register_unary(*_names)
for _names in FORMULAS.items():
    _register_formula(*_names)


def combine(node, op, x, y, suffix="", attributes=None):
    """The npir op `op` of two values, of which one is an activation."""

    def emit(a, b):
        return node.emit(op, [a, b], attributes, suffix)

    if isinstance(x, Moved):
        return x.combine(node, y, emit)
    if isinstance(y, Moved):
        return y.combine(node, x, lambda b, a: emit(a, b))
    # A constant that stands for the whole batch broadcasts like any other.
    dtype = next(v.dtype for v in (x, y) if not isinstance(v, Host))
    operands = [
        node.importer.typed_constant(v, dtype) if isinstance(v, Host) else v for v in (x, y)
    ]
    return emit(*operands)


def set_binary(node, op, x, y):
    """Set the result to `op` of two numbers."""
    node.set(in_float(node, lambda a, b: combine(node, op, a, b), x, y))


def _scaled(node, value):
    """`value` times the argument alpha."""
    alpha = node.number("alpha", 1) if node.has("alpha") else 1
    if alpha == 1:
        return value
    factor = np.float32(alpha)
    if isinstance(value, Host):
        array = node.importer.as_float(value).array * factor
        return Host(array, f"{value.name}.scaled", value.batch)
    return combine(node, "npir.mul", value, Host(np.array(factor), f"{node.layer}.alpha"), ".alpha")


@aten("add.Tensor", "add.Scalar")
def import_add(node):
    set_binary(node, "npir.add", node.value("self"), _scaled(node, node.value("other")))


@aten("sub.Tensor", "sub.Scalar")
def import_sub(node):
    set_binary(node, "npir.sub", node.value("self"), _scaled(node, node.value("other")))


@aten("rsub.Tensor", "rsub.Scalar")
def import_rsub(node):
    set_binary(node, "npir.sub", node.value("other"), _scaled(node, node.value("self")))


@aten("mul.Tensor", "mul.Scalar")
def import_mul(node):
    x, y = node.value("self"), node.value("other")
    if x is y:
        set_unary(node, "npir.square")
    else:
        set_binary(node, "npir.mul", x, y)


@aten("div.Tensor", "div.Scalar", "div.Tensor_mode", "div.Scalar_mode")
def import_div(node):
    if node.has("rounding_mode") and node.text("rounding_mode") is not None:
        raise NodeProblem("expected a quotient that is not rounded")
    set_binary(node, "npir.div", node.value("self"), node.value("other"))


@aten("maximum.default", "max.other")
def import_maximum(node):
    set_binary(node, "npir.maximum", node.value("self"), node.value("other"))


@aten("minimum.default", "min.other")
def import_minimum(node):
    set_binary(node, "npir.minimum", node.value("self"), node.value("other"))


# What npir has a function for.
_POWERS = {2: "npir.square", 0.5: "npir.sqrt", -0.5: "npir.rsqrt", -1: "npir.reciprocal"}


@aten("pow.Tensor_Scalar", "pow.Tensor_Tensor", "pow.Scalar")
def import_pow(node):
    x, y = node.value("self"), node.value("exponent")
    exponent = None
    if isinstance(y, Host) and y.array.size == 1:
        exponent = float(y.array.reshape(()))
    if exponent == 1:
        node.set(node.typed("self", node.dtype))
    elif exponent in _POWERS:
        set_unary(node, _POWERS[exponent])
    elif exponent == 3:
        f = Formula(node)
        cube = lambda t: f("mul", f(".square", t), t)  # noqa: E731
        node.set(in_float(node, lambda x: x.apply(cube), node.typed("self")))
    else:
        set_binary(node, "npir.pow", x, y)
