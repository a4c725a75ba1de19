"""Every pass by itself, fed with the file of the step before it as text or as bytecode, against the pipeline."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import npir

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("NPIR_BUILD", ROOT / "build")).resolve()
NETWORKS = ROOT / "tools" / "networks"

# The road, pass by pass, without the one that runs the network.
STEPS = (
    ("prepared", "npir-prepare", ""),
    ("observed", "npir-insert-observers", "config=config.yaml"),
    ("calibrated", "npir-attach-calibration", "stats=model.npirstats"),
    ("inserted", "npir-insert-qdq", ""),
    ("canonical", "npir-canonicalize-qdq", ""),
    ("partitioned", "npir-partition", "targets=xnnpack"),
    ("integer", "npir-fold-qdq", ""),
    ("target", "convert-npir-to-xnn", ""),
)
FORMS = ("mlir", "mlirbc")


class MatrixTests:
    """One network on the road; a class below names its folder."""

    network = ""

    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.temporary.name)
        for file in ("model.onnx", "config.yaml"):
            shutil.copyfile(NETWORKS / cls.network / file, cls.folder / file)
        cls.run_tool(sys.executable, NETWORKS / "digits_data.py", "--out", cls.folder, "--input-name", "input")
        cls.run_tool(sys.executable, "-m", "npir.import_onnx", "model.onnx", "-o", "float.mlirbc")
        cls.run_tool(sys.executable, "-m", "npir.import_onnx", "model.onnx", "-o", "float.mlir")
        # The whole road in one flag.
        cls.opt("float.mlirbc", "pipeline.mlirbc",
                "--npir-quantize-pipeline=config=config.yaml data=calib stats=model.npirstats")
        cls.run_tool(BUILD / "bin" / "npir-translate", "--npir-to-npx", "pipeline.mlirbc", "-o", "pipeline.npx")
        # Each pass by hand; each form of its input makes each form of its output.
        before = "float"
        for name, flag, options in STEPS:
            for source in FORMS:
                for result in FORMS:
                    cls.opt(f"{before}.{source}", f"{name}-from-{source}.{result}",
                            f"--{flag}={options}" if options else f"--{flag}")
            for form in FORMS:
                shutil.copyfile(cls.folder / f"{name}-from-{form}.{form}", cls.folder / f"{name}.{form}")
            before = name

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    @classmethod
    def run_tool(cls, *command):
        done = subprocess.run([str(part) for part in command], cwd=cls.folder, capture_output=True, text=True)
        assert done.returncode == 0, f"{command}\n{done.stderr}"

    @classmethod
    def opt(cls, source, result, *flags):
        cls.run_tool(BUILD / "bin" / "npir-opt", source, *flags, "-o", result)

    def assert_same(self, one, other):
        self.assertTrue((self.folder / one).read_bytes() == (self.folder / other).read_bytes(),
                        f"{one} and {other} differ")

    def test_each_pass_gives_the_same_from_text_and_bytecode(self):
        for name, flag, _ in STEPS:
            for form in FORMS:
                with self.subTest(flag=flag, form=form):
                    self.assert_same(f"{name}-from-mlir.{form}", f"{name}-from-mlirbc.{form}")

    def test_each_prefix_of_the_pipeline_gives_the_steps_bytes(self):
        for i, (name, flag, _) in enumerate(STEPS):
            passes = ",".join(f + ("{" + o + "}" if o else "") for _, f, o in STEPS[:i + 1])
            for form in FORMS:
                with self.subTest(flag=flag, form=form):
                    self.opt("float.mlirbc", f"prefix.{form}", f"--pass-pipeline=builtin.module({passes})")
                    self.assert_same(f"prefix.{form}", f"{name}.{form}")

    def test_the_last_step_is_the_pipelines_result(self):
        self.assert_same("target.mlirbc", "pipeline.mlirbc")

    def test_statistics(self):
        for form in FORMS:
            self.opt(f"observed.{form}", "/dev/null", f"--npir-calibrate=data=calib stats={form}.npirstats")
            self.assert_same(f"{form}.npirstats", "model.npirstats")

    def test_programs(self):
        for form in FORMS:
            self.run_tool(BUILD / "bin" / "npir-translate", "--npir-to-npx", f"target.{form}", "-o", f"{form}.npx")
            self.assert_same(f"{form}.npx", "pipeline.npx")

    def test_python_gives_the_same(self):
        """The road in memory, in one call for each station and pass by pass, against the tools' files."""
        config, model = self.folder / "config.yaml", npir.from_onnx(self.folder / "model.onnx")
        statistics = npir.calibrate(model, self.folder / "calib", config=config)

        def check(save, expected):
            path = self.folder / f"of-python{pathlib.Path(expected).suffix}"
            save(path)
            self.assert_same(path.name, expected)

        check(model.save, "float.mlirbc")
        check(statistics.save, "model.npirstats")
        for station, file in (("prepared", "prepared"), ("observed", "observed"), ("calibrated", "calibrated"),
                              ("qdq", "partitioned"), ("integer", "integer"), ("target", "target")):
            ranges = {} if station in ("prepared", "observed") else {"statistics": statistics}
            quantized = npir.quantize(model, config, stop_at=station, **ranges)
            self.assertEqual(quantized.station, station)
            for form in FORMS:
                check(quantized.save, f"{file}.{form}")
        check(quantized.to_npx, "pipeline.npx")
        step = model
        for name, flag, options in STEPS:
            options = options.replace("=config", f"={self.folder}/config").replace("=model", f"={self.folder}/model")
            step = npir.run_pipeline(step, flag + ("{" + options + "}" if options else ""))
            check(step.save, f"{name}.mlirbc")

    def test_any_two_stations_compare(self):
        """Stations that compute the same agree to rounding; integers stay within the noise of 8 bits."""
        stations = ["float"] + [name for name, _, _ in STEPS]
        exact = stations.index("calibrated")  # up to here nothing is rounded to integers
        for i, reference in enumerate(stations):
            for j, test in enumerate(stations[i:], i):
                with self.subTest(reference=reference, test=test):
                    self.run_tool(BUILD / "bin" / "npir-run", f"{test}.mlirbc", "--data=test", "--samples=0:16",
                                  f"--compare={reference}.mlirbc", "--report=report.json", "--quiet")
                    report = json.loads((self.folder / "report.json").read_text())
                    sqnr = float(report["outputs"][0]["sqnr_db"])
                    self.assertGreater(sqnr, 100 if j <= exact else 25)
                    self.assertGreater(report["outputs"][0]["cosine"], 0.99)
                    self.assertGreater(len(report["tensors"]), 5)

    def test_every_station_keeps_its_contract(self):
        for name, _, _ in STEPS:
            for form in FORMS:
                self.opt(f"{name}.{form}", "/dev/null", "--npir-verify-contract")


class DigitsCNNTest(MatrixTests, unittest.TestCase):
    network = "digits_cnn"


class DigitsViTTest(MatrixTests, unittest.TestCase):
    network = "digits_vit"


if __name__ == "__main__":
    unittest.main()
