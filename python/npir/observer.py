"""Observers by themselves: from arrays to scale and zero point, without any network."""

from __future__ import annotations

import math
from typing import Any, Mapping, NamedTuple, Optional, Tuple, Union

import numpy as np

from ._native import native
from .data import resolve_choice, resolve_integer
from .errors import remark, warn

KINDS = ("minmax", "ema", "percentile", "omse", "kl", "auto")


class BitType(NamedTuple):
    """Which integers: `bits` and `signed` decide, `name` is a label. `narrow` leaves out the most negative one."""

    bits: int = 8
    signed: bool = True
    name: str = ""
    narrow: bool = False

    @property
    def lower_bound(self) -> int:
        return int(self.narrow) - 2 ** (self.bits - 1) if self.signed else 0

    @property
    def upper_bound(self) -> int:
        return 2 ** (self.bits - self.signed) - 1

    @property
    def dtype(self) -> np.dtype:
        """The smallest that holds them."""
        return np.dtype(("int" if self.signed else "uint") + ("8" if self.bits <= 8 else "16"))


class Observer:
    """Looks at batches and finds scale and zero point for them.

        observer = npir.Observer("percentile", alpha=0.9995)
        for batch in batches:
            observer.update(batch)
        scale, zero_point = observer.get_quantization_params()

    `kind` is `minmax`, `ema`, `percentile`, `omse`, `kl` or `auto` (docs/Config.md). `alpha` and `sigma` are for
    percentile (`sigma` for ema, too), `bins` is for kl, and `two_sided` for omse. `granularity` is `per_tensor`, or
    `per_channel` with the `axis` that has the channels.
    """

    def __init__(
        self,
        kind: str = "percentile",
        bits: int = 8,
        signed: bool = True,
        narrow: bool = False,
        scheme: str = "symmetric",
        granularity: str = "per_tensor",
        axis: Optional[int] = None,
        alpha: Optional[float] = None,
        sigma: Optional[float] = None,
        bins: Optional[int] = None,
        two_sided: Optional[bool] = None,
    ):
        self._kind = resolve_choice("kind", kind, KINDS)
        resolve_choice("scheme", scheme, ("symmetric", "affine"))
        resolve_choice("granularity", granularity, ("per_tensor", "per_channel"))
        if not 2 <= resolve_integer("bits", bits) <= 16:
            raise ValueError(f"expected 2 to 16 bits, got {bits}")
        if kind == "kl" and scheme == "affine":
            raise ValueError("expected the symmetric scheme for kl, got affine; take another observer for it")
        if granularity == "per_channel" and axis is None:
            raise ValueError("expected the axis of the channels for per_channel, got none")
        if granularity == "per_tensor" and axis is not None:
            raise ValueError(f"expected no axis for per_tensor, got {axis}")
        for name, value, kinds in (
            ("alpha", alpha, ("percentile",)),
            ("sigma", sigma, ("percentile", "ema")),
            ("bins", bins, ("kl",)),
            ("two_sided", two_sided, ("omse",)),
        ):
            if value is not None and kind not in kinds:
                raise ValueError(f"expected {name} for {' and '.join(kinds)} only, got it for {kind}")
        self._axis = None if axis is None else _resolve_axis(axis)
        self._channels: Optional[int] = None
        self._params: Any = None
        self._is_wasteful = scheme == "symmetric" and not signed
        #: Which integers; `bit_type.lower_bound` and `upper_bound` are the least and the greatest.
        self.bit_type = BitType(int(bits), bool(signed), f"{'' if signed else 'u'}int{bits}", bool(narrow) and bool(signed))
        self._impl = native.Observer(
            kind=kind,
            bits=self.bit_type.bits,
            signed=self.bit_type.signed,
            narrow=self.bit_type.narrow,
            affine=scheme == "affine",
            alpha=native.ACTIVATION_ALPHA if alpha is None else _resolve_number("alpha", alpha, native.ALPHA_BOUNDS),
            sigma=None if sigma is None else _resolve_number("sigma", sigma, (0.0, 1.0)),
            bins=native.DEFAULT_BINS if bins is None else _resolve_bins(bins),
            two_sided=two_sided is not False,
        )

    def update(self, x: Any) -> None:
        """Look at one batch.

        A contiguous float32 array is not copied. Other integers and floats, and lists of them, become float32; what is
        too large for it is infinite there. NaN and infinities are left out. An empty array is no batch.
        """
        array = _to_float32(x)
        if array.size == 0:
            return
        axis = self._check_channels(array)
        if axis >= 0:
            self._channels = array.shape[axis]
        self._params = None
        self._impl.update(array, axis)

    def get_quantization_params(self) -> Tuple[Any, Any]:
        """Scale (float32) and zero point (int32): numbers, or per channel arrays."""
        scales, zero_points = self._find_params()
        if self._axis is None:
            return np.float32(scales[0]), np.int32(zero_points[0])
        return np.array(scales, np.float32), np.array(zero_points, np.int32)

    def _find_params(self) -> Any:
        if self._params is None:
            self._params = self._impl.get_params(self._axis is not None)
            if self._is_wasteful and self.min_val < 0:
                warn(
                    "there are negative values, for which unsigned integers with a symmetric scheme leave a part of the grid "
                    "unused; take the affine scheme, or signed integers"
                )
        return self._params

    @property
    def min_val(self) -> Optional[float]:
        """The least finite value seen; None before there is one."""
        return self._impl.min_val

    @property
    def max_val(self) -> Optional[float]:
        """The greatest finite value seen; None before there is one."""
        return self._impl.max_val

    def quantize(self, x: Any) -> np.ndarray:
        """`clip(round(x / scale) + zero_point, lower_bound, upper_bound)` in the smallest dtype that holds them."""
        return native.quantize_array(*self._rounding(x))

    def mse(self, x: Any) -> float:
        """The mean squared error that quantizing the finite values of an array makes."""
        return native.measure_mse(*self._rounding(x))

    def _rounding(self, x: Any) -> Tuple[Any, ...]:
        """An array, and how it is quantized, as the compiled module takes them."""
        array = _to_float32(x)
        scales, zero_points = self._find_params()
        axis = self._check_channels(array)
        return array, axis, scales, zero_points, self.bit_type.bits, self.bit_type.signed, self.bit_type.narrow

    def dequantize(self, q: Any) -> np.ndarray:
        """`(q - zero_point) * scale` in float32."""
        q = np.asarray(q)
        if q.dtype.kind not in "iu":
            raise TypeError(f"expected integers, got {q.dtype}")
        scale, zero_point = self.get_quantization_params()
        if self._axis is not None:
            axis = self._check_channels(q)
            shape = [-1 if i == axis else 1 for i in range(q.ndim)]
            scale, zero_point = scale.reshape(shape), zero_point.reshape(shape)
        return (q.astype(np.int64) - zero_point).astype(np.float32) * scale

    def _check_channels(self, array: np.ndarray) -> int:
        """The axis, after a check that it has as many channels as ever."""
        axis = self._find_axis(array)
        if axis >= 0 and self._channels not in (None, array.shape[axis]):
            raise ValueError(f"expected {self._channels} channels along axis {axis}, got {array.shape[axis]}")
        return axis

    def _find_axis(self, array: np.ndarray) -> int:
        """The axis of the channels in `array`; -1 where there are none."""
        if self._axis is None:
            return -1
        axis = self._axis(array.ndim) if callable(self._axis) else self._axis
        if not -array.ndim <= axis < array.ndim:
            raise ValueError(f"expected an array with axis {axis}, got one of shape {array.shape}")
        return axis % array.ndim

    def __repr__(self) -> str:
        return f"<npir.{type(self).__name__} {self._kind} of {self.bit_type.name}>"


def _to_float32(x: Any) -> np.ndarray:
    array = np.asarray(x)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"expected an array of real numbers, got {array.dtype}")
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(array, np.float32).reshape(array.shape)


def _resolve_axis(axis: Any) -> Any:
    if callable(axis):
        return axis
    if isinstance(axis, bool) or not isinstance(axis, (int, np.integer)):
        raise TypeError(f"expected an integer for axis, got {type(axis).__name__}")
    return int(axis)


def _resolve_number(name: str, value: Any, bounds: Tuple[float, float]) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, np.floating, np.integer)):
        raise TypeError(f"expected a number for {name}, got {type(value).__name__}")
    if math.isnan(value) or not bounds[0] <= value <= bounds[1]:
        raise ValueError(f"expected {name} in [{bounds[0]:g}, {bounds[1]:g}], got {value:g}")
    return float(value)


def _resolve_bins(bins: Any) -> int:
    least, greatest = native.BINS_BOUNDS
    number = resolve_integer("bins", bins)
    if not least <= number <= greatest or number & (number - 1):
        raise ValueError(f"expected bins to be a power of two in [{least}, {greatest}], got {bins}")
    return number


def _round_bins(bins: Any) -> int:
    """The power of two that is taken for `kl_bins`, as a configuration's reader does it."""
    least, greatest = native.BINS_BOUNDS
    number = resolve_integer("kl_bins", bins)
    if not least <= number <= greatest:
        raise ValueError(f"expected kl_bins in [{least}, {greatest}], got {bins}")
    rounded = 1 << (number - 1).bit_length()
    if rounded != number:
        remark(f"kl_bins {number} is rounded up to {rounded}, a power of two")
    return rounded


def _channel_axis(module_type: str) -> Any:
    """Where channels are: last, but for images of an activation (NCHW) second, and of a weight first."""
    return 0 if module_type != "activation" else lambda rank: 1 if rank == 4 else -1


class _NamedObserver(Observer):
    """An observer that is made with the words of a configuration.

    `bit_type` is a `BitType` or a dict with its keys. `module_type` is `activation`, `conv_weight` or `linear_weight`;
    weights leave out the most negative integer. `calibration_mode` is `channel_wise` (along axis 0 of a weight, axis 1 of an
    activation with four dimensions, else the last) or `layer_wise`, `quantization_method` `Uniform` (symmetric) or `Affine`.
    """

    _KIND = ""

    def __init__(
        self,
        bit_type: Union[BitType, Mapping[str, Any]] = BitType(8, True, "int8"),
        module_type: str = "activation",
        calibration_mode: str = "channel_wise",
        quantization_method: str = "Uniform",
        **parameters: Any,
    ):
        if isinstance(bit_type, Mapping):
            bit_type = BitType(**bit_type)
        if not isinstance(bit_type, BitType):
            raise TypeError(f"expected an npir.BitType or a dict for bit_type, got {type(bit_type).__name__}")
        resolve_choice("module_type", module_type, ("activation", "conv_weight", "linear_weight"))
        resolve_choice("calibration_mode", calibration_mode, ("channel_wise", "layer_wise"))
        resolve_choice("quantization_method", quantization_method, ("Uniform", "Affine"))
        is_weight = module_type != "activation"
        if self._KIND == "percentile" and parameters.get("alpha") is None and is_weight:
            parameters["alpha"] = native.WEIGHT_ALPHA
        super().__init__(
            kind=self._KIND,
            bits=bit_type.bits,
            signed=bit_type.signed,
            narrow=bit_type.narrow or is_weight,
            scheme="symmetric" if quantization_method == "Uniform" else "affine",
            granularity="per_channel" if calibration_mode == "channel_wise" else "per_tensor",
            axis=_channel_axis(module_type) if calibration_mode == "channel_wise" else None,
            **parameters,
        )
        if bit_type.name not in ("", self.bit_type.name):
            warn(f"bit type '{bit_type.name}' is {self.bit_type.name}: bits and signed decide, and not the name")


class MinmaxObserver(_NamedObserver):
    """The smallest and the largest value."""

    _KIND = "minmax"

    def __init__(self, bit_type=BitType(8, True, "int8"), module_type="activation",
                 calibration_mode="channel_wise", quantization_method="Uniform"):
        super().__init__(bit_type, module_type, calibration_mode, quantization_method)


class EmaObserver(_NamedObserver):
    """The moving average of batches' smallest and largest values: `sigma` is the share that a batch brings, 0.01 if None."""

    _KIND = "ema"

    def __init__(self, bit_type=BitType(8, True, "int8"), module_type="activation",
                 calibration_mode="channel_wise", quantization_method="Uniform", sigma=None):
        super().__init__(bit_type, module_type, calibration_mode, quantization_method, sigma=sigma)


class PercentileObserver(_NamedObserver):
    """Leaves out the share 1 - `percentile_alpha` of the values on each side.

    `percentile_alpha` is 0.9995, or 0.999 for a weight, if None. `percentile_sigma` averages batches' percentiles; None pools
    all values.
    """

    _KIND = "percentile"

    def __init__(self, bit_type=BitType(8, True, "int8"), module_type="activation", calibration_mode="channel_wise",
                 quantization_method="Uniform", percentile_alpha=None, percentile_sigma=None):
        super().__init__(bit_type, module_type, calibration_mode, quantization_method,
                         alpha=percentile_alpha, sigma=percentile_sigma)


class OmseObserver(_NamedObserver):
    """The range with the least mean squared error."""

    _KIND = "omse"

    def __init__(self, bit_type=BitType(8, True, "int8"), module_type="activation",
                 calibration_mode="channel_wise", quantization_method="Uniform"):
        super().__init__(bit_type, module_type, calibration_mode, quantization_method)


class KLObserver(_NamedObserver):
    """The threshold with the least Kullback-Leibler divergence; symmetric only.

    `kl_bins` is 512 to 8192, rounded up to a power of two; `kv_bins` is its older spelling.
    """

    _KIND = "kl"

    def __init__(self, bit_type=BitType(8, True, "int8"), module_type="activation",
                 calibration_mode="channel_wise", quantization_method="Uniform", kl_bins=None, kv_bins=None):
        if None not in (kl_bins, kv_bins) and kl_bins != kv_bins:
            raise ValueError(f"expected kl_bins and its older spelling kv_bins to agree, got {kl_bins} and {kv_bins}")
        bins = kv_bins if kl_bins is None else kl_bins
        super().__init__(bit_type, module_type, calibration_mode, quantization_method,
                         bins=None if bins is None else _round_bins(bins))
