"""Ops that leave numbers as they are."""

import numpy as np

from ..onnx.report import NodeProblem
from ..onnx.values import Batch, Host
from .registry import IDENTITIES, aten

# What means nothing to an inference, by what it may take beside its operand.
_IDENTITIES = {
    "clone.default": ("memory_format",),
    "contiguous.default": ("memory_format",),
    "alias.default": (),
    "detach.default": (),
    "lift_fresh_copy.default": (),
    "dropout.default": ("p",),
    "feature_dropout.default": ("p",),
    "alpha_dropout.default": ("p",),
    "native_dropout.default": ("p",),
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


@aten(
    "to.dtype", "to.dtype_layout", "to.device", "to.other", "_to_copy.default", "type_as.default"
)
def import_cast(node):
    """To what torch inferred."""
    node.ignore("layout", "device", "pin_memory", "non_blocking", "copy", "memory_format")
    node.ignore("other", "dtype")
    node.set(node.typed("self", node.dtype))


def _constant_like(number):
    def import_constant(node):
        node.ignore("size", "self", "dtype", "layout", "device", "pin_memory", "memory_format")
        value = node.number("fill_value") if number is None else number
        batch = node.shape[0] if node.shape and isinstance(node.shape[0], Batch) else None
        sizes = [size.factor if isinstance(size, Batch) else size for size in node.shape]
        node.result = Host(np.full(sizes, value, node.dtype), node.layer, batch)

    return import_constant


for _name, _number in (("full", None), ("zeros", 0), ("ones", 1)):
    aten(f"{_name}_like.default", f"new_{_name}.default")(_constant_like(_number))
