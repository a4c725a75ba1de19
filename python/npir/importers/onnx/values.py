"""What a tensor's name stands for while the graph is walked."""

import numpy as np

from .report import NodeProblem


class Batch:
    """`factor` times the free batch size, as an element of a shape."""

    def __init__(self, factor):
        self.factor = factor

    def __eq__(self, other):
        return isinstance(other, Batch) and self.factor == other.factor

    def __hash__(self):
        return hash(self.factor)

    def __repr__(self):
        return "batch" if self.factor == 1 else f"{self.factor}*batch"


class Tensor:
    """An activation: a value of the module, with the factor of its batch."""

    def __init__(self, value, factor=1):
        self.value = value
        self.factor = factor

    @property
    def shape(self):
        """Sizes; the free batch is a Batch."""
        return tuple(Batch(self.factor) if d is None else d for d in self.value.shape)

    @property
    def dtype(self):
        """float32, int32, int64 or bool."""
        return self.value.dtype

    @property
    def is_dynamic(self):
        shape = self.value.shape
        return bool(shape) and shape[0] is None

    # As Moved has them.

    def apply(self, function):
        return function(self)

    def apply_last(self, node, function):
        return function(self)


class Host:
    """What is known at import: a weight, or a shape that is computed.

    `array` has a numpy type; object where an element is a Batch. `name` is what
    the constant is called if it gets into the module. `batch` is the Batch that its
    first dimension, of one sample, stands for, or None.
    """

    batch = None

    def __init__(self, array, name, batch=None):
        self.array = np.asarray(array)
        self.name = name
        self.batch = batch

    @property
    def shape(self):
        return self.array.shape

    @property
    def is_integer(self):
        return self.array.dtype == object or self.array.dtype.kind in "iu"

    @property
    def holds_batch(self):
        return self.array.dtype == object


class Sequence:
    """Several values under one name."""

    def __init__(self, values):
        self.values = values


def host_of(elements, name):
    """A Host of integers and Batches; a numpy array of int64 where possible."""
    if isinstance(elements, np.ndarray) and elements.dtype.kind in "iu":
        return Host(elements.astype(np.int64, copy=False), name)
    array = np.asarray(elements, dtype=object)
    numbers = [e.factor if isinstance(e, Batch) else e for e in array.flat]
    if not all(-(2**63) <= number < 2**63 for number in numbers):
        raise NodeProblem("computes a shape beyond 64-bit integers")
    if not any(isinstance(element, Batch) for element in array.flat):
        array = array.astype(np.int64)
    return Host(array, name)


def host_like(host, array, name):
    """The Host of an array that was made of that of `host`."""
    return host_of(array, name) if host.is_integer else Host(array, name)


def size_of(dims):
    """The product of `dims` as (integer, number of Batches in it)."""
    size, batches = 1, 0
    for dim in dims:
        if isinstance(dim, Batch):
            size *= dim.factor
            batches += 1
        else:
            size *= dim
    return size, batches


def product(dims):
    """The product of `dims`, of which at most one is a Batch."""
    size, batches = size_of(dims)
    return Batch(size) if batches else size


def format_shape(dims):
    return "[" + ", ".join(str(dim) for dim in dims) + "]"
