"""The demo on digits-cnn, and what it must reach; and one program at several batch sizes and threads."""
import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("NPIR_BUILD", ROOT / "build")).resolve()


def load_demo():
    spec = importlib.util.spec_from_file_location("demo", ROOT / "tools" / "scripts" / "demo.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class DigitsCNNTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.demo_folder = pathlib.Path(cls.temporary.name)
        done = subprocess.run([sys.executable, ROOT / "tools" / "scripts" / "demo.py", "--build", BUILD, "--demo",
                               cls.demo_folder], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        cls.folder = cls.demo_folder / "digits-cnn"
        cls.result = json.loads((cls.demo_folder / "result.json").read_text())["networks"]["digits-cnn"]

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def test_accuracy(self):
        self.assertGreaterEqual(self.result["float_top1"], 0.97)
        self.assertGreaterEqual(self.result["int8_top1"], self.result["float_top1"] - 0.005)
        self.assertGreaterEqual(self.result["sqnr_db"], 33)

    def test_share_and_size(self):
        self.assertGreaterEqual(self.result["int8_weight_share"], 0.99)
        self.assertGreaterEqual(self.result["int8_mac_share"], 0.9)
        self.assertLessEqual(self.result["int8_bytes"], 0.35 * self.result["float_bytes"])
        layers = {row["op"]: row["quantized"] for row in self.read("coverage.json")["main"]["layers"]}
        for op in ("npir.add", "npir.max_pool2d", "npir.reduce"):
            self.assertTrue(layers[op], op)

    def test_runtime_is_the_interpreter(self):
        self.assertEqual(self.result["bit_exact_images"], 400)
        self.assertTrue(self.result["op_exact"])
        bits = self.read("bits.json")
        self.assertGreaterEqual(len(bits["tensors"]), 14)
        for tensor in bits["tensors"]:
            self.assertEqual(tensor["differing"], 0, tensor["id"])

    def read(self, name):
        return json.loads((self.folder / name).read_text())

    def test_every_file_is_there(self):
        for name in ("model.onnx", "config.yaml", "float.mlirbc", "prepared.mlirbc", "observed.mlirbc", "model.npirstats",
                     "calibrated.mlirbc", "qdq.mlirbc", "integer.mlirbc", "xnn.mlirbc", "model.npx", "calib/input.npy",
                     "test/input.npy", "test/labels.npy"):
            self.assertTrue((self.folder / name).is_file(), name)

    def test_batches_and_threads(self):
        expected = None
        for flags in (["--batch=1"], ["--batch=3"], ["--batch=64"], ["--batch=64", "--threads=2"]):
            with tempfile.TemporaryDirectory() as out:
                subprocess.run([BUILD / "bin" / "npx-run", "model.npx", "--data", "test", "--output-dir", out, *flags],
                               cwd=self.folder, check=True, capture_output=True)
                logits = np.load(pathlib.Path(out) / "logits.npy")
            self.assertEqual(logits.shape, (400, 10))
            if expected is None:
                expected = logits
            np.testing.assert_array_equal(logits, expected)

    def test_no_transpose_is_left(self):
        text = subprocess.run([BUILD / "bin" / "npir-opt", "prepared.mlirbc", "--mlir-elide-elementsattrs-if-larger=8",
                               "--mlir-elide-resource-strings-if-larger=16"], cwd=self.folder, check=True,
                              capture_output=True, text=True).stdout
        self.assertIn("npir.conv2d", text)
        self.assertNotIn("npir.transpose", text)

    def test_text_on_the_road_gives_the_same_program(self):
        """Every station as text instead of bytecode."""
        with tempfile.TemporaryDirectory() as out:
            out = pathlib.Path(out)
            stats = self.folder / "model.npirstats"
            steps = (["--npir-prepare"], [f"--npir-insert-observers=config={self.folder / 'config.yaml'}"],
                     [f"--npir-attach-calibration=stats={stats}"],
                     ["--npir-insert-qdq", "--npir-canonicalize-qdq", "--npir-partition=targets=xnnpack"],
                     ["--npir-fold-qdq"], ["--convert-npir-to-xnn"])
            current = self.folder / "float.mlirbc"
            for i, flags in enumerate(steps):
                following = out / f"{i}.mlir"
                subprocess.run([BUILD / "bin" / "npir-opt", current, *flags, "-o", following], check=True)
                current = following
            subprocess.run([BUILD / "bin" / "npir-translate", "--npir-to-npx", current, "-o", out / "model.npx"],
                           check=True)
            self.assertEqual((out / "model.npx").read_bytes(), (self.folder / "model.npx").read_bytes())


if __name__ == "__main__":
    unittest.main()
