"""Tests of tools/networks: the digits' split and the committed networks.

This file needs numpy, onnx and scikit-learn only:

    python test/python/network_test.py
"""

import collections
import contextlib
import hashlib
import io
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

import numpy as np
import onnx
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator

NETWORKS = os.path.abspath(
    os.path.join(os.path.dirname(__file__), "..", "..", "tools", "networks")
)
sys.path.insert(0, NETWORKS)
sys.path.insert(0, os.path.join(NETWORKS, "digits_cnn"))

import digits_data  # noqa: E402
import export  # noqa: E402

def run_program(*arguments):
    """Runs digits_data's main; returns (exit code or message, stdout, stderr)."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = digits_data.main(list(arguments)) or 0
        except SystemExit as exit_request:
            code = exit_request.code
    return code, out.getvalue(), err.getvalue()


def listing(folder):
    """Every file below `folder`, relative and sorted."""
    return sorted(
        os.path.relpath(os.path.join(root, file), folder)
        for root, _, files in os.walk(folder)
        for file in files
    )


class SplitTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pixels, cls.labels = digits_data._load_all()
        cls.indices = digits_data.split_indices(cls.labels)

    def test_sizes(self):
        sizes = {name: len(part) for name, part in self.indices.items()}
        self.assertEqual(sizes, {"train": 1197, "calib": 200, "test": 400})

    def test_disjoint_and_complete(self):
        everything = np.concatenate(list(self.indices.values()))
        self.assertEqual(len(everything), 1797)
        np.testing.assert_array_equal(np.sort(everything), np.arange(1797))

    def test_stratified(self):
        whole = np.bincount(self.labels)
        for name, part in self.indices.items():
            expected = whole * len(part) / 1797
            difference = np.abs(np.bincount(self.labels[part]) - expected)
            # The training set takes what two roundings leave.
            self.assertLess(difference.max(), 2 if name == "train" else 1, name)

    def test_fixed(self):
        # Written down once: a changed split would let a network that has seen
        # an image be measured with it.
        indices = np.concatenate([self.indices[name] for name in digits_data.SETS])
        self.assertEqual(
            hashlib.sha256(indices.astype("<i8").tobytes()).hexdigest(),
            "4165b1201cbdc21989b6afd023c70199200df0843d4e34ae10185b30dadb7358",
        )

    def test_images(self):
        for name, part in self.indices.items():
            images, labels = digits_data.load_split(name)
            self.assertEqual(images.dtype, np.float32)
            self.assertEqual(images.shape, (len(part), 1, 8, 8))
            np.testing.assert_array_equal(labels, self.labels[part])
            np.testing.assert_array_equal(images[:, 0] * 16, self.pixels[part])
            self.assertEqual((images.min(), images.max()), (0.0, 1.0))

    def test_unknown_set(self):
        with self.assertRaisesRegex(ValueError, "unknown set 'valid', expected"):
            digits_data.load_split("valid")

    def test_changed_data(self):
        with mock.patch.object(digits_data, "_DATA_SHA256", "0" * 64):
            with self.assertRaisesRegex(digits_data.DataError, "have changed"):
                digits_data.load_split("test")


class ProgramTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.out = os.path.join(self.folder.name, "data")

    def run_with(self, name="input"):
        return run_program("--out", self.out, "--input-name", name)

    def test_writes_folders(self):
        code, out, _ = self.run_with("pixels")
        self.assertEqual(code, 0)
        files = ["calib/pixels.npy", "test/labels.npy", "test/pixels.npy"]
        self.assertEqual(listing(self.out), files)
        self.assertEqual(len(out.splitlines()), 3)
        for name, file in (("calib", files[0]), ("test", files[2])):
            images, labels = digits_data.load_split(name)
            loaded = np.load(os.path.join(self.out, file))
            self.assertEqual(loaded.dtype, np.float32)
            np.testing.assert_array_equal(loaded, images)
        loaded = np.load(os.path.join(self.out, files[1]))
        self.assertEqual(loaded.dtype, np.int64)
        np.testing.assert_array_equal(loaded, labels)

    def test_same_bytes_again(self):
        contents = []
        for _ in range(2):
            self.assertEqual(self.run_with()[0], 0)
            paths = [os.path.join(self.out, file) for file in listing(self.out)]
            contents.append([pathlib.Path(path).read_bytes() for path in paths])
        self.assertEqual(contents[0], contents[1])

    def test_bad_input_name(self):
        for name in ("", "a/b", "..", "labels"):
            code, _, err = self.run_with(name)
            self.assertEqual(code, 2)
            self.assertIn(f"--input-name '{name}' cannot name a data file", err)
            self.assertFalse(os.path.exists(self.out))

    def test_out_is_a_file(self):
        with open(self.out, "w", encoding="utf-8") as file:
            file.write("precious")
        code, _, _ = self.run_with()
        self.assertRegex(code, "^error: cannot write the data folder .*data'")
        with open(self.out, encoding="utf-8") as file:
            self.assertEqual(file.read(), "precious")

    def test_failed_write_keeps_old_file(self):
        self.assertEqual(self.run_with()[0], 0)
        path = pathlib.Path(self.out, "test", "input.npy")
        path.write_bytes(b"precious")
        # The calibration images fit below this limit, the test images do not.
        limit = 60_000
        program = subprocess.run(
            [sys.executable, digits_data.__file__]
            + ["--out", self.out, "--input-name", "input"],
            preexec_fn=lambda: resource.setrlimit(
                resource.RLIMIT_FSIZE, (limit, limit)
            ),
            stderr=subprocess.PIPE,
            text=True,
        )
        self.assertEqual(program.returncode, 1)
        self.assertRegex(
            program.stderr,
            "^error: cannot write the data folder '.*data': File too large; choose",
        )
        self.assertEqual(len(program.stderr.splitlines()), 1)
        self.assertEqual(path.read_bytes(), b"precious")
        self.assertEqual(len(listing(self.out)), 3)

    def test_no_scikit_learn(self):
        with mock.patch.dict(sys.modules, {"sklearn.datasets": None}):
            code, _, _ = self.run_with()
        self.assertRegex(code, "^error: .*sklearn.*; install scikit-learn")

    def test_changed_data(self):
        with mock.patch.object(digits_data, "_DATA_SHA256", "0" * 64):
            code, _, _ = self.run_with()
        self.assertRegex(code, "^error: scikit-learn's digits have changed")
        self.assertFalse(os.path.exists(self.out))


class CommittedNetwork:
    """What holds for every committed network; `name`, `ops` and `top1` are the
    subclass's."""

    @classmethod
    def setUpClass(cls):
        cls.path = os.path.join(NETWORKS, cls.name, "model.onnx")
        cls.model = onnx.load(cls.path)
        cls.graph = cls.model.graph
        cls.values = {
            tensor.name: numpy_helper.to_array(tensor)
            for tensor in cls.graph.initializer
        }
        cls.evaluator = ReferenceEvaluator(cls.model)

    def logits(self, images):
        (logits,) = self.evaluator.run(None, {"input": images})
        return logits

    def test_small(self):
        self.assertLess(os.path.getsize(self.path), 1_000_000)

    def test_checks(self):
        onnx.checker.check_model(self.model, full_check=True)
        opsets = [(entry.domain, entry.version) for entry in self.model.opset_import]
        self.assertEqual(opsets, [("", 17)])

    def test_interface(self):
        for value, name, shape in (
            (self.graph.input, "input", [1, 8, 8]),
            (self.graph.output, "logits", [10]),
        ):
            self.assertEqual([entry.name for entry in value], [name])
            batch, *rest = value[0].type.tensor_type.shape.dim
            self.assertEqual(batch.dim_param, "batch")
            self.assertEqual([dim.dim_value for dim in rest], shape)

    def test_names(self):
        nodes = [node.name for node in self.graph.node]
        self.assertNotIn("", nodes)
        self.assertEqual(len(nodes), len(set(nodes)))
        tensors = [out for node in self.graph.node for out in node.output]
        tensors += [entry.name for entry in self.graph.input] + list(self.values)
        self.assertEqual(len(tensors), len(set(tensors)))

    def test_ops(self):
        counts = collections.Counter(node.op_type for node in self.graph.node)
        self.assertEqual(dict(counts), self.ops)

    def test_healthy_parameters(self):
        for name, value in self.values.items():
            self.assertTrue(np.isfinite(value).all(), name)

    def test_free_batch(self):
        images, _ = digits_data.load_split("calib")
        whole = self.logits(images[:5])
        for size in (1, 2):
            part = self.logits(images[:size])
            np.testing.assert_allclose(part, whole[:size], rtol=1e-4, atol=1e-4)

    def test_accuracy(self):
        images, labels = digits_data.load_split("test")
        right = int((self.logits(images).argmax(axis=1) == labels).sum())
        # The README's number.
        self.assertEqual(f"{right / len(labels):.4f}", self.top1)


class DigitsCnnTest(CommittedNetwork, unittest.TestCase):
    name = "digits_cnn"
    top1 = "0.9925"
    ops = {
        "Conv": 6,
        "BatchNormalization": 6,
        "Relu": 3,
        "Clip": 3,
        "Add": 1,
        "MaxPool": 1,
        "GlobalAveragePool": 1,
        "Flatten": 1,
        "Gemm": 1,
    }

    def test_convolutions(self):
        # No bias: each is followed by a batch norm, which has one.
        convolutions = [n for n in self.graph.node if n.op_type == "Conv"]
        for node in convolutions:
            self.assertEqual(len(node.input), 2, node.name)
        groups = [
            attribute.i
            for node in convolutions
            for attribute in node.attribute
            if attribute.name == "group"
        ]
        self.assertEqual(groups, [1, 1, 32, 1, 1, 1])

    def test_healthy_norms(self):
        # A channel that hardly varies would be blown up by its norm.
        norms = [name for name in self.values if name.endswith("running_var")]
        self.assertEqual(len(norms), 6)
        for name in norms:
            self.assertGreater(self.values[name].min(), 1e-3, name)

    def test_export_reproduces_graph(self):
        # The graph is the one that export.py makes of the file's parameters.
        built = onnx.load_from_string(export.build_onnx(self.values))
        self.assertEqual(built.graph, self.graph)


class DigitsVitTest(CommittedNetwork, unittest.TestCase):
    name = "digits_vit"
    top1 = "0.9900"
    # Four blocks, as PyTorch's exporter writes them.
    ops = {
        "Conv": 1,
        "LayerNormalization": 9,
        "MatMul": 24,
        "Softmax": 4,
        "Erf": 4,
        "Gemm": 1,
        "Add": 29,
        "Mul": 13,
        "Div": 8,
        "Split": 4,
        "Reshape": 18,
        "Transpose": 17,
        "Concat": 19,
        "Shape": 15,
        "Slice": 1,
        "Gather": 14,
        "Unsqueeze": 49,
        "Cast": 8,
        "Constant": 107,
        "ConstantOfShape": 1,
        "Equal": 1,
        "Where": 1,
        "Expand": 1,
    }

    def test_parameters(self):
        linear = {"attn.qkv": (64, 192), "attn.proj": (64, 64)}
        linear |= {"mlp.fc1": (64, 256), "mlp.fc2": (256, 64)}
        shapes = {
            "cls_token": (1, 1, 64),
            "pos_embed": (1, 17, 64),
            "patch_embed.proj.weight": (64, 1, 2, 2),
            "patch_embed.proj.bias": (64,),
            "head.weight": (10, 64),
            "head.bias": (10,),
        }
        norms = ["norm"]
        for block in range(4):
            norms += [f"blocks.{block}.norm1", f"blocks.{block}.norm2"]
            for name, shape in linear.items():
                shapes[f"blocks.{block}.{name}.weight_t"] = shape
                shapes[f"blocks.{block}.{name}.bias"] = shape[1:]
        for name in norms:
            shapes[f"{name}.weight"] = shapes[f"{name}.bias"] = (64,)
        self.assertEqual({n: v.shape for n, v in self.values.items()}, shapes)

    def test_weights_where_named(self):
        # A linear layer's product takes the weight of its own module.
        products = [n for n in self.graph.node if n.op_type == "MatMul"]
        weights = {n.name: n.input[1] for n in products if n.input[1] in self.values}
        self.assertEqual(len(weights), 16)
        for name, weight in weights.items():
            module = ".".join(name.split("/")[1:-1])
            self.assertEqual(weight, f"{module}.weight_t")

    def test_nothing_of_the_machine(self):
        for node in self.graph.node:
            self.assertEqual(node.doc_string, "", node.name)
        self.assertEqual(self.graph.doc_string + self.model.doc_string, "")


if __name__ == "__main__":
    unittest.main()
