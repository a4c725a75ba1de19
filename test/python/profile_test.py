"""Tests of `npir.profile`: its figures are numpy's, and those of `npir.compare`."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("NPIR_BUILD", ROOT / "build"))
sys.path.insert(0, str(BUILD / "python"))
sys.path.insert(0, str(ROOT / "tools" / "networks"))

import digits_data  # noqa: E402
import npir  # noqa: E402
import onnx  # noqa: E402

DIGITS = ROOT / "tools" / "networks" / "digits_cnn"
CONFIG = DIGITS / "config.yaml"


def qsnr(reference, test):
    reference, test = np.float64(reference), np.float64(test)
    noise = np.sum((reference - test) ** 2)
    return np.inf if noise == 0 else 10 * np.log10(np.sum(reference**2) / noise)


def fake_quantize(values, scale, zero_point, low, high):
    return (np.clip(np.rint(values / scale) + zero_point, low, high) - zero_point) * scale


class Profile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = pathlib.Path(temporary.name)
        digits_data.write_folders(str(cls.folder), "input")
        cls.calib = np.load(cls.folder / "calib" / "input.npy")
        cls.test = np.load(cls.folder / "test" / "input.npy")
        cls.model = npir.from_onnx(DIGITS / "model.onnx")
        cls.prepared = npir.run_pipeline(cls.model, "npir-prepare")
        cls.calibrated = npir.quantize(cls.model, CONFIG, cls.calib, stop_at="calibrated")
        cls.profile = npir.profile(cls.calibrated, cls.test)

    def test_shape(self):
        self.assertEqual(self.profile.samples, len(self.test))
        self.assertEqual(list(self.profile)[:3], ["input", "stem.conv.nhwc", "stem.conv"])
        layer = self.profile["stem.conv"]
        self.assertEqual(set(layer), {"output", "weight"})
        for tensor in layer.values():
            self.assertEqual(set(tensor), {"statistics", "histogram", "time", "memory"})
            self.assertGreater(tensor["statistics"]["qsnr"], 30)
            self.assertGreater(tensor["time"], 0)
            self.assertGreater(tensor["memory"], 0)
        self.assertEqual(set(self.profile["pool"]), {"output"})
        self.assertIn("Output QSNR: ", str(self.profile))
        self.assertIn("Weight QSNR: ", str(self.profile))

    def test_weight_is_that_of_numpy(self):
        # The linear layer's weight stands in the ONNX file as it is.
        weights = [onnx.numpy_helper.to_array(t) for t in onnx.load(DIGITS / "model.onnx").graph.initializer]
        statistics = self.profile["linear"]["weight"]["statistics"]
        shape = (len(statistics["scale"]), statistics["count"] // len(statistics["scale"]))
        (weight,) = [w if w.shape == shape else w.T for w in weights if shape in (w.shape, w.T.shape)]
        scale = np.abs(weight).max(axis=1, keepdims=True) / np.float64(127)
        scale = np.float32(scale)
        np.testing.assert_array_equal(np.float32(statistics["scale"]), scale[:, 0])
        rounded = np.float32(fake_quantize(np.float64(weight), np.float64(scale), 0, -127, 127))
        self.assertAlmostEqual(statistics["qsnr"], qsnr(weight, rounded), places=6)
        self.assertAlmostEqual(statistics["mse"], np.mean((np.float64(weight) - rounded) ** 2), places=12)
        self.assertEqual(statistics["cumulative_qsnr"], statistics["qsnr"])
        self.assertEqual((statistics["min"], statistics["max"]), (weight.min(), weight.max()))

    def test_output_is_that_of_numpy(self):
        values = npir.run(self.prepared, self.test, taps=["project.conv:0"])["project.conv:0"]
        tensor = self.profile["project.conv"]["output"]
        statistics = tensor["statistics"]
        rounded = fake_quantize(values, statistics["scale"], statistics["zero_point"], -128, 127)
        self.assertAlmostEqual(statistics["qsnr"], qsnr(values, rounded), places=3)
        self.assertEqual((statistics["min"], statistics["max"]), (values.min(), values.max()))
        self.assertEqual(statistics["count"], values.size)
        edges = np.array(tensor["histogram"]["edges"])
        # Above zero numpy's bins are ours; the last one is closed in numpy.
        inside = values[values >= 0]
        expected = np.histogram(inside, edges[edges >= 0])[0]
        np.testing.assert_array_equal(tensor["histogram"]["counts"][-len(expected):], expected)
        self.assertEqual(sum(tensor["histogram"]["counts"]), values.size)

    def test_cumulative_is_that_of_compare(self):
        rounded = npir.run_pipeline(self.calibrated, "npir-insert-qdq,npir-canonicalize-qdq")
        comparison = npir.compare(rounded, self.prepared, self.test)
        (output,) = self.profile.summary["outputs"]
        self.assertEqual(output["name"], "logits")
        self.assertAlmostEqual(output["qsnr"], comparison.outputs[0].sqnr_db, places=9)
        values = npir.run(self.prepared, self.test, taps=["middle.conv:0"])["middle.conv:0"]
        actual = npir.run(rounded, self.test, taps=["middle.conv.dequantize:0"])["middle.conv.dequantize:0"]
        self.assertAlmostEqual(
            self.profile["middle.conv"]["output"]["statistics"]["cumulative_qsnr"], qsnr(values, actual), places=6
        )

    def test_summary(self):
        layers = self.profile.summary["layers"]
        outputs = {name: layer["output"]["statistics"]["qsnr"] for name, layer in self.profile.items()}
        self.assertEqual(layers["output_qsnr"]["min"], min(outputs.values()))
        self.assertEqual(outputs[layers["output_qsnr"]["min_layer"]], min(outputs.values()))
        self.assertAlmostEqual(layers["output_qsnr"]["median"], np.median(list(outputs.values())))
        self.assertEqual(set(layers), {"output_qsnr", "cumulative_output_qsnr", "weight_qsnr"})

    def test_the_tool_gives_the_same(self):
        self.calibrated.save(self.folder / "calibrated.mlirbc")
        (self.folder / "images").mkdir()
        np.save(self.folder / "images" / "input.npy", self.test)
        subprocess.run([BUILD / "bin" / "npir-run", "calibrated.mlirbc", "--data", "images", "--quiet",
                        "--quantization-profile", "profile.json"], cwd=self.folder, check=True)
        report = json.loads((self.folder / "profile.json").read_text())
        mine = json.loads(self.profile.to_json())
        self.assertEqual(report["summary"], mine["summary"])
        for tool, python in zip(report["layers"], mine["layers"]):
            for tensor in ("output", "weight"):
                if tensor in tool:
                    self.assertEqual(tool[tensor]["statistics"], python[tensor]["statistics"])

    def test_exact_tensors_are_infinitely_good(self):
        zeros = npir.profile(self.calibrated, np.zeros_like(self.test[:2]))
        self.assertEqual(zeros["input"]["output"]["statistics"]["qsnr"], np.inf)
        self.assertIn('"qsnr": "inf"', zeros.to_json())

    def test_samples(self):
        part = npir.profile(self.calibrated, {"input": self.test}, samples="10:20", threads=2)
        self.assertEqual(part.samples, 10)
        whole = npir.profile(self.calibrated, self.test[10:20], batch=3)
        self.assertAlmostEqual(part.summary["outputs"][0]["qsnr"], whole.summary["outputs"][0]["qsnr"], places=9)

    def test_errors(self):
        with self.assertRaisesRegex(npir.NPIRError, "expected .*calibrated"):
            npir.profile(self.model, self.test)
        with self.assertRaisesRegex(npir.NPIRError, "samples within"):
            npir.profile(self.calibrated, self.test, samples="5:100000")
        with self.assertRaisesRegex(ValueError, "batch of at least 1"):
            npir.profile(self.calibrated, self.test, batch=0)
        with self.assertRaises(TypeError):
            npir.profile("model", self.test)
        npir.quantize(self.model, CONFIG, self.calib).to_npx(self.folder / "model.npx")
        with self.assertRaisesRegex(npir.NPIRError, "expected a module, got a program"):
            npir.profile(npir.load(self.folder / "model.npx"), self.test)


if __name__ == "__main__":
    unittest.main()
