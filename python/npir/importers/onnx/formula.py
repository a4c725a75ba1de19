"""Functions that npir has no op for, written with those that it has."""

import numpy as np

from .values import Host


class Formula:
    """`f("div", a, b)` adds npir.div with the layer's own name, `f(".add", a, 1)` an op
    inside of the formula, named `<layer>.add`. Numbers become constants."""

    def __init__(self, node):
        self._node = node
        self._names = {}
        self._numbers = {}

    def __call__(self, name, *operands, **attributes):
        tensors = [self._tensor(operand) for operand in operands]
        suffix = ""
        if name.startswith("."):
            count = self._names.get(name, 0)
            self._names[name] = count + 1
            suffix = f"{name}{count}" if count else name
        op = "npir." + name.removeprefix(".")
        return self._node.emit(op, tensors, attributes, suffix)

    def _tensor(self, operand):
        if not isinstance(operand, (int, float)):
            return operand
        if operand not in self._numbers:
            array = np.array(operand, np.float32)
            self._numbers[operand] = Host(array, f"{self._node.layer}.{operand:g}")
        return self._node.constant(self._numbers[operand])
