"""Functions that a model defines itself, and those that ONNX defines: their bodies take
the place of their calls."""

import onnx
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


def find_definition(node, opset):
    """The body by which ONNX itself defines the op of a GraphNode, as a GraphProto with the
    node's attributes in it, and its operator set; or None."""
    if node.domain or not onnx.defs.has(node.op):
        return None
    try:
        schema = onnx.defs.get_schema(node.op, opset)
    except onnx.defs.SchemaError:
        return None
    if not schema.has_function:
        return None
    function = schema.function_body
    given = {attribute.name: attribute for attribute in node.proto.attribute}
    for name, attribute in schema.attributes.items():
        if name not in given and attribute.default_value.type:
            given[name] = attribute.default_value
    graph = onnx.GraphProto(name=node.op)
    for part in function.node:
        copy = graph.node.add()
        copy.CopyFrom(part)
        _set_references(copy, given)
    graph.input.extend(onnx.ValueInfoProto(name=name) for name in function.input)
    graph.output.extend(onnx.ValueInfoProto(name=name) for name in function.output)
    return graph, max(entry.version for entry in function.opset_import)


def _set_references(node, given):
    """Put the values of attributes in the place of their names; none where none is given."""
    attributes = list(node.attribute)
    del node.attribute[:]
    for attribute in attributes:
        if attribute.ref_attr_name:
            if attribute.ref_attr_name not in given:
                continue
            name = attribute.name
            attribute = onnx.AttributeProto.FromString(
                given[attribute.ref_attr_name].SerializeToString()
            )
            attribute.name = name
        for graph in [attribute.g, *attribute.graphs]:
            for inner in graph.node:
                _set_references(inner, given)
        node.attribute.append(attribute)
