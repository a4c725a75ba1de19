"""Graphs in the attributes of a node, put in its place."""

from .graph import Graph
from .report import Poisoned


class Scope:
    """What the names of a body stand for: its own first, then those around it."""

    def __init__(self, names, around):
        self.names = names
        self.around = around

    def find(self, name):
        scope = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.around
        return name

    def knows(self, name):
        scope = self
        while scope is not None and name not in scope.names:
            scope = scope.around
        return scope is not None


class Body:
    """A GraphProto of `node`, in `opset` where that is not the one around it; `prefix` is put
    before its layers' names. What depends on none of its inputs is imported once, the
    rest by each `run`."""

    def __init__(self, node, proto, opset=None, prefix=""):
        self._opset = opset or node.own_opset
        self._prefix = prefix
        self._node = node
        self._importer = node.importer
        self._around = node.scope
        known = node.importer.is_known
        graph = Graph(
            proto,
            node.importer.report,
            outer=lambda name: (self._around and self._around.knows(name)) or known(name),
        )
        self.inputs = [value.name for value in proto.input]
        self.outputs = graph.outputs
        self._graph = graph
        self._shared = Scope({}, self._around)
        for name, tensor in graph.initializers.items():
            self._shared.names[name] = self._importer.new_name(name)
            self._importer.add_initializer(self._shared.names[name], tensor)
        if graph.stuck:
            raise Poisoned
        self._split()
        self._import(self._once, self._shared, "")

    def _split(self):
        changing = set(self.inputs)
        self._once, self._each = [], []
        for node in self._graph.order:
            if changing.isdisjoint(node.reads()):
                self._once.append(node)
            else:
                self._each.append(node)
                changing.update(node.outputs)

    def _import(self, nodes, scope, suffix):
        for graph_node in nodes:
            for name in graph_node.outputs:
                if name:
                    scope.names[name] = self._importer.new_name(name)
            inner = graph_node.within(scope, self._prefix, suffix)
            inner.opset = self._opset
            self._importer.import_node(inner)

    def run(self, inputs, suffix=""):
        """The names of the outputs, of these names of inputs. `suffix` tells the layers of
        several runs apart."""
        scope = Scope(dict(zip(self.inputs, inputs)), self._shared)
        self._import(self._each, scope, suffix)
        outputs = [scope.find(name) for name in self.outputs]
        self._importer.load(outputs, self._node.layer)
        if any(name not in self._importer.values for name in outputs):
            # Why was said already.
            raise Poisoned
        return outputs
