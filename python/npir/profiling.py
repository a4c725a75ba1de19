"""Profiles: what quantizing costs each weight and each layer's output."""

from __future__ import annotations

import json
from typing import Any, Dict, Optional

from ._native import native
from .data import Data, Samples, resolve_batch, resolve_data, resolve_integer, resolve_samples
from .model import Model, require_model


class Profile(Dict[str, Dict[str, Any]]):
    """What quantizing costs each layer, by the layer's name in program order. `str(profile)` is a text.

    A layer has `output`, `weight` or both, each a dict with

    - `statistics`: `qsnr` (dB) and `mse` of the tensor's own rounding and clipping, `cumulative_qsnr` and `cumulative_mse` with
      the error of all layers above, `min`, `max`, `scale`, `zero_point` (lists with one entry per channel, along `axis`, or
      numbers), `bits`, `signed`, `clipped` (the share of values more than half a step beyond the grid), `count`,
      `non_finite`, `id`;
    - `histogram`: of the float values, `edges` and `counts`;
    - `time` (seconds) and `memory` (bytes) that profiling the tensor took.
    """

    def __init__(self, text: str, table: str):
        self._text = text
        self._table = table
        report = json.loads(text)
        super().__init__((layer.pop("layer"), layer) for layer in report["layers"])
        for layer in self.values():
            for tensor in layer.values():
                del tensor["sums"]
                _read_decibels(tensor["statistics"])
        #: The network's outputs (a list with `name`, `qsnr` and `mse`), and for `layers` the least QSNR, its layer and the
        #: median, of `output_qsnr`, `cumulative_output_qsnr` and `weight_qsnr`. There is no mean: that of dB says nothing.
        self.summary: Dict[str, Any] = report["summary"]
        for output in self.summary["outputs"]:
            del output["sums"]
        for entry in [*self.summary["outputs"], *self.summary["layers"].values()]:
            _read_decibels(entry)
        #: Number of samples that ran.
        self.samples: int = report["samples"]

    def to_json(self) -> str:
        """The profile, as `npir-run --quantization-profile` writes it."""
        return self._text

    def __str__(self) -> str:
        return self._table

    def __repr__(self) -> str:
        return f"<npir.Profile of {len(self)} layers on {self.samples} samples>"


def _read_decibels(statistics: Dict[str, Any]) -> None:
    """JSON has no infinity: such numbers are texts."""
    for key, value in statistics.items():
        if value in ("inf", "-inf", "nan") and key not in ("id", "name", "min_layer"):
            statistics[key] = float(value)


def profile(
    model: Model, data: Data, samples: Samples = None, batch: Optional[int] = None, threads: int = 1
) -> Profile:
    """Profile a model at station `calibrated`: what each tensor's quantized type costs, by itself and together.

    The network runs in float and with every tensor rounded, on the same samples; memory does not grow with their number.
    What the config leaves in float, and what it sets `enable_profiler: false` for, is left out and costs nothing. Arguments
    are as for `run`.
    """
    model = require_model(model)
    text, table = native.profile(
        model=model._impl,
        data=resolve_data(data, model._input_names()),
        samples=resolve_samples(samples),
        batch=resolve_batch(batch, model.inputs),
        threads=resolve_integer("threads", threads),
        name=model._name,
    )
    return Profile(text, table)
