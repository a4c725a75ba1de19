"""Names, nodes and constants of an ONNX model, and its file."""

import contextlib
import errno
import os
import sys
import tempfile

import numpy as np
import onnx
from onnx import TensorProto, helper

from ...version import __version__

# Protobuf's messages end at 2 GiB; nodes and names need some of that.
_MAX_INLINE_BYTES = 3 * 2**29
_ALIGNMENT = 64
# The oldest version of the format that has the opset.
_IR_VERSIONS = {17: 8, 18: 8, 19: 9, 20: 9, 21: 10}

_TYPES = {
    np.dtype(np.float32): TensorProto.FLOAT,
    np.dtype(np.int32): TensorProto.INT32,
    np.dtype(np.int64): TensorProto.INT64,
    np.dtype(np.bool_): TensorProto.BOOL,
}
_INTEGERS = {
    (4, True): TensorProto.INT4,
    (4, False): TensorProto.UINT4,
    (8, True): TensorProto.INT8,
    (8, False): TensorProto.UINT8,
    (16, True): TensorProto.INT16,
    (16, False): TensorProto.UINT16,
    (32, True): TensorProto.INT32,
}
_STORAGE = {
    TensorProto.INT4: np.int8,
    TensorProto.UINT4: np.uint8,
    TensorProto.INT8: np.int8,
    TensorProto.UINT8: np.uint8,
    TensorProto.INT16: np.int16,
    TensorProto.UINT16: np.uint16,
    TensorProto.INT32: np.int32,
    TensorProto.FLOAT: np.float32,
}


# The least and the greatest integer.
RANGES = {
    integer: (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)
    for (bits, signed), integer in _INTEGERS.items()
}


def integer_type(bits, signed):
    """ONNX's narrowest integers that hold those of `bits`."""
    return _INTEGERS[next(b for b in (4, 8, 16, 32) if bits <= b), signed]


def element_type(dtype):
    """ONNX's type of a numpy type."""
    return _TYPES[np.dtype(dtype)]


def _to_bytes(array, integer):
    """The elements as ONNX keeps them: two in a byte where they have 4 bits."""
    if integer not in (TensorProto.INT4, TensorProto.UINT4):
        return np.ascontiguousarray(array).data
    nibbles = np.zeros(-(-array.size // 2) * 2, np.uint8)
    nibbles[: array.size] = array.reshape(-1).astype(np.uint8) & 0xF
    return (nibbles[0::2] | nibbles[1::2] << 4).data


class Writer:
    """Collects a model. Every name is used once."""

    def __init__(self, name, opset):
        self.opset = opset
        self._name = name
        self._nodes = []
        self._constants = []
        self._shared = {}
        self._names = set()
        self._node_names = set()
        self._inputs = []
        # The type of the integers, of tensors that have some.
        self.integers = {}

    def _claim(self, name, names):
        unique, count = name, 0
        while not unique or unique in names:
            count += 1
            unique = f"{name}_{count}"
        names.add(unique)
        return unique

    def input(self, name, dtype, shape):
        dims = ["batch" if dim is None else dim for dim in shape]
        self._inputs.append(
            helper.make_tensor_value_info(name, element_type(dtype), dims)
        )
        self._names.add(name)

    def reserve(self, names):
        """Names that only outputs get."""
        self._names.update(names)

    def node(self, op_type, inputs, layer, **attributes):
        """Add a node called `layer`; the name of its output."""
        return self.wide_node(op_type, inputs, layer, 1, **attributes)[0]

    def wide_node(self, op_type, inputs, layer, count, **attributes):
        """The same with `count` outputs; their names."""
        outputs = [self._claim(layer, self._names) for _ in range(count)]
        name = self._claim(layer, self._node_names)
        self._nodes.append(
            helper.make_node(op_type, inputs, outputs, name=name, **attributes)
        )
        return outputs

    def constant(self, name, array, integer=None):
        """Add a constant of an array's type, or of integers of ONNX's type `integer`."""
        name = self._claim(name, self._names)
        if integer is None:
            integer = element_type(array.dtype)
        else:
            array = np.asarray(array, _STORAGE[integer])
            self.integers[name] = integer
        self._constants.append((name, integer, array))
        return name

    def shared(self, name, array, integer):
        """The same for small ones: equal ones are one."""
        array = np.asarray(array, _STORAGE[integer])
        key = integer, array.shape, array.tobytes()
        if key not in self._shared:
            self._shared[key] = self.constant(name, array, integer)
        return self._shared[key]

    def finish(self, outputs):
        """The model whose outputs are (name, ONNX tensor, numpy type, shape)."""
        made = {node.output[0]: node for node in self._nodes}
        renamed = {}
        for name, tensor, _, _ in outputs:
            if tensor in made and tensor not in renamed:
                renamed[tensor] = name
            else:
                self._nodes.append(
                    helper.make_node(
                        "Identity",
                        [tensor],
                        [name],
                        name=self._claim(name, self._node_names),
                    )
                )
        for node in self._nodes:
            for tensors in (node.input, node.output):
                for i, tensor in enumerate(tensors):
                    if tensor in renamed:
                        tensors[i] = renamed[tensor]
        graph = helper.make_graph(
            self._nodes,
            self._name or "main",
            self._inputs,
            [
                helper.make_tensor_value_info(name, element_type(dtype), shape)
                for name, _, dtype, shape in outputs
            ],
        )
        return helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", self.opset)],
            ir_version=_IR_VERSIONS[self.opset],
            producer_name="npir",
            producer_version=__version__,
        )

    def save(self, model, path, external_data):
        """Write `model` and its constants. Files appear whole, or not at all."""
        size = sum(array.nbytes for _, _, array in self._constants)
        external = external_data or size > _MAX_INLINE_BYTES
        if external and path == "-":
            raise OSError(errno.EINVAL, "weights in a file of their own need the name of one")
        with contextlib.ExitStack() as stack:
            data_path = f"{path}.data" if external else None
            data = stack.enter_context(_replacing(data_path)) if external else None
            for name, integer, array in self._constants:
                tensor = model.graph.initializer.add()
                tensor.name, tensor.data_type = name, integer
                tensor.dims.extend(array.shape)
                content = _to_bytes(array, integer)
                if data is None or content.nbytes < _ALIGNMENT:
                    tensor.raw_data = bytes(content)
                else:
                    _write_external(tensor, data, content, os.path.basename(data_path))
            file = stack.enter_context(_replacing(path))
            file.write(model.SerializeToString())


def _write_external(tensor, data, content, location):
    data.write(b"\0" * (-data.tell() % _ALIGNMENT))
    tensor.data_location = TensorProto.EXTERNAL
    entries = {"location": location, "offset": data.tell(), "length": content.nbytes}
    for key, value in entries.items():
        tensor.external_data.append(
            onnx.StringStringEntryProto(key=key, value=str(value))
        )
    data.write(content)


@contextlib.contextmanager
def _replacing(path):
    """A file that takes the place of `path` when all went well, as the native writeFileAtomically has it: `-` is the
    standard output, a device or a pipe is written in place, and of a link the file that it names is replaced."""
    if path == "-":
        if sys.stdout is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    exists = os.path.exists(path)
    if exists and not os.path.isfile(path):
        with open(path, "wb", buffering=0) as file:
            yield file
        return
    target = os.path.realpath(path) if exists else os.path.abspath(path)
    # A rename would replace a file that its owner has locked.
    if exists and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
    handle, temporary = tempfile.mkstemp(
        prefix=".npir-", suffix=".tmp", dir=os.path.dirname(target)
    )
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, os.stat(target).st_mode & 0o7777 if exists else 0o666 & ~mask)
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
