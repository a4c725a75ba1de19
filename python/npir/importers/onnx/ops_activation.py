"""Activation functions with parameters."""

import math

import numpy as np

from .formula import Formula
from .integers import in_float
from .moved import Moved
from .ops_elementwise import clamped, combine, scalar, set_formula, set_unary
from .registry import onnx_op
from .report import NodeProblem
from .values import Host


@onnx_op("HardSigmoid")
def import_hard_sigmoid(node):
    """npir's where it is max(0, min(1, x/6 + 1/2)), as networks have it."""
    alpha, beta = node.float("alpha", 0.2), node.float("beta", 0.5)
    if np.float32(alpha) == np.float32(1 / 6) and beta == 0.5:
        set_unary(node, "npir.hardsigmoid")
        return

    def formula(f, x):
        return f("clamp", f(".add", f(".mul", x, alpha), beta), min=0.0, max=1.0)

    set_formula(node, formula)


@onnx_op("Gelu")
def import_gelu(node):
    approximate = node.text("approximate", "none")
    if approximate not in ("none", "tanh"):
        raise NodeProblem(f"expected approximate of none or tanh, got '{approximate}'")
    set_unary(node, "npir.gelu" if approximate == "none" else "npir.gelu_tanh")


@onnx_op("LeakyRelu")
def import_leaky_relu(node):
    set_unary(node, "npir.leaky_relu", {"alpha": node.float("alpha", 0.01)})


@onnx_op("Elu")
def import_elu(node):
    set_unary(node, "npir.elu", {"alpha": node.float("alpha", 1.0)})


@onnx_op("Selu")
def import_selu(node):
    alpha = node.float("alpha", 1.67326319217681884765625)
    gamma = node.float("gamma", 1.05070102214813232421875)
    set_formula(node, lambda f, x: f("mul", f(".elu", x, alpha=alpha), gamma))


@onnx_op("Celu")
def import_celu(node):
    """alpha * elu(x / alpha)"""
    alpha = node.float("alpha", 1.0)
    if alpha == 1:
        set_unary(node, "npir.elu", {"alpha": 1.0})
        return

    def formula(f, x):
        return f("mul", f(".elu", f(".mul", x, 1 / alpha), alpha=1.0), alpha)

    set_formula(node, formula)


@onnx_op("ThresholdedRelu")
def import_thresholded_relu(node):
    alpha = node.float("alpha", 1.0)

    def formula(f, x):
        above = f(".compare", x, alpha, kind="#npir.compare_kind<gt>")
        return f("where", above, x, 0)

    set_formula(node, formula)


@onnx_op("Shrink")
def import_shrink(node):
    bias, limit = node.float("bias", 0.0), node.float("lambd", 0.5)

    def formula(f, x):
        above = f(".compare", x, limit, kind="#npir.compare_kind<gt>")
        below = f(".compare", x, -limit, kind="#npir.compare_kind<lt>")
        less = f(".sub", x, bias) if bias else x
        more = f(".add", x, bias) if bias else x
        return f("where", below, more, f(".where", above, less, 0))

    set_formula(node, formula)


@onnx_op("PRelu", inputs=(2, 2))
def import_prelu(node):
    x, slope = node.activation(0), node.value(1)
    if not isinstance(slope, Host):
        node.set(_general_prelu(node, x, node.activation(1)))
        return
    slope = node.importer.as_float(slope)
    if slope.array.size == 1 and len(slope.shape) <= len(x.shape):
        alpha = float(slope.array.reshape(()))
        node.set(x.apply(lambda t: node.emit("npir.leaky_relu", [t], {"alpha": alpha})))
        return
    axis = _slope_axis(x, slope)
    if axis is None:
        node.set(_general_prelu(node, x, slope))
        return
    slope = node.constant(slope, "flat", lambda array: array.reshape(-1))

    def prelu(tensor):
        return node.emit("npir.prelu", [tensor, slope])

    if axis == len(x.shape) - 1 or isinstance(x, Moved):
        node.set(x.apply_last(node, prelu))
        return
    rank = len(x.shape)
    perm = [*(i for i in range(rank) if i != axis), axis]
    x = node.emit("npir.transpose", [x], {"perm": perm}, ".nhwc")
    back = sorted(range(rank), key=perm.__getitem__)
    node.set(node.emit("npir.transpose", [prelu(x)], {"perm": back}, ".nchw"))


def _slope_axis(x, slope):
    """The only axis of `x` that the slopes differ along, or None."""
    rank = len(x.shape)
    if len(slope.shape) > rank:
        return None
    sizes = [1] * (rank - len(slope.shape)) + list(slope.shape)
    axes = [i for i, size in enumerate(sizes) if size != 1]
    if len(axes) != 1 or sizes[axes[0]] != x.shape[axes[0]]:
        return None
    if isinstance(x, Moved) and axes[0] != rank - 1:
        return None
    return axes[0]


def _general_prelu(node, x, slope):
    """relu(x) + slope * min(x, 0)"""
    positive = x.apply(lambda t: node.emit("npir.relu", [t], None, ".relu"))
    bounds = {"min": -math.inf, "max": 0.0}
    negative = x.apply(lambda t: node.emit("npir.clamp", [t], bounds, ".negative"))
    return combine(
        node, "npir.add", positive, combine(node, "npir.mul", negative, slope, ".mul")
    )


def _bound(node, index, name, missing):
    """A bound of Clip: an attribute, a constant scalar, or none."""
    if node.has(name):
        return node.float(name)
    if not node.is_given(index):
        return missing
    return scalar(node, index, f"bound '{name}'")


@onnx_op("Clip", inputs=(1, 3))
def import_clip(node):
    low = _bound(node, 1, "min", -math.inf)
    high = _bound(node, 2, "max", math.inf)
    x = node.typed(0)
    if low == -math.inf and high == math.inf:
        node.set(x)
    elif low < high:
        node.set(in_float(node, [x], lambda x: clamped(node, x, low, high)))
    else:
        f = Formula(node)

        def clip(x):
            """ONNX's word for crossed bounds: the upper one."""
            return x.apply(lambda t: f("minimum", f(".maximum", t, low), high))

        node.set(in_float(node, [x], clip))
