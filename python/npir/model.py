"""Models: a network at some station of the road, or the program at its end."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any, List, NamedTuple, Optional, Tuple, Union

from ._native import native
from .errors import NPIRError
from .paths import resolve_path


class Port(NamedTuple):
    """An input or output of a model."""

    name: str
    #: None is the free batch.
    shape: Tuple[Optional[int], ...]
    #: As numpy calls it.
    dtype: str
    #: What integers stand for, `real = (stored - zero_point) * scale`, else None.
    scale: Optional[float]
    zero_point: Optional[int]


class _Runnable:
    """What `run` and `compare` take."""

    def __init__(self, impl: Any, name: str):
        self._impl = impl
        self._name = name

    @property
    def inputs(self) -> List[Port]:
        """The inputs, in order."""
        return [Port(*port) for port in self._impl.inputs]

    @property
    def outputs(self) -> List[Port]:
        """The outputs, in order."""
        return [Port(*port) for port in self._impl.outputs]

    def _input_names(self) -> List[str]:
        return [port.name for port in self.inputs]


class Model(_Runnable):
    """A network at one of the stations `float`, `prepared`, `observed`, `calibrated`, `qdq`, `integer`, `target`.

    Made by `npir.from_onnx`, `npir.load`, `npir.quantize` or `npir.run_pipeline`. Nothing changes a model: what quantizes
    it makes another, which shares the weights that stay the same. Threads may use one model at the same time; they take
    turns. `str(model)` is its MLIR text without the elements of big constants.
    """

    @property
    def station(self) -> str:
        """Where on the road the model is."""
        return self._impl.station

    def save(self, path: Union[str, os.PathLike]) -> None:
        """Write the model: bytecode for `*.mlirbc`, else text. The bytes are those that the command-line tools write."""
        name = resolve_path(path)
        if name.endswith(".npx"):
            raise ValueError(f"{name}: expected a name that ends in .mlirbc or .mlir; Model.to_npx writes a program")
        self._impl.save(name)

    def to_npx(self, path: Union[str, os.PathLike]) -> None:
        """Write the program for the device; the model is at station `target`."""
        self._impl.save_program(resolve_path(path))

    def to_onnx(self, path: Union[str, os.PathLike], external_data: bool = False) -> None:
        """Write the model as ONNX: from station `qdq` with QuantizeLinear and DequantizeLinear, from `float` and `prepared`
        in floats. `external_data` keeps the weights in a file of their own, `<path>.data`, as it is always done where
        they are too big for one file.
        """
        self._export_onnx(resolve_path(path), external_data)

    def _export_onnx(self, name: str, external_data: bool) -> None:
        """The same to a path as the tools take it: `-` is the standard output."""
        try:
            import onnx  # noqa: F401

            from .exporters.onnx import export_model
        except ImportError as error:
            raise ImportError(f"Model.to_onnx needs the package onnx: {error}; pip install 'npir[onnx]'") from error
        try:
            export_model(self._impl, self._name, name, external_data)
        except OSError as error:
            place = "standard output" if name == "-" else name
            raise NPIRError(f"{place}: cannot write: {(error.strerror or str(error)).lower()}") from None

    def run_pipeline(self, pipeline: str) -> Model:
        """A model that the passes of `pipeline` have worked on: see `npir.run_pipeline`."""
        if not isinstance(pipeline, str):
            raise TypeError(f"expected the pipeline as text, got {type(pipeline).__name__}")
        return Model(self._impl.run_pipeline(pipeline), self._name)

    def __str__(self) -> str:
        return str(self._impl)

    def __repr__(self) -> str:
        return f"<npir.Model {self._name} at station '{self.station}'>"


class Program(_Runnable):
    """A program for the device: what a `.npx` file holds."""

    def __repr__(self) -> str:
        return f"<npir.Program {self._name}>"


def load(path: Union[str, os.PathLike]) -> Union[Model, Program]:
    """Read a module (`.mlirbc`, `.mlir`) or a program (`.npx`). The file is mapped, and weights stay in it."""
    name = resolve_path(path)
    if not name.endswith(".npx") and native.is_foreign_bytecode(name):
        _try_module(name)
    impl = native.Model.load(name)
    return Program(impl, name) if impl.is_program else Model(impl, name)


def _try_module(path: str) -> None:
    """Read bytecode of another program, which has no checksum, in another process first: what is damaged may crash it."""
    code = "import sys; sys.path.insert(0, sys.argv[1]); from npir import _npir; _npir.try_module(sys.argv[2])"
    parent = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    command = [sys.executable, "-c", code, parent, path]
    if subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode:
        raise NPIRError(f"{path}: the file is damaged: reading it failed; make it again")


def run_pipeline(model: Model, pipeline: str) -> Model:
    """A model that the passes of `pipeline` have worked on, in `npir-opt --pass-pipeline`'s syntax.

    For example `"npir-prepare,npir-insert-observers{config=quant.yaml},npir-calibrate{data=calib stats=s.npirstats}"`.
    A long calibration among them prints its progress, unless it has the option `quiet`.
    """
    return require_model(model).run_pipeline(pipeline)


def require_model(model: Any) -> Model:
    if isinstance(model, Program):
        raise NPIRError(f"{model._name}: expected a module, got a program, which is finished")
    if not isinstance(model, Model):
        raise TypeError(f"expected an npir.Model, got {type(model).__name__}")
    return model


def require_runnable(model: Any) -> _Runnable:
    if not isinstance(model, _Runnable):
        raise TypeError(f"expected an npir.Model or npir.Program, got {type(model).__name__}")
    return model
