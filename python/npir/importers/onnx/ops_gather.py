"""Elements by their indices."""

import numpy as np

from .moved import Moved, emit_view, reshaped
from .node import axis_of
from .model import bits_of
from .ops_select import part
from .quantized import Elements, StoredHost
from .recipe import Recipe
from .registry import onnx_op
from .report import NodeProblem
from .shape_arithmetic import integers_of
from .unscaled import Unscaled
from .values import Batch, Host, format_shape, host_like


@onnx_op("Gather", inputs=(2, 2), hosts=True)
def import_gather(node):
    axis = node.int("axis", 0)
    x, indices = node.value(0), node.value(1)
    axis = axis_of(axis, len(x.shape))
    dtype = (
        indices.array.dtype if isinstance(indices, Host) else np.dtype(indices.dtype)
    )
    if dtype.kind not in "iu":
        raise NodeProblem(f"expected integers as indices, got {dtype}")
    if isinstance(x, Host) and isinstance(indices, Host):
        _gather_host(node, x, indices.array, axis)
        return
    if isinstance(x.shape[axis], Batch):
        raise NodeProblem(f"expected an axis other than the batch, got {axis}")
    if isinstance(indices, Host):
        _gather_constant(node, x, indices, axis)
    elif isinstance(x, Host) and x.array.dtype.name in ("int8", "uint8"):
        _gather_rows(node, x, axis)
    else:
        x, indices = node.typed(0), node.typed(1)
        for value in (x, indices):
            if isinstance(value, Moved):
                raise value.refuse()
        node.set(node.emit("npir.gather", [x, indices], {"axis": axis}))


def _gather_rows(node, x, axis):
    """Of a table of integers, which is dequantized in front of the Gather."""
    bits, signed = bits_of(x.array), x.array.dtype.kind == "i"

    def make(scale, zero_point):
        zero_point = np.zeros(1, np.int64) if zero_point is None else zero_point
        elements = Elements(
            bits, signed, scale.array.reshape(-1), zero_point.reshape(-1).astype(np.int64)
        )
        if scale.array.size != 1 or np.any(scale.array <= 0):
            return None
        r = Recipe(node)
        table = r.bind(StoredHost(x.array, elements, x.name, node.layer))
        rows = r(".Gather", table, node.inputs[1], layer=node.layer, axis=axis)
        return r.value(rows)

    node.set_integers(Unscaled(make))


def _gather_constant(node, x, indices, axis):
    """One index and neighbouring ones are a slice."""
    size = x.shape[axis]
    where = [int(i) + (size if i < 0 else 0) for i in indices.array.flat]
    if any(not 0 <= i < size for i in where):
        raise NodeProblem(
            f"expected indices into {size} elements, got "
            f"{format_shape(indices.array.flat)}"
        )
    dims = [*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :]]
    if where and where == list(range(where[0], where[0] + len(where))):
        is_whole = indices.array.ndim == 1
        taken = part(node, x, axis, where[0], len(where), "" if is_whole else ".slice")
        node.set(taken if is_whole else reshaped(node, taken, dims))
        return
    if isinstance(x, Moved):
        raise x.refuse()
    where = Host(
        np.array(where, np.int64).reshape(indices.shape), f"{node.layer}.indices"
    )
    node.set(emit_gather(node, x, where, axis))


def emit_gather(node, x, indices, axis, suffix=""):
    operands = [x, node.importer.typed_constant(indices)]
    return node.emit("npir.gather", operands, {"axis": axis}, suffix)


def _gather_host(node, x, indices, axis):
    if x.holds_batch:
        integers_of(Host(indices, ""))
    try:
        node.set(host_like(x, np.take(x.array, indices, axis), node.layer))
    except IndexError:
        raise NodeProblem(
            f"expected indices into shape {format_shape(x.shape)}, got "
            f"{format_shape(indices.flat)}"
        ) from None


def _flat(node, x, suffix):
    """A Tensor as a list of its elements."""
    if isinstance(x, Moved):
        raise x.refuse()
    if any(isinstance(size, Batch) for size in x.shape):
        raise NodeProblem(
            f"unsupported where the batch is free, as in {format_shape(x.shape)}"
        )
    return emit_view(node, x, (int(np.prod(x.shape)),), suffix)


def _positions(shape):
    return np.arange(int(np.prod(shape))).reshape(shape)


def _indices(node, index, what):
    host = node.host(index, what)
    if host.holds_batch or not host.is_integer:
        raise NodeProblem(f"expected constant integers as {what}")
    return host.array


def _take(node, values, positions):
    """Set the result to the elements of flat `values` at `positions`."""
    where = Host(positions.astype(np.int64), f"{node.layer}.indices")
    if positions.ndim:
        node.set(emit_gather(node, values, where, 0))
    else:
        taken = emit_gather(node, values, Host(where.array.reshape(1), where.name), 0)
        node.set(emit_view(node, taken, (), ".scalar"))


def _numpy(function, what):
    """`function()`, an indexing of numpy's."""
    try:
        return function()
    except (IndexError, ValueError) as error:
        raise NodeProblem(f"expected {what} that fit: {error}") from None


def _elements_index(indices, axis):
    """numpy's index of what GatherElements takes."""
    index = list(np.indices(indices.shape))
    index[axis] = indices
    return tuple(index)


@onnx_op("GatherElements", inputs=(2, 2))
def import_gather_elements(node):
    axis = node.int("axis", 0)
    indices = _indices(node, 1, "indices")
    x = node.typed(0)
    axis = axis_of(axis, len(x.shape))
    values = _flat(node, x, ".flat")
    positions = _numpy(
        lambda: _positions(x.shape)[_elements_index(indices, axis)], "indices"
    )
    _take(node, values, positions)


@onnx_op("GatherND", inputs=(2, 2))
def import_gather_nd(node):
    batches = node.int("batch_dims", 0)
    indices = _indices(node, 1, "indices")
    x = node.typed(0)
    values = _flat(node, x, ".flat")

    def positions():
        index = list(np.indices(indices.shape[:-1])[:batches])
        index += [indices[..., i] for i in range(indices.shape[-1])]
        return _positions(x.shape)[tuple(index)]

    _take(node, values, _numpy(positions, "indices"))


_REDUCTIONS = {"add": "add", "mul": "mul", "max": "maximum", "min": "minimum"}


def _scatter(node, index_of):
    """Set the result to operand 0 with operand 2 at `index_of(indices)`."""
    reduction = node.text("reduction", "none")
    if reduction != "none" and reduction not in _REDUCTIONS:
        expected = ", ".join(_REDUCTIONS)
        raise NodeProblem(f"expected reduction of none, {expected}, got '{reduction}'")
    indices = _indices(node, 1, "indices")
    x = node.typed(0)
    updates = node.typed(2, x.dtype)
    shape = x.shape
    targets = _numpy(
        lambda: np.broadcast_to(_positions(shape)[index_of(indices)], updates.shape),
        "indices and updates",
    ).reshape(-1)
    x, updates = _flat(node, x, ".flat"), _flat(node, updates, ".updates")
    if reduction == "none":
        x = _replace(node, x, targets, updates)
    else:
        op = f"npir.{_REDUCTIONS[reduction]}"
        for sources in _rounds(targets):
            places = Host(targets[sources], f"{node.layer}.places")
            chosen = Host(sources, f"{node.layer}.sources")
            old = emit_gather(node, x, places, 0, ".old")
            new = emit_gather(node, updates, chosen, 0, ".new")
            new = node.emit(op, [old, new], None, f".{reduction}")
            x = _replace(node, x, targets[sources], new)
    node.set(emit_view(node, x, shape))


def _rounds(targets):
    """Which updates can be done at once: the first of each place, the second..."""
    rounds, seen = [], {}
    for source, place in enumerate(targets.tolist()):
        count = seen.get(place, 0)
        seen[place] = count + 1
        if count == len(rounds):
            rounds.append([])
        rounds[count].append(source)
    return [np.array(sources) for sources in rounds]


def _replace(node, x, targets, updates):
    """Flat `x` with the elements of `updates` at `targets`."""
    (size,) = x.shape
    positions = np.arange(size)
    positions[targets] = size + np.arange(len(targets))
    both = node.emit("npir.concat", [x, updates], {"axis": 0}, ".all")
    where = Host(positions, f"{node.layer}.indices")
    return emit_gather(node, both, where, 0, ".chosen")


@onnx_op("ScatterElements", inputs=(3, 3))
def import_scatter_elements(node):
    axis = node.int("axis", 0)
    rank = len(node.value(0).shape)
    _scatter(node, lambda indices: _elements_index(indices, axis_of(axis, rank)))


@onnx_op("ScatterND", inputs=(3, 3))
def import_scatter_nd(node):
    def index_of(indices):
        return tuple(indices[..., i] for i in range(indices.shape[-1]))

    _scatter(node, index_of)
