"""A node as its handler sees it: attributes, operands, results."""

import numpy as np
from onnx import AttributeProto
from onnx.helper import get_attribute_value

from .moved import Moved
from .on_integers import as_int32
from .quantized import Quantized, StoredHost
from .report import NodeProblem, Poisoned
from .unscaled import Dynamic, Unscaled
from .values import Host, Sequence, Tensor, format_shape

_KINDS = {
    AttributeProto.INT: "i",
    AttributeProto.INTS: "ints",
    AttributeProto.FLOAT: "f",
    AttributeProto.FLOATS: "floats",
    AttributeProto.STRING: "s",
    AttributeProto.TENSOR: "t",
    AttributeProto.GRAPH: "g",
}


class Node:
    """Wraps a GraphNode for its handler. Whatever is wrong is a NodeProblem."""

    def __init__(self, graph_node, importer):
        self.layer = graph_node.layer
        self.op = graph_node.op
        self.inputs = graph_node.inputs
        self.outputs = graph_node.outputs
        self.scope = graph_node.scope
        self.importer = importer
        self.own_opset = graph_node.opset
        self.opset = graph_node.opset or importer.model.opset
        self._attributes = {}
        self._read = set()
        for attribute in graph_node.proto.attribute:
            if attribute.name in self._attributes:
                raise NodeProblem(f"attribute '{attribute.name}' is given twice")
            self._attributes[attribute.name] = attribute

    # Attributes.

    def _attribute(self, name, kind, default):
        self._read.add(name)
        attribute = self._attributes.get(name)
        if attribute is None:
            return default
        if attribute.type != kind or attribute.ref_attr_name:
            expected = AttributeProto.AttributeType.Name(kind).lower()
            raise NodeProblem(f"expected attribute '{name}' of kind {expected}")
        return getattr(attribute, _KINDS[kind])

    def has(self, name):
        return name in self._attributes

    def int(self, name, default=None):
        return self._attribute(name, AttributeProto.INT, default)

    def float(self, name, default=None):
        return self._attribute(name, AttributeProto.FLOAT, default)

    def ints(self, name, default=None, count=None):
        value = self._attribute(name, AttributeProto.INTS, default)
        if value is None:
            return None
        value = list(value)
        if count is not None and len(value) != count:
            raise NodeProblem(
                f"expected {count} values in attribute '{name}', got {len(value)}"
            )
        return value

    def floats(self, name):
        return list(self._attribute(name, AttributeProto.FLOATS, []))

    def text(self, name, default):
        value = self._attribute(name, AttributeProto.STRING, default)
        return value.decode("utf-8", "replace") if isinstance(value, bytes) else value

    def graph(self, name):
        """A body, which has to be there."""
        proto = self._attribute(name, AttributeProto.GRAPH, None)
        if proto is None:
            raise NodeProblem(f"attribute '{name}' is missing")
        return proto

    def array(self, name):
        """The elements of a tensor attribute."""
        return self.importer.model.load(
            self._attribute(name, AttributeProto.TENSOR, None)
        )

    def copy_attributes(self, names):
        """Those of `names` that are given, as Python's values."""
        self._read.update(names)
        return {
            name: get_attribute_value(self._attributes[name])
            for name in names
            if name in self._attributes
        }

    def require(self, name, value, why=None):
        """The integer attribute `name`, where given, has to be `value`."""
        actual = self.int(name, value)
        if actual != value:
            raise NodeProblem(
                why or f"expected attribute '{name}' to be {value}, got {actual}"
            )

    def ignore(self, *names):
        """Attributes that mean nothing to an inference in float."""
        self._read.update(names)

    def check_all_read(self):
        unread = [name for name in self._attributes if name not in self._read]
        if unread:
            names = ", ".join(f"'{name}'" for name in unread)
            raise NodeProblem(f"unsupported attribute {names}")

    # Operands.

    def is_given(self, index):
        return index < len(self.inputs) and bool(self.inputs[index])

    def _find(self, index):
        if not self.is_given(index):
            raise NodeProblem(f"its input {index} is missing")
        value = self.importer.values.get(self.inputs[index])
        if value is None:
            raise Poisoned
        return value

    def value(self, index):
        """The Tensor, Moved or Host that operand `index` stands for."""
        value = self._find(index)
        if isinstance(value, Sequence):
            raise NodeProblem(f"expected a tensor, got sequence '{self.inputs[index]}'")
        if isinstance(value, Dynamic):
            raise NodeProblem(
                f"unsupported on '{self.inputs[index]}', the integers of "
                "DynamicQuantizeLinear"
            )
        if isinstance(value, Quantized):
            return as_int32(self, value)
        if isinstance(value, Unscaled):
            return value.plain(self)
        return value

    def integers_of(self, index):
        """Operand `index` as `value` gives it, or as a Quantized, Dynamic or Unscaled."""
        value = self._find(index)
        if isinstance(value, (Quantized, Dynamic, Unscaled)):
            return value
        return self.value(index)

    def sequence(self, index):
        """The values of the sequence that operand `index` stands for."""
        value = self._find(index)
        if not isinstance(value, Sequence):
            raise NodeProblem(f"expected a sequence, got '{self.inputs[index]}'")
        return value.values

    def is_host(self, index):
        return isinstance(self.value(index), Host)

    def activation(self, index):
        """Operand `index` as a Tensor or Moved of f32 elements."""
        value = self.value(index)
        if isinstance(value, Host):
            return self.importer.constant(value)
        if value.dtype != "float32":
            raise NodeProblem(
                f"expected floats in '{self.inputs[index]}', got {value.dtype}"
            )
        return value

    def typed(self, index, dtype=None):
        """Operand `index` as a Tensor or Moved of the elements that it has; integers that
        are known at import have `dtype`."""
        value = self.value(index)
        if isinstance(value, Host):
            return self.importer.typed_constant(value, dtype)
        return value

    def tensor(self, index):
        """Operand `index` as an f32 tensor of the module."""
        value = self.activation(index)
        if isinstance(value, Moved):
            raise value.refuse()
        return value

    def host(self, index, what):
        """Operand `index`, which has to be known at import."""
        value = self.value(index)
        if not isinstance(value, Host):
            raise NodeProblem(f"expected a constant {what}, got '{self.inputs[index]}'")
        return value

    def weight(self, index, what, rank):
        """Operand `index` as a Host of f32 elements."""
        host = self.importer.as_float(self.host(index, what))
        if len(host.shape) != rank:
            raise NodeProblem(
                f"expected {what} of rank {rank}, got shape {format_shape(host.shape)}"
            )
        return host

    def integers(self, index, what):
        """Operand `index` as a list of integers and Batches."""
        host = self.host(index, what)
        if not host.is_integer or host.array.ndim > 1:
            raise NodeProblem(f"expected {what} as a list of integers")
        return [e if host.array.dtype == object else int(e) for e in host.array.flat]

    def static_integers(self, index, what):
        values = self.integers(index, what)
        if not all(isinstance(value, int) for value in values):
            raise NodeProblem(f"expected constant {what}, got {format_shape(values)}")
        return values

    # Results.

    def set(self, value, index=0):
        """What result `index` stands for from now on."""
        if isinstance(value, Moved):
            value = value.settled(self)
        self.importer.values[self.outputs[index]] = value

    def set_integers(self, value):
        """The same for a Quantized, Dynamic or Unscaled."""
        self.importer.values[self.outputs[0]] = value

    def emit(
        self,
        op,
        operands,
        attributes=None,
        suffix="",
        shape=None,
        dtype=None,
        factor=None,
    ):
        """Add an npir op, named as the node and `suffix`; its Tensor. `shape` and `dtype`
        are those of the result, for an op that does not infer them; its elements are
        else those of the first operand."""
        factors = {t.factor for t in operands if t.is_dynamic}
        if len(factors) > 1:
            shapes = " and ".join(format_shape(t.shape) for t in operands)
            raise NodeProblem(f"expected operands of the same batch, got {shapes}")
        value = self.importer.builder.op(
            op,
            [tensor.value for tensor in operands],
            attributes or {},
            self.layer + suffix,
            shape,
            dtype,
        )
        return self.importer.note_batch(Tensor(value, factor or next(iter(factors), 1)))

    def cast(self, x, dtype, suffix=""):
        """A Tensor or Moved with elements of `dtype`."""
        if x.dtype == dtype:
            return x
        return x.apply(
            lambda t: self.emit(
                "npir.cast", [t], {}, suffix, list(t.value.shape), dtype, t.factor
            )
        )

    def constant(self, host, form="", convert=None):
        """The constant `convert(array)` of a weight; made once for each form. A vector
        (a bias, or numbers of a normalization) is one of floats."""
        if isinstance(host, StoredHost) and len(host.shape) == 1:
            host = host.plain()
        return self.importer.constant(host, form, convert)


def axes_of(axes, rank, name="axes"):
    """`axes` counted from 0, which have to differ."""
    result = [axis_of(axis, rank, name) for axis in axes]
    if len(set(result)) != len(result):
        raise NodeProblem(f"expected different {name}, got {format_shape(axes)}")
    return result


def axis_of(axis, rank, name="axis"):
    """`axis` counted from 0."""
    if not isinstance(axis, int) or not -rank <= axis < rank:
        raise NodeProblem(f"expected {name} from {-rank} to {rank - 1}, got {axis}")
    return axis % rank


def transposed(array):
    return np.ascontiguousarray(array.T)
