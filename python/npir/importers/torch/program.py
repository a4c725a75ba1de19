"""The program: reading, exporting, decomposing, its inputs and outputs."""

import contextlib
import io
import logging
import warnings

import torch
from torch.utils._pytree import tree_leaves, tree_map_only

from ..onnx.report import ModelError, NodeProblem
from ..onnx.values import Batch
from .registry import OPS


@contextlib.contextmanager
def _silent():
    """Without what torch tells beside an exception, at length."""
    level = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    nowhere = io.StringIO()
    try:
        with warnings.catch_warnings(), contextlib.redirect_stderr(nowhere), contextlib.redirect_stdout(nowhere):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)


def _reason(error):
    """The first line of an exception."""
    return (str(error).strip() or type(error).__name__).split("\n")[0].rstrip(".")


def load_program(path):
    """The ExportedProgram of a file of torch.export.save. Raises ModelError."""
    try:
        with open(path, "rb") as file:
            magic = file.read(4)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ModelError(f"{path}: cannot read: {reason}") from None
    if magic != b"PK\x03\x04":
        raise ModelError(
            f"{path}: not a program of torch.export: expected a file that torch.export.save wrote"
        )
    try:
        with _silent():
            # Registers PT2E's ops, which a program may hold.
            import torch.ao.quantization.fx._decomposed  # noqa: F401

            return torch.export.load(path)
    except Exception as error:  # pylint: disable=broad-except
        raise ModelError(
            f"{path}: not a program of torch.export, a damaged one, or one of another release of "
            f"PyTorch than {torch.__version__}: {_reason(error)}"
        ) from None


def export_module(module, inputs, batch):
    """Export a module over example inputs, a tuple; with `batch` "free" their first
    dimensions are the free batch. Raises ModelError."""
    dynamic = None
    if batch != "fixed":
        # A size of 1 would be taken for one that broadcasts.
        inputs = tree_map_only(
            torch.Tensor, lambda x: torch.cat([x, x]) if x.ndim and len(x) == 1 else x, inputs
        )
        dynamic, size = torch.export.ShapesCollection(), torch.export.Dim("batch")
        for x in tree_leaves(inputs):
            if isinstance(x, torch.Tensor) and x.ndim:
                dynamic[x] = {0: size}
    was_training = module.training
    try:
        with _silent():
            return torch.export.export(module.eval(), inputs, dynamic_shapes=dynamic)
    except Exception as error:  # pylint: disable=broad-except
        hint = "" if batch == "fixed" else "; a model that is made for one batch is exported with batch='fixed'"
        raise ModelError(
            f"{type(module).__name__}: torch.export cannot export the module: {_reason(error)}{hint}"
        ) from None
    finally:
        module.train(was_training)


def decompose(program):
    """The program in functional form, with the ops that the importer knows kept whole."""
    table = {
        op: rule
        for op, rule in torch.export.default_decompositions().items()
        if str(op) not in OPS
    }
    # Batch norm is kept by its functional form.
    table = {op: rule for op, rule in table.items() if "batch_norm" not in str(op)}
    with _silent():
        return program.run_decompositions(table)


class Sizes:
    """What torch's symbolic sizes stand for. `batch`: the size of the free batch, or
    None to keep it free."""

    def __init__(self, batch=None):
        self._batch = batch
        self.is_fixed = batch is not None

    def of(self, size):
        """The integer, or Batch, that a size is."""
        if isinstance(size, int):
            return size
        expression = getattr(getattr(size, "node", None), "expr", None)
        symbols = list(expression.free_symbols) if expression is not None else []
        if expression is not None and not symbols:
            return int(expression)
        if len(symbols) == 1:
            factor = expression / symbols[0]
            if factor.is_Integer and factor > 0:
                return Batch(int(factor)) if self._batch is None else int(factor) * self._batch
        raise NodeProblem(f"depends on the size {expression}, expected a multiple of the batch")

    def of_shape(self, shape):
        return tuple(self.of(size) for size in shape)


def output_names(program, count):
    """Names of the results: the keys of a dict, else `output` or `output_0`, ..."""
    spec = program.call_spec.out_spec
    keys = getattr(spec, "context", None)
    if spec is not None and spec.type is not None and isinstance(keys, list) and len(keys) == count:
        if all(isinstance(key, str) for key in keys):
            return list(keys)
    return ["output"] if count == 1 else [f"output_{i}" for i in range(count)]
