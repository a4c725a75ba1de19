"""Tests of observers over numpy, against the vectors of an independent program."""

import json
import os
import pathlib
import sys
import unittest
import warnings

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("NPIR_BUILD", ROOT / "build"))
sys.path.insert(0, str(BUILD / "python"))

import npir  # noqa: E402

VECTORS = ROOT / "test" / "unittests" / "Observers"
SCHEMES = {"Uniform": "symmetric", "Affine": "affine"}


def generate(kind, size):
    u = ((np.arange(size, dtype=np.uint64) * np.uint64(2654435761) + np.uint64(12345)) % np.uint64(2**32)) / 2.0**31 - 1
    heavy = u / (1.02 - np.abs(u))
    return np.float32({"uniform": u, "cubic": 4 * u * u * u, "heavy": heavy, "relu_heavy": np.maximum(0, heavy)}[kind])


def batches_of(vector):
    if "generator" in vector:
        return [generate(vector["generator"], vector["n"])]
    return [np.array([float(x) for x in batch], np.float32) for batch in vector["batches"]]


class Vectors(unittest.TestCase):
    def check(self, file, kind):
        """Each result of `kind` in `file`; how many there are."""
        checked = 0
        for name, vector in json.loads((VECTORS / file).read_text()).items():
            batches = batches_of(vector)
            for result in vector["results"]:
                if not isinstance(result, dict) or result.get("observer", kind) != kind:
                    continue
                options = {key: result[key] for key in ("alpha", "sigma", "bins", "two_sided") if result.get(key) is not None}
                observer = npir.Observer(kind, bits=result["bits"], signed=result["signed"], scheme=SCHEMES[result["scheme"]],
                                         narrow=result.get("narrow", False), **options)
                for batch in batches:
                    observer.update(batch)
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", npir.NPIRWarning)
                    scale, zero_point = observer.get_quantization_params()
                expected = np.uint32(int(result["scale_f32"], 16)).view(np.float32)
                with self.subTest(name=name, result=result):
                    self.assertEqual((type(scale), scale), (np.float32, expected))
                    self.assertEqual((type(zero_point), zero_point), (np.int32, result["zero_point"]))
                checked += 1
        return checked

    def test_minmax(self):
        self.assertGreater(self.check("minmax_vectors.json", "minmax"), 100)

    def test_percentile(self):
        self.assertGreater(self.check("percentile_vectors.json", "percentile"), 50)

    def test_threshold_searches(self):
        for kind in ("ema", "omse", "kl", "auto"):
            self.assertGreater(self.check("threshold_vectors.json", kind), 20, kind)

    def test_channels(self):
        vector = json.loads((VECTORS / "minmax_vectors.json").read_text())["p1_per_channel_rows"]
        rows = np.array(vector["batches"], np.float32)
        for channels in vector["results"]:
            first = channels[0]
            options = dict(bits=first["bits"], signed=first["signed"], scheme=SCHEMES[first["scheme"]])
            for array, axis in ((rows, 0), (np.ascontiguousarray(rows.T), -1)):
                observer = npir.Observer("minmax", granularity="per_channel", axis=axis, **options)
                observer.update(array)
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", npir.NPIRWarning)
                    scales, zero_points = observer.get_quantization_params()
                expected = [np.uint32(int(c["scale_f32"], 16)).view(np.float32) for c in channels]
                np.testing.assert_array_equal(scales, expected)
                self.assertEqual((scales.dtype, zero_points.dtype), (np.float32, np.int32))
                np.testing.assert_array_equal(zero_points, [c["zero_point"] for c in channels])


class Objects(unittest.TestCase):
    def setUp(self):
        self.values = np.random.RandomState(1).randn(4, 3, 8, 8).astype(np.float32)

    def test_nothing_seen(self):
        for observer in (npir.Observer(), npir.MinmaxObserver(), npir.Observer("minmax", granularity="per_channel", axis=0)):
            with self.assertRaisesRegex(npir.NPIRError, r"no finite value was observed, call update\(\) with data"):
                observer.get_quantization_params()
            with self.assertRaisesRegex(npir.NPIRError, "no finite value"):
                observer.quantize([1.0])
            self.assertIsNone(observer.min_val)
            self.assertIsNone(observer.max_val)
        observer.update(np.full((2, 2), np.nan, np.float32))
        with self.assertRaisesRegex(npir.NPIRError, "no finite value"):
            observer.get_quantization_params()

    def test_extrema_and_bounds(self):
        observer = npir.Observer("minmax", bits=4, scheme="affine", signed=False)
        for value in self.values:
            observer.update(value)
        self.assertEqual((observer.min_val, observer.max_val), (self.values.min(), self.values.max()))
        self.assertEqual((observer.bit_type.lower_bound, observer.bit_type.upper_bound), (0, 15))
        self.assertEqual(npir.Observer(narrow=True).bit_type.lower_bound, -127)
        self.assertEqual(npir.BitType(16, False).upper_bound, 65535)

    def test_quantize_is_the_formula(self):
        for bits, signed, dtype in ((8, True, "int8"), (8, False, "uint8"), (4, True, "int8"), (12, True, "int16"), (16, False, "uint16")):
            observer = npir.Observer("minmax", bits=bits, signed=signed, scheme="affine")
            observer.update(self.values[:2])
            scale, zero_point = observer.get_quantization_params()
            stored = observer.quantize(self.values)
            self.assertEqual((stored.dtype, stored.shape), (np.dtype(dtype), self.values.shape))
            low, high = observer.bit_type.lower_bound, observer.bit_type.upper_bound
            expected = np.clip(np.rint(self.values / np.float64(scale)) + zero_point, low, high)
            np.testing.assert_array_equal(stored, expected)
            real = observer.dequantize(stored)
            self.assertEqual(real.dtype, np.float32)
            np.testing.assert_array_equal(real, np.float32(stored.astype(np.int64) - zero_point) * scale)

    def test_quantize_channels(self):
        observer = npir.Observer("minmax", granularity="per_channel", axis=1)
        observer.update(self.values)
        scales, _ = observer.get_quantization_params()
        np.testing.assert_array_equal(scales, np.float32(np.abs(self.values).max(axis=(0, 2, 3)) / np.float64(127)))
        error = observer.dequantize(observer.quantize(self.values)) - self.values
        self.assertTrue(np.all(np.abs(error) <= scales.reshape(1, 3, 1, 1) * 0.50001))

    def test_mse(self):
        for options in (dict(bits=4), dict(granularity="per_channel", axis=1)):
            observer = npir.Observer("minmax", **options)
            observer.update(self.values[:2])
            error = np.float64(observer.dequantize(observer.quantize(self.values))) - self.values
            self.assertAlmostEqual(observer.mse(self.values), np.mean(error**2), places=9)
        with self.assertRaisesRegex(npir.NPIRError, "no finite value"):
            npir.Observer().mse(self.values)

    def test_other_arrays_are_converted(self):
        expected = npir.Observer("minmax")
        expected.update(self.values)
        for array in (np.float64(self.values), self.values[:, :, ::-1], np.asfortranarray(self.values), self.values.tolist()):
            observer = npir.Observer("minmax")
            observer.update(array)
            self.assertEqual(observer.get_quantization_params(), expected.get_quantization_params())
        observer = npir.Observer("minmax")
        observer.update(np.arange(-5, 3))
        observer.update([1e300])
        observer.update(7)
        self.assertEqual((observer.min_val, observer.max_val), (-5, 7))
        for array in (np.array([1j]), np.array(["a"]), np.array([None])):
            with self.assertRaisesRegex(TypeError, "expected an array of real numbers"):
                observer.update(array)

    def test_parameters_follow_updates(self):
        observer = npir.Observer("minmax")
        observer.update([1.0])
        before = observer.get_quantization_params()
        observer.update([2.0])
        self.assertGreater(observer.get_quantization_params()[0], before[0])

    def test_words_of_configurations(self):
        bit_type = npir.BitType(bits=8, signed=True, name="int8")
        observer = npir.MinmaxObserver(bit_type=bit_type, module_type="conv_weight", calibration_mode="channel_wise",
                                       quantization_method="Uniform")
        observer.update(self.values)
        scales, zero_points = observer.get_quantization_params()
        np.testing.assert_array_equal(scales, np.float32(np.abs(self.values).max(axis=(1, 2, 3)) / np.float64(127)))
        self.assertFalse(zero_points.any())
        self.assertEqual(observer.bit_type.lower_bound, -127)
        # Images have their channels second, all else last.
        for array, count in ((self.values, 3), (self.values[0], 8)):
            observer = npir.PercentileObserver(bit_type, "activation", percentile_alpha=0.99)
            observer.update(array)
            self.assertEqual(observer.get_quantization_params()[0].shape, (count,))
        observer = npir.PercentileObserver({"bits": 8, "signed": False}, calibration_mode="layer_wise",
                                           quantization_method="Affine", percentile_alpha=0.99, percentile_sigma=0.1)
        same = npir.Observer("percentile", signed=False, scheme="affine", alpha=0.99, sigma=0.1)
        for batch in self.values:
            observer.update(batch)
            same.update(batch)
        self.assertEqual(observer.get_quantization_params(), same.get_quantization_params())

    def test_a_weight_has_its_own_alpha(self):
        weight = np.random.RandomState(2).randn(1, 100000).astype(np.float32)
        observer = npir.PercentileObserver(module_type="linear_weight", calibration_mode="layer_wise")
        same = npir.Observer("percentile", alpha=0.999, narrow=True)
        other = npir.PercentileObserver(calibration_mode="layer_wise")
        for each in (observer, same, other):
            each.update(weight)
        self.assertEqual(observer.get_quantization_params(), same.get_quantization_params())
        self.assertLess(observer.get_quantization_params()[0], other.get_quantization_params()[0])

    def test_warnings(self):
        with self.assertWarnsRegex(npir.NPIRWarning, "bit type 'int8' is int4: bits and signed decide"):
            npir.MinmaxObserver(npir.BitType(4, True, "int8"))
        observer = npir.Observer("minmax", signed=False)
        observer.update([-1.0, 1.0])
        with self.assertWarnsRegex(npir.NPIRWarning, "negative values.*take the affine scheme"):
            observer.get_quantization_params()

    def test_bins_are_rounded_up(self):
        with self.assertLogs("npir", "INFO") as logs:
            rounded = npir.KLObserver(kl_bins=1500)
        self.assertIn("kl_bins 1500 is rounded up to 2048, a power of two", logs.output[0])
        values = np.random.default_rng(0).standard_normal((1, 4, 8, 1000)).astype(np.float32)
        exact = npir.KLObserver(kv_bins=2048)
        for observer in (rounded, exact):
            observer.update(values)
        np.testing.assert_array_equal(rounded.get_quantization_params(), exact.get_quantization_params())

    def test_an_empty_array_is_no_batch(self):
        for kind in ("ema", "percentile"):
            observer = npir.Observer(kind, sigma=0.5, granularity="per_channel", axis=0)
            observer.update(np.zeros((0, 4), np.float32))
            observer.update(self.values.T)
            other = npir.Observer(kind, sigma=0.5, granularity="per_channel", axis=0)
            other.update(self.values.T)
            np.testing.assert_array_equal(observer.get_quantization_params(), other.get_quantization_params())

    def test_wrong_requests(self):
        for expected, make in (
            ("expected kind to be one of minmax, ", lambda: npir.Observer("minmaxx")),
            ("expected 2 to 16 bits, got 17", lambda: npir.Observer(bits=17)),
            ("expected scheme to be one of", lambda: npir.Observer(scheme="Uniform")),
            ("expected the symmetric scheme for kl, got affine", lambda: npir.Observer("kl", scheme="affine")),
            ("expected the symmetric scheme for kl", lambda: npir.KLObserver(quantization_method="Affine")),
            ("expected the axis of the channels", lambda: npir.Observer(granularity="per_channel")),
            ("expected no axis for per_tensor", lambda: npir.Observer(axis=1)),
            ("expected alpha for percentile only, got it for minmax", lambda: npir.Observer("minmax", alpha=0.99)),
            (r"expected alpha in \[0.9, 0.99999\], got 0.5", lambda: npir.Observer(alpha=0.5)),
            (r"expected sigma in \[0, 1\], got 2", lambda: npir.Observer(sigma=2)),
            (r"expected bins to be a power of two in \[512, 8192\], got 1000", lambda: npir.Observer("kl", bins=1000)),
            (r"expected kl_bins in \[512, 8192\], got 100$", lambda: npir.KLObserver(kl_bins=100)),
            ("kl_bins and its older spelling kv_bins to agree", lambda: npir.KLObserver(kl_bins=512, kv_bins=1024)),
            ("expected module_type to be one of", lambda: npir.MinmaxObserver(module_type="weight")),
            ("expected calibration_mode to be one of", lambda: npir.MinmaxObserver(calibration_mode="per_channel")),
        ):
            with self.subTest(expected), self.assertRaisesRegex(ValueError, expected):
                make()
        with self.assertRaisesRegex(TypeError, "expected an npir.BitType or a dict for bit_type, got int"):
            npir.MinmaxObserver(8)
        observer = npir.Observer("minmax", granularity="per_channel", axis=1)
        observer.update(self.values)
        with self.assertRaisesRegex(ValueError, "expected 3 channels along axis 1, got 4"):
            observer.update(np.zeros((2, 4)))
        with self.assertRaisesRegex(ValueError, "expected an array with axis 1, got one of shape"):
            observer.update(np.zeros(3))
        with self.assertRaisesRegex(TypeError, "expected integers, got float32"):
            observer.dequantize(self.values)


if __name__ == "__main__":
    unittest.main()
