"""Samples: arrays in memory, or a folder or .npz file with one per input."""

from __future__ import annotations

import operator
import os
from typing import Any, List, Mapping, Optional, Sequence, Tuple, Union

import numpy as np

from .paths import resolve_path

Data = Union[str, os.PathLike, np.ndarray, Mapping[str, np.ndarray]]
Samples = Union[None, str, slice, Tuple[Optional[int], Optional[int]]]


def resolve_data(data: Data, input_names: Sequence[str]) -> Union[str, List[Tuple[str, np.ndarray]]]:
    """What functions take as data: a path, or names and arrays. Nothing is copied."""
    if isinstance(data, (str, os.PathLike)):
        return resolve_path(data)
    if isinstance(data, np.ndarray):
        if len(input_names) != 1:
            names = ", ".join(input_names)
            raise ValueError(f"expected a dict with an array for each of the inputs {names}, got one array")
        return [(input_names[0], data)]
    if not isinstance(data, Mapping):
        raise TypeError(f"expected a dict of arrays, an array or a path, got {type(data).__name__}")
    for name, array in data.items():
        if not isinstance(name, str):
            raise TypeError(f"expected names of inputs as keys, got {name!r}")
        if not isinstance(array, np.ndarray):
            raise TypeError(f"expected a numpy array for input '{name}', got {type(array).__name__}")
    return list(data.items())


def resolve_samples(samples: Samples) -> str:
    """`BEGIN:END` from that text, a slice, or a pair; all of them if None."""
    if samples is None:
        return ""
    if isinstance(samples, str):
        return samples
    if isinstance(samples, slice):
        if samples.step not in (None, 1):
            raise ValueError(f"expected samples without a step, got {samples}")
        samples = (samples.start, samples.stop)
    if not isinstance(samples, tuple) or len(samples) != 2:
        raise TypeError(f"expected samples as 'BEGIN:END', a slice or a pair, got {samples!r}")
    return ":".join("" if end is None else str(resolve_integer("samples", end)) for end in samples)


def resolve_integer(name: str, value: Any, least: int = 0) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"expected an integer for {name}, got {type(value).__name__}") from None
    if isinstance(value, bool) or not least <= number < 2**31:
        raise ValueError(f"expected {name} of at least {least}, got {value}")
    return number


def resolve_batch(batch: Optional[int], inputs: Sequence[Any]) -> int:
    """Samples per run; None is 64, or 1 for a model with a fixed batch. `inputs` are its ports."""
    if batch is not None:
        return resolve_integer("batch", batch, 1)
    return 64 if all(port.shape[:1] == (None,) for port in inputs) else 1


def resolve_choice(name: str, value: Any, choices: Sequence[str]) -> str:
    if value not in choices:
        raise ValueError(f"expected {name} to be one of {', '.join(choices)}, got {value!r}")
    return value
