"""Resizing along one dimension as a matrix: every mode of ONNX's Resize is one."""

import dataclasses
import math

import numpy as np

COORDINATES = (
    "half_pixel",
    "half_pixel_symmetric",
    "pytorch_half_pixel",
    "align_corners",
    "asymmetric",
    "tf_crop_and_resize",
)
ROUNDINGS = ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil")
MODES = ("nearest", "linear", "cubic")


@dataclasses.dataclass
class Resampling:
    """How elements are made; the attributes of Resize by their names."""

    mode: str = "nearest"
    coordinates: str = "half_pixel"
    rounding: str = "round_prefer_floor"
    cubic_coeff_a: float = -0.75
    exclude_outside: bool = False
    antialias: bool = False


@dataclasses.dataclass
class Axis:
    """One dimension: its index, sizes before and after, the ratio of the two that the
    model gives, and the part of it that tf_crop_and_resize takes."""

    index: int
    size: int
    new_size: int
    scale: float
    roi: tuple = (0.0, 1.0)

    @property
    def is_whole(self):
        """Whether the ratio is that of the sizes."""
        return self.new_size == self.scale * self.size


def find_points(axis, coordinates):
    """The point of the operand that each element of the result stands for."""
    i = np.arange(axis.new_size, dtype=np.float64)
    length = axis.scale * axis.size
    if coordinates == "asymmetric":
        return i / axis.scale
    if coordinates == "align_corners":
        return i * (axis.size - 1) / (length - 1) if length != 1 else 0 * i
    if coordinates == "tf_crop_and_resize":
        first, last = (edge * (axis.size - 1) for edge in axis.roi)
        if length == 1:
            return 0 * i + (first + last) / 2
        return first + i * (last - first) / (length - 1)
    if coordinates == "pytorch_half_pixel" and length <= 1:
        return 0 * i
    points = (i + 0.5) / axis.scale - 0.5
    if coordinates == "half_pixel_symmetric":
        points += axis.size / 2 * (1 - axis.new_size / length)
    return points


def _nearest(points, rounding):
    if rounding == "floor":
        return np.floor(points)
    if rounding == "ceil":
        return np.ceil(points)
    if rounding == "round_prefer_floor":
        return np.ceil(points - 0.5)
    return np.floor(points + 0.5)


def _triangle(x):
    return np.clip(1 - np.abs(x), 0, 1)


def _cubic(x, a):
    x = np.abs(x)
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    far = ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
    return np.where(x <= 1, near, np.where(x < 2, far, 0))


def _neighbours(points, axis, how):
    """Indices of the elements around each point, which may lie outside, and weights."""
    if how.mode == "nearest":
        return _nearest(points, how.rounding)[:, np.newaxis], np.ones((len(points), 1))
    reach = 1 if how.mode == "linear" else 2
    # Going down, antialiasing widens the filter.
    scale = min(axis.scale, 1) if how.antialias else 1
    width = math.ceil(reach / scale)
    indices = np.floor(points)[:, np.newaxis] + np.arange(1 - width, width + 1)
    distances = (indices - points[:, np.newaxis]) * scale
    if how.mode == "linear":
        weights = _triangle(distances)
    else:
        weights = _cubic(distances, how.cubic_coeff_a)
    if how.antialias:
        weights /= weights.sum(1, keepdims=True)
    return indices, weights


def resampling_matrix(axis, how):
    """[new size, size] in float32, and which rows are inside of the operand; rows that
    are not are 0. Only tf_crop_and_resize has some."""
    points = find_points(axis, how.coordinates)
    indices, weights = _neighbours(points, axis, how)
    if how.exclude_outside:
        weights = np.where((indices >= 0) & (indices < axis.size), weights, 0)
        weights /= weights.sum(1, keepdims=True)
    inside = np.ones(axis.new_size, np.bool_)
    if how.coordinates == "tf_crop_and_resize":
        inside = (points >= 0) & (points <= axis.size - 1)
    matrix = np.zeros((axis.new_size, axis.size))
    rows = np.arange(axis.new_size)[:, np.newaxis]
    columns = np.clip(indices, 0, axis.size - 1).astype(np.int64)
    np.add.at(matrix, (np.broadcast_to(rows, columns.shape), columns), weights)
    matrix[~inside] = 0
    return matrix.astype(np.float32), inside
