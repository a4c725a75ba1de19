"""Normalization, and softmax."""

import math

import numpy as np

from ..onnx.axes import on_axis, on_flat, reduce, refuse_batch
from ..onnx.formula import Formula
from ..onnx.report import NodeProblem
from ..onnx.values import Host, Sequence
from ..onnx.windows import to_channels_first, to_channels_last
from .registry import aten


def _vector(node, name, count, missing):
    """A parameter as a constant of rank 1; `missing` everywhere where it is not given."""
    if node.is_given(name):
        host = node.importer.as_float(node.host(name, name))
        return node.constant(host, "flat", lambda array: array.reshape(-1))
    return node.constant(Host(np.full(count, missing, np.float32), f"{node.layer}.{name}"))


def _single(node, result, name):
    """`result` as the first of several, where the op is not the one of this name."""
    node.set(result if node.op == f"aten.{name}.default" else Sequence([result]))


@aten("batch_norm.default", "_native_batch_norm_legit_no_training.default")
def import_batch_norm(node):
    node.ignore("momentum", "cudnn_enabled")
    if node.has("training") and node.number("training"):
        raise NodeProblem(
            "measures its statistics anew; export the model in evaluation mode: model.eval()"
        )
    x = node.tensor("input")
    defaults = (("weight", 1), ("bias", 0), ("running_mean", 0), ("running_var", 1))
    parameters = [_vector(node, name, x.shape[1], missing) for name, missing in defaults]
    attributes = {"epsilon": float(node.number("eps")), "axis": 1}
    _single(node, node.emit("npir.batch_norm", [x, *parameters], attributes), "batch_norm")


def _on_shape(node, function):
    """`function` of the flat last dimensions that `normalized_shape` names, with their
    number of elements."""
    sizes = node.ints("normalized_shape")
    x = node.activation("input")
    axis = len(x.shape) - len(sizes)
    refuse_batch(x, axis)
    count = math.prod(sizes)
    return on_flat(node, x, axis, lambda tensor: function(tensor, count))


@aten("layer_norm.default", "native_layer_norm.default")
def import_layer_norm(node):
    node.ignore("cudnn_enable")
    epsilon = {"epsilon": float(node.number("eps"))}

    def normalize(x, count):
        parameters = [_vector(node, "weight", count, 1), _vector(node, "bias", count, 0)]
        return node.emit("npir.layer_norm", [x, *parameters], epsilon)

    _single(node, _on_shape(node, normalize), "layer_norm")


@aten("rms_norm.default")
def import_rms_norm(node):
    # Where none is given: the distance from 1 to the next number.
    epsilon = {"epsilon": float(node.number("eps", np.finfo(np.float32).eps))}

    def normalize(x, count):
        return node.emit("npir.rms_norm", [x, _vector(node, "weight", count, 1)], epsilon)

    node.set(_on_shape(node, normalize))


def _set_group_norm(node, groups):
    x = node.tensor("input")
    channels = x.shape[1]
    parameters = [_vector(node, "weight", channels, 1), _vector(node, "bias", channels, 0)]
    attributes = {"groups": groups or channels, "epsilon": float(node.number("eps"))}
    y = node.emit("npir.group_norm", [to_channels_last(node, x), *parameters], attributes)
    node.set(to_channels_first(node, y))


@aten("group_norm.default")
def import_group_norm(node):
    node.ignore("cudnn_enabled")
    _set_group_norm(node, node.number("num_groups"))


@aten("instance_norm.default")
def import_instance_norm(node):
    node.ignore("running_mean", "running_var", "momentum", "cudnn_enabled")
    if not node.number("use_input_stats"):
        raise NodeProblem("expected the statistics of the sample: track_running_stats = False")
    _set_group_norm(node, None)


@aten("softmax.int", "_softmax.default", "_safe_softmax.default")
def import_softmax(node):
    node.ignore("dtype", "half_to_float")
    x = node.activation("self")
    axis = node.axis("dim", len(x.shape))
    node.set(on_axis(node, x, axis, lambda t: node.emit("npir.softmax", [t])))


@aten("log_softmax.int", "_log_softmax.default")
def import_log_softmax(node):
    """x - max - log(sum(exp(x - max))), which keeps small ones."""
    node.ignore("dtype", "half_to_float")
    x = node.activation("self")
    f = Formula(node)

    def log_softmax(t):
        last = [len(t.shape) - 1]
        t = f(".sub", t, reduce(node, t, "max", last, True, ".max"))
        total = reduce(node, f(".exp", t), "sum", last, True, ".sum")
        return f("sub", t, f(".log", total))

    node.set(on_axis(node, x, node.axis("dim", len(x.shape)), log_softmax))
