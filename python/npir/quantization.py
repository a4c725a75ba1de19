"""The road: calibration and quantization."""

from __future__ import annotations

import json
import os
from typing import Any, Dict, List, Mapping, Optional, Sequence, Union

from ._native import native
from .config import Config, ConfigLike, resolve_config
from .data import Data, Samples, resolve_choice, resolve_data, resolve_integer, resolve_samples
from .model import Model, require_model
from .paths import resolve_path
from .statistics import Statistics, load_statistics

#: In the order of the road.
STATIONS = ("float", "prepared", "observed", "calibrated", "qdq", "integer", "target")


def calibrate(
    model: Model,
    data: Data,
    config: Optional[ConfigLike] = None,
    samples: Samples = None,
    batch: int = 32,
    threads: int = 1,
    strict: bool = False,
    *,
    run_batch: int = 0,
    max_memory: Union[None, int, str] = None,
    channel_histograms: bool = False,
    row_sample: int = 1,
    batch_histograms: bool = False,
    stats: Union[None, str, os.PathLike] = None,
    resume: bool = False,
    checkpoint: float = 60.0,
    quiet: bool = True,
) -> Statistics:
    """Run the network in float over samples and record every tensor that `config` quantizes.

    A model before station `observed` is prepared and observed first; `config` is for that. `data` is a dict of arrays by
    input name (a batch along axis 0; not copied, and memory-mapped ones stay on disk), an array for a model with one input,
    or the path of a folder or .npz file. `samples` is `"BEGIN:END"`, a slice or a pair. `batch` is part of what the
    statistics mean; `threads` is not, and 0 is the machine's. NaN and infinities inside of the network are warnings that
    name their layer, or under `strict` errors.

    `run_batch` samples go through the network at once (0: chosen so that tensors stay small), `max_memory` is what the process
    may have, in bytes or as `"2G"`; neither changes the result. `channel_histograms` records a histogram of every channel of
    every tensor, and not only where `config` needs them. `row_sample` counts one row in so many in histograms;
    `batch_histograms` keeps the whole histogram of each batch. With a path as `stats` the statistics are also written there, and
    what there is so far to `<stats>.partial` every `checkpoint` seconds (0: never) and at Ctrl-C; `resume` goes on from either
    file, and adds samples to it. Without `quiet`, plan and progress are printed to standard error.
    """
    model = require_model(model)
    resolved = _config_for(model, config)
    options = {
        "batch": resolve_integer("batch", batch, 1),
        "run_batch": resolve_integer("run_batch", run_batch),
        "threads": resolve_integer("threads", threads),
        "max_memory": _resolve_bytes(max_memory),
        "channel_histograms": bool(channel_histograms),
        "row_sample": resolve_integer("row_sample", row_sample, 1),
        "batch_histograms": bool(batch_histograms),
        "stats": "" if stats is None else resolve_path(stats),
        "resume": bool(resume),
        "checkpoint": _resolve_seconds("checkpoint", checkpoint),
        "strict": bool(strict),
        "quiet": bool(quiet),
    }
    impl = model._impl.calibrate(
        data=resolve_data(data, model._input_names()),
        config=resolved and resolved._impl,
        samples=resolve_samples(samples),
        options=options,
        translate=resolved and resolved.translate,
    )
    return Statistics(impl)


def quantize(
    model: Model,
    config: Optional[ConfigLike] = None,
    data: Optional[Data] = None,
    statistics: Union[None, str, os.PathLike, Statistics] = None,
    target: str = "xnnpack",
    samples: Samples = None,
    batch: int = 32,
    threads: int = 1,
    strict: bool = False,
    stop_at: str = "target",
    *,
    tune: bool = True,
    io: Union[str, Mapping[str, str]] = "float",
    mean: Union[None, float, Sequence[float]] = None,
    std: Union[None, float, Sequence[float]] = None,
    input_layout: str = "source",
) -> Model:
    """Take a model to exact integers: what `npir-opt --npir-quantize-pipeline` does, to the byte.

    Starts at the model's station and stops at station `stop_at`. Ranges come from `data`, as `calibrate` takes it, or from
    `statistics` of an earlier calibration. `config` is a path, a dict or an `npir.Config`; without one all is int8. What
    cannot be quantized as configured stays in float with a warning that names the layer, or under `strict` is an error.

    With `data`, ranges of observer `auto` are chosen by the network's output, which runs the network some more times; without `tune`
    each is what the tensor's own statistics say, as with `statistics`.

    `io` is what the program's inputs and outputs are: "float", "quantized" (8-bit integers of their own scale) or "uint8", for all or by
    name. An input of "uint8" is raw pixels, which stand for `(pixel - mean) / std`; both are numbers in units of pixels, or one for each
    channel. `input_layout` "nhwc" lets the user give images with their channels last. Samples for calibration stay the source model's.
    Indices and truth values are never changed. This is part of the step to station "qdq".
    """
    model = require_model(model)
    resolve_choice("stop_at", stop_at, STATIONS[1:])
    start, stop = STATIONS.index(model.station), STATIONS.index(stop_at)
    if data is not None and statistics is not None:
        raise ValueError("expected either data or statistics, got both")
    has_ranges = data is not None or statistics is not None
    # Statistics may be attached again.
    if stop < start or (stop == start and not (has_ranges and stop_at == "calibrated")):
        raise ValueError(f"expected a model before station '{stop_at}', got one at '{model.station}'")
    if has_ranges and stop < STATIONS.index("calibrated"):
        raise ValueError(f"expected neither data nor statistics to stop at '{stop_at}'")
    if has_ranges and start > STATIONS.index("calibrated"):
        raise ValueError(f"expected neither data nor statistics for a model at '{model.station}'")
    boundary = _resolve_boundary(io, mean, std, input_layout)
    if boundary and not start < STATIONS.index("qdq") <= stop:
        raise ValueError("expected io, mean, std and input_layout only where the step to station 'qdq' is taken")
    resolved = _config_for(model, config)
    impl = model._impl.quantize(
        config=resolved and resolved._impl,
        data=None if data is None else resolve_data(data, model._input_names()),
        statistics=_resolve_statistics(statistics),
        target=_resolve_text("target", target),
        samples=resolve_samples(samples),
        batch=resolve_integer("batch", batch, 1),
        threads=resolve_integer("threads", threads),
        strict=bool(strict),
        tune=bool(tune),
        stop_at=stop_at,
        boundary=boundary,
        translate=resolved and resolved.translate,
    )
    return Model(impl, model._name)


def explain(model: Model, config: Optional[ConfigLike] = None) -> List[Dict[str, Any]]:
    """What `config` decides for every tensor that can be quantized, in the order of the network, and where it says so.

    `model` is at `float` or `prepared`; it stays as it is. Each tensor is a dict: `id`, `op`, `tensor` (`weight` or
    `activation`), `roles`, `spec` in words, `requested` (a rule names it, so it is rounded on every target), `keys`, a list of
    dicts with `key`, `value` and `origin` (`config.yaml:3:5 (rule)`), and perhaps `note`.
    """
    model = require_model(model)
    resolved = _config_for(model, config) or Config.parse("version: 1")
    text = model._impl.explain(config=resolved._impl, translate=resolved.translate)
    return [_translate_origins(tensor, resolved) for tensor in json.loads(text)]


def _translate_origins(tensor: Dict[str, Any], config: Config) -> Dict[str, Any]:
    for key in tensor["keys"]:
        key["origin"] = config.translate(key["origin"])
    return tensor


def _config_for(model: Model, config: Optional[ConfigLike]) -> Optional[Config]:
    if config is not None and STATIONS.index(model.station) >= STATIONS.index("observed"):
        raise ValueError(f"expected no config for a model at '{model.station}', which has been configured")
    return resolve_config(config)


def _resolve_boundary(io: Any, mean: Any, std: Any, input_layout: Any) -> Dict[str, Any]:
    """What differs from the source model's own inputs and outputs."""
    boundary: Dict[str, Any] = {}
    kinds = ("float", "quantized", "uint8")
    if isinstance(io, Mapping):
        boundary["io"] = [f"{_resolve_text('io', name)}:{resolve_choice('io', kind, kinds)}" for name, kind in io.items()]
    elif resolve_choice("io", io, kinds) != "float":
        boundary["io"] = [io]
    for name, value in (("mean", mean), ("std", std)):
        if value is not None:
            boundary[name] = [float(number) for number in (value if isinstance(value, Sequence) else [value])]
    if resolve_choice("input_layout", input_layout, ("source", "nhwc")) != "source":
        boundary["input_layout"] = input_layout
    return boundary


def _resolve_statistics(statistics: Any) -> Any:
    if isinstance(statistics, (str, os.PathLike)):
        statistics = load_statistics(statistics)
    if statistics is None:
        return None
    if not isinstance(statistics, Statistics):
        raise TypeError(f"expected npir.Statistics or a path, got {type(statistics).__name__}")
    return statistics._impl


def _resolve_bytes(size: Union[None, int, str]) -> int:
    """A number of bytes; 0 where there is no limit."""
    if size is None:
        return 0
    if isinstance(size, str):
        return native.read_byte_size(size)
    if isinstance(size, bool) or not isinstance(size, int):
        raise TypeError(f"expected a number of bytes or a str for max_memory, got {type(size).__name__}")
    if not 0 < size < 2**63:
        raise ValueError(f"expected max_memory of at least 1, got {size}")
    return size


def _resolve_seconds(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"expected a number of seconds for {name}, got {type(value).__name__}")
    if not value >= 0:
        raise ValueError(f"expected {name} of at least 0, got {value}")
    return float(value)


def _resolve_text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected a str for {name}, got {type(value).__name__}")
    return value
