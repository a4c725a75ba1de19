"""Activation functions with parameters."""

import math

import numpy as np

from ..onnx.axes import on_axis
from ..onnx.formula import Formula
from ..onnx.values import Host
from .ops_elementwise import combine, in_float, set_formula, set_unary
from .registry import aten


@aten("gelu.default")
def import_gelu(node):
    tanh = node.text("approximate") == "tanh"
    set_unary(node, "npir.gelu_tanh" if tanh else "npir.gelu")


@aten("leaky_relu.default")
def import_leaky_relu(node):
    set_unary(node, "npir.leaky_relu", {"alpha": float(node.number("negative_slope"))})


@aten("elu.default")
def import_elu(node):
    """SELU has a scale."""
    alpha, scale = float(node.number("alpha")), float(node.number("scale"))
    inner = float(node.number("input_scale"))
    if scale == inner == 1:
        set_unary(node, "npir.elu", {"alpha": alpha})
        return

    def scaled(f, x):
        if inner == 1:
            return f("mul", f(".elu", x, alpha=alpha), scale)
        # What is positive is not scaled inside.
        negative = f(".elu", f(".mul", f(".minimum", x, 0), inner), alpha=alpha)
        return f("mul", f(".add", f(".relu", x), negative), scale)

    set_formula(node, scaled)


@aten("celu.default")
def import_celu(node):
    """alpha * elu(x / alpha)."""
    alpha = float(node.number("alpha"))
    set_formula(node, lambda f, x: f("mul", f(".elu", f(".mul", x, 1 / alpha), alpha=1.0), alpha))


@aten("prelu.default", "_prelu_kernel.default")
def import_prelu(node):
    slope = node.importer.as_float(node.host("weight", "slope"))
    if slope.array.size == 1:
        set_unary(node, "npir.leaky_relu", {"alpha": float(slope.array.reshape(()))})
        return
    x = node.activation("self")
    slope = node.constant(slope, "flat", lambda array: array.reshape(-1))
    axis = 1 if len(x.shape) > 1 else 0
    node.set(on_axis(node, x, axis, lambda t: node.emit("npir.prelu", [t, slope])))


@aten("softplus.default")
def import_softplus(node):
    """log(1 + exp(beta * x)) / beta; torch's threshold keeps exp from an overflow."""
    node.ignore("threshold")
    beta = float(node.number("beta"))
    if beta == 1:
        set_unary(node, "npir.softplus")
    else:
        set_formula(node, lambda f, x: f("mul", f(".softplus", f(".mul", x, beta)), 1 / beta))


def _clamp(node, x, low, high):
    """The result in f32 between two bounds, numbers."""
    if low == -math.inf and high == math.inf:
        return x
    if low > high:
        # torch's word for crossed bounds: the upper one.
        f = Formula(node)
        return x.apply(lambda t: f("minimum", f(".maximum", t, float(low)), float(high)))
    if (low, high) == (0, math.inf):
        return x.apply(lambda t: node.emit("npir.relu", [t]))
    bounds = {"min": float(low), "max": float(high)}
    return x.apply(lambda t: node.emit("npir.clamp", [t], bounds))


def _set_clamp(node, low, high):
    node.set(in_float(node, lambda x: _clamp(node, x, low, high), node.typed("self")))


@aten("relu6.default")
def import_relu6(node):
    _set_clamp(node, 0, 6)


@aten("hardtanh.default")
def import_hardtanh(node):
    _set_clamp(node, node.number("min_val"), node.number("max_val"))


@aten("clamp.default", "clamp_min.default", "clamp_max.default")
def import_clamp(node):
    low = node.number("min", -math.inf) if node.has("min") else -math.inf
    high = node.number("max", math.inf) if node.has("max") else math.inf
    _set_clamp(node, low, high)


@aten("clamp.Tensor", "clamp_min.Tensor", "clamp_max.Tensor")
def import_clamp_tensor(node):
    bounds = [("min", "npir.maximum", ".low"), ("max", "npir.minimum", "")]
    bounds = [b for b in bounds if node.has(b[0]) and node.is_given(b[0])]
    values = [node.value(name) for name, *_ in bounds]

    def clamp(x, *values):
        for value, (_, op, suffix) in zip(values, bounds):
            is_last = op == bounds[-1][1]
            x = combine(node, op, x, value, "" if is_last else suffix)
        return x

    node.set(in_float(node, clamp, node.typed("self"), *values))


@aten("threshold.default")
def import_threshold(node):
    """x where it is above the threshold, else a value."""
    threshold, value = float(node.number("threshold")), float(node.number("value"))

    def emit(f, x):
        above = f(".compare", x, threshold, kind="#npir.compare_kind<gt>")
        other = node.constant(Host(np.array(value, np.float32), f"{node.layer}.value"))
        return f("where", above, x, other)

    set_formula(node, emit)
