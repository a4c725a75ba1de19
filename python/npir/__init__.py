"""NPIR: trained networks to exact integers on a device.

    import npir

    model = npir.from_onnx("model.onnx")
    int8 = npir.quantize(model, config="config.yaml", data={"input": images})
    int8.to_npx("model.npx")
    outputs = npir.run(int8, images)

docs/Python.md tells it step by step. What is wrong with an input or a request is an `NPIRError`; what a result should not be
used without knowing is an `NPIRWarning`; remarks are in the log of logger `npir`. Nothing is printed.
"""

import importlib
from typing import TYPE_CHECKING

# Loaded when they are used, so that `python -m npir.import_onnx` can tell what is
# missing in one line.
_HOMES = {
    "BitType": "observer",
    "Comparison": "execution",
    "Config": "config",
    "EmaObserver": "observer",
    "KLObserver": "observer",
    "MinmaxObserver": "observer",
    "Model": "model",
    "NPIRError": "errors",
    "NPIRInternalError": "errors",
    "NPIRWarning": "errors",
    "Observer": "observer",
    "OmseObserver": "observer",
    "PercentileObserver": "observer",
    "Port": "model",
    "Profile": "profiling",
    "Program": "model",
    "Statistics": "statistics",
    "TensorComparison": "execution",
    "TensorStatistics": "statistics",
    "__version__": "version",
    "calibrate": "quantization",
    "compare": "execution",
    "explain": "quantization",
    "from_onnx": "importing",
    "from_torch": "importing",
    "load": "model",
    "load_statistics": "statistics",
    "presets": "config",
    "profile": "profiling",
    "quantize": "quantization",
    "run": "execution",
    "run_pipeline": "model",
}

__all__ = sorted(name for name in _HOMES if name[0] != "_")

if TYPE_CHECKING:
    from .config import Config, presets
    from .errors import NPIRError, NPIRInternalError, NPIRWarning
    from .execution import Comparison, TensorComparison, compare, run
    from .importing import from_onnx, from_torch
    from .model import Model, Port, Program, load, run_pipeline
    from .observer import BitType, EmaObserver, KLObserver, MinmaxObserver, Observer, OmseObserver, PercentileObserver
    from .profiling import Profile, profile
    from .quantization import calibrate, explain, quantize
    from .statistics import Statistics, TensorStatistics, load_statistics
    from .version import __version__


def __getattr__(name):
    if name not in _HOMES:
        raise AttributeError(f"module 'npir' has no attribute '{name}'")
    value = getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__():
    return sorted({*globals(), *_HOMES})
