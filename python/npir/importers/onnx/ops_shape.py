"""Ops that give tensors another shape or another order of dimensions."""

from .model import MAX_RANK
from .moved import Moved, reshaped
from .node import axes_of, axis_of
from .registry import onnx_op
from .report import NodeProblem
from .values import Batch, Host, Tensor, format_shape, size_of


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


def _candidates(node, x, dims):
    """What `dims` may mean: the batch that was freed may stand there as the number it
    had; in a Tensor first, in a Moved anywhere."""
    yield dims
    traced = node.importer.traced_batch
    for i, dim in enumerate(dims if isinstance(x, Moved) else dims[:1]):
        if traced and isinstance(dim, int) and dim > 0 and dim % traced == 0:
            yield [*dims[:i], Batch(dim // traced), *dims[i + 1 :]]


def _likelihood(x, dims):
    """Which of the dimensions that may be the batch of a Moved is likely to be it:
    hardly the last; where the others stay whole; near to where it was."""
    if not isinstance(x, Moved):
        return ()
    axis = next(i for i, dim in enumerate(dims) if isinstance(dim, Batch))
    distance = abs(axis - x.batch_axis)
    return (axis < len(dims) - 1, x.reshaped(dims).count_whole(), -distance)


def _fits(x, dims):
    """Whether `x` can have the sizes `dims`, with the batch in one piece."""
    if size_of(dims) != size_of(x.shape):
        return False
    if isinstance(x, Moved):
        return x.reshaped(dims) is not None
    return not any(isinstance(dim, Batch) for dim in dims[1:])


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
    unknown = [i for i, dim in enumerate(dims) if dim == -1]
    if len(unknown) > 1 or any(isinstance(d, int) and d < -1 for d in dims):
        raise NodeProblem(f"expected sizes and one -1, got {format_shape(target)}")
    candidates = list(_candidates(node, x, dims))
    if unknown:
        x_size = size_of(x.shape)
        candidates = [_infer_dim(x_size, dims, unknown[0]) for dims in candidates]
    candidates = [dims for dims in candidates if dims is not None]
    # With the batch first if possible.
    for operand in (x, Moved.of(x)) if isinstance(x, Tensor) and x.is_dynamic else (x,):
        fitting = [dims for dims in candidates if _fits(operand, dims)]
        if fitting:
            return max(fitting, key=lambda dims: _likelihood(operand, dims))
    hint = ""
    if node.importer.traced_batch:
        hint = "; if the model is made for its own batch only, use --batch=fixed"
    raise NodeProblem(
        f"cannot reshape {format_shape(x.shape)} to {format_shape(target)}{hint}"
    )


def _reshape_host(node, host, shape):
    try:
        node.set(Host(host.array.reshape([int(dim) for dim in shape]), host.name))
    except (TypeError, ValueError, OverflowError):
        raise NodeProblem(
            f"cannot reshape {format_shape(host.array.shape)} to {format_shape(shape)}"
        ) from None


@onnx_op("Reshape", inputs=(2, 2), hosts=True)
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
    x = node.value(0)
    node.set(reshaped(node, x, _resolve_reshape(node, x, target, allow_zero)))


@onnx_op("Flatten", hosts=True)
def import_flatten(node):
    axis = node.int("axis", 1)
    x = node.value(0)
    shape = list(x.shape)
    if axis != len(shape):
        axis = axis_of(axis, len(shape))
    (rows, batches), (columns, others) = size_of(shape[:axis]), size_of(shape[axis:])
    dims = [Batch(rows) if batches else rows, Batch(columns) if others else columns]
    if isinstance(x, Host):
        _reshape_host(node, x, dims)
    else:
        node.set(reshaped(node, x, dims))


def _axes(node):
    """The axes of Squeeze and Unsqueeze: an attribute, since opset 13 an input."""
    if node.opset < 13:
        return node.ints("axes")
    return node.static_integers(1, "axes") if node.is_given(1) else None


def _set_dims(node, x, dims):
    if isinstance(x, Host):
        node.set(Host(x.array.reshape(dims), x.name))
    else:
        node.set(reshaped(node, x, dims))


@onnx_op("Squeeze", inputs=(1, 2), hosts=True)
def import_squeeze(node):
    axes = _axes(node)
    x = node.value(0)
    shape = list(x.shape)
    if axes is None:
        axes = [i for i, dim in enumerate(shape) if dim == 1]
    axes = {axis_of(axis, len(shape), "axes") for axis in axes}
    wrong = [axis for axis in axes if shape[axis] != 1]
    if wrong:
        raise NodeProblem(
            f"expected size 1 along axis {min(wrong)}, got {format_shape(shape)}"
        )
    _set_dims(node, x, [dim for i, dim in enumerate(shape) if i not in axes])


@onnx_op("Unsqueeze", inputs=(1, 2), hosts=True)
def import_unsqueeze(node):
    axes = _axes(node)
    if axes is None:
        raise NodeProblem("axes are missing")
    x = node.value(0)
    shape = list(x.shape)
    rank = len(shape) + len(axes)
    if rank > MAX_RANK:
        raise NodeProblem(f"expected a rank of at most {MAX_RANK}, got {rank}")
    for axis in sorted(axes_of(axes, rank)):
        shape.insert(axis, 1)
    _set_dims(node, x, shape)


@onnx_op("Transpose", hosts=True)
def import_transpose(node):
    perm = node.ints("perm")
    x = node.value(0)
    rank = len(x.shape)
    if perm is None:
        perm = list(reversed(range(rank)))
    if sorted(perm) != list(range(rank)):
        raise NodeProblem(
            f"expected a permutation of {rank} dimensions, got {format_shape(perm)}"
        )
    if isinstance(x, Host):
        # A view: what needs other memory makes it, once.
        node.set(Host(x.array.transpose(perm), x.name))
    elif isinstance(x, Tensor) and (perm[:1] in ([], [0]) or not x.is_dynamic):
        node.set(node.emit("npir.transpose", [x], {"perm": perm}))
    else:
        node.set((Moved.of(x) if isinstance(x, Tensor) else x).transposed(perm))
