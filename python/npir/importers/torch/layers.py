"""The layers' names: the paths of their modules, as users' configs have them.

What a module without modules of its own computes with one op has its path:
`layer1.0.conv1`; a second call `layer1.0.relu_1`. Of several ops, the one with the
weights has the path, if it is alone. All others have the op's name behind the path:
`blocks.0.attn/matmul`, `layer1.0/add`.
"""

from collections import Counter

from .registry import IDENTITIES, base_name

# The key of a stack that says that there is none.
_NO_STACK = "_empty_nn_module_stack_from_metadata_hook"


def _call_of(fx_node):
    """The path of the innermost module of a node, and which call of it this is."""
    stack = [
        (key, entry[0] if isinstance(entry, (tuple, list)) else entry)
        for key, entry in (fx_node.meta.get("nn_module_stack") or {}).items()
        if key != _NO_STACK
    ]
    if not stack:
        return "", 0
    key, path = stack[-1]
    _, at, count = key.rpartition("@")
    path = path.removeprefix("L['self'].").removeprefix("L['self']")
    return path, int(count) if at and count.isdecimal() else 0


def _module_of_weights(fx_node, weights):
    """The path of the module that a node's weights belong to; None if it has none."""
    paths = {
        weights[operand].rpartition(".")[0]
        for operand in fx_node.all_input_nodes
        if operand in weights
    }
    return paths.pop() if len(paths) == 1 else None


class LayerNames:
    """Names of nodes of a graph. `weights`: the full names of parameters and
    buffers by placeholder."""

    def __init__(self, nodes, weights):
        self._nodes = [node for node in nodes if _is_layer(node)]
        self._owners = {node: _module_of_weights(node, weights) for node in self._nodes}
        self._calls = {node: self._find_call(node) for node in self._nodes}
        self._counts = Counter(self._calls.values())
        self._weighted = Counter(
            call for node, call in self._calls.items() if self._has_own_weights(node)
        )
        # Modules whose ops lie in modules of theirs, too.
        self._outer = {
            path[:i]
            for path, _ in self._calls.values()
            for i, letter in enumerate(path)
            if letter == "."
        }
        self._taken = set()
        self._names = {node: self._make(node) for node in self._nodes}

    def _find_call(self, node):
        path, count = _call_of(node)
        owner = self._owners[node]
        # Weights of a module that is not called, as of attention's `out_proj`.
        if owner is not None and owner != path and owner.startswith(f"{path}." if path else ""):
            return owner, 0
        return path, count

    def _has_own_weights(self, node):
        return self._owners[node] == self._calls[node][0]

    def _make(self, node):
        path, count = self._calls[node]
        call = (path, count)
        alone = self._counts[call] == 1 and path not in self._outer
        with_weights = self._has_own_weights(node) and self._weighted[call] == 1
        if path and (alone or with_weights):
            name = f"{path}_{count}" if count else path
        else:
            op = base_name(str(node.target))
            name = f"{path}/{op}" if path else op
        unique, number = name, 0
        while unique in self._taken:
            number += 1
            unique = f"{name}_{number}"
        self._taken.add(unique)
        return unique

    def of(self, node):
        """The layer's name; of a node that is no layer, that of its module, or torch's."""
        return self._names.get(node) or _call_of(node)[0] or node.name


def _is_layer(node):
    if node.op != "call_function":
        return False
    name = str(node.target)
    return "." in name and name not in IDENTITIES and not name.startswith("aten.sym_")
