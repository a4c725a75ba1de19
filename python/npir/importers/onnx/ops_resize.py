"""Resize: npir's where that does it, else products with matrices."""

import math

import numpy as np

from .axes import on_axis
from .formula import Formula
from .moved import emit_view
from .node import axes_of
from .registry import onnx_op
from .report import NodeProblem
from .resampling import (
    COORDINATES,
    MODES,
    ROUNDINGS,
    Axis,
    Resampling,
    resampling_matrix,
)
from .values import Batch, Host, format_shape
from .windows import to_channels_first, to_channels_last

# npir's name of coordinates; the others are one of these where sizes divide evenly.
_NPIR_COORDINATES = {
    "half_pixel": "half_pixel",
    "half_pixel_symmetric": "half_pixel",
    "pytorch_half_pixel": "half_pixel",
    "align_corners": "align_corners",
    "asymmetric": "asymmetric",
}


def _choice(node, name, choices):
    value = node.text(name, choices[0])
    if value not in choices:
        expected = ", ".join(choices)
        raise NodeProblem(f"expected {name} among {expected}, got '{value}'")
    return value


@onnx_op("Resize", inputs=(1, 4))
def import_resize(node):
    how = Resampling(
        _choice(node, "mode", MODES),
        _choice(node, "coordinate_transformation_mode", COORDINATES),
        _choice(node, "nearest_mode", ROUNDINGS),
        node.float("cubic_coeff_a", -0.75),
        node.int("exclude_outside", 0) != 0,
        node.int("antialias", 0) != 0,
    )
    value = node.float("extrapolation_value", 0.0)
    policy = _choice(
        node, "keep_aspect_ratio_policy", ("stretch", "not_larger", "not_smaller")
    )
    named = node.ints("axes")
    x = node.tensor(0)
    rank = len(x.shape)
    order = axes_of(named, rank) if named is not None else list(range(rank))
    axes = [axis for axis in _axes(node, x, order, policy, how) if _changes(axis, how)]
    if not axes:
        node.set(x)
    elif _is_npir(x, axes, how):
        _emit_resize(node, x, axes, how)
    else:
        _multiply(node, x, axes, how, value)


def _axes(node, x, order, policy, how):
    """What is to become of the dimensions `order`, but the batch."""
    sizes = node.is_given(3) and node.host(3, "sizes").array.size > 0
    scales = node.is_given(2) and node.host(2, "scales").array.size > 0
    if sizes == scales:
        raise NodeProblem("expected either scales or sizes")
    if sizes:
        given = node.integers(3, "sizes")
    else:
        given = [float(s) for s in node.host(2, "scales").array.flat]
    if len(given) != len(order):
        raise NodeProblem(
            f"expected {len(order)} {'sizes' if sizes else 'scales'}, got {len(given)}"
        )
    rois = _rois(node, len(order), how)
    pairs = []
    for axis, number in zip(order, given):
        size = x.shape[axis]
        if isinstance(size, Batch):
            _check_batch(node, size, number, sizes)
        elif isinstance(number, Batch) or not number > 0:
            raise NodeProblem(f"expected positive numbers, got {format_shape(given)}")
        else:
            pairs.append((axis, size, number))
    if not sizes:
        results = [(math.floor(size * scale), scale) for _, size, scale in pairs]
    elif policy == "stretch":
        results = [(new, new / size) for _, size, new in pairs]
    else:
        choose = min if policy == "not_larger" else max
        scale = choose(new / size for _, size, new in pairs)
        results = [(math.floor(scale * size + 0.5), scale) for _, size, _ in pairs]
    if any(new < 1 for new, _ in results):
        raise NodeProblem(
            f"expected sizes of at least 1, got {[new for new, _ in results]}"
        )
    return [
        Axis(axis, size, new, scale, rois[order.index(axis)])
        for (axis, size, _), (new, scale) in zip(pairs, results)
    ]


def _check_batch(node, size, number, are_sizes):
    traced = node.importer.traced_batch
    same = [size, traced and traced * size.factor] if are_sizes else [1]
    if number not in same:
        raise NodeProblem(f"expected the batch to keep its size {size}, got {number}")


def _rois(node, count, how):
    """The part of each dimension that is taken."""
    if how.coordinates != "tf_crop_and_resize":
        return [(0.0, 1.0)] * count
    array = node.host(1, "roi").array.reshape(-1)
    if array.size != 2 * count:
        raise NodeProblem(f"expected a roi of {2 * count} numbers, got {array.size}")
    return [(float(array[i]), float(array[i + count])) for i in range(count)]


def _changes(axis, how):
    same = axis.size == axis.new_size and axis.scale == 1
    return (
        not same or how.coordinates == "tf_crop_and_resize" and axis.roi != (0.0, 1.0)
    )


def _is_npir(x, axes, how):
    """Whether npir.resize does it: a map, whose height and width change."""
    if len(x.shape) not in (3, 4) or any(axis.index < 2 for axis in axes):
        return False
    if how.mode == "cubic" or how.antialias or how.exclude_outside:
        return False
    if how.coordinates not in _NPIR_COORDINATES:
        return False
    if how.coordinates in ("half_pixel", "asymmetric"):
        return True
    # Where there is but one element, the words have other meanings.
    return all(axis.is_whole and axis.new_size > 1 for axis in axes) and len(axes) == 2


def _emit_resize(node, x, axes, how):
    shape = x.shape
    if len(shape) == 3:
        x = emit_view(node, x, (*shape[:2], 1, shape[2]), ".row")
    sizes, scales = list(x.shape[2:]), [1.0, 1.0]
    for axis in axes:
        i = axis.index - len(shape)
        sizes[i], scales[i] = axis.new_size, axis.scale
    mode = "nearest" if how.mode == "nearest" else "bilinear"
    attributes = {
        "mode": f"#npir.resize_mode<{mode}>",
        "sizes": sizes,
        "coordinates": f"#npir.resize_coordinates<{_NPIR_COORDINATES[how.coordinates]}>",
        "rounding": f"#npir.resize_rounding<{how.rounding}>",
    }
    if not all(axis.is_whole for axis in axes):
        numbers = ", ".join(f"{np.float32(scale):.9e}" for scale in scales)
        attributes["scales"] = f"array<f32: {numbers}>"
    y = node.emit("npir.resize", [to_channels_last(node, x)], attributes)
    y = to_channels_first(node, y)
    if len(shape) == 3:
        y = emit_view(node, y, (*shape[:2], y.shape[3]), ".line")
    node.set(y)


def _multiply(node, x, axes, how, value):
    """One product along each dimension; what lies outside becomes `value`."""
    inside = np.ones((), np.bool_)
    for axis in axes:
        matrix, rows = resampling_matrix(axis, how)
        suffix = "" if axis is axes[-1] else f".{axis.index}"
        weight = node.constant(Host(matrix, f"{node.layer}.weights{axis.index}"))
        x = on_axis(
            node,
            x,
            axis.index,
            lambda t, w=weight, s=suffix: node.emit("npir.linear", [t, w], None, s),
        )
        dims = [1] * len(x.shape)
        dims[axis.index] = axis.new_size
        inside = inside & rows.reshape(dims)
    if inside.all():
        node.set(x)
        return
    f = Formula(node)
    mask = node.importer.typed_constant(Host(inside, f"{node.layer}.inside"))
    node.set(f(".where", mask, x, value))
