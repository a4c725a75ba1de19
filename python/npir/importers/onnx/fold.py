"""Nodes whose operands are all known: computed by the onnx package's reference."""

import numpy as np

from .report import NodeProblem
from .values import Host

# What is another number in every run.
_RANDOM = {
    "Bernoulli",
    "Multinomial",
    "RandomNormal",
    "RandomNormalLike",
    "RandomUniform",
    "RandomUniformLike",
}


def known_operands(graph_node, values):
    """The arrays of the operands, None for one that is left out; None if one is not
    known at import, or holds the batch."""
    arrays = []
    for name in graph_node.inputs:
        host = values.get(name) if name else None
        # A kind of Host of its own is more than its array.
        if name and (type(host) is not Host or host.holds_batch):
            return None
        arrays.append(host.array if name else None)
    return arrays if any(array is not None for array in arrays) else None


def can_fold(graph_node):
    return not graph_node.domain and graph_node.op not in _RANDOM


def fold_node(graph_node, arrays, opset):
    """The results of a node with these operands, as (position, array) pairs."""
    # Here, since it takes longer to load than most models take to import.
    from onnx import NodeProto
    from onnx.defs import onnx_opset_version
    from onnx.reference import ReferenceEvaluator

    proto = NodeProto()
    proto.CopyFrom(graph_node.proto)
    inputs = [f"i{i}" if array is not None else "" for i, array in enumerate(arrays)]
    outputs = [f"o{i}" if name else "" for i, name in enumerate(graph_node.outputs)]
    del proto.input[:], proto.output[:]
    proto.input.extend(inputs)
    proto.output.extend(outputs)
    feeds = {name: array for name, array in zip(inputs, arrays) if name}
    try:
        with np.errstate(all="ignore"):
            evaluator = ReferenceEvaluator(proto, opsets={"": min(opset, onnx_opset_version())})
            results = evaluator.run(None, feeds)
    except Exception as error:  # pylint: disable=broad-except
        # Whatever the reference makes of a bad node.
        text = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise NodeProblem(f"cannot be computed at import: {text}") from None
    return [
        (i, _as_array(result))
        for i, (name, result) in enumerate(zip(outputs, results))
        if name
    ]


def _as_array(result):
    if isinstance(result, (np.ndarray, np.generic)):
        array = np.asarray(result)
        if array.dtype.kind in "fiub":
            return array
    raise NodeProblem("cannot be computed at import: it makes no tensor of numbers")
