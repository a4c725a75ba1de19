"""Running and comparing models."""

from __future__ import annotations

import json
import os
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Union

import numpy as np

from ._native import native
from .data import Data, Samples, resolve_batch, resolve_choice, resolve_data, resolve_integer, resolve_samples
from .model import Model, Program, require_runnable

BACKENDS = ("auto", "xnnpack", "interpreter")


def run(
    model: Union[Model, Program],
    inputs: Data,
    backend: str = "auto",
    threads: int = 1,
    batch: Optional[int] = None,
    samples: Samples = None,
    taps: Sequence[str] = (),
) -> Dict[str, np.ndarray]:
    """Run a model over all samples; the outputs by name.

    `inputs` is what `npir.calibrate` takes as data. Outputs are as the model gives them: integers stay integers, and
    `model.outputs` tells their scale. `taps` are ids of tensors inside (`conv1:0`), which are given beside the outputs.
    The network runs in batches of `batch` samples; results do not depend on it. None is 64, or 1 where the model has a fixed
    batch: then a sample is as many rows.
    `backend` is `xnnpack` (also what `auto` means) or `interpreter`: the reference, op by op.

    A model remembers how it was made ready to run, so a second run with the same backend, threads and taps starts at once.
    """
    model = require_runnable(model)
    if isinstance(taps, str) or not all(isinstance(tap, str) for tap in taps):
        raise TypeError("expected taps as a list of tensor ids")
    outputs = {port.name for port in model.outputs}
    for tap in taps:
        if tap in outputs:
            raise ValueError(f"expected ids of inner tensors in taps, got the output '{tap}'")
    return native.run(
        model=model._impl,
        data=resolve_data(inputs, model._input_names()),
        backend=resolve_choice("backend", backend, BACKENDS),
        threads=resolve_integer("threads", threads),
        batch=resolve_batch(batch, model.inputs),
        samples=resolve_samples(samples),
        taps=list(taps),
    )


class TensorComparison(NamedTuple):
    """One tensor of two models."""

    id: str
    #: Signal over quantization noise in dB; inf where both are equal. Of integers that stand for no real numbers (indices,
    #: truth values) this, the cosine and the error are NaN: `differing` tells.
    sqnr_db: float
    cosine: float
    max_error: float
    #: Elements compared.
    count: int
    #: Elements whose bits differ; None where the types differ.
    differing: Optional[int]


class Comparison:
    """Two models on the same samples. `str(comparison)` is a table."""

    def __init__(self, text: str, table: str):
        self._text = text
        self._table = table
        report = json.loads(text)
        #: Number of samples compared.
        self.samples: int = report["samples"]
        #: Samples on which every tensor agrees in every bit; None where the types differ.
        self.bit_exact_samples: Optional[int] = report.get("bit_exact_samples")
        #: The outputs, in order.
        self.outputs: List[TensorComparison] = [_entry(entry) for entry in report["outputs"]]
        #: The tensors that both have, by id, in the order of the model.
        self.tensors: Dict[str, TensorComparison] = {entry["id"]: _entry(entry) for entry in report["tensors"]}

    def to_json(self) -> str:
        """The report, as `npir-run --report` writes it."""
        return self._text

    def __str__(self) -> str:
        return self._table

    def __repr__(self) -> str:
        return f"<npir.Comparison of {len(self.tensors)} tensors on {self.samples} samples>"


def _entry(entry: Dict[str, Any]) -> TensorComparison:
    return TensorComparison(
        entry["id"],
        float(entry.get("sqnr_db", "nan")),
        float(entry.get("cosine", "nan")),
        float(entry.get("max_error", "nan")),
        entry["count"],
        entry.get("differing"),
    )


def compare(
    model: Union[Model, Program],
    reference: Union[Model, Program],
    data: Data,
    samples: Samples = None,
    batch: Optional[int] = None,
    threads: int = 1,
    backend: str = "auto",
    reference_backend: str = "auto",
) -> Comparison:
    """Compare the outputs of two models, and the tensors that both have, on the same samples.

    The numbers are those of `npir-run MODEL --compare REFERENCE`. Arguments are as for `run`.
    """
    model, reference = require_runnable(model), require_runnable(reference)
    text, table = native.compare(
        model=model._impl,
        reference=reference._impl,
        data=resolve_data(data, model._input_names()),
        samples=resolve_samples(samples),
        batch=resolve_batch(batch, model.inputs),
        threads=resolve_integer("threads", threads),
        backend=resolve_choice("backend", backend, BACKENDS),
        reference_backend=resolve_choice("reference_backend", reference_backend, BACKENDS),
        name=model._name,
        reference_name=reference._name,
    )
    return Comparison(text, table)
