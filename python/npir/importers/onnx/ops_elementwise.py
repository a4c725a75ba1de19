"""Functions of one value, and of two."""

import math

import numpy as np

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
    "Erf": "npir.erf",
    "Sqrt": "npir.sqrt",
}
# Those that are computed at import where the operand is known.
_FOLDED = {"Sqrt": np.sqrt, "Abs": np.abs}


def set_unary(node, op, attributes=None):
    """Set the result to npir op `op` of operand 0."""
    x = node.activation(0)
    node.set(x.apply(lambda tensor: node.emit(op, [tensor], attributes)))


def _register_unary(onnx_name, npir_name):
    @onnx_op(onnx_name)
    def import_unary(node):
        if onnx_name in _FOLDED and node.is_host(0):
            array = node.importer.as_float(node.value(0)).array
            with np.errstate(invalid="ignore"):
                node.set(Host(_FOLDED[onnx_name](array), node.layer))
        else:
            set_unary(node, npir_name)


for _names in UNARY_OPS.items():
    _register_unary(*_names)


@onnx_op("HardSigmoid")
def import_hard_sigmoid(node):
    """Only max(0, min(1, x/6 + 1/2)), which is what networks use."""
    alpha, beta = node.float("alpha", 0.2), node.float("beta", 0.5)
    if np.float32(alpha) != np.float32(1 / 6) or beta != 0.5:
        raise NodeProblem(
            f"expected alpha = 1/6 and beta = 0.5, got {alpha:.7g} and {beta:.7g}"
        )
    set_unary(node, "npir.hardsigmoid")


@onnx_op("Gelu")
def import_gelu(node):
    approximate = node.text("approximate", "none")
    if approximate not in ("none", "tanh"):
        raise NodeProblem(f"expected approximate of none or tanh, got '{approximate}'")
    set_unary(node, "npir.gelu" if approximate == "none" else "npir.gelu_tanh")


def _bound(node, index, name, missing):
    """A bound of Clip: an attribute, a constant scalar, or none."""
    if node.has(name):
        return node.float(name)
    if not node.is_given(index):
        return missing
    return _scalar(node, index, f"bound '{name}'")


def _scalar(node, index, what):
    """Operand `index`, one number that is known at import."""
    host = node.host(index, what)
    if host.shape and host.array.size != 1:
        raise NodeProblem(
            f"expected a scalar {what}, got shape {format_shape(host.shape)}"
        )
    if host.is_integer and not host.holds_batch:
        return float(host.array.reshape(()))
    return float(node.importer.as_float(host).array.reshape(()))


@onnx_op("Clip", inputs=(1, 3))
def import_clip(node):
    low = _bound(node, 1, "min", -math.inf)
    high = _bound(node, 2, "max", math.inf)
    if low == -math.inf and high == math.inf:
        node.set(node.value(0))
    elif low == 0 and high == math.inf:
        set_unary(node, "npir.relu")
    else:
        set_unary(node, "npir.clamp", {"min": low, "max": high})


@onnx_op("Pow", inputs=(2, 2))
def import_pow(node):
    exponent = _scalar(node, 1, "exponent")
    if node.is_host(0):
        array = node.importer.as_float(node.value(0)).array
        with np.errstate(all="ignore"):
            node.set(Host(np.power(array, np.float32(exponent)), node.layer))
    elif exponent == 1:
        node.set(node.value(0))
    elif exponent == 2:
        set_unary(node, "npir.square")
    elif exponent == 0.5:
        set_unary(node, "npir.sqrt")
    elif exponent == 3:
        node.set(node.value(0).apply(lambda x: _cube(node, x)))
    else:
        raise NodeProblem(f"expected an exponent of 0.5, 1, 2 or 3, got {exponent:.7g}")


def _cube(node, x):
    square = node.emit("npir.square", [x], suffix=".square")
    return node.emit("npir.mul", [square, x])


BINARY_OPS = {
    "Add": "npir.add",
    "Sub": "npir.sub",
    "Mul": "npir.mul",
    "Div": "npir.div",
}


def _register_binary(onnx_name, npir_name):
    @onnx_op(onnx_name, inputs=(2, 2))
    def import_binary(node):
        x, y = node.value(0), node.value(1)
        if isinstance(x, Host) and isinstance(y, Host):
            fold_arithmetic(node)
        elif isinstance(x, Moved):
            node.set(x.combine(node, y, lambda a, b: node.emit(npir_name, [a, b])))
        elif isinstance(y, Moved):
            node.set(y.combine(node, x, lambda b, a: node.emit(npir_name, [a, b])))
        else:
            node.set(node.emit(npir_name, [node.tensor(0), node.tensor(1)]))


for _names in BINARY_OPS.items():
    _register_binary(*_names)


@onnx_op("Reciprocal")
def import_reciprocal(node):
    one = Host(np.array(1, np.float32), f"{node.layer}.one")
    if node.is_host(0):
        array = node.importer.as_float(node.value(0)).array
        with np.errstate(divide="ignore"):
            node.set(Host(one.array / array, node.layer))
        return
    x = node.activation(0)
    node.set(x.apply(lambda t: node.emit("npir.div", [node.constant(one), t])))


@onnx_op("Identity")
def import_identity(node):
    node.set(node.value(0))


@onnx_op("Dropout", inputs=(1, 3))
def import_dropout(node):
    """Nothing, at inference."""
    node.ignore("ratio", "seed")
    if node.is_given(2):
        training = node.host(2, "training_mode")
        if training.array.size != 1 or training.array.reshape(()):
            raise NodeProblem("expected training_mode to be false")
    node.set(node.value(0))
