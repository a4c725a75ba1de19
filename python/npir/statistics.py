"""Statistics: what a calibration saw of every tensor, free of any observer's method."""

from __future__ import annotations

import os
from typing import Any, Dict, List, NamedTuple, Tuple, Union

from ._native import native
from .paths import resolve_path


class TensorStatistics(NamedTuple):
    """Counts and extrema of one tensor's elements."""

    #: All elements seen; the next three are part of them.
    count: int
    nan_count: int
    posinf_count: int
    neginf_count: int
    #: Of the finite elements; inf and -inf where there are none.
    min: float
    max: float
    #: The same for each channel; empty where channels are not recorded.
    channel_min: List[float]
    channel_max: List[float]


class Statistics:
    """What a calibration saw. Nothing changes it; `merge` makes another."""

    def __init__(self, impl: Any, name: str = "statistics"):
        self._impl = impl
        self._name = name

    @property
    def tensors(self) -> Dict[str, TensorStatistics]:
        """By tensor id, for example `conv1:0`."""
        return {id_: TensorStatistics(*entry) for id_, entry in self._impl.tensors.items()}

    @property
    def model_hash(self) -> str:
        """Of the prepared model that was calibrated."""
        return self._impl.model_hash

    @property
    def batch_size(self) -> int:
        return self._impl.batch_size

    @property
    def engines(self) -> List[str]:
        """What ran the network."""
        return self._impl.engines

    @property
    def samples(self) -> List[Tuple[int, int]]:
        """The samples seen, as pairs (begin, end)."""
        return self._impl.samples

    def merge(self, other: Statistics) -> Statistics:
        """What both saw: exactly what one calibration on all samples would have seen."""
        if not isinstance(other, Statistics):
            raise TypeError(f"expected npir.Statistics, got {type(other).__name__}")
        return Statistics(self._impl.merge(other._impl, self._name, other._name), self._name)

    def save(self, path: Union[str, os.PathLike]) -> None:
        """Write the file `.npirstats`, byte for byte as the command-line tools do."""
        self._impl.save(resolve_path(path))

    def __repr__(self) -> str:
        count = sum(end - begin for begin, end in self.samples)
        return f"<npir.Statistics of {len(self.tensors)} tensors over {count} samples>"


def load_statistics(path: Union[str, os.PathLike]) -> Statistics:
    """Read a statistics file (`.npirstats`)."""
    name = resolve_path(path)
    return Statistics(native.Statistics.load(name), name)
