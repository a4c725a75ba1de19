"""Tests of the package `npir`: the road in memory gives the bytes of the command-line tools."""

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


if __name__ == "__main__":
    unittest.main()
