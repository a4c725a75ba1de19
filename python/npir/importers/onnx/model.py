"""The file: protobuf, weights, external data.

Weights are read when they are used, once, and stay where they are: in the
protobuf's bytes, or in the mapped file of external data.
"""

import math
import os

import numpy as np
import onnx
from google.protobuf.message import DecodeError, Message
from onnx import TensorProto

from .functions import inline_functions
from .report import ModelError, NodeProblem

MIN_OPSET, MAX_OPSET = 11, 25
# Older models are converted, from here on.
_OLDEST = 7
# Longer messages do not exist: protobuf's own limit.
MAX_PROTO_BYTES = 2**31 - 1
# Far beyond any network, and within what numpy can index.
MAX_RANK, MAX_ELEMENTS = 16, 2**48

# ONNX's element types that a weight or a shape may have, the numpy type, and
# the field that holds the elements where there is no raw_data.
_TYPES = {
    TensorProto.FLOAT: (np.float32, "float_data"),
    TensorProto.DOUBLE: (np.float64, "double_data"),
    TensorProto.FLOAT16: (np.float16, "int32_data"),
    TensorProto.INT64: (np.int64, "int64_data"),
    TensorProto.INT32: (np.int32, "int32_data"),
    TensorProto.BOOL: (np.bool_, "int32_data"),
    TensorProto.INT8: (np.int8, "int32_data"),
    TensorProto.UINT8: (np.uint8, "int32_data"),
    TensorProto.INT16: (np.int16, "int32_data"),
    TensorProto.UINT16: (np.uint16, "int32_data"),
    # Two in a byte, the first one in its lower half.
    TensorProto.INT4: (np.int8, "int32_data"),
    TensorProto.UINT4: (np.uint8, "int32_data"),
}
_PACKED = (TensorProto.INT4, TensorProto.UINT4)


def bits_of(array):
    """How wide the integers of `array` are: 4 in one byte each are told apart."""
    return (array.dtype.metadata or {}).get("bits", 8 * array.dtype.itemsize)


def _unpack(packed, shape, count, signed):
    """The 4-bit integers of `packed`, one byte each."""
    nibbles = np.empty(2 * packed.size, np.uint8)
    nibbles[0::2] = packed & 0xF
    nibbles[1::2] = packed >> 4
    dtype = np.dtype(np.int8 if signed else np.uint8, metadata={"bits": 4})
    # The sign is the upper bit of four.
    values = (nibbles ^ 8).astype(np.int8) - 8 if signed else nibbles
    return values[:count].astype(dtype.type).view(dtype).reshape(shape)


def type_name(element_type):
    """`float16`, also for a number that ONNX does not define."""
    try:
        return TensorProto.DataType.Name(element_type).lower()
    except ValueError:
        return f"unknown type {element_type}"


def lower_first(text):
    return text[:1].lower() + text[1:]


def _read_bytes(path):
    try:
        with open(path, "rb") as file:
            if os.fstat(file.fileno()).st_size > MAX_PROTO_BYTES:
                raise ModelError(
                    f"{path}: larger than 2 GiB; a model of this size keeps its "
                    "weights in external data"
                )
            return file.read()
    except OSError as error:
        reason = lower_first(error.strerror or str(error))
        raise ModelError(f"{path}: cannot read: {reason}") from None


def _check_strings(message):
    """Touch every string below `message`: text that is no UTF-8 raises here."""
    for field, value in message.ListFields():
        if field.type not in (field.TYPE_MESSAGE, field.TYPE_STRING):
            continue
        single = isinstance(value, (str, bytes, Message))
        for part in [value] if single else value:
            if isinstance(part, TensorProto):
                # Weights hold no strings worth a visit, but their names.
                _check_text(part.name)
            elif isinstance(part, Message):
                _check_strings(part)
            else:
                _check_text(part)


def _check_text(text):
    if isinstance(text, bytes):
        text.decode("utf-8")
    else:
        text.encode("utf-8")


class MemoryModel:
    """A model that is in memory: a file's bytes, or a ModelProto. `folder` is where
    its external data lies, or None."""

    def __init__(self, content, folder=None):
        self.is_proto = isinstance(content, onnx.ModelProto)
        self.name = "<ModelProto>" if self.is_proto else "<bytes>"
        self.content = content
        self.folder = folder


class Model:
    """A parsed ONNX file or MemoryModel. Raises ModelError if it cannot be one."""

    def __init__(self, source):
        self.proto = onnx.ModelProto()
        data = None
        if isinstance(source, MemoryModel):
            path, self.folder = source.name, source.folder
            if source.is_proto:
                self.proto = source.content
            else:
                data = source.content
        else:
            path = source
            self.folder = os.path.dirname(os.path.abspath(path))
            data = _read_bytes(path)
        self.path = path
        if data is not None and not data:
            raise ModelError(f"{path}: not an ONNX file: it is empty")
        try:
            if data is not None:
                self.proto.ParseFromString(data)
            _check_strings(self.proto)
        except (DecodeError, UnicodeError, RecursionError):
            raise ModelError(
                f"{path}: not an ONNX file, or a damaged one: its protobuf "
                "cannot be decoded"
            ) from None
        if not self.proto.HasField("graph") or not self.proto.graph.output:
            raise ModelError(f"{path}: not an ONNX file: it holds no graph")
        if self.proto.functions:
            self.proto = inline_functions(self.proto, path)
        self.graph = self.proto.graph
        self.opset = self._find_opset()

    def _find_opset(self):
        versions = [
            entry.version
            for entry in self.proto.opset_import
            if entry.domain in ("", "ai.onnx")
        ]
        if len(versions) != 1:
            raise ModelError(
                f"{self.path}: expected one version of ONNX's operator set, "
                f"got {len(versions)}"
            )
        if _OLDEST <= versions[0] < MIN_OPSET:
            return self._raise_opset(versions[0])
        if not MIN_OPSET <= versions[0] <= MAX_OPSET:
            raise ModelError(
                f"{self.path}: expected operator set {_OLDEST} to {MAX_OPSET}, "
                f"got {versions[0]}; convert the model with "
                "onnx.version_converter, or export it anew"
            )
        return versions[0]

    def _raise_opset(self, version):
        """Let the onnx package write the model with ops of the least operator set."""
        # Here, since few models need it.
        from onnx import version_converter

        for node in self.graph.node:
            # Scan had a batch of its own at first, which the converter takes away.
            is_old_scan = node.op_type == "Scan" and version < 9
            if node.domain or not onnx.defs.has(node.op_type) or is_old_scan:
                raise ModelError(
                    f"{self.path}: operator set {version} cannot be brought to "
                    f"{MIN_OPSET}: the onnx package does not convert op "
                    f"'{node.op_type}'"
                )
        try:
            self.proto = version_converter.convert_version(self.proto, MIN_OPSET)
        except Exception as error:  # pylint: disable=broad-except
            # Whatever the converter makes of a bad model.
            text = (str(error).strip().splitlines() or [type(error).__name__])[0]
            # The reason stands behind the place in its source.
            text = text.rsplit("failed: ", 1)[-1].rstrip(".!")
            raise ModelError(
                f"{self.path}: operator set {version} cannot be brought to {MIN_OPSET}: "
                f"{lower_first(text)}"
            ) from None
        self.graph = self.proto.graph
        return MIN_OPSET

    def external_files(self):
        """The files beside the model that its initializers lie in."""
        files = set()
        for tensor in self.graph.initializer:
            if tensor.data_location == TensorProto.EXTERNAL:
                entries = {e.key: e.value for e in tensor.external_data}
                location = entries.get("location", "")
                if "\0" not in location:
                    files.add(os.path.join(self.folder, location))
        return sorted(files)

    def load(self, tensor):
        """The elements of a TensorProto. Read-only memory, mostly not a copy."""
        if tensor.data_type not in _TYPES:
            raise NodeProblem(
                f"unsupported element type {type_name(tensor.data_type)}"
            )
        dtype, field = _TYPES[tensor.data_type]
        shape = tuple(tensor.dims)
        if any(dim < 0 for dim in shape):
            raise NodeProblem(f"expected sizes of at least 0, got {list(shape)}")
        # An empty one may still have sizes beyond what numpy takes.
        if math.prod(max(dim, 1) for dim in shape) > MAX_ELEMENTS:
            raise NodeProblem(f"expected at most 2^48 elements, got {list(shape)}")
        if len(shape) > MAX_RANK:
            raise NodeProblem(f"expected a rank of at most {MAX_RANK}, got {len(shape)}")
        if tensor.HasField("segment"):
            raise NodeProblem("tensors in segments are not supported")
        count = math.prod(shape)
        if tensor.data_type in _PACKED:
            packed = self._load_elements(tensor, np.uint8, field, (-(-count // 2),))
            signed = tensor.data_type == TensorProto.INT4
            return _unpack(packed, shape, count, signed)
        return self._load_elements(tensor, dtype, field, shape)

    def _load_elements(self, tensor, dtype, field, shape):
        count = math.prod(shape)
        if tensor.data_location == TensorProto.EXTERNAL:
            return self._map_external(tensor, np.dtype(dtype), shape, count)
        if tensor.HasField("raw_data"):
            data = tensor.raw_data
            expected = count * np.dtype(dtype).itemsize
            if len(data) != expected:
                raise NodeProblem(
                    f"expected {expected} bytes for shape {list(shape)}, "
                    f"got {len(data)}"
                )
            return np.frombuffer(data, dtype).reshape(shape)
        data = getattr(tensor, field)
        if len(data) != count:
            raise NodeProblem(
                f"expected {count} elements for shape {list(shape)}, "
                f"got {len(data)}"
            )
        if tensor.data_type == TensorProto.FLOAT16:
            # Bit patterns, one in each int32.
            bits = np.array(data, np.int64)
            if np.any((bits < 0) | (bits > 0xFFFF)):
                raise NodeProblem("expected float16 bit patterns of 16 bits")
            return bits.astype(np.uint16).view(np.float16).reshape(shape)
        return np.array(data, dtype).reshape(shape)

    def _map_external(self, tensor, dtype, shape, count):
        entries = {entry.key: entry.value for entry in tensor.external_data}
        location = entries.get("location", "")
        if not location or "\0" in location:
            raise NodeProblem("external data without a location")
        if self.folder is None:
            raise NodeProblem(
                f"external data '{location}' of a model in memory: its folder is "
                "not given"
            )
        path = os.path.join(self.folder, location)
        # The file itself has to lie below the model's folder, not a link to it.
        real, home = os.path.realpath(path), os.path.realpath(self.folder)
        if os.path.isabs(location) or os.path.commonpath([real, home]) != home:
            raise NodeProblem(
                f"external data '{location}' lies outside the model's folder"
            )
        size = count * dtype.itemsize
        try:
            offset = int(entries.get("offset", 0))
            length = int(entries.get("length", size))
        except ValueError:
            offset = length = -1
        if offset < 0 or length != size:
            raise NodeProblem(
                f"expected {size} bytes of external data for shape {list(shape)}, "
                f"got offset '{entries.get('offset', '0')}' and length "
                f"'{entries.get('length', '')}'"
            )
        try:
            available = os.stat(path).st_size
            if not os.path.isfile(path):
                raise NodeProblem(f"external data '{location}' is not a file")
            if offset + size > available:
                raise NodeProblem(
                    f"external data '{location}' is too short: expected "
                    f"{offset + size} bytes, got {available}"
                )
            if count == 0:
                return np.empty(shape, dtype)
            if offset % dtype.itemsize == 0:
                return np.memmap(path, dtype, "r", offset, shape)
            raw = np.memmap(path, np.uint8, "r", offset, (size,))
            return np.frombuffer(raw.tobytes(), dtype).reshape(shape)
        except OSError as error:
            raise NodeProblem(
                f"external data '{location}': cannot read: "
                f"{lower_first(error.strerror or str(error))}"
            ) from None
