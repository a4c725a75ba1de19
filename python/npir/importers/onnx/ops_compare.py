"""Relations, truth values, and what is chosen by them."""

import math

import numpy as np

from .formula import Formula
from .moved import Moved
from .ops_elementwise import combine
from .registry import onnx_op
from .report import NodeProblem
from .shape_arithmetic import fold, integers_of
from .values import Batch, Host, host_of


def _are_hosts(*values):
    return all(isinstance(value, Host) for value in values)


def _equal(a, b):
    if isinstance(a, Batch) != isinstance(b, Batch):
        number = b if isinstance(a, Batch) else a
        if number > 0:
            raise NodeProblem(f"compares the batch with {number}")
    return a == b


def _compare(node, kind, x, y):
    attributes = {"kind": f"#npir.compare_kind<{kind}>"}
    return combine(node, "npir.compare", x, y, attributes=attributes)


@onnx_op("Equal", inputs=(2, 2), hosts=True)
def import_equal(node):
    x, y = node.value(0), node.value(1)
    if _are_hosts(x, y):
        symbols = x.holds_batch or y.holds_batch
        equal = np.frompyfunc(_equal, 2, 1) if symbols else np.equal
        result = fold(node, equal, [x, y])
        node.set(Host(result.astype(np.bool_), node.layer))
    else:
        node.set(_compare(node, "eq", x, y))


def _register_relation(onnx_name, kind):
    @onnx_op(onnx_name, inputs=(2, 2))
    def import_relation(node):
        x, y = node.value(0), node.value(1)
        if _are_hosts(x, y):
            raise NodeProblem("compares the batch with a number")
        node.set(_compare(node, kind, x, y))


for _name, _kind in {
    "Less": "lt",
    "LessOrEqual": "le",
    "Greater": "gt",
    "GreaterOrEqual": "ge",
}.items():
    _register_relation(_name, _kind)


def _truth(node, index):
    """Operand `index`, of truth values."""
    value = node.value(index)
    dtype = value.array.dtype if isinstance(value, Host) else np.dtype(value.dtype)
    if dtype != np.bool_:
        raise NodeProblem(f"expected '{node.inputs[index]}' to be bool, got {dtype}")
    return value


def _register_logical(onnx_name, kind):
    @onnx_op(onnx_name, inputs=(2, 2))
    def import_logical(node):
        attributes = {"kind": f"#npir.logical_kind<{kind}>"}
        x, y = _truth(node, 0), _truth(node, 1)
        node.set(combine(node, "npir.logical", x, y, attributes=attributes))


for _name in ("And", "Or", "Xor"):
    _register_logical(_name, _name.lower())


@onnx_op("Not")
def import_not(node):
    node.set(_truth(node, 0).apply(lambda x: node.emit("npir.not", [x])))


@onnx_op("IsNaN")
def import_is_nan(node):
    """No other number differs from itself."""
    kind = {"kind": "#npir.compare_kind<ne>"}
    node.set(
        node.activation(0).apply(lambda x: node.emit("npir.compare", [x, x], kind))
    )


@onnx_op("IsInf")
def import_is_inf(node):
    negative, positive = node.int("detect_negative", 1), node.int("detect_positive", 1)
    f = Formula(node)

    def is_inf(x):
        if negative and positive:
            x = f(".abs", x)
        elif not negative and not positive:
            # Nothing is below itself.
            return f("compare", x, x, kind="#npir.compare_kind<lt>")
        number = math.inf if positive else -math.inf
        return f("compare", x, number, kind="#npir.compare_kind<eq>")

    node.set(node.activation(0).apply(is_inf))


@onnx_op("Where", inputs=(3, 3), hosts=True)
def import_where(node):
    condition = _truth(node, 0)
    x, y = node.value(1), node.value(2)
    if not _are_hosts(condition, x, y):
        _choose(node, condition, x, y)
        return

    def where(a, b):
        return np.where(condition.array, a, b)

    if x.holds_batch or y.holds_batch:
        node.set(
            host_of(fold(node, where, [integers_of(x), integers_of(y)]), node.layer)
        )
    else:
        node.set(Host(fold(node, where, [x, y]), node.layer))


def _choose(node, condition, x, y):
    dtypes = [value.dtype for value in (x, y) if not isinstance(value, Host)]
    operands = [node.typed(0)]
    operands += [node.typed(i, dtypes[0] if dtypes else None) for i in (1, 2)]
    for value in operands:
        if isinstance(value, Moved):
            raise value.refuse()
    node.set(node.emit("npir.where", operands))
