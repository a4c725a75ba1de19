"""Nodes: their names, what defines each tensor, cycles, the order to walk in.

ONNX asks for nodes in the order of execution; a file in another order that has
an order is imported all the same.
"""

import ast
import copy
import heapq
from collections import Counter

from .cycles import find_cycles
from .registry import MICROSOFT, key_of

# onnxruntime's ops that are ONNX's, mostly of a later opset.
_BORROWED_OPS = ("DequantizeLinear", "Gelu", "QuantizeLinear", "Trilu")

# Where torch.export notes a node's modules.
_SCOPES = "pkg.torch.onnx.name_scopes"


def _layer_name(proto, name):
    """The name of a node's layer: its own; after the module path where only that
    tells the module.

    torch.export numbers nodes (`node_linear_3`) and notes the modules that a node
    stems from, from the outermost in: '', 'blocks.0', 'blocks.0.attn'; last comes
    the function.
    """
    scopes = [p.value for p in proto.metadata_props if p.key == _SCOPES]
    if "/" in name or not scopes:
        return name
    try:
        paths = ast.literal_eval(scopes[0])
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return name
    if not isinstance(paths, list) or not all(isinstance(p, str) for p in paths):
        return name
    if len(paths) < 3 or paths[0]:
        return name
    parts = [p.removeprefix(f"{outer}.") for outer, p in zip(paths[:-2], paths[1:-1])]
    return "/" + "/".join([*parts, name])


def _names_outside(proto):
    """The names that the bodies of a node take from around them."""
    names = {}
    for attribute in proto.attribute:
        for graph in [attribute.g, *attribute.graphs]:
            own = {value.name for value in [*graph.input, *graph.initializer]}
            own.update(name for node in graph.node for name in node.output)
            used = [output.name for output in graph.output]
            for node in graph.node:
                used += [*node.input, *_names_outside(node)]
            names.update((name, None) for name in used if name and name not in own)
    return list(names)


class GraphNode:
    """One node: the protobuf, the name that the report uses, the layer's name."""

    def __init__(self, proto, index, name):
        self.proto = proto
        self.index = index
        self.name = name
        self.layer = _layer_name(proto, name)
        self.inputs = list(proto.input)
        self.outputs = list(proto.output)
        self.op = proto.op_type
        self.domain = "" if proto.domain == "ai.onnx" else proto.domain
        if self.domain == MICROSOFT and self.op in _BORROWED_OPS:
            self.domain = ""
        # The operator set that the node keeps to, where that is not the model's.
        self.opset = None
        # What names stand for in the body that the node is in.
        self.scope = None
        self._outside = _names_outside(proto)

    def reads(self):
        """The names of all tensors that it needs, those of its bodies included."""
        return [*self.inputs, *self._outside]

    def within(self, scope, prefix, suffix):
        """The same node with what its names stand for in `scope`."""
        other = copy.copy(self)
        other.inputs = [name and scope.find(name) for name in self.inputs]
        other.outputs = [name and scope.find(name) for name in self.outputs]
        other._outside = [scope.find(name) for name in self._outside]
        other.scope = scope
        other.name = prefix + self.name + suffix
        other.layer = prefix + self.layer + suffix
        return other

    def with_inputs(self, inputs):
        """The same node with other operands."""
        other = copy.copy(self)
        other.inputs = inputs
        return other

    @property
    def key(self):
        """The op as the table of handlers has it."""
        return key_of(self.op, self.domain)

    def describe(self):
        return f"node '{self.name}' ({self.key})"


def _make_nodes(graph, report):
    taken = Counter(node.name for node in graph.node if node.name)
    for name, count in taken.items():
        if count > 1:
            report.remark(
                f"{count} nodes are named '{name}'; --npir-prepare will tell "
                "them apart"
            )
    nodes = []
    for index, proto in enumerate(graph.node):
        name = proto.name
        if not name:
            name = f"{proto.op_type}_{index}"
            while name in taken:
                name += "_"
        nodes.append(GraphNode(proto, index, name))
    return nodes


class Graph:
    """The nodes that the outputs need: the model's, or tensors of it by name.

    A body is a graph, too; `outer` knows the names around it.

    `order`: those that can be walked, operands first. `stuck`: those in a cycle
    or behind one.
    """

    def __init__(self, proto, report, outputs=None, outer=lambda name: False):
        self.initializers = {}
        self.inputs = []
        self.outputs = outputs or [output.name for output in proto.output]
        self._producers = {}
        self._report = report
        self._defined = {}
        nodes = _make_nodes(proto, report)
        self._define_tensors(proto, nodes)
        for node in nodes:
            for name in node.reads():
                if name and name not in self._defined and not outer(name):
                    report.problem(
                        node.describe(), f"its input '{name}' is not defined"
                    )
        for name, count in Counter(self.outputs).items():
            if count > 1:
                report.problem(f"output '{name}'", "is given twice")
            if name not in self._defined and not outer(name):
                report.problem(f"output '{name}'", "is not defined")
        live = self._find_live(nodes)
        if outputs:
            self._drop_inputs([node for node in nodes if node.index in live])
        dead = [node.name for node in nodes if node.index not in live]
        if dead:
            names = ", ".join(f"'{name}'" for name in dead[:5])
            more = f" and {len(dead) - 5} more" if len(dead) > 5 else ""
            report.remark(f"left out what no output needs: nodes {names}{more}")
        self._sort([node for node in nodes if node.index in live])

    @property
    def names(self):
        """The names of all tensors."""
        return self._defined.keys()

    def _define(self, name, by):
        """Note that `by` defines tensor `name`; true if it is the first."""
        if name in self._defined:
            self._report.problem(
                f"tensor '{name}'",
                f"is defined twice: by {self._defined[name]} and by {by}",
            )
            return False
        self._defined[name] = by
        return True

    def _define_tensors(self, proto, nodes):
        for tensor in proto.initializer:
            if self._define(tensor.name, "an initializer"):
                self.initializers[tensor.name] = tensor
        for tensor in proto.sparse_initializer:
            name = tensor.values.name
            self._report.problem(
                f"initializer '{name}'", "sparse tensors are not supported"
            )
            self._defined.setdefault(name, "an initializer")
        for value in proto.input:
            # Old models list initializers among the inputs, as defaults.
            if value.name in self.initializers:
                continue
            if not value.name:
                self._report.problem("an input of the graph", "has no name")
            elif self._define(value.name, "an input"):
                self.inputs.append(value)
        for node in nodes:
            for name in node.outputs:
                if name and self._define(name, node.describe()):
                    self._producers[name] = node

    def _find_live(self, nodes):
        """Indices of the nodes that the outputs depend on."""
        live, names = set(), list(self.outputs)
        while names:
            node = self._producers.get(names.pop())
            if node is not None and node.index not in live:
                live.add(node.index)
                names += node.reads()
        return live

    def _drop_inputs(self, live):
        """Leave out the inputs of the part that is left out."""
        used = {name for node in live for name in node.reads()} | set(self.outputs)
        self.inputs = [value for value in self.inputs if value.name in used]

    def _operands(self, node):
        """The nodes that define the operands of `node`, each once."""
        found = {}
        for name in node.reads():
            producer = self._producers.get(name)
            if producer is not None:
                found[producer.index] = producer
        return found

    def _sort(self, nodes):
        waiting = {node.index: set(self._operands(node)) for node in nodes}
        users = {node.index: [] for node in nodes}
        for node in nodes:
            for producer in waiting[node.index]:
                users[producer].append(node.index)
        by_index = {node.index: node for node in nodes}
        # The lowest index first: the file's own order wherever that is one.
        ready = [index for index, operands in waiting.items() if not operands]
        heapq.heapify(ready)
        self.order = []
        while ready:
            index = heapq.heappop(ready)
            self.order.append(by_index[index])
            del waiting[index]
            for user in users[index]:
                waiting[user].discard(index)
                if not waiting[user]:
                    heapq.heappush(ready, user)
        self.stuck = [by_index[index] for index in waiting]
        self._report_cycles()

    def _report_cycles(self):
        stuck = {node.index: node for node in self.stuck}
        operands = {
            index: [i for i in self._operands(node) if i in stuck]
            for index, node in stuck.items()
        }
        for members in find_cycles(operands):
            nodes = [stuck[index] for index in sorted(members)]
            names = ", ".join(f"'{node.name}' ({node.op})" for node in nodes)
            self._report.problem("cycle", f"these nodes feed one another: {names}")
