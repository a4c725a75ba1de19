"""Arithmetic on integers while the network runs, which npir has only in float."""

import numpy as np

from .report import NodeProblem
from .values import Host


def in_float(node, values, function):
    """`function` of Tensors, Moved and Hosts. Integers are computed as f32, which is exact
    up to 2^24, and come back as integers."""
    kinds = sorted({v.dtype for v in values if not isinstance(v, Host)} - {"float32"})
    if not kinds:
        return function(*[_floats(node, value) for value in values])
    if "bool" in kinds:
        raise NodeProblem("expected numbers, got bool")
    node.importer.report.remark(
        f"'{node.layer}': integers are computed in float32, exactly up to 2^24"
    )
    floats = [_as_float(node, value, i) for i, value in enumerate(values)]
    return node.cast(function(*floats), kinds[-1], ".integer")


def _floats(node, value):
    return node.importer.as_float(value) if isinstance(value, Host) else value


def _as_float(node, value, index):
    if not isinstance(value, Host):
        return node.cast(value, "float32", f".float{index}")
    if value.holds_batch:
        raise NodeProblem(
            f"expected '{value.name}' to be constant, got a size of the batch"
        )
    return Host(value.array.astype(np.float32), value.name)
