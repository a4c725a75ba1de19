"""Tests of networks with a fixed batch: a sample is all of it, in every tool."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
import warnings

import numpy as np
from onnx import TensorProto, helper, numpy_helper

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("NPIR_BUILD", ROOT / "build"))
sys.path.insert(0, str(BUILD / "python"))

import npir  # noqa: E402


class FixedBatch(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        self.random = np.random.default_rng(0)

    def make(self, batch, samples):
        """The path of a network, and of data for it."""
        weight = self.random.normal(size=(8, 4)).astype(np.float32)
        nodes = [helper.make_node("MatMul", ["x", "w"], ["a"], "fc"), helper.make_node("Relu", ["a"], ["y"], "relu")]
        graph = helper.make_graph(nodes, "fixed", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [batch, 8])],
                                  [helper.make_tensor_value_info("y", TensorProto.FLOAT, [batch, 4])],
                                  [numpy_helper.from_array(weight, "w")])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        path, data = self.folder / "m.mlirbc", self.folder / f"data{batch}.{samples}"
        npir.from_onnx(model, batch="fixed").save(path)
        data.mkdir()
        x = self.random.normal(size=(batch * samples, 8)).astype(np.float32)
        np.save(data / "x.npy", x)
        return path, data, np.maximum(x @ weight, 0)

    def run_tool(self, tool, *arguments):
        done = subprocess.run([BUILD / "bin" / tool, *map(str, arguments)], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    def test_auto(self):
        for batch in (1, 4):
            for samples in (1, 2, 3, 40):
                with self.subTest(batch=batch, samples=samples):
                    path, data, _ = self.make(batch, samples)
                    code, text = self.run_tool(
                        "npir-opt", path, "--npir-quantize-pipeline=config=preset:auto data={} stats={} quiet".format(
                            data, self.folder / "s.npirstats"), "-o", self.folder / "q.mlirbc")
                    self.assertEqual(code, 0, text)
                    self.assertNotIn("error", text)

    def test_run(self):
        path, data, expected = self.make(4, 10)
        out = self.folder / "out"
        out.mkdir()
        for more in ((), ("--batch=1",)):
            self.assertEqual(self.run_tool("npir-run", path, "--data", data, "--output-dir", out, "--quiet", *more), (0, ""))
            np.testing.assert_allclose(np.load(out / "y.npy"), expected, atol=1e-5)
        program = self.folder / "p.npx"
        npir.quantize(npir.load(path), data=data).to_npx(program)
        both = []
        for tool in ("npir-run", "npx-run"):
            code, text = self.run_tool(tool, program, "--data", data, "--output-dir", out)
            self.assertEqual(code, 0, text)
            both.append(np.load(out / "y.npy"))
        np.testing.assert_array_equal(*both)
        code, text = self.run_tool("npir-run", path, "--data", data, "--compare", path)
        self.assertEqual(code, 0, text)
        code, text = self.run_tool("npir-run", path, "--data", data, "--batch=2")
        self.assertEqual((code, text), (
            1, f"error: {path}: expected --batch=1, got 2: the model's batch is fixed, and a sample is all of it\n"))


if __name__ == "__main__":
    warnings.simplefilter("ignore", npir.NPIRWarning)
    unittest.main(warnings="ignore")
