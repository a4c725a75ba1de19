"""Tensors whose batch is not the first dimension, as ONNX sees them.

npir has the batch first. Where a model moves it elsewhere for a while (`permute(2, 0,
3, 1, 4).unbind(0)`, sequence-first attention), the module keeps a tensor with the
batch first, and what ONNX sees is a note: which atoms, the finest pieces of that
tensor's dimensions, make up each dimension. Ops that only rearrange change the
note, ops that work on every element or on the last dimension work on the tensor
below it. As soon as the batch leads again the note becomes ops.
"""

import numpy as np

from .report import NodeProblem
from .values import Batch, Host, Tensor, format_shape, product, size_of


class _Atom:
    """A piece of a dimension; an object, so that two of one size differ."""

    def __init__(self, size):
        self.size = size


def _take(target, rest):
    """Atoms from the front of `rest` with the product `target`, what is left of
    `rest`, and an atom that had to be split with its parts; None if none fit."""
    size, batches = size_of([target])
    group, splits = [], {}
    while size != 1 or batches:
        if not rest:
            return None
        atom, rest = rest[0], rest[1:]
        number, holds_batch = size_of([atom.size])
        if holds_batch > batches or number == 0:
            return None
        batches -= holds_batch
        if size % number == 0:
            size //= number
        elif number % size == 0 and not batches:
            # Of k * batch the batch is the outer part: it goes with the first.
            parts = [_Atom(Batch(size) if holds_batch else size), _Atom(number // size)]
            splits[atom] = parts
            atom, rest, size = parts[0], [parts[1], *rest], 1
        else:
            return None
        group.append(atom)
    return group, rest, splits


class Moved:
    """`base`, a Tensor with the batch first, cut into `atoms`; `dims`, the atoms of
    each dimension that ONNX sees. The first atom holds the batch; no other has the
    size 1: such a dimension has none."""

    def __init__(self, base, atoms, dims):
        ones = [atom for atom in atoms if atom.size == 1]
        self.base = base
        self.atoms = [atom for atom in atoms if atom not in ones]
        self.dims = [[atom for atom in dim if atom not in ones] for dim in dims]
        self._cut_base = None

    # Whether all elements are known to be 0.
    is_zero = False

    @staticmethod
    def of(tensor):
        atoms = [_Atom(size) for size in tensor.shape]
        return Moved(tensor, atoms, [[atom] for atom in atoms])

    @property
    def shape(self):
        return tuple(product([atom.size for atom in dim]) for dim in self.dims)

    @property
    def dtype(self):
        return self.base.dtype

    @property
    def batch_axis(self):
        return next(i for i, dim in enumerate(self.dims) if self.atoms[0] in dim)

    def refuse(self):
        """The problem of a node that has to have the batch first."""
        return NodeProblem(
            "expected the batch as the first dimension, got it along axis "
            f"{self.batch_axis} of {format_shape(self.shape)}"
        )

    # Ops that rearrange.

    def transposed(self, perm):
        return Moved(self.base, self.atoms, [self.dims[i] for i in perm])

    def reshaped(self, shape):
        """In `shape`, of as many elements; None where that mixes the batch up."""
        rest = [atom for dim in self.dims for atom in dim]
        atoms, dims = self.atoms, []
        for size in shape:
            taken = _take(size, rest)
            if taken is None:
                return None
            group, rest, splits = taken
            atoms = [part for atom in atoms for part in splits.get(atom, [atom])]
            dims.append(group)
        return Moved(self.base, atoms, dims)

    def count_whole(self):
        """How many dimensions are one atom each."""
        return sum(len(dim) == 1 for dim in self.dims)

    def _cut(self, node):
        """The base with one dimension for each atom."""
        if self._cut_base is None:
            sizes = [atom.size for atom in self.atoms]
            self._cut_base = emit_view(node, self.base, sizes, ".reshape")
        return self._cut_base

    def settled(self, node):
        """The Tensor, if the batch leads; else this. The last op is named as `node`."""
        if self.dims[0][:1] != self.atoms[:1]:
            return self
        order = [atom for dim in self.dims for atom in dim]
        if order == self.atoms:
            return emit_view(node, self.base, self.shape)
        x = self._cut(node)
        perm = [self.atoms.index(atom) for atom in order]
        suffix = (
            "" if tuple(atom.size for atom in order) == self.shape else ".transpose"
        )
        x = node.emit("npir.transpose", [x], {"perm": perm}, suffix)
        return emit_view(node, x, self.shape)

    def led(self, node):
        """The Tensor with the batch first, and which dimension of this each one of it is."""
        axis = self.batch_axis
        perm = [axis, *(i for i in range(len(self.dims)) if i != axis)]
        x = self.transposed(perm).settled(node)
        if isinstance(x, Moved):
            raise self.refuse()
        return x, perm

    @staticmethod
    def back(tensor, perm):
        """`tensor`, whose dimensions are numbered by `perm`, with them in order."""
        order = sorted(range(len(perm)), key=perm.__getitem__)
        return Moved.of(tensor).transposed(order)

    # Ops that compute. `function` makes a Tensor of Tensors.

    def apply(self, function):
        """`function`, which works on every element alone."""
        return Moved(function(self.base), self.atoms, self.dims)

    def apply_last(self, node, function):
        """`function`, which works on the last dimension and may change its size."""
        last, size = self.dims[-1], self.shape[-1]
        if self.atoms[0] in last:
            raise self.refuse()
        others = [atom for atom in self.atoms if atom not in last]
        base, perm = self.base, [self.atoms.index(atom) for atom in others + last]
        if perm != sorted(perm):
            base = node.emit(
                "npir.transpose", [self._cut(node)], {"perm": perm}, ".last"
            )
        if base is not self.base or base.shape[-1] != size:
            # The base with that dimension last and in one piece.
            base = emit_view(
                node, base, [*(atom.size for atom in others), size], ".input"
            )
        base = function(base)
        atom = _Atom(base.shape[-1])
        return Moved(base, [*others, atom], [*self.dims[:-1], [atom]])

    def combine(self, node, other, function):
        """`function` of this and of `other`, element by element."""
        missing = len(self.dims) - len(other.shape)
        if isinstance(other, Tensor) and other.is_dynamic and missing > 0:
            other = Moved.of(other).reshaped([1] * missing + list(other.shape))
        if isinstance(other, Host):
            other = node.importer.typed_constant(self._align(other), self.dtype)
            operands = self._cut(node), other
        elif isinstance(other, Moved):
            operands = self._cut(node), self._view(node, other)
        else:
            raise self.refuse()
        return Moved(function(*operands), self.atoms, self.dims)

    def _view(self, node, other):
        """The base of `other` as that of this, of size 1 where `other` is."""
        found = {}
        for mine, theirs in zip(self.dims, other.dims):
            if [a.size for a in mine] == [a.size for a in theirs]:
                found.update(zip(mine, theirs))
            elif theirs:
                raise other.refuse()
        kept = [found[atom] for atom in self.atoms if atom in found]
        if len(self.dims) != len(other.dims) or kept != other.atoms:
            raise other.refuse()
        sizes = [atom.size if atom in found else 1 for atom in self.atoms]
        return emit_view(node, other.base, sizes, ".operand")

    def _align(self, host):
        """A Host that means to the cut base what `host` means to this."""
        missing = len(self.dims) - host.array.ndim
        array = host.array.reshape((1,) * missing + host.shape)
        sizes = []
        for size, dim, whole in zip(array.shape, self.dims, self.shape):
            if missing < 0 or size not in (1, whole):
                raise NodeProblem(
                    "expected shapes that broadcast, got "
                    f"{format_shape(self.shape)} and {format_shape(host.shape)}"
                )
            sizes += [1 if size == 1 else atom.size for atom in dim]
        order = [atom for dim in self.dims for atom in dim]
        perm = [order.index(atom) for atom in self.atoms]
        array = np.ascontiguousarray(array.reshape(sizes).transpose(perm))
        return Host(array, host.name)

    def slice(self, node, axis, start, size, suffix=""):
        """`size` elements from `start` on along `axis`, which is not the batch."""
        dim = self.dims[axis]
        if len(dim) != 1:
            raise self.refuse()
        index = self.atoms.index(dim[0])
        base = emit_slice(node, self._cut(node), index, start, size, suffix)
        part = {dim[0]: _Atom(size)}
        atoms = [part.get(atom, atom) for atom in self.atoms]
        dims = [[part.get(atom, atom) for atom in group] for group in self.dims]
        taken = Moved(base, atoms, dims)
        taken.is_zero = self.is_zero
        return taken


def reshaped(node, x, dims, suffix=""):
    """A Tensor or Moved in another shape of as many elements."""
    if isinstance(x, Tensor):
        if not any(isinstance(dim, Batch) for dim in dims[1:]):
            return emit_view(node, x, dims, suffix)
        x = Moved.of(x)
    result = x.reshaped(dims)
    if result is None:
        raise NodeProblem(
            f"cannot reshape {format_shape(x.shape)} to {format_shape(dims)}: it mixes "
            "the batch with other dimensions"
        )
    return result


def emit_view(node, x, shape, suffix=""):
    """The Tensor `x` with the sizes `shape`, the batch first if it is in there."""
    if x.shape == tuple(shape):
        return x
    sizes = [None if isinstance(size, Batch) else size for size in shape]
    factor = shape[0].factor if shape and isinstance(shape[0], Batch) else None
    return node.emit("npir.reshape", [x], suffix=suffix, shape=sizes, factor=factor)


def emit_slice(node, x, axis, start, size, suffix=""):
    """`size` elements of the Tensor `x` from `start` on along `axis`."""
    offsets, sizes = [0] * len(x.shape), [-1] * len(x.shape)
    offsets[axis], sizes[axis] = start, size
    attributes = {"offsets": offsets, "sizes": sizes}
    return node.emit("npir.slice", [x], attributes, suffix)
