"""The imported network computes what onnxruntime computes: max|a-b| <= 1e-5 * max|b|, for the bundled network and for small
random ones, on the runtime and in the interpreter."""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from onnx_import_helpers import BUILD, ROOT

NETWORKS = ROOT / "tools" / "networks"
ORT_PYTHON = BUILD / "venv-onnxruntime" / "bin" / "python"
ENV = dict(os.environ, PYTHONPATH=str(BUILD / "python"))
TOLERANCE = 1e-5

# Runs in onnxruntime's own environment.
ORT_SCRIPT = """
import sys, numpy as np, onnxruntime as ort
session = ort.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
name = session.get_inputs()[0].name
np.save(sys.argv[3], session.run(None, {name: np.load(sys.argv[2])})[0])
"""


@unittest.skipUnless(ORT_PYTHON.exists(), f"no {ORT_PYTHON}: tools/scripts/test.sh makes it")
class OnnxEqualityTest(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.temporary.name)

    def tearDown(self):
        self.temporary.cleanup()

    def run_command(self, *command):
        done = subprocess.run([str(c) for c in command], cwd=self.folder, env=ENV, text=True, capture_output=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def check(self, model, samples, output):
        """`model` is a path or a ModelProto with one input."""
        if not isinstance(model, pathlib.Path):
            (self.folder / "model.onnx").write_bytes(model.SerializeToString())
            model = self.folder / "model.onnx"
        (self.folder / "data").mkdir(exist_ok=True)
        np.save(self.folder / "data" / "input.npy", samples)
        self.run_command(ORT_PYTHON, "-c", ORT_SCRIPT, model, "data/input.npy", "expected.npy")
        self.run_command(sys.executable, "-m", "npir.import_onnx", model, "-o", "float.mlirbc")
        self.run_command(BUILD / "bin" / "npir-opt", "float.mlirbc", "--npir-prepare", "-o", "prepared.mlirbc")
        expected = np.load(self.folder / "expected.npy")
        for file, backend in (("float.mlirbc", "interpreter"), ("prepared.mlirbc", "interpreter"),
                              ("float.mlirbc", "xnnpack")):
            self.run_command(BUILD / "bin" / "npir-run", file, "--data", "data", "--output-dir", ".",
                             f"--backend={backend}")
            actual = np.load(self.folder / f"{output}.npy")
            self.assertEqual(actual.shape, expected.shape)
            # What is no number (the root of a negative one) is none on both sides.
            np.testing.assert_array_equal(np.isnan(actual), np.isnan(expected))
            error, scale = np.nanmax(np.abs(actual - expected)), np.nanmax(np.abs(expected))
            self.assertLessEqual(error, TOLERANCE * scale, f"{file} on {backend}")

    def test_digits_cnn(self):
        self.run_command(sys.executable, NETWORKS / "digits_data.py", "--out", ".", "--input-name", "input")
        self.check(NETWORKS / "digits_cnn" / "model.onnx", np.load(self.folder / "test" / "input.npy"), "logits")

    def test_digits_vit(self):
        self.run_command(sys.executable, NETWORKS / "digits_data.py", "--out", ".", "--input-name", "input")
        self.check(NETWORKS / "digits_vit" / "model.onnx", np.load(self.folder / "test" / "input.npy"), "logits")

    def make(self, nodes, weights, shape):
        """A model from `input` [batch, *shape] to `output`."""
        graph = helper.make_graph(
            nodes, "g", [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["batch", *shape])],
            [helper.make_tensor_value_info("output", TensorProto.FLOAT, None)],
            [numpy_helper.from_array(value, name) for name, value in weights.items()])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
        model.ir_version = 8
        return model

    def test_residual_block_with_everything(self):
        """Strided, grouped and depthwise convolutions, uneven padding, a batch norm that nothing can take, a flatten of a real
        map."""
        rng = np.random.default_rng(3)

        def weight(*shape):
            return rng.standard_normal(shape).astype(np.float32) / np.float32(np.sqrt(np.prod(shape[1:]) + 1))

        def norm(name, channels):
            return {f"{name}.{part}": value.astype(np.float32) for part, value in (
                ("scale", rng.uniform(0.5, 2, channels)), ("bias", rng.standard_normal(channels)),
                ("mean", rng.standard_normal(channels)), ("var", rng.uniform(0.1, 3, channels)))}

        weights = {"w1": weight(8, 3, 3, 3), "b1": weight(8), "w2": weight(8, 2, 3, 3), "w3": weight(8, 1, 3, 3),
                   "w4": weight(8, 8, 1, 1), "b4": weight(8), "w5": weight(5, 8 * 3 * 3), "b5": weight(5),
                   "six": np.array(6, np.float32), "zero": np.array(0, np.float32),
                   **norm("n0", 3), **norm("n2", 8), **norm("n3", 8)}
        node = helper.make_node

        def norm_node(name, source, result):
            return node("BatchNormalization", [source] + [f"{name}.{p}" for p in ("scale", "bias", "mean", "var")],
                        [result], name, epsilon=1e-3)

        nodes = [
            norm_node("n0", "input", "x0"),
            node("Conv", ["x0", "w1", "b1"], ["x1"], "c1", strides=[2, 1], pads=[1, 0, 1, 2]),
            node("Relu", ["x1"], ["x2"], "r1"),
            node("Conv", ["x2", "w2"], ["x3"], "c2", group=4, pads=[1, 1, 1, 1]),
            norm_node("n2", "x3", "x4"),
            node("Clip", ["x4", "zero", "six"], ["x5"], "r6"),
            node("Conv", ["x5", "w3"], ["x6"], "c3", group=8, pads=[2, 2, 2, 2], dilations=[2, 2]),
            norm_node("n3", "x6", "x7"),
            node("Conv", ["x7", "w4", "b4"], ["x8"], "c4"),
            node("Add", ["x8", "x2"], ["x9"], "add"),
            node("Sigmoid", ["x9"], ["x10"], "sigmoid"),
            node("MaxPool", ["x10"], ["x11"], "pool", kernel_shape=[2, 3], strides=[2, 3]),
            node("Flatten", ["x11"], ["x12"], "flatten"),
            node("Gemm", ["x12", "w5", "b5"], ["output"], "fc", transB=1),
        ]
        self.check(self.make(nodes, weights, [3, 12, 10]), rng.standard_normal((7, 3, 12, 10)).astype(np.float32),
                   "output")

    def test_global_pool_and_matmul(self):
        rng = np.random.default_rng(5)
        weights = {"w": rng.standard_normal((6, 4, 3, 3)).astype(np.float32),
                   "m": rng.standard_normal((6, 3)).astype(np.float32), "c": rng.standard_normal(3).astype(np.float32)}
        node = helper.make_node
        nodes = [node("Conv", ["input", "w"], ["a"], "conv", auto_pad="SAME_UPPER", strides=[2, 2]),
                 node("Tanh", ["a"], ["b"], "tanh"),
                 node("GlobalAveragePool", ["b"], ["c1"], "pool"),
                 node("Flatten", ["c1"], ["d"], "flatten"),
                 node("MatMul", ["d", "m"], ["e"], "matmul"),
                 node("Add", ["e", "c"], ["output"], "bias")]
        self.check(self.make(nodes, weights, [4, 9, 8]), rng.standard_normal((3, 4, 9, 8)).astype(np.float32), "output")


if __name__ == "__main__":
    unittest.main()
