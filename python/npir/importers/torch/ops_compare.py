"""Relations, truth values, and what is chosen by them."""

from ..onnx.report import NodeProblem
from ..onnx.values import Host
from .ops_elementwise import combine
from .registry import aten


def _dtype_of(value):
    return value.array.dtype.name if isinstance(value, Host) else value.dtype


def _common(node, x, y):
    """The values, with elements that both can be compared as."""
    dtypes = {_dtype_of(value) for value in (x, y)}
    floats = any(dtype.startswith("float") for dtype in dtypes)
    others = [value.dtype for value in (x, y) if not isinstance(value, Host)]
    dtype = "float32" if floats else others[0]
    if len(set(others)) > 1 and not floats:
        dtype = "int64"

    def converted(value):
        if isinstance(value, Host):
            return Host(value.array.astype(dtype, copy=False), value.name, value.batch)
        return node.cast(value, dtype, ".cast")

    return converted(x), converted(y)


def _register_relation(kind):
    @aten(f"{kind}.Tensor", f"{kind}.Scalar")
    def import_relation(node):
        x, y = _common(node, node.value("self"), node.value("other"))
        attributes = {"kind": f"#npir.compare_kind<{kind}>"}
        node.set(combine(node, "npir.compare", x, y, "", attributes))


for _kind in ("eq", "ne", "lt", "le", "gt", "ge"):
    _register_relation(_kind)


def _register_logical(kind):
    @aten(f"logical_{kind}.default", f"bitwise_{kind}.Tensor")
    def import_logical(node):
        if node.dtype != "bool":
            raise NodeProblem("unsupported op, except on truth values")
        x, y = (_truth(node, name) for name in ("self", "other"))
        attributes = {"kind": f"#npir.logical_kind<{kind}>"}
        node.set(combine(node, "npir.logical", x, y, "", attributes))


def _truth(node, name):
    value = node.value(name)
    if isinstance(value, Host):
        return Host(value.array.astype(bool), value.name, value.batch)
    return node.cast(value, "bool", f".{name}")


for _kind in ("and", "or", "xor"):
    _register_logical(_kind)


@aten("logical_not.default", "bitwise_not.default")
def import_not(node):
    if node.dtype != "bool":
        raise NodeProblem("unsupported op, except on truth values")
    node.set(node.typed("self", "bool").apply(lambda x: node.emit("npir.not", [x])))


@aten("where.self", "where.ScalarOther", "where.ScalarSelf", "where.Scalar")
def import_where(node):
    condition = node.whole(_spread_free(node, "condition", "bool"))
    operands = [node.whole(_spread_free(node, name, node.dtype)) for name in ("self", "other")]
    node.set(node.emit("npir.where", [condition, *operands]))


def _spread_free(node, name, dtype):
    """An operand; a constant broadcasts, with its batch or without."""
    value = node.value(name)
    if isinstance(value, Host):
        return node.importer.typed_constant(value, dtype)
    return node.cast(value, dtype, f".{name}")
