"""Functions that a model defines itself: their bodies take the place of their calls."""

from onnx.inliner import inline_local_functions

from .cycles import find_cycles
from .report import ModelError


def inline_functions(proto, path):
    """The model `proto` without calls of its own functions."""
    defined = {(f.domain, f.name): f for f in proto.functions}
    calls = {
        key: [call for call in _calls(function.node) if call in defined]
        for key, function in defined.items()
    }
    # The inliner does not come back from these.
    for members in find_cycles(calls):
        names = ", ".join(sorted(f"'{domain}.{name}'" for domain, name in members))
        raise ModelError(f"{path}: these functions call one another: {names}")
    try:
        return inline_local_functions(proto)
    except Exception as error:  # pylint: disable=broad-except
        # Whatever the inliner makes of a bad function.
        text = str(error).strip().splitlines()[:1] or [type(error).__name__]
        raise ModelError(
            f"{path}: cannot inline the model's functions: {text[0]}"
        ) from None


def _calls(nodes):
    """What the nodes call, also within their branches."""
    calls, graphs = set(), [nodes]
    while graphs:
        for node in graphs.pop():
            calls.add((node.domain, node.op_type))
            for attribute in node.attribute:
                graphs.append(attribute.g.node)
                graphs += [graph.node for graph in attribute.graphs]
    return calls
