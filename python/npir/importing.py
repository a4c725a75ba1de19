"""Models from other frameworks."""

from __future__ import annotations

import os
from typing import Any, Mapping, Optional, Sequence, Union

from .errors import NPIRError, remark
from .model import Model
from .paths import resolve_path


def from_onnx(
    model: Union[str, os.PathLike, bytes, Any],
    batch: Union[str, int] = "free",
    shapes: Optional[Mapping[str, Sequence[Optional[int]]]] = None,
    external_data: Union[None, str, os.PathLike] = None,
    outputs: Optional[Sequence[str]] = None,
) -> Model:
    """Import an ONNX model: a path, the file's bytes, or an `onnx.ModelProto`. The result is at station `float`, or
    `qdq` if the model is quantized.

    `batch`: "free" makes a fixed first dimension of the inputs the free batch, "fixed" keeps it, a number fixes the batch.
    `shapes`: by input name, sizes that the model leaves open; None is the free batch. `external_data` is the folder of the
    weights that a model in memory keeps in files. `outputs` are names of tensors that the network ends at, instead of the
    model's outputs. What cannot be imported is one NPIRError that lists every node, with its
    name, its op and the reason. Weights are not copied.
    """
    try:
        import onnx

        from .importers import onnx as importer
    except ImportError as error:
        raise ImportError(f"npir.from_onnx needs the package onnx: {error}; pip install 'npir[onnx]'") from error
    options = importer.Options(_resolve_shapes(shapes), _resolve_batch(batch), outputs)
    report = importer.Report()
    source, name = _resolve_source(model, onnx, importer, external_data)
    try:
        builder, _ = importer.import_model(source, options, report)
    except importer.ModelError as error:
        raise NPIRError(str(error)) from None
    except importer.ImportFailure:
        raise NPIRError(report.describe(name)) from None
    for text in report.remarks:
        remark(text)
    return Model(builder.finish(), name)


def from_torch(model: Any, example_inputs: Optional[Sequence[Any]] = None, batch: Union[str, int] = "free") -> Model:
    """Import a model of PyTorch: a program of torch.export, the path of one (`.pt2`), or a module, which is exported first.

    `example_inputs` are a module's arguments, a tuple of tensors. `batch`: "free" makes the first dimensions of a module's
    inputs the free batch, "fixed" keeps those of the example, a number fixes the batch; a program has its batch where it was
    exported with a dynamic one. Layers are named after their modules. What cannot be imported is one NPIRError that lists
    every layer, with its name, its op and the reason. Weights are not copied.
    """
    try:
        import torch

        from .importers import torch as importer
        from .importers.onnx import ImportFailure, ModelError, Report
    except ImportError as error:
        raise ImportError(f"npir.from_torch needs PyTorch: {error}; pip install torch") from error
    batch = _resolve_batch(batch)
    is_module = isinstance(model, torch.nn.Module)
    if is_module != (example_inputs is not None):
        raise ValueError("expected example_inputs with a module, and with nothing else")
    report = Report()
    try:
        if is_module:
            name = type(model).__name__
            program = importer.export_module(model, tuple(example_inputs), batch)
        elif isinstance(model, torch.export.ExportedProgram):
            name, program = "<ExportedProgram>", model
        elif isinstance(model, (str, os.PathLike)):
            name = resolve_path(model)
            program = importer.load_program(name)
        else:
            raise TypeError(f"expected a path, a torch.export.ExportedProgram or a module, got {type(model).__name__}")
        builder = importer.import_program(program, report, batch=batch)
    except ModelError as error:
        raise NPIRError(str(error)) from None
    except ImportFailure:
        raise NPIRError(report.describe(name)) from None
    for text in report.remarks:
        remark(text)
    return Model(builder.finish(), name)


def _resolve_source(model, onnx, importer, external_data):
    if external_data is not None:
        external_data = resolve_path(external_data)
    if isinstance(model, (str, os.PathLike)):
        if external_data is not None:
            raise ValueError("expected external_data only with a model in memory; a file has its own folder")
        name = resolve_path(model)
        return name, name
    if isinstance(model, (bytes, bytearray, memoryview)):
        model = bytes(model)
    elif not isinstance(model, onnx.ModelProto):
        raise TypeError(f"expected a path, bytes or an onnx.ModelProto, got {type(model).__name__}")
    source = importer.MemoryModel(model, external_data)
    return source, source.name


def _resolve_batch(batch):
    if isinstance(batch, int) and not isinstance(batch, bool) and batch >= 1:
        return batch
    if batch not in ("free", "fixed") or isinstance(batch, bool):
        raise ValueError(f"expected batch to be 'free', 'fixed' or a number of at least 1, got {batch!r}")
    return batch


def _resolve_shapes(shapes):
    if shapes is None:
        return {}
    if not isinstance(shapes, Mapping):
        raise TypeError(f"expected shapes as a dict by input name, got {type(shapes).__name__}")
    result = {}
    for name, dims in shapes.items():
        if isinstance(dims, (str, bytes)) or not isinstance(dims, Sequence):
            raise TypeError(f"expected a sequence of sizes for input '{name}', got {type(dims).__name__}")
        for i, dim in enumerate(dims):
            is_size = isinstance(dim, int) and not isinstance(dim, bool) and dim >= 1
            if not is_size and not (dim is None and i == 0):
                raise ValueError(f"expected sizes of at least 1 for input '{name}', None for a free batch, got {dim!r}")
        result[name] = tuple(dims)
    return result
