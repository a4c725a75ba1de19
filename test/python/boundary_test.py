"""Tests of what a program's inputs and outputs are: floats, integers, pixels; layouts; token ids."""

import os
import pathlib
import sys
import unittest

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("NPIR_BUILD", ROOT / "build"))
sys.path.insert(0, str(BUILD / "python"))
sys.path.insert(0, str(ROOT / "test" / "Pipelines" / "Inputs"))

import camera  # noqa: E402
import encoder  # noqa: E402
import npir  # noqa: E402
from npir.model import Model  # noqa: E402

BIAS = "serving/bias:0"


def quantize(values, port):
    """By the formula of npir.quantize."""
    grid = np.iinfo(port.dtype)
    steps = np.rint(values * (np.float32(1) / np.float32(port.scale))) + port.zero_point
    return np.clip(steps, grid.min, grid.max).astype(port.dtype)


class Boundary(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.model = Model(camera.build(), "camera")
        random = np.random.RandomState(6)
        cls.pixels = random.randint(0, 256, (20, 3, 8, 8)).astype(np.uint8)
        cls.bias = random.randn(20, 4).astype(np.float32)
        cls.images = camera.normalize(cls.pixels, 128.0, 64.0)
        cls.data = {"image": cls.images, BIAS: cls.bias}
        cls.statistics = npir.calibrate(cls.model, cls.data)
        cls.plain = npir.quantize(cls.model, statistics=cls.statistics)
        cls.scores = npir.run(cls.plain, cls.data)["scores"]

    def made(self, **boundary):
        return npir.quantize(self.model, statistics=self.statistics, **boundary)

    def fails(self, reason, **boundary):
        with self.assertRaises(npir.NPIRError) as raised:
            self.made(**boundary)
        self.assertIn(reason, str(raised.exception))

    def test_quantized_is_by_hand(self):
        model = self.made(io="quantized")
        image, bias = model.inputs
        self.assertEqual((image.dtype, bias.dtype, model.outputs[0].dtype), ("int8", "int8", "int8"))
        result = npir.run(model, {"image": quantize(self.images, image), BIAS: quantize(self.bias, bias)})["scores"]
        self.assertEqual(result.dtype, np.int8)
        port = model.outputs[0]
        real = (result.astype(np.float32) - np.float32(port.zero_point)) * np.float32(port.scale)
        np.testing.assert_array_equal(real, self.scores)

    def test_outputs_in_unsigned_bytes(self):
        signed = npir.run(self.made(io={"scores": "quantized"}), self.data)["scores"]
        model = self.made(io={"scores": "uint8"})
        unsigned = npir.run(model, self.data)["scores"]
        self.assertEqual(unsigned.dtype, np.uint8)
        np.testing.assert_array_equal(unsigned.astype(int), signed.astype(int) + 128)
        self.assertEqual(model.inputs[0].dtype, "float32")
        np.testing.assert_array_equal(npir.run(model, self.data, backend="xnnpack")["scores"], unsigned)

    def test_pixels(self):
        model = self.made(io={"image": "uint8"}, mean=128, std=64)
        port = model.inputs[0]
        self.assertEqual((port.dtype, port.scale, port.zero_point), ("uint8", 1 / 64, 128))
        self.assertEqual(model.inputs[1].dtype, "float32")
        given = {"image": self.pixels, BIAS: self.bias}
        result = npir.run(model, given)["scores"]
        # No pixel is rounded: at least as near to the float network as with calibrated rounding.
        exact = npir.run(self.model, self.data)["scores"].astype(np.float64)
        error = [((exact - scores) ** 2).sum() for scores in (result, self.scores)]
        self.assertLess(error[0], 1.5 * error[1])
        self.assertGreater((exact ** 2).sum() / error[0], 1000)
        last = self.made(io={"image": "uint8"}, mean=128, std=64, input_layout="nhwc")
        self.assertEqual(last.inputs[0].shape, (None, 8, 8, 3))
        given["image"] = np.ascontiguousarray(self.pixels.transpose(0, 2, 3, 1))
        np.testing.assert_array_equal(npir.run(last, given)["scores"], result)

    def test_mean_between_pixels(self):
        mean, std = (number.tolist() for number in camera.NORMALIZATIONS["channels"])
        model = self.made(io={"image": "uint8"}, mean=mean, std=std)
        images = camera.normalize(self.pixels, *camera.NORMALIZATIONS["channels"])
        np.testing.assert_array_equal(npir.run(model, {"image": self.pixels, BIAS: self.bias})["scores"],
                                      npir.run(self.plain, {"image": images, BIAS: self.bias})["scores"])

    def test_rounded_networks_run(self):
        """At station qdq, in float: the interpreter and the runtime."""
        given = {"image": self.pixels, BIAS: self.bias}
        for boundary in ({"io": {"image": "uint8", "scores": "uint8"}, "mean": 128, "std": 64},
                         {"io": {"image": "uint8", "scores": "quantized"}, "mean": 127.5, "std": 64}):
            model = self.made(stop_at="qdq", **boundary)
            steps = [npir.run(model, given, backend=backend)["scores"].astype(int) for backend in ("interpreter", "xnnpack")]
            self.assertLessEqual(np.abs(steps[0] - steps[1]).max(), 1)

    def test_unsigned_configuration(self):
        config = {"version": 1, "default": {"activation": {"signed": False}}}
        model = npir.quantize(self.model, config, statistics=self.statistics, io="quantized")
        self.assertEqual([port.dtype for port in (*model.inputs, *model.outputs)], ["uint8"] * 3)
        plain = npir.quantize(self.model, config, statistics=self.statistics)
        result = npir.run(model, {"image": quantize(self.images, model.inputs[0]), BIAS: quantize(self.bias, model.inputs[1])})
        port = model.outputs[0]
        real = (result["scores"].astype(np.float32) - np.float32(port.zero_point)) * np.float32(port.scale)
        np.testing.assert_array_equal(real, npir.run(plain, self.data)["scores"])

    def test_requests_that_cannot_be(self):
        self.fails("unknown input or output 'imag' in io=, did you mean 'image'?", io={"imag": "uint8"})
        self.fails("expected mean= and std= with an input of io=uint8 only", mean=3)
        self.fails("expected positive numbers in std=, got 0", io={"image": "uint8"}, std=0)
        self.fails("expected as many numbers in mean= as in std=, got 3 and 2", io={"image": "uint8"}, mean=[1, 2, 3], std=[1, 2])
        self.fails("one for each channel of input 'image' of type 'tensor<?x3x8x8xf32>', got 2", io={"image": "uint8"}, mean=[1, 2])
        with self.assertRaisesRegex(ValueError, "expected io to be one of float, quantized, uint8, got 'int8'"):
            self.made(io="int8")
        with self.assertRaisesRegex(ValueError, "only where the step to station 'qdq' is taken"):
            npir.quantize(self.model, stop_at="observed", io="quantized")
        skipped = {"version": 1, "skip": ["image"]}
        with self.assertRaisesRegex(npir.NPIRError, "expected input 'image' to be quantized at station 'qdq', got f32"):
            npir.quantize(self.model, skipped, statistics=self.statistics, io={"image": "quantized"})

    def test_far_ranges_warn(self):
        with self.assertWarnsRegex(npir.NPIRWarning, "pixels of 0 to 255 stand for 0 to 255, but calibration saw -2 to"):
            self.made(io={"image": "uint8"})


class Tokens(unittest.TestCase):
    def test_ids(self):
        model = Model(encoder.Encoder().build(), "encoder")
        self.assertEqual([(port.name, port.dtype) for port in (*model.inputs, *model.outputs)],
                         [("ids", "int64"), ("label", "int64"), ("scores", "float32"), ("keep", "bool")])
        ids = np.random.RandomState(2).randint(0, encoder.WORDS, (24, encoder.LENGTH))
        self.assertEqual(ids.dtype, np.int64)
        int8 = npir.quantize(model, data={"ids": ids})
        results = [npir.run(int8, ids, batch=batch) for batch in (1, 3, 24)]
        results.append(npir.run(int8, ids.astype(np.int32)))
        for result in results:
            self.assertEqual((result["label"].dtype, result["keep"].dtype), (np.int64, np.bool_))
            np.testing.assert_array_equal(result["keep"], ids != 0)
            np.testing.assert_array_equal(result["label"], result["scores"].argmax(axis=1))
            np.testing.assert_array_equal(result["scores"], results[0]["scores"])
        taps = npir.run(int8, ids, taps=["label:0"])
        np.testing.assert_array_equal(taps["label:0"], results[0]["label"])
        report = npir.compare(int8, model, ids)
        self.assertTrue(np.isnan(report.outputs[0].sqnr_db))
        self.assertEqual(report.outputs[2].differing, 0)
        with self.assertRaisesRegex(npir.NPIRError, "data\\['ids'\\]: expected int64 elements, got float32"):
            npir.run(int8, ids.astype(np.float32))
        with self.assertRaisesRegex(npir.NPIRError, "layer 'embedding': expected indices in \\[-50, 50\\), got 50 at element 0"):
            npir.run(int8, np.full((1, encoder.LENGTH), encoder.WORDS))
        # io leaves them alone.
        whole = npir.quantize(model, data={"ids": ids}, io="quantized")
        self.assertEqual([port.dtype for port in (*whole.inputs, *whole.outputs)], ["int64", "int64", "int8", "bool"])
        with self.assertRaisesRegex(npir.NPIRError, "expected 'ids' of f32 for io=ids:uint8"):
            npir.quantize(model, data={"ids": ids}, io={"ids": "uint8"})


if __name__ == "__main__":
    unittest.main()
