"""Functions of one value, and of two."""

import math

import numpy as np

from ..onnx.moved import Moved
from ..onnx.report import NodeProblem
from ..onnx.values import Host
from .registry import IDENTITIES, aten

# Functions of one value without arguments, and the npir op. A new one is one line here.
UNARY_OPS = {
    "relu": "npir.relu",
    "sigmoid": "npir.sigmoid",
    "tanh": "npir.tanh",
    "abs": "npir.abs",
    "hardswish": "npir.hardswish",
    "hardsigmoid": "npir.hardsigmoid",
    "erf": "npir.erf",
    "sqrt": "npir.sqrt",
    "square": "npir.square",
}


def emit_unary(node, op, attributes=None, name="self", suffix=""):
    """The npir op `op` of an operand, element by element."""
    x = node.activation(name)
    return x.apply(lambda tensor: node.emit(op, [tensor], attributes, suffix))


def _register_unary(name, op):
    @aten(f"{name}.default")
    def import_unary(node):
        node.set(emit_unary(node, op))


for _names in UNARY_OPS.items():
    _register_unary(*_names)


@aten("gelu.default")
def import_gelu(node):
    tanh = node.text("approximate") == "tanh"
    node.set(emit_unary(node, "npir.gelu_tanh" if tanh else "npir.gelu"))


@aten("silu.default")
def import_silu(node):
    """x * sigmoid(x)."""
    x = node.activation("self")

    def silu(tensor):
        gate = node.emit("npir.sigmoid", [tensor], None, ".sigmoid")
        return node.emit("npir.mul", [tensor, gate])

    node.set(x.apply(silu))


def _set_clamp(node, low, high):
    if low == -math.inf and high == math.inf:
        node.set(node.value("self"))
    elif low == 0 and high == math.inf:
        node.set(emit_unary(node, "npir.relu"))
    else:
        node.set(emit_unary(node, "npir.clamp", {"min": float(low), "max": float(high)}))


@aten("relu6.default")
def import_relu6(node):
    _set_clamp(node, 0, 6)


def _bound(node, name, missing):
    if not node.has(name):
        return missing
    value = node.number(name)
    return missing if value is None else value


@aten("clamp.default", "clamp_min.default", "clamp_max.default", "clamp.Tensor")
def import_clamp(node):
    _set_clamp(node, _bound(node, "min", -math.inf), _bound(node, "max", math.inf))


@aten("hardtanh.default")
def import_hardtanh(node):
    _set_clamp(node, node.number("min_val"), node.number("max_val"))


@aten("pow.Tensor_Scalar", "pow.Tensor_Tensor")
def import_pow(node):
    exponent = node.number("exponent")
    if exponent == 1:
        node.set(node.value("self"))
    elif exponent == 2:
        node.set(emit_unary(node, "npir.square"))
    elif exponent == 0.5:
        node.set(emit_unary(node, "npir.sqrt"))
    elif exponent == 3:
        node.set(node.activation("self").apply(lambda x: _cube(node, x)))
    elif exponent == -1:
        one = Host(np.array(1, np.float32), f"{node.layer}.one")
        set_binary(node, "npir.div", one, node.value("self"))
    else:
        raise NodeProblem(f"expected an exponent of -1, 0.5, 1, 2 or 3, got {exponent:.7g}")


def _cube(node, x):
    square = node.emit("npir.square", [x], suffix=".square")
    return node.emit("npir.mul", [square, x])


@aten("reciprocal.default")
def import_reciprocal(node):
    one = Host(np.array(1, np.float32), f"{node.layer}.one")
    set_binary(node, "npir.div", one, node.value("self"))


def emit_binary(node, op, x, y, suffix=""):
    """The npir op `op` of two values, of which one is an activation."""
    if isinstance(x, Moved):
        return x.combine(node, y, lambda a, b: node.emit(op, [a, b], None, suffix))
    if isinstance(y, Moved):
        return y.combine(node, x, lambda b, a: node.emit(op, [a, b], None, suffix))
    # A constant that stands for the whole batch broadcasts like any other.
    operands = [node.constant(v) if isinstance(v, Host) else v for v in (x, y)]
    return node.emit(op, operands, None, suffix)


def set_binary(node, op, x, y):
    node.set(emit_binary(node, op, x, y))


def _scaled(node, value):
    """`value` times the argument alpha."""
    alpha = node.number("alpha") if node.has("alpha") else 1
    if alpha == 1:
        return value
    if isinstance(value, Host):
        array = node.importer.as_float(value).array * np.float32(alpha)
        return Host(array, f"{value.name}.scaled", value.batch)
    factor = Host(np.array(alpha, np.float32), f"{node.layer}.alpha")
    return emit_binary(node, "npir.mul", value, factor, ".alpha")


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
    if x is y and not isinstance(x, Host):
        node.set(emit_unary(node, "npir.square"))
    else:
        set_binary(node, "npir.mul", x, y)


@aten("div.Tensor", "div.Scalar", "div.Tensor_mode", "div.Scalar_mode")
def import_div(node):
    if node.has("rounding_mode") and node.text("rounding_mode") is not None:
        raise NodeProblem("expected a quotient that is not rounded")
    set_binary(node, "npir.div", node.value("self"), node.value("other"))


# What means nothing to an inference in float, by what it may take beside its operand.
_IDENTITIES = {
    "clone.default": ("memory_format",),
    "contiguous.default": ("memory_format",),
    "alias.default": (),
    "detach.default": (),
    "lift_fresh_copy.default": (),
    "dropout.default": ("p",),
    "feature_dropout.default": ("p",),
    "native_dropout.default": ("p",),
    "alpha_dropout.default": ("p",),
}


def _register_identity(name, ignored):
    IDENTITIES.add(f"aten.{name}")

    @aten(name)
    def import_identity(node):
        node.ignore(*ignored)
        if node.has("train") and node.number("train"):
            raise NodeProblem("drops out; export the model in evaluation mode: model.eval()")
        # As dropout calls its operand, unlike the others.
        node.set(node.value("input" if node.has("input") else "self"))


for _names in _IDENTITIES.items():
    _register_identity(*_names)


@aten("to.dtype", "to.dtype_layout", "to.device", "to.other", "_to_copy.default", "type_as.default", "float.default")
def import_cast(node):
    """To float32, which activations are."""
    node.ignore("layout", "device", "pin_memory", "non_blocking", "copy", "memory_format", "other", "dtype")
    if node.result_dtype != "float32":
        raise NodeProblem(f"expected a conversion to float32, got {node.result_dtype}")
    node.set(node.value("self"))
