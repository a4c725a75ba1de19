"""Ops that move values or give them another shape, and constants."""

import numpy as np

from .model import MAX_RANK
from .node import axis_of
from .registry import onnx_op
from .report import NodeProblem
from .values import Batch, Host, Tensor, format_shape, size_of


def emit_reshape(node, x, dims):
    """Set the result to `x` with the sizes `dims`, integers and Batches."""
    x_size, dims_size = size_of(x.shape), size_of(dims)
    if x_size != dims_size:
        raise NodeProblem(
            f"expected as many elements, got {format_shape(x.shape)} and "
            f"{format_shape(dims)}"
        )
    if any(isinstance(dim, Batch) for dim in dims[1:]):
        raise NodeProblem(
            f"expected the batch to stay the first dimension, got {format_shape(dims)}"
        )
    shape = [None if isinstance(dim, Batch) else dim for dim in dims]
    factor = dims[0].factor if dims and isinstance(dims[0], Batch) else None
    node.set(node.emit("npir.reshape", [x], shape=shape, factor=factor))


def _infer_dim(x_size, dims, index):
    """`dims` with what is left of `x_size` at `index`; None if nothing fits."""
    known, batches = size_of(dims[:index] + dims[index + 1 :])
    size, x_batches = x_size
    if known <= 0 or size % known != 0 or x_batches - batches not in (0, 1):
        return None
    rest = size // known
    if x_batches > batches:
        rest = Batch(rest)
    return dims[:index] + [rest] + dims[index + 1 :]


def _resolve_reshape(node, x, target, allow_zero):
    """The sizes that ONNX's Reshape makes of `target` with its 0 and -1."""
    dims = []
    for i, dim in enumerate(target):
        if dim == 0 and not allow_zero:
            if i >= len(x.shape):
                raise NodeProblem(
                    f"expected 0 only for a dimension of {format_shape(x.shape)}, "
                    f"got {format_shape(target)}"
                )
            dim = x.shape[i]
        dims.append(dim)
    candidates = [dims]
    traced = node.importer.traced_batch
    if traced and dims and isinstance(dims[0], int) and dims[0] > 0:
        # The batch that was freed may stand here as the number it had.
        if dims[0] % traced == 0:
            candidates.append([Batch(dims[0] // traced)] + dims[1:])
    unknown = [i for i, dim in enumerate(dims) if dim == -1]
    if len(unknown) > 1 or any(isinstance(d, int) and d < -1 for d in dims):
        raise NodeProblem(f"expected sizes and one -1, got {format_shape(target)}")
    x_size = size_of(x.shape)
    for candidate in candidates:
        if unknown:
            candidate = _infer_dim(x_size, candidate, unknown[0])
        if (
            candidate is not None
            and size_of(candidate) == x_size
            and not any(isinstance(dim, Batch) for dim in candidate[1:])
        ):
            return candidate
    hint = ""
    if traced:
        hint = "; if the model is made for its own batch only, use --batch=fixed"
    raise NodeProblem(
        f"cannot reshape {format_shape(x.shape)} to {format_shape(target)}{hint}"
    )


def _reshape_host(node, host, shape):
    try:
        node.set(Host(host.array.reshape([int(dim) for dim in shape]), node.name))
    except (TypeError, ValueError, OverflowError):
        raise NodeProblem(
            f"cannot reshape {format_shape(host.array.shape)} to {format_shape(shape)}"
        ) from None


@onnx_op("Reshape", inputs=(2, 2))
def import_reshape(node):
    allow_zero = node.int("allowzero", 0)
    target = node.integers(1, "shape")
    if node.is_host(0):
        host = node.value(0)
        rank = host.array.ndim
        if not allow_zero:
            target = [
                host.array.shape[i] if dim == 0 and i < rank else dim
                for i, dim in enumerate(target)
            ]
        _reshape_host(node, host, target)
        return
    x = node.tensor(0)
    emit_reshape(node, x, _resolve_reshape(node, x, target, allow_zero))


@onnx_op("Flatten")
def import_flatten(node):
    axis = node.int("axis", 1)
    x = node.value(0)
    shape = list(x.array.shape if isinstance(x, Host) else x.shape)
    if axis != len(shape):
        axis = axis_of(axis, len(shape))
    (rows, batches), (columns, others) = size_of(shape[:axis]), size_of(shape[axis:])
    dims = [Batch(rows) if batches else rows, Batch(columns) if others else columns]
    if isinstance(x, Host):
        _reshape_host(node, x, dims)
    else:
        emit_reshape(node, x, dims)


def _axes(node):
    """The axes of Squeeze and Unsqueeze: an attribute, since opset 13 an input."""
    if node.opset < 13:
        return node.ints("axes")
    return node.static_integers(1, "axes") if node.is_given(1) else None


def _set_dims(node, x, dims):
    if isinstance(x, Host):
        node.set(Host(x.array.reshape(dims), x.name))
    else:
        emit_reshape(node, x, dims)


@onnx_op("Squeeze", inputs=(1, 2))
def import_squeeze(node):
    axes = _axes(node)
    x = node.value(0)
    shape = list(x.array.shape if isinstance(x, Host) else x.shape)
    if axes is None:
        axes = [i for i, dim in enumerate(shape) if dim == 1]
    axes = {axis_of(axis, len(shape), "axes") for axis in axes}
    wrong = [axis for axis in axes if shape[axis] != 1]
    if wrong:
        raise NodeProblem(
            f"expected size 1 along axis {min(wrong)}, got {format_shape(shape)}"
        )
    _set_dims(node, x, [dim for i, dim in enumerate(shape) if i not in axes])


@onnx_op("Unsqueeze", inputs=(1, 2))
def import_unsqueeze(node):
    axes = _axes(node)
    if axes is None:
        raise NodeProblem("axes are missing")
    x = node.value(0)
    shape = list(x.array.shape if isinstance(x, Host) else x.shape)
    rank = len(shape) + len(axes)
    if rank > MAX_RANK:
        raise NodeProblem(f"expected a rank of at most {MAX_RANK}, got {rank}")
    axes = sorted(axis_of(axis, rank, "axes") for axis in axes)
    if len(set(axes)) != len(axes):
        raise NodeProblem(f"expected different axes, got {format_shape(axes)}")
    for axis in axes:
        shape.insert(axis, 1)
    _set_dims(node, x, shape)


@onnx_op("Transpose")
def import_transpose(node):
    perm = node.ints("perm")
    x = node.value(0)
    rank = x.array.ndim if isinstance(x, Host) else len(x.shape)
    if perm is None:
        perm = list(reversed(range(rank)))
    if isinstance(x, Tensor):
        node.set(node.emit("npir.transpose", [x], {"perm": perm}))
        return
    if sorted(perm) != list(range(rank)):
        raise NodeProblem(
            f"expected a permutation of {rank} dimensions, got {format_shape(perm)}"
        )
    node.set(Host(np.ascontiguousarray(x.array.transpose(perm)), x.name))


@onnx_op("Constant", inputs=(0, 0))
def import_constant(node):
    # A tensor, or numbers: one attribute of several.
    if node.has("value"):
        array = node.array("value")
    elif node.has("value_float"):
        array = np.array(node.float("value_float"), np.float32)
    elif node.has("value_floats"):
        array = np.array(node.floats("value_floats"), np.float32)
    elif node.has("value_int"):
        array = np.array(node.int("value_int"), np.int64)
    elif node.has("value_ints"):
        array = np.array(node.ints("value_ints"), np.int64)
    else:
        raise NodeProblem("expected a value of numbers")
    node.set(Host(array, node.name))


@onnx_op("Cast")
def import_cast(node):
    """Between integers, and of floats to float32, which all activations are."""
    node.ignore("saturate")
    to = node.int("to")
    x = node.value(0)
    if to == 1 and (isinstance(x, Tensor) or not x.is_integer):
        node.set(x if isinstance(x, Tensor) else node.importer.as_float(x))
    elif to in (6, 7) and isinstance(x, Host) and x.is_integer:
        node.set(x)
    else:
        raise NodeProblem("unsupported except to float32, or on shapes")
