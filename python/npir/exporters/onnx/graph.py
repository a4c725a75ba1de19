"""A module's ops, as `_npir` reads them out."""

import re


class Tensor:
    """A tensor's type: `shape`, None for the free batch; `elements`, what its integers
    stand for, or None; `dtype`, what it is stored as; `min` and `max`, the integers
    that occur."""

    def __init__(self, shape, dtype, elements=None, least=None, greatest=None):
        self.shape = shape
        self.dtype = dtype
        self.elements = elements
        self.min = least
        self.max = greatest


_ENUM = re.compile(r"#npir\.\w+<(\w+)>")


class Op:
    """An op; operands and results are indices of tensors."""

    def __init__(self, name, layer, operands, results, attributes, array):
        self.name = name
        self.layer = layer or name
        self.operands = operands
        self.results = results
        self.array = array
        self._attributes = attributes

    def get(self, name, default=None):
        """The attribute: a number, a flag, a list of numbers, a word."""
        value = self._attributes.get(name, default)
        if isinstance(value, str):
            found = _ENUM.fullmatch(value)
            return found[1] if found else value
        return value


class Graph:
    """The entry function of a module, given as `_npir`'s Model."""

    def __init__(self, model):
        from ..._npir import read_graph

        record = read_graph(model)
        self.name = record["name"]
        self.inputs = record["inputs"]
        self.outputs = record["outputs"]
        self.tensors = [Tensor(*tensor) for tensor in record["tensors"]]
        self.ops = [Op(*op) for op in record["ops"]]
