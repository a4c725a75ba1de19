"""The graph's inputs: their shapes, and which dimension is the batch."""

from difflib import get_close_matches

from onnx import TensorProto

from .model import type_name
from .report import NodeProblem
from .values import Tensor


def _declared_dims(value):
    """Sizes of a ValueInfoProto; a name or None where one is dynamic."""
    if value.type.WhichOneof("value") != "tensor_type":
        raise NodeProblem("expected a tensor")
    tensor_type = value.type.tensor_type
    if not tensor_type.HasField("shape"):
        return None
    dims = []
    for dim in tensor_type.shape.dim:
        # Some exporters write -1 or 0 for a dynamic size.
        if dim.HasField("dim_value") and dim.dim_value > 0:
            dims.append(dim.dim_value)
        else:
            dims.append(dim.dim_param or None)
    return dims


# What an input holds here, by what it holds in the model.
_TYPES = {
    TensorProto.FLOAT: "float32",
    TensorProto.FLOAT16: "float32",
    TensorProto.BFLOAT16: "float32",
    TensorProto.DOUBLE: "float32",
    TensorProto.INT32: "int32",
    TensorProto.INT64: "int64",
    TensorProto.INT8: "int32",
    TensorProto.UINT8: "int32",
    TensorProto.INT16: "int32",
    TensorProto.UINT16: "int32",
    TensorProto.BOOL: "bool",
}
# Those that stand for themselves.
_EXACT = (TensorProto.FLOAT, TensorProto.INT32, TensorProto.INT64, TensorProto.BOOL)


def _dtype(importer, value):
    """The type of an input's elements; floats of any precision become float32."""
    kind = value.type.tensor_type.elem_type
    if kind not in _TYPES:
        raise NodeProblem(
            f"expected elements of floats, integers or bool, got {type_name(kind)}"
        )
    if kind not in _EXACT:
        importer.report.remark(
            f"input '{value.name}': {_TYPES[kind]} stands for {type_name(kind)}"
        )
    return _TYPES[kind]


def _resolve_dims(name, declared, given):
    """The sizes that the option `given` leaves; None stands for the batch."""
    if declared is None and given is None:
        raise NodeProblem(
            f"has no shape; give one, for example --shape {name}=1,3,224,224"
        )
    if given is None:
        return [
            _static(name, declared, i) if i > 0 or isinstance(dim, int) else None
            for i, dim in enumerate(declared)
        ]
    if declared is not None:
        if len(given) != len(declared):
            raise NodeProblem(
                f"expected {len(declared)} sizes in --shape, got {len(given)}"
            )
        for i, (old, new) in enumerate(zip(declared, given)):
            if isinstance(old, int) and new is not None and old != new:
                raise NodeProblem(
                    f"expected size {old} along dimension {i}, got {new} in --shape"
                )
    return list(given)


def _static(name, declared, index):
    dim = declared[index]
    if isinstance(dim, int):
        return dim
    example = [str(d) if isinstance(d, int) else "N" for d in declared]
    example[0] = "?" if not isinstance(declared[0], int) else example[0]
    called = f" ('{dim}')" if dim else ""
    raise NodeProblem(
        f"dimension {index}{called} is dynamic, and only the first may be; fix it "
        f"with --shape {name}={','.join(example)}, a number for each N"
    )


def make_inputs(importer, values):
    """Add every input to the module. The fixed batch that was freed, or None."""
    report, options = importer.report, importer.options
    names = [value.name for value in values]
    for name in options.shapes:
        if name not in names:
            near = get_close_matches(name, names, 1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            report.problem("option --shape", f"the model has no input '{name}'{hint}")
    shapes, dtypes = {}, {}
    for value in values:
        try:
            given = options.shapes.get(value.name)
            declared = _declared_dims(value)
            dtypes[value.name] = _dtype(importer, value)
            shapes[value.name] = _resolve_dims(value.name, declared, given)
        except NodeProblem as problem:
            report.problem(f"input '{value.name}'", problem)
    traced = None
    if options.batch == "free":
        traced = _free_batch(shapes, report)
    elif options.batch != "fixed":
        _fix_batch(shapes, options.batch, report)
    for name, shape in shapes.items():
        try:
            tensor = Tensor(importer.builder.add_input(name, shape, dtypes[name]))
            importer.values[name] = importer.note_batch(tensor)
        except (NodeProblem, importer.npir_error) as problem:
            report.problem(f"input '{name}'", problem)
        except (OverflowError, TypeError):
            report.problem(f"input '{name}'", "expected 64-bit sizes")
    return traced


def _free_batch(shapes, report):
    """Make the first dimension of `shapes` dynamic where there are two or more."""
    fixed = {
        name: shape for name, shape in shapes.items() if len(shape) > 1 and shape[0]
    }
    if not fixed:
        return None
    sizes = sorted({shape[0] for shape in fixed.values()})
    if len(sizes) > 1:
        report.problem(
            "inputs " + ", ".join(f"'{name}'" for name in fixed),
            f"expected one batch size, got {' and '.join(map(str, sizes))}; keep "
            "them as they are with --batch=fixed",
        )
        return None
    for name, shape in fixed.items():
        shape[0] = None
        report.remark(
            f"input '{name}': the batch of {sizes[0]} is free now; --batch=fixed "
            "keeps it"
        )
    return sizes[0]


def _fix_batch(shapes, size, report):
    """Make `size` the first dimension of `shapes` where it is the free batch."""
    for name, shape in shapes.items():
        if not shape or shape[0] == size:
            continue
        if shape[0] is None:
            shape[0] = size
            continue
        report.problem(
            f"input '{name}'",
            f"expected the model's batch of {shape[0]}, got {size}; --batch=free "
            "frees it",
        )
