"""The demo, and what each network must reach; and each program at several batch sizes and threads."""
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


class Demo:
    """One run of the demo for all tests of this file."""

    temporary = None

    @classmethod
    def folder(cls):
        if cls.temporary is None:
            cls.temporary = tempfile.TemporaryDirectory()
            done = subprocess.run([sys.executable, ROOT / "tools" / "scripts" / "demo.py", "--build", BUILD, "--demo",
                                   cls.temporary.name], capture_output=True, text=True)
            assert done.returncode == 0, done.stdout + done.stderr
        return pathlib.Path(cls.temporary.name)


def tearDownModule():
    if Demo.temporary is not None:
        Demo.temporary.cleanup()


class NetworkTests:
    """What every network must reach; a class below names one."""

    name = ""
    integer_ops = ()
    size = 0.35  # of the float program

    @classmethod
    def setUpClass(cls):
        demo = Demo.folder()
        cls.folder = demo / cls.name
        cls.result = json.loads((demo / "result.json").read_text())["networks"][cls.name]

    def test_accuracy(self):
        self.assertGreaterEqual(self.result["float_top1"], 0.97)
        self.assertGreaterEqual(self.result["int8_top1"], self.result["float_top1"] - 0.005)
        self.assertGreaterEqual(self.result["sqnr_db"], 33)

    def test_share_and_size(self):
        self.assertGreaterEqual(self.result["int8_weight_share"], 0.99)
        self.assertGreaterEqual(self.result["int8_mac_share"], 0.9)
        self.assertLessEqual(self.result["int8_bytes"], self.size * self.result["float_bytes"])
        layers = self.read("coverage.json")["main"]["layers"]
        for op in self.integer_ops:
            rows = [row for row in layers if row["op"] == op]
            self.assertTrue(rows, op)
            for row in rows:
                self.assertTrue(row["quantized"], row)

    def test_every_integer_op_is_the_interpreters(self):
        self.assertTrue(self.result["op_exact"])
        self.assertEqual(self.result["op_exact_images"], 400)
        ops = [op for op in self.read("ops.json")["ops"] if op["integer"]]
        for op in ops:
            self.assertTrue(op["checked"], op["id"])
            self.assertEqual(op["differing"], 0, op["id"])
        self.assertLessEqual(set(self.integer_ops), {op["op"] for op in ops})

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


class DigitsCNNTest(NetworkTests, unittest.TestCase):
    name = "digits-cnn"
    integer_ops = ("npir.conv2d", "npir.depthwise_conv2d", "npir.linear", "npir.add", "npir.max_pool2d", "npir.reduce")

    def test_the_whole_network_is_the_interpreters(self):
        self.assertEqual(self.result["bit_exact_images"], 400)
        self.assertEqual(self.result["interpreter_sqnr_db"], "inf")
        bits = self.read("bits.json")
        self.assertGreaterEqual(len(bits["tensors"]), 14)
        for tensor in bits["tensors"]:
            self.assertEqual(tensor["differing"], 0, tensor["id"])

    def test_no_transpose_is_left(self):
        text = subprocess.run([BUILD / "bin" / "npir-opt", "prepared.mlirbc", "--mlir-elide-elementsattrs-if-larger=8",
                               "--mlir-elide-resource-strings-if-larger=16"], cwd=self.folder, check=True,
                              capture_output=True, text=True).stdout
        self.assertIn("npir.conv2d", text)
        self.assertNotIn("npir.transpose", text)


class DigitsViTTest(NetworkTests, unittest.TestCase):
    name = "digits-vit"
    size = 0.4  # names, tables and multipliers weigh more beside small layers
    integer_ops = ("npir.conv2d", "npir.linear", "npir.layer_norm", "npir.gelu", "npir.add", "npir.concat",
                   "npir.broadcast", "npir.slice", "npir.transpose")

    def test_what_stays_in_float_is_attention(self):
        ops = {op["op"] for op in self.read("ops.json")["ops"] if not op["integer"]}
        self.assertEqual(ops, {"npir.matmul", "npir.softmax"})

    def test_the_logits_difference_to_the_interpreter_is_reported(self):
        self.assertGreater(self.result["interpreter_max_error"], 0)
        self.assertGreater(self.result["interpreter_sqnr_db"], self.result["sqnr_db"] + 10)


if __name__ == "__main__":
    unittest.main()
