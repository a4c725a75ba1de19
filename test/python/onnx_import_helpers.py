"""What the tests of the ONNX importer share: making models, importing them in
this process, and reading the result as npir-opt prints it."""

import contextlib
import io
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import numpy as np
from onnx import TensorProto, helper, numpy_helper

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("NPIR_BUILD", ROOT / "build"))
sys.path.insert(0, str(BUILD / "python"))

from npir import import_onnx  # noqa: E402

DIGITS_CNN = ROOT / "tools" / "networks" / "digits_cnn" / "model.onnx"
node = helper.make_node


def floats(*shape):
    """Weights that differ in every element."""
    count = int(np.prod(shape))
    return (np.arange(count, dtype=np.float32) / 7 - 1).reshape(shape)


def ints(*values):
    return np.array(values, np.int64)


def make_model(nodes, weights=(), shape=("batch", 4, 8, 8), opset=17, **options):
    """A model from `x` to `y`. `weights`: arrays or TensorProtos by name."""
    inputs = options.get("inputs") or [("x", shape)]
    graph = helper.make_graph(
        nodes,
        options.get("name", "net"),
        [helper.make_tensor_value_info(n, options.get("dtype", 1), s) for n, s in inputs],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, None)
            for name in options.get("outputs", ["y"])
        ],
        [
            value if isinstance(value, TensorProto) else numpy_helper.from_array(value, name)
            for name, value in dict(weights).items()
        ],
    )
    opsets = [helper.make_opsetid("", opset)]
    opsets += [helper.make_opsetid(domain, 1) for domain in options.get("domains", ())]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


class ImporterTest(unittest.TestCase):
    """Each test has a folder of its own with `model.onnx` and `out.mlirbc`."""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        self.model = self.folder / "model.onnx"
        self.output = self.folder / "out.mlirbc"

    def save(self, model):
        data = model if isinstance(model, bytes) else model.SerializeToString()
        self.model.write_bytes(data)

    def run_import(self, *options, output=None):
        """Exit code and standard error of the command."""
        stderr = io.StringIO()
        command = [str(self.model), "-o", str(output or self.output), *options]
        with contextlib.redirect_stderr(stderr):
            try:
                code = import_onnx.main(command)
            except SystemExit as exit_:
                code = exit_.code
        return code, stderr.getvalue()

    def import_text(self, model, *options):
        """The imported module as text, without locations; remarks are kept."""
        self.save(model)
        code, self.remarks = self.run_import(*options)
        self.assertEqual(code, 0, self.remarks)
        done = subprocess.run(
            [BUILD / "bin" / "npir-opt", self.output],
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        self.locations = dict(re.findall(r'^(#loc\d*) = loc\("(.*)"\)$', done.stdout, re.M))
        return done.stdout

    def body(self, model, *options):
        """The ops of the imported function as (name, rest of the line, layer)."""
        ops = []
        for line in self.import_text(model, *options).splitlines():
            found = re.match(r"\s*%\S+ = npir\.(\w+) (.*) loc\((#loc\d*)\)$", line)
            if found:
                layer = self.locations.get(found[3])
                ops.append((found[1], found[2], layer))
        return ops

    def import_ops(self, model, *options):
        """The names of the ops, constants left out, one string."""
        return " ".join(op[0] for op in self.body(model, *options) if op[0] != "constant")

    def refuse(self, model, *words, options=(), count=None):
        """The model gives one error with `words` and no output."""
        self.save(model)
        code, text = self.run_import(*options)
        self.assertEqual(code, 1, text)
        self.assertEqual(text.count("error:"), 1, text)
        self.assertTrue(text.startswith("error: "), text)
        for word in words:
            self.assertIn(word, text)
        if count is not None:
            told = [line for line in text.splitlines()[1:] if not line.startswith("what comes before can be imported")]
            self.assertEqual(len(told), count, text)
        for line in text.splitlines():
            self.assertFalse(line.endswith("."), line)
        self.assertNotIn("Traceback", text)
        self.assertEqual(sorted(os.listdir(self.folder)), self.files_before(), text)
        return text

    def files_before(self):
        return ["model.onnx"]

    def constants(self, model):
        """The values of inline constants by name."""
        found = {}
        for op, rest, layer in self.body(model):
            if op == "constant":
                text = re.match(r"dense<(.*)> : tensor<(.*)xf32>", rest)
                shape = [int(d) for d in text[2].split("x")]
                if text[1].startswith('"0x'):
                    values = np.frombuffer(bytes.fromhex(text[1][3:-1]), np.float32)
                else:
                    values = np.array(eval(text[1]), np.float32)  # nested lists
                found[layer] = np.broadcast_to(values, shape) if values.size == 1 else values.reshape(shape)
        return found
