"""Tests of integers that the target has not: a config that asks for them is an order."""

import os
import pathlib
import sys
import tempfile
import unittest
import warnings

import numpy as np
import onnx

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("NPIR_BUILD", ROOT / "build"))
sys.path.insert(0, str(BUILD / "python"))
sys.path.insert(0, str(ROOT / "tools" / "networks"))

import digits_data  # noqa: E402
import npir  # noqa: E402

MODEL = ROOT / "tools" / "networks" / "digits_cnn" / "model.onnx"


def config(weight=8, activation=8, signed=True):
    spec = "none"
    if activation:
        spec = {"bits": activation, "signed": signed, "scheme": "affine", "granularity": "per_tensor", "observer": "minmax"}
    return {
        "version": 1,
        "default": {
            "weight": {"bits": weight, "scheme": "symmetric", "granularity": "per_channel", "observer": "minmax"},
            "activation": spec,
        },
    }


class Widths(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = pathlib.Path(temporary.name)
        digits_data.write_folders(str(cls.folder), "input")
        cls.calib = np.load(cls.folder / "calib" / "input.npy")
        cls.test = np.load(cls.folder / "test" / "input.npy")
        cls.model = npir.from_onnx(MODEL)
        cls.prepared = npir.run_pipeline(cls.model, "npir-prepare")

    def quantize(self, *options, stop_at="target"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", npir.NPIRWarning)
            return npir.quantize(self.model, config(*options), self.calib, stop_at=stop_at)

    def sqnr(self, model):
        return npir.compare(model, self.prepared, self.test).outputs[0].sqnr_db

    def test_unsigned_bytes_are_signed_ones(self):
        """The same grid, so the same program."""
        for name, signed in (("i8", True), ("u8", False)):
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                npir.quantize(self.model, config(signed=signed), self.calib).to_npx(self.folder / f"{name}.npx")
        self.assertEqual((self.folder / "i8.npx").read_bytes(), (self.folder / "u8.npx").read_bytes())

    def test_a_linear_layers_config(self):
        """Unsigned and Affine, in the words of a configuration of two roles."""
        words = {"observer_type": "MinmaxObserver", "calibration_mode": "layer_wise", "enable_profiler": True}
        config = {
            "outputs": dict(words, bit_type={"bits": 8, "signed": False, "name": "uint8"}, quantization_method="Affine"),
            "weight": dict(words, bit_type={"bits": 8, "signed": True, "name": "int8"}, quantization_method="Uniform"),
        }
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", npir.NPIRWarning)
            integer = npir.quantize(self.model, config, self.calib, stop_at="integer")
        self.assertNotIn("float_reason", str(integer))
        self.assertGreater(self.sqnr(integer), 30)

    def test_fewer_bits_run_in_integers(self):
        """Every layer on integers, to the bit what the interpreter computes."""
        for options in ((4, 8), (8, 4), (8, 4, False), (6, 6), (2, 8)):
            with self.subTest(options=options), warnings.catch_warnings():
                warnings.simplefilter("error")
                integer = npir.quantize(self.model, config(*options), self.calib, stop_at="integer")
                self.assertNotIn("float_reason", str(integer))
                program = npir.run(integer, self.test)["logits"]
                few = npir.run(integer, self.test[:5], backend="interpreter")["logits"]
                np.testing.assert_array_equal(program[:5], few)
        # A bit is worth about 6 dB.
        self.assertGreater(self.sqnr(self.quantize(4, 8)), 15)
        self.assertGreater(self.sqnr(self.quantize(6, 6)), self.sqnr(self.quantize(8, 4)) + 8)

    def test_weights_of_four_bits_are_those_of_numpy(self):
        """Weights alone: the float network with weights rounded by numpy."""
        model = onnx.load(MODEL)
        for tensor in model.graph.initializer:
            weight = onnx.numpy_helper.to_array(tensor)
            users = [node for node in model.graph.node if len(node.input) > 1 and node.input[1] == tensor.name]
            if weight.ndim < 2 or not users or users[0].op_type not in ("Conv", "Gemm"):
                continue
            axes = tuple(range(1, weight.ndim))
            scale = np.float64(np.float32(np.abs(weight).max(axis=axes, keepdims=True) / np.float64(7)))
            rounded = np.float32(np.clip(np.rint(weight / scale), -7, 7)) * np.float32(scale)
            tensor.CopyFrom(onnx.numpy_helper.from_array(rounded, tensor.name))
        expected = npir.run(npir.from_onnx(model), self.test)["logits"]
        reference = npir.run(self.prepared, self.test)["logits"]
        sqnr = 10 * np.log10(np.sum(np.float64(reference) ** 2) / np.sum((np.float64(reference) - expected) ** 2))
        self.assertAlmostEqual(self.sqnr(self.quantize(4, None)), sqnr, delta=0.1)

    def test_more_bits_are_rounded_in_float(self):
        """What the device computes is what the quantize/dequantize pairs mean."""
        for options in ((8, 16), (16, 16), (8, 12, False)):
            with self.subTest(options=options):
                calibrated = self.quantize(*options, stop_at="calibrated")
                rounded = npir.run_pipeline(calibrated, "npir-insert-qdq")
                target = self.quantize(*options)
                self.assertIn("npir.round_to_grid", str(target))
                self.assertAlmostEqual(self.sqnr(target), self.sqnr(rounded), places=4)
                few = npir.run(rounded, self.test[:5], backend="interpreter")["logits"]
                np.testing.assert_allclose(npir.run(target, self.test[:5])["logits"], few, atol=0.02)
                profile = npir.profile(calibrated, self.test)
                self.assertAlmostEqual(profile.summary["outputs"][0]["qsnr"], self.sqnr(rounded), places=6)

    def test_what_stays_in_float_is_told(self):
        with self.assertWarnsRegex(npir.NPIRWarning, "'npir.conv2d' stays in float .* expected 8-bit signed activations, got i16"):
            npir.quantize(self.model, config(8, 16), self.calib)
        with self.assertRaisesRegex(npir.NPIRError, "expected a function that target 'xnnpack' computes as configured"):
            npir.quantize(self.model, config(8, 16), self.calib, strict=True)


if __name__ == "__main__":
    unittest.main()
