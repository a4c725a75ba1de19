"""Nodes that read integers of QuantizeLinear as they are.

Those that move integers, or choose among them, do it between a DequantizeLinear and a
QuantizeLinear of the same scale, which changes no value. Others get int32.
"""

import numpy as np
from onnx import TensorProto

from .quantized import Quantized
from .recipe import Recipe
from .values import Host, Tensor

# Whose results are integers of the same scale.
_MOVES = (
    "Concat",
    "DepthToSpace",
    "Expand",
    "Flatten",
    "Gather",
    "GatherElements",
    "GatherND",
    "Identity",
    "MaxPool",
    "Pad",
    "ReduceMax",
    "ReduceMin",
    "Reshape",
    "Resize",
    "Slice",
    "SpaceToDepth",
    "Split",
    "Squeeze",
    "Tile",
    "Transpose",
    "Unsqueeze",
)
# Those that need no more than the order of the numbers, or their shape.
_READS = ("ArgMax", "ArgMin", "Shape", "Size")


def find_elements(graph_node, values):
    """What the integers stand for that a node moves or reads; None where it does
    anything else, or where they differ."""
    if graph_node.domain or graph_node.op not in (*_MOVES, *_READS):
        return None
    found = [values.get(name) for name in graph_node.inputs if name]
    first = found[0] if found else None
    if not isinstance(first, Quantized) or first.elements.axis is not None:
        return None
    others = found[1:] if graph_node.op == "Concat" else []
    if any(not isinstance(v, Quantized) or v.elements != first.elements for v in others):
        return None
    return first.elements


def move_integers(importer, graph_node, elements, run):
    """Let `run(graph_node)` import the node on real numbers, and round its results."""
    values, layer = importer.values, graph_node.layer
    builder, native = importer.builder, elements.native()
    replaced = {}
    for i, name in enumerate(graph_node.inputs):
        value = values.get(name)
        if isinstance(value, Quantized):
            replaced[name] = value
            values[name] = value.inner.apply(
                lambda t: Tensor(
                    builder.dequantize(t.value, f"{layer}.dequantize"), t.factor
                )
            )
        elif graph_node.op == "Pad" and i == 2 and type(value) is Host:
            replaced[name] = value
            values[name] = Host(elements.dequantize(value.array), value.name)
    if graph_node.op == "Pad" and len(replaced) == 1:
        graph_node = _pad_with_zero(importer, graph_node, elements)
    try:
        run(graph_node)
    finally:
        values.update(replaced)
    if graph_node.op in _READS:
        return
    for name in graph_node.outputs:
        if name and name in values:
            inner = values[name].apply(
                lambda t: Tensor(
                    builder.quantize(t.value, native, f"{layer}.quantize"), t.factor
                )
            )
            values[name] = Quantized(inner, elements)


def _pad_with_zero(importer, graph_node, elements):
    """The node with the number that the integer 0, the default, stands for."""
    zero = Host(
        elements.dequantize(np.zeros((), elements.dtype)), f"{graph_node.layer}.zero"
    )
    name = importer.new_name(graph_node.layer)
    importer.values[name] = zero
    inputs = [*graph_node.inputs, "", ""]
    inputs[2] = name
    while not inputs[-1]:
        inputs.pop()
    return graph_node.with_inputs(inputs)


def as_int32(node, quantized):
    """The integers of a Quantized as those that npir computes with."""
    elements, r = quantized.elements, Recipe(node)
    x = quantized.inner.apply(
        lambda t: Tensor(
            node.importer.builder.dequantize(t.value, f"{node.layer}.dequantize"),
            t.factor,
        )
    )
    scales, zero_points = elements.along(len(x.shape))
    x = r(".Div", x, scales.astype(np.float32))
    # Rounded, since a product divided by its factor is not always the other one.
    x = r(".Round", r(".Add", x, zero_points.astype(np.float32)))
    return r.value(r(".Cast", x, to=TensorProto.INT32))
