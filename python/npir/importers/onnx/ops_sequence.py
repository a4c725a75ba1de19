"""Sequences of tensors, which are taken apart at import."""

import numpy as np

from .moved import reshaped
from .node import axis_of
from .ops_repeat import concat
from .ops_select import split, split_axis
from .registry import onnx_op
from .report import NodeProblem
from .values import Host, Sequence


@onnx_op("SequenceConstruct", inputs=(1, None), hosts=True)
def import_sequence_construct(node):
    node.set(Sequence([node.value(i) for i in range(len(node.inputs))]))


@onnx_op("ConcatFromSequence", hosts=True)
def import_concat_from_sequence(node):
    axis, new_axis = node.int("axis"), node.int("new_axis", 0)
    values = node.sequence(0)
    if axis is None:
        raise NodeProblem("attribute 'axis' is missing")
    if new_axis:
        axis = axis_of(axis, len(values[0].shape) + 1)
        values = [_with_axis(node, x, axis, i) for i, x in enumerate(values)]
    concat(node, values, axis)


def _with_axis(node, x, axis, index):
    dims = [*x.shape[:axis], 1, *x.shape[axis:]]
    if isinstance(x, Host):
        return Host(x.array.reshape(dims), x.name)
    return reshaped(node, x, dims, f".{index}.unsqueeze")


@onnx_op("SplitToSequence", inputs=(1, 2), hosts=True)
def import_split_to_sequence(node):
    axis, keep_dims = node.int("axis", 0), node.int("keepdims", 1)
    x = node.value(0)
    axis = split_axis(node, x, axis)
    whole = x.shape[axis]
    sizes = [1] * whole
    if node.is_given(1):
        keep_dims = 1
        sizes = node.static_integers(1, "split")
        if node.value(1).array.ndim == 0:
            size = max(sizes[0], 1)
            sizes = [min(size, whole - i) for i in range(0, whole, size)]
    parts = split(node, x, axis, sizes)
    if not keep_dims:
        dims = [dim for i, dim in enumerate(x.shape) if i != axis]
        parts = [_without_axis(node, part, dims, i) for i, part in enumerate(parts)]
    node.set(Sequence(parts))


def _without_axis(node, part, dims, index):
    if isinstance(part, Host):
        return Host(part.array.reshape(dims), part.name)
    return reshaped(node, part, dims, f".{index}.squeeze")


@onnx_op("SequenceEmpty", inputs=(0, 0), hosts=True)
def import_sequence_empty(node):
    node.ignore("dtype")
    node.set(Sequence([]))


def _position(node, index, count):
    """Operand `index`: a position among `count`."""
    position, *_ = node.static_integers(index, "position") or [count]
    if not -count <= position < count:
        raise NodeProblem(f"expected a position among {count}, got {position}")
    return position


@onnx_op("SequenceInsert", inputs=(2, 3), hosts=True)
def import_sequence_insert(node):
    values, new = list(node.sequence(0)), node.value(1)
    position = len(values)
    if node.is_given(2):
        position = _position(node, 2, len(values) + 1)
        # -1 is the place before the last one.
        position += len(values) if position < 0 else 0
    values.insert(position, new)
    node.set(Sequence(values))


@onnx_op("SequenceErase", inputs=(1, 2), hosts=True)
def import_sequence_erase(node):
    values = list(node.sequence(0))
    del values[_position(node, 1, len(values)) if node.is_given(1) else -1]
    node.set(Sequence(values))


@onnx_op("SequenceLength", hosts=True)
def import_sequence_length(node):
    count = len(node.sequence(0))
    node.set(Host(np.array(count, np.int64), node.layer))


@onnx_op("SequenceAt", inputs=(2, 2), hosts=True)
def import_sequence_at(node):
    values = node.sequence(0)
    node.set(values[_position(node, 1, len(values))])
