"""Tests of the package `npir`: the road in memory gives the bytes of the command-line tools."""

import inspect
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import numpy as np
import onnx

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("NPIR_BUILD", ROOT / "build"))
sys.path.insert(0, str(BUILD / "python"))
sys.path.insert(0, str(ROOT / "tools" / "networks"))

import digits_data  # noqa: E402
import npir  # noqa: E402

DIGITS = ROOT / "tools" / "networks" / "digits_cnn"
CONFIG = DIGITS / "config.yaml"


class CommandLine(unittest.TestCase):
    """The same steps by the tools, into files."""

    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = pathlib.Path(temporary.name)
        digits_data.write_folders(str(cls.folder), "input")
        cls.tool("npir-opt", cls.import_model(), "-o", "int8.mlirbc",
                 f"--npir-quantize-pipeline=config={CONFIG} data=calib stats=model.npirstats")
        cls.tool("npir-translate", "--npir-to-npx", "int8.mlirbc", "-o", "model.npx")
        cls.images = np.load(cls.folder / "calib" / "input.npy")
        cls.test = np.load(cls.folder / "test" / "input.npy")
        cls.model = npir.from_onnx(DIGITS / "model.onnx")
        cls.int8 = npir.quantize(cls.model, CONFIG, cls.images)

    @classmethod
    def import_model(cls):
        environment = dict(os.environ, PYTHONPATH=str(BUILD / "python"))
        subprocess.run([sys.executable, "-m", "npir.import_onnx", DIGITS / "model.onnx", "-o", "float.mlirbc"],
                       cwd=cls.folder, env=environment, check=True)
        return "float.mlirbc"

    @classmethod
    def tool(cls, name, *arguments):
        subprocess.run([BUILD / "bin" / name, *arguments], cwd=cls.folder, check=True)

    def assert_same_file(self, save, expected):
        """`save(path)` writes the bytes of the file `expected`."""
        path = self.folder / f"of_python{pathlib.Path(expected).suffix}"
        save(path)
        self.assertEqual(path.read_bytes(), (self.folder / expected).read_bytes(), expected)

    def test_import(self):
        self.assertEqual(self.model.station, "float")
        self.assert_same_file(self.model.save, "float.mlirbc")

    def test_quantize(self):
        self.assertEqual(self.int8.station, "target")
        self.assert_same_file(self.int8.save, "int8.mlirbc")
        self.assert_same_file(self.int8.to_npx, "model.npx")

    def test_calibrate(self):
        statistics = npir.calibrate(self.model, {"input": self.images}, config=CONFIG, threads=2)
        self.assert_same_file(statistics.save, "model.npirstats")
        int8 = npir.quantize(self.model, CONFIG, statistics=statistics)
        self.assert_same_file(int8.save, "int8.mlirbc")

    def test_files(self):
        model = npir.load(self.folder / "float.mlirbc")
        int8 = npir.quantize(model, str(CONFIG), self.folder / "calib")
        self.assert_same_file(int8.save, "int8.mlirbc")
        int8 = npir.quantize(model, CONFIG, statistics=self.folder / "model.npirstats")
        self.assert_same_file(int8.save, "int8.mlirbc")

    def test_run(self):
        outputs = npir.run(self.int8, self.test)
        program = npir.load(self.folder / "model.npx")
        again = npir.run(program, {"input": self.test}, batch=7, threads=2)
        (self.folder / "out").mkdir()
        self.tool("npx-run", "model.npx", "--data", "test", "--output-dir", "out", "--quiet")
        np.testing.assert_array_equal(outputs["logits"], np.load(self.folder / "out" / "logits.npy"))
        np.testing.assert_array_equal(outputs["logits"], again["logits"])

    def test_every_step_by_hand(self):
        pipeline = f"npir-prepare,npir-insert-observers{{config={CONFIG}}}"
        observed = npir.run_pipeline(self.model, pipeline)
        self.assertEqual((self.model.station, observed.station), ("float", "observed"))
        statistics = npir.calibrate(observed, self.images)
        self.assert_same_file(statistics.save, "model.npirstats")
        calibrated = npir.quantize(observed, statistics=statistics, stop_at="calibrated")
        qdq = calibrated.run_pipeline("builtin.module(npir-insert-qdq, npir-canonicalize-qdq, npir-partition{targets=xnnpack})")
        self.assert_same_file(npir.quantize(qdq).save, "int8.mlirbc")
        # Attached again, and on from there.
        self.assertEqual(npir.quantize(calibrated, data=self.images, stop_at="calibrated").station, "calibrated")
        self.assert_same_file(npir.quantize(calibrated, statistics=statistics).save, "int8.mlirbc")
        for station in ("prepared", "observed"):
            self.assertEqual(npir.quantize(self.model, stop_at=station).station, station)
        model, config = self.model, CONFIG
        for station in ("calibrated", "qdq", "integer", "target"):
            model = npir.quantize(model, config, self.images if config else None, stop_at=station)
            config = None
            self.assertEqual(model.station, station)
        self.assert_same_file(model.save, "int8.mlirbc")

    def test_options(self):
        self.tool("npir-opt", "float.mlirbc", "-o", "other.mlirbc",
                  f"--npir-quantize-pipeline=config={CONFIG} data=calib stats=other.npirstats samples=10:50 batch=7")
        for samples in ("10:50", slice(10, 50), (10, 50)):
            options = {"samples": samples, "batch": 7, "config": CONFIG}
            self.assert_same_file(npir.quantize(self.model, data=self.images, **options).save, "other.mlirbc")
            self.assert_same_file(npir.calibrate(self.model, self.images, **options).save, "other.npirstats")
        first, second = (npir.calibrate(self.model, self.images, samples=part) for part in ("10:20", slice(20, 50)))
        # Of batches of 32: the files are not the same, what was seen is.
        merged = first.merge(second)
        self.assertEqual((merged.samples, first.samples), ([(10, 50)], [(10, 20)]))
        self.assertEqual(merged.tensors["input:0"], npir.calibrate(self.model, self.images, samples="10:50").tensors["input:0"])

    def test_tuning_is_by_the_output_and_can_be_left_out(self):
        def quantize(**options):
            return npir.quantize(self.model, "preset:auto", self.images[:32], stop_at="calibrated", **options)

        self.assertIn("npir.clip_weights", str(quantize()))
        untuned = quantize(tune=False)
        self.assertNotIn("npir.clip_weights", str(untuned))
        statistics = npir.calibrate(self.model, self.images[:32], "preset:auto")
        attached = npir.quantize(self.model, "preset:auto", statistics=statistics, stop_at="calibrated")
        self.assertEqual(str(untuned), str(attached))

    def test_configs(self):
        text = CONFIG.read_text()
        parsed = npir.Config.parse(text)
        for config in (parsed, parsed.to_dict(), npir.Config.load(CONFIG), npir.Config.from_dict(parsed.to_dict())):
            self.assert_same_file(npir.quantize(self.model, config, self.images).save, "int8.mlirbc")
        config = {"version": 1, "default": {"weight": {"bits": np.int64(8), "narrow": True}}, "rules": [
            {"match": {"layer": ["linear", "stem.conv"]}, "weight": "none", "activation": "none"},
            {"match": {"layer": "/none[0-9]+/"}, "optional": True, "weight": {"bits": 4}}], "skip": ("top.conv",)}
        again = npir.Config.from_dict(config).to_dict()
        self.assertEqual(again, dict(config, skip=["top.conv"]))
        self.assertIsNone(npir.Config.parse("version: 1\nskip:\n").to_dict()["skip"])

    def test_interpreter_agrees(self):
        expected = npir.run(npir.quantize(self.model, CONFIG, self.images, stop_at="integer"), self.test[:5], backend="interpreter")
        np.testing.assert_array_equal(npir.run(self.int8, self.test[:5])["logits"], expected["logits"])

    def test_taps(self):
        outputs = npir.run(self.int8, self.test[:7], taps=["input:0", "top.conv:0", "top.conv:0"], batch=3)
        self.assertEqual(list(outputs), ["logits", "input:0", "top.conv:0"])
        np.testing.assert_array_equal(outputs["input:0"], self.test[:7])
        self.assertEqual((outputs["top.conv:0"].dtype, outputs["top.conv:0"].shape[0]), (np.int8, 7))
        part = npir.run(self.int8, self.test, samples="2:4", taps=["top.conv:0"])
        np.testing.assert_array_equal(part["top.conv:0"], outputs["top.conv:0"][2:4])
        outputs["logits"][:] = 0  # They are the caller's.
        self.assertTrue(np.any(npir.run(self.int8, self.test[:7])["logits"]))

    def test_compare(self):
        program = npir.load(self.folder / "model.npx")
        comparison = npir.compare(program, self.model, {"input": self.test}, samples="0:100")
        self.tool("npir-run", "model.npx", "--data", "test", "--compare", "float.mlirbc", "--samples", "0:100", "--report",
                  "report.json", "--quiet")
        report = json.loads((self.folder / "report.json").read_text())
        ours = json.loads(comparison.to_json())
        for name in ("reference", "test"):
            del report[name], ours[name]
        self.assertEqual(ours, report)
        self.assertEqual(comparison.samples, 100)
        entry = comparison.outputs[0]
        self.assertEqual((entry.id, entry.sqnr_db), ("logits", report["outputs"][0]["sqnr_db"]))
        self.assertEqual(comparison.tensors["input:0"].sqnr_db, float("inf"))
        self.assertIn("<- lowest", str(comparison))
        same = npir.compare(self.int8, self.int8, self.test[:9])
        self.assertEqual((same.bit_exact_samples, same.outputs[0].differing), (9, 0))
        integer = npir.quantize(self.model, CONFIG, self.images, stop_at="integer")
        exact = npir.compare(program, integer, self.test[:3], reference_backend="interpreter")
        self.assertEqual(exact.bit_exact_samples, 3)

    def test_ports(self):
        self.assertEqual(self.model.inputs, [npir.Port("input", (None, 1, 8, 8), "float32", None, None)])
        self.assertEqual(npir.load(self.folder / "model.npx").outputs, self.model.outputs)
        path = self.folder / "quantized.mlir"
        path.write_text("""
            !q = !quant.uniform<i8:f32, 0.5:3>
            func.func @main(%x: tensor<?x4x!q> {npir.name = "x"}) -> tensor<?x4x!q>
                attributes {npir.station = #npir.station<integer>} {
              return %x : tensor<?x4x!q>
            }""")
        self.assertEqual(npir.load(path).inputs, [npir.Port("x", (None, 4), "int8", 0.5, 3)])

    def test_text(self):
        text = str(self.int8)
        self.assertIn("xnn.subgraph", text)
        self.assertIn("loc(\"stem.conv\")", text)
        self.assertNotIn("0x1", text.split("{-#")[-1] if "{-#" in text else "")
        self.assertLess(len(text), 100_000)
        path = self.folder / "int8.mlir"
        self.int8.save(path)
        self.assert_same_file(npir.load(path).save, "int8.mlirbc")
        self.assertIn("at station 'target'", repr(self.int8))
        self.assertIn("13 tensors over 200 samples", repr(npir.load_statistics(self.folder / "model.npirstats")))

    def test_onnx_in_memory(self):
        content = (DIGITS / "model.onnx").read_bytes()
        for source in (content, bytearray(content), onnx.load_from_string(content)):
            self.assert_same_file(npir.from_onnx(source).save, "float.mlirbc")
        fixed = npir.from_onnx(content, batch=4)
        self.assertEqual(fixed.inputs[0].shape, (4, 1, 8, 8))
        np.testing.assert_allclose(npir.run(fixed, self.test[:8])["logits"], npir.run(self.model, self.test[:8])["logits"],
                                   rtol=1e-5, atol=1e-5)
        self.assertEqual(npir.compare(fixed, fixed, self.test[:8]).samples, 2)
        shaped = npir.from_onnx(content, batch="fixed", shapes={"input": (2, 1, 8, 8)})
        self.assertEqual(shaped.inputs[0].shape, (2, 1, 8, 8))

    def test_remarks_are_logged(self):
        model = onnx.load(DIGITS / "model.onnx")
        model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
        with self.assertLogs("npir", "INFO") as logs:
            npir.from_onnx(model)
        self.assertIn("input 'input': the batch of 1 is free now", logs.output[0])

    def test_statistics(self):
        statistics = npir.load_statistics(self.folder / "model.npirstats")
        entry = statistics.tensors["input:0"]
        self.assertEqual((entry.count, entry.min, entry.max, entry.nan_count), (200 * 64, 0.0, 1.0, 0))
        self.assertEqual((statistics.batch_size, statistics.samples, len(statistics.engines)), (32, [(0, 200)], 1))
        self.assertRegex(statistics.model_hash, "^[0-9a-f]+$")

    def test_version(self):
        project = (ROOT / "CMakeLists.txt").read_text()
        self.assertIn(f"project(npir VERSION {npir.__version__} ", project)

    def test_names(self):
        """Everything that the package offers has a home, a text, and is in its page."""
        page = (ROOT / "docs" / "Python.md").read_text()
        for name in npir.__all__:
            self.assertTrue(getattr(npir, name).__doc__, name)
            self.assertIn(name, dir(npir))
        for name in ("from_onnx", "load", "calibrate", "quantize", "run_pipeline", "run", "compare", "load_statistics"):
            self.assertIn(f"`{name}(", page)
            parameters = inspect.signature(getattr(npir, name)).parameters.values()
            self.assertTrue(all(p.annotation is not p.empty for p in parameters), name)
        with self.assertRaisesRegex(AttributeError, "has no attribute 'nothing'"):
            npir.nothing


if __name__ == "__main__":
    unittest.main()
