"""Ops that give tensors another shape or another order of dimensions."""

from ..onnx.moved import Moved, reshaped
from ..onnx.node import axes_of, axis_of
from ..onnx.report import NodeProblem
from ..onnx.values import Batch, Tensor, format_shape
from .registry import aten


@aten(
    "view.default",
    "_unsafe_view.default",
    "reshape.default",
    "flatten.using_ints",
    "unflatten.int",
    "squeeze.default",
    "squeeze.dim",
    "squeeze.dims",
    "unsqueeze.default",
)
def import_reshape(node):
    """Into the shape that torch inferred."""
    node.ignore("size", "shape", "start_dim", "end_dim", "dim", "sizes")
    node.set(reshaped(node, node.typed("self"), list(node.shape)))


def set_transposed(node, x, perm):
    if perm == list(range(len(perm))):
        node.set(x)
    elif isinstance(x, Tensor) and (perm[:1] in ([], [0]) or not x.is_dynamic):
        node.set(node.emit("npir.transpose", [x], {"perm": perm}))
    else:
        node.set((Moved.of(x) if isinstance(x, Tensor) else x).transposed(perm))


@aten("permute.default")
def import_permute(node):
    x = node.typed("self")
    set_transposed(node, x, axes_of(node.ints("dims") or [], len(x.shape), "dims"))


@aten("transpose.int", "swapaxes.default", "swapdims.default")
def import_transpose(node):
    x = node.typed("self")
    rank = len(x.shape)
    names = ("dim0", "dim1") if node.has("dim0") else ("axis0", "axis1")
    first, second = (axis_of(node.number(name), rank, name) for name in names)
    perm = list(range(rank))
    perm[first], perm[second] = perm[second], perm[first]
    set_transposed(node, x, perm)


@aten("t.default", "numpy_T.default", "mT.default")
def import_t(node):
    x = node.typed("self")
    perm = list(range(len(x.shape)))
    if node.op == "aten.mT.default":
        perm[-2:] = perm[:-3:-1]
    else:
        perm.reverse()
    set_transposed(node, x, perm)


def emit_broadcast(node, x, dims, suffix=""):
    """The Tensor `x` repeated to the sizes `dims`, the batch first."""
    if tuple(dims) == tuple(x.shape):
        return x
    if isinstance(x, Moved):
        raise x.refuse()
    if any(isinstance(dim, Batch) for dim in dims[1:]):
        raise NodeProblem(
            f"expected the batch to stay the first dimension, got {format_shape(dims)}"
        )
    operands, factor = [x], None
    if dims and isinstance(dims[0], Batch):
        operands.append(node.importer.batch_like(dims[0]))
        factor = dims[0].factor
    shape = [None if isinstance(dim, Batch) else dim for dim in dims]
    return node.emit("npir.broadcast", operands, None, suffix, shape, x.dtype, factor)


@aten("expand.default", "expand_as.default")
def import_expand(node):
    node.ignore("size", "implicit", "other")
    node.set(emit_broadcast(node, node.typed("self"), node.shape))


@aten("repeat.default")
def import_repeat(node):
    repeats = node.ints("repeats")
    x = node.whole(node.typed("self"))
    missing = len(repeats) - len(x.shape)
    if missing:
        x = reshaped(node, x, [1] * missing + list(x.shape), ".shaped")
    dims = [size * count if size == 1 else size for size, count in zip(x.shape, repeats)]
    rest = [(axis, n) for axis, (n, size) in enumerate(zip(repeats, x.shape)) if n > 1 and size != 1]
    x = emit_broadcast(node, x, dims, ".broadcast" if rest else "")
    for i, (axis, count) in enumerate(rest, 1):
        if isinstance(x.shape[axis], Batch):
            raise NodeProblem("expected repeats of dimensions other than the batch")
        x = node.emit("npir.concat", [x] * count, {"axis": axis}, "" if i == len(rest) else f".{i}")
    node.set(x)
