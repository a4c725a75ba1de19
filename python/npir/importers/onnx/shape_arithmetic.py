"""Arithmetic on shapes, done at import with the free batch as a symbol: what
exporters write for `x.view(x.size(0), -1)` leaves a reshape and nothing else."""

import operator

import numpy as np

from .report import NodeProblem
from .values import Batch, Host, format_shape, host_of

# The most elements of a list that is taken for a shape.
MAX_SIZES = 1024


def integers_of(value):
    """`value`, a Host of as many integers as a shape may have."""
    if not isinstance(value, Host) or not value.is_integer:
        raise NodeProblem("unsupported op, except on constants and shapes")
    if value.array.size > MAX_SIZES:
        raise NodeProblem(f"expected at most {MAX_SIZES} sizes, got {value.array.size}")
    return value


def _multiply(a, b):
    if isinstance(a, Batch) and isinstance(b, Batch):
        raise NodeProblem("computes the square of the batch")
    if isinstance(a, Batch) or isinstance(b, Batch):
        batch, number = (a, b) if isinstance(a, Batch) else (b, a)
        return Batch(batch.factor * number) if number else 0
    return a * b


def _divide(a, b):
    if isinstance(a, Batch) and isinstance(b, Batch):
        a, b, symbol = a.factor, b.factor, int
    elif isinstance(a, Batch):
        a, symbol = a.factor, Batch
    elif isinstance(b, Batch):
        raise NodeProblem("divides by the batch")
    else:
        # ONNX rounds towards zero.
        if b == 0:
            raise NodeProblem("divides by 0")
        return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
    if b == 0 or a % b != 0:
        raise NodeProblem(f"expected the batch divided without a rest, got {a} by {b}")
    return symbol(a // b)


def _modulo(a, b):
    if isinstance(a, Batch) or isinstance(b, Batch):
        raise NodeProblem("divides the batch or by it")
    if b == 0:
        raise NodeProblem("divides by 0")
    return a % b


def _combine(sign):
    def combine(a, b):
        if isinstance(a, Batch) != isinstance(b, Batch) and 0 not in (a, b):
            raise NodeProblem("adds a number to the batch")
        if not isinstance(a, Batch) and not isinstance(b, Batch):
            return sign(a, b)
        a, b = (x.factor if isinstance(x, Batch) else x for x in (a, b))
        factor = sign(a, b)
        return Batch(factor) if factor else 0

    return combine


_INTEGER_FUNCTIONS = {
    "Add": np.frompyfunc(_combine(operator.add), 2, 1),
    "Sub": np.frompyfunc(_combine(operator.sub), 2, 1),
    "Mul": np.frompyfunc(_multiply, 2, 1),
    "Div": np.frompyfunc(_divide, 2, 1),
    "Mod": np.frompyfunc(_modulo, 2, 1),
}
_ARRAY_FUNCTIONS = {
    "Add": np.add,
    "Sub": np.subtract,
    "Mul": np.multiply,
    "Div": lambda a, b: np.trunc(np.divide(a, b)).astype(a.dtype),
    "Mod": np.mod,
}
_FLOAT_FUNCTIONS = {
    "Add": np.add,
    "Sub": np.subtract,
    "Mul": np.multiply,
    "Div": np.divide,
}


def fold(node, function, hosts):
    """The array that `function` makes of those of two Hosts."""
    for host in hosts:
        if not isinstance(host, Host):
            raise NodeProblem("unsupported op, except on constants and shapes")
    try:
        with np.errstate(all="ignore"):
            return function(*(host.array for host in hosts))
    except ValueError:
        shapes = " and ".join(format_shape(host.shape) for host in hosts)
        raise NodeProblem(f"expected shapes that broadcast, got {shapes}") from None


def fold_integers(node):
    """Set the result to the sum, difference, product... of two shapes."""
    hosts = [node.value(0), node.value(1)]
    if all(isinstance(h, Host) and h.array.size > MAX_SIZES for h in hosts):
        # Not a shape: positions of tokens and the like.
        if not any(host.holds_batch for host in hosts):
            node.set(Host(fold(node, _ARRAY_FUNCTIONS[node.op], hosts), node.layer))
            return
    hosts = [integers_of(host) for host in hosts]
    # As Python's integers, which do not overflow.
    objects = [Host(host.array.astype(object), host.name) for host in hosts]
    result = host_of(fold(node, _INTEGER_FUNCTIONS[node.op], objects), node.layer)
    if not result.holds_batch and all(h.array.dtype == np.int32 for h in hosts):
        result.array = result.array.astype(np.int32)
    node.set(result)


def fold_arithmetic(node):
    """Set the result to the sum, difference, product or quotient of two Hosts."""
    hosts = [node.value(0), node.value(1)]
    if hosts[0].is_integer:
        fold_integers(node)
    else:
        floats = [node.importer.as_float(host) for host in hosts]
        node.set(Host(fold(node, _FLOAT_FUNCTIONS[node.op], floats), node.layer))
