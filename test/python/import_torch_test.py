"""The command `python -m npir.import_torch` and `npir.from_torch`: layers' names, batches, outputs, diagnostics."""

import contextlib
import io
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

import numpy as np

from torch_helpers import BUILD, ROOT, main, needs_torch, torch
import npir
from npir import import_torch

if torch:
    from torch import nn

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(4, 4, 3, padding=1)
            self.bn1 = nn.BatchNorm2d(4)
            self.relu = nn.ReLU()

        def forward(self, x):
            return self.relu(self.relu(self.bn1(self.conv1(x))) + x)

    class Network(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer1 = nn.Sequential(Block(), Block())
            self.fc = nn.Linear(4, 3)

        def forward(self, x):
            return self.fc(self.layer1(x).mean((2, 3)))

    class Function(nn.Module):
        def __init__(self, function):
            super().__init__()
            self.function = function

        def forward(self, *inputs):
            return self.function(*inputs)


class MissingTest(unittest.TestCase):
    def test_without_torch(self):
        """One clear message; needs no PyTorch."""
        code = "import sys; sys.modules['torch'] = None; from npir import import_torch; "
        code += "sys.exit(import_torch.main(['model.pt2', '-o', 'out.mlirbc']))"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, "^error: cannot import a program of torch.export: it needs PyTorch: .*\n$")
        with mock.patch.dict(sys.modules, {"torch": None}):
            with self.assertRaisesRegex(ImportError, "npir.from_torch needs PyTorch: .*; pip install torch"):
                npir.from_torch("model.pt2")

    def test_command_line(self):
        stderr = io.StringIO()
        with contextlib.redirect_stderr(stderr), self.assertRaises(SystemExit) as raised:
            import_torch.main(["model.pt2", "-o", "x", "--batch=0"])
        self.assertEqual(raised.exception.code, 1)
        self.assertIn("expected free or a number of at least 1, got '0'", stderr.getvalue())


@needs_torch
class ImportTest(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        self.program = self.folder / "model.pt2"
        self.output = self.folder / "out.mlirbc"
        torch.manual_seed(1)

    def export(self, model, *inputs, dynamic=True, evaluate=True):
        if not isinstance(model, nn.Module):
            model = Function(model)
        model = model.eval() if evaluate else model
        shapes = torch.export.ShapesCollection()
        batch = torch.export.Dim("batch")
        for x in inputs:
            shapes[x] = {0: batch}
        return torch.export.export(model, inputs, dynamic_shapes=shapes if dynamic else None)

    def save(self, *arguments, **options):
        torch.export.save(self.export(*arguments, **options), self.program)

    def run_import(self, *options):
        stderr = io.StringIO()
        with contextlib.redirect_stderr(stderr):
            code = import_torch.main([str(self.program), "-o", str(self.output), *options])
        return code, stderr.getvalue()

    def text(self):
        done = subprocess.run([BUILD / "bin" / "npir-opt", self.output], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def refuse(self, *words):
        """The program gives one error with `words` and no output."""
        code, text = self.run_import()
        self.assertEqual((code, text.count("error:")), (1, 1), text)
        for word in words:
            self.assertIn(word, text)
        self.assertEqual(os.listdir(self.folder), ["model.pt2"])
        for line in text.splitlines():
            self.assertFalse(line.endswith("."), line)
        return text

    # What is imported.

    def test_network_of_a_file(self):
        network, x = Network(), torch.randn(2, 4, 5, 5)
        self.save(network, x)
        self.assertEqual(self.run_import(), (0, ""))
        model = npir.load(str(self.output))
        self.assertEqual([(port.name, port.shape) for port in model.inputs], [("x", (None, 4, 5, 5))])
        self.assertEqual([(port.name, port.shape) for port in model.outputs], [("output", (None, 3))])
        for count in (1, 2):
            actual = npir.run(model, x[:count].numpy(), batch=count)["output"]
            with torch.no_grad():
                np.testing.assert_allclose(actual, network(x[:count]).numpy(), rtol=1e-5, atol=1e-6)

    def test_layer_names(self):
        self.save(Network(), torch.randn(2, 4, 5, 5))
        self.run_import()
        names = set(re.findall(r'^#loc\d* = loc\("(.*)"\)$', self.text(), re.M))
        expected = {"fc", "fc.weight", "mean"}
        for block in ("layer1.0", "layer1.1"):
            expected |= {f"{block}.{name}" for name in ("conv1", "conv1.weight", "bn1", "relu", "relu_1")} | {f"{block}/add"}
        self.assertLessEqual(expected, names)

    def test_names_within_attention(self):
        class Attention(nn.Module):
            def __init__(self):
                super().__init__()
                self.attn = nn.MultiheadAttention(8, 2, batch_first=True)

            def forward(self, x):
                return self.attn(x, x, x, need_weights=False)[0]

        self.save(Attention(), torch.randn(2, 5, 8))
        self.run_import()
        names = set(re.findall(r'^#loc\d* = loc\("(.*)"\)$', self.text(), re.M))
        self.assertLessEqual({"attn", "attn.out_proj", "attn/scaled_dot_product_attention.softmax"}, names)

    def test_weights_keep_their_bits(self):
        network = Network()
        network.fc.weight.data.fill_(1 / 3)
        network.fc.weight.data[1, 2] = torch.tensor(-0.0)
        model = npir.from_torch(network, (torch.randn(1, 4, 5, 5),))
        found = re.search(r'dense<(.*?)> : tensor<3x4xf32>', str(model))[1]
        self.assertEqual(found.count("0.333333343"), 11)
        self.assertIn("-0.000000e+00", found)

    def test_outputs_of_a_dict(self):
        model = npir.from_torch(Function(lambda x: {"logits": x + 1, "features": x * 2}), (torch.randn(2, 4),))
        self.assertEqual([port.name for port in model.outputs], ["logits", "features"])
        model = npir.from_torch(Function(lambda x: (x + 1, x * 2)), (torch.randn(2, 4),))
        self.assertEqual([port.name for port in model.outputs], ["output_0", "output_1"])

    def test_batches(self):
        x = torch.randn(2, 4)
        self.save(lambda x: x + 1, x)
        self.assertEqual(self.run_import("--batch=3"), (0, ""))
        self.assertEqual(npir.load(str(self.output)).inputs[0].shape, (3, 4))
        self.save(lambda x: x + 1, x, dynamic=False)
        code, text = self.run_import()
        self.assertEqual((code, text.count("\n")), (0, 1))
        self.assertIn("remark: input 'inputs_0': the batch of 2 is fixed", text)
        self.assertEqual(npir.load(str(self.output)).inputs[0].shape, (2, 4))
        for batch, size in (("free", None), ("fixed", 1), (7, 7)):
            model = npir.from_torch(Function(lambda x: x + 1), (x[:1],), batch=batch)
            self.assertEqual(model.inputs[0].shape, (size, 4))

    def test_double_and_half_weights(self):
        weight = torch.randn(4)
        model = Function(lambda x: x + weight.double().float() + weight.half().float())
        actual = npir.run(npir.from_torch(model, (torch.zeros(2, 4),)), np.zeros((2, 4), np.float32))["output"]
        np.testing.assert_array_equal(actual, model(torch.zeros(2, 4)).numpy())

    def test_training_mode_is_given_back(self):
        network = Network().train()
        npir.from_torch(network, (torch.randn(1, 4, 5, 5),))
        self.assertTrue(network.training)

    def test_page_lists_the_ops(self):
        from npir.importers.torch.registry import OPS, base_name

        page = (ROOT / "docs" / "ImportingTorch.md").read_text().split("## Ops")[1].split("## How")[0]
        listed = set(re.findall(r"\b\w+\b", re.sub(r"\([^)]*\)|:[^|]*", "", page)))
        names = {base_name(op) for op in OPS if op.startswith("aten.")}
        self.assertEqual(sorted(names - listed), [])
        words = {"of", "the", "namespace", "without", "their", "overloads", "ops", "Of", "one", "two", "value", "values",
                 "activations", "truth", "convolutions", "products", "normalization", "pools", "reductions", "shapes", "parts",
                 "around", "numbers", "as", "they", "are", "aten"}
        self.assertEqual(sorted(listed - names - words), [])

    # What is refused.

    def test_every_unsupported_op_is_listed(self):
        class Bad(Network):
            def forward(self, x):
                y = super().forward(x)
                return torch.fft.fft(y).real + torch.linalg.det(x[:, :, :4, :4]).cumsum(1)[:, :3]

        self.save(Bad(), torch.randn(2, 4, 5, 5))
        text = self.refuse("cannot import the model: ", "'fft_r2c' (aten._fft_r2c.default): unsupported op",
                           "(aten._linalg_det.default): unsupported op", "'cumsum' (aten.cumsum.default): unsupported op")
        self.assertGreaterEqual(len(text.splitlines()), 4)

    def test_unsupported_op_behind_another(self):
        self.save(lambda x: x.cumsum(1).sort(1)[0], torch.randn(2, 4))
        self.refuse("'cumsum' (aten.cumsum.default): unsupported op", "'sort' (aten.sort.default): unsupported op")

    def test_training(self):
        self.save(nn.Sequential(nn.BatchNorm2d(4)), torch.randn(2, 4, 3, 3), evaluate=False)
        self.refuse("buffer '0.running_mean': is changed by the model; export it in evaluation mode: model.eval()")
        self.save(nn.Sequential(nn.Dropout(0.5)), torch.randn(2, 4), evaluate=False)
        self.refuse("layer '0' (aten.native_dropout.default): drops out; export the model in evaluation mode")

    def test_input_in_place(self):
        self.save(lambda x: x.add_(1), torch.randn(2, 4))
        self.refuse("input 'inputs_0': is changed in place; have the model change a copy")

    def test_arguments_that_are_not_supported(self):
        cases = ((lambda x: torch.baddbmm(x[:, 0], x[:, 1], x[:, 2], alpha=2), "'baddbmm' (aten.baddbmm.default): expected alpha = 1"),
                 (lambda x: x.sum(0), "expected axes other than the batch, got [0]"),
                 (lambda x: torch.cat([x, x]), "expected an axis other than the batch, got 0"),
                 (lambda x: x[:1], "expected all of the batch"),
                 (lambda x: x.div(2, rounding_mode="floor"), "expected a quotient that is not rounded"),
                 (lambda x: x * x.shape[0], "computes with the size of the batch"),
                 (lambda x: x.roll(1), "expected the dimensions to roll along"),
                 (lambda x: torch.nn.functional.adaptive_max_pool2d(x, (3, 2)), "expected windows of one size, got a result"))
        for function, reason in cases:
            with self.subTest(reason):
                self.save(function, torch.randn(2, 4, 4, 4))
                self.refuse(reason)

    def test_random(self):
        self.save(lambda x: x + torch.rand(4), torch.randn(2, 4))
        self.refuse("'rand' (aten.rand.default): unsupported op: its result is random")

    def test_dynamic_size(self):
        x = torch.randn(2, 4, 6)
        shapes = ({0: torch.export.Dim("batch"), 2: torch.export.Dim("length")},)
        program = torch.export.export(Function(lambda x: x + 1), (x,), dynamic_shapes=(shapes,))
        torch.export.save(program, self.program)
        self.refuse("input 'inputs_0': dimension 2 is dynamic, and only the first may be")

    def test_two_batches(self):
        shapes = ({0: torch.export.Dim("a")}, {0: torch.export.Dim("b")})
        inputs = (torch.randn(2, 4), torch.randn(3, 4))
        program = torch.export.export(
            Function(lambda x, y: x.sum(1) * y.sum()), inputs, dynamic_shapes=(shapes,))
        torch.export.save(program, self.program)
        self.refuse("expected axes other than the batch")

    def test_element_types(self):
        self.save(lambda x: x + 1, torch.randn(2, 4).double())
        self.refuse("input 'inputs_0': expected elements of float32, int32, int64, bool, got float64")

    def test_files(self):
        cases = {"": "not a program of torch.export: expected a file that torch.export.save wrote",
                 "PK\x03\x04rubbish": "not a program of torch.export, a damaged one, or one of another release of PyTorch"}
        for content, reason in cases.items():
            self.program.write_text(content)
            self.refuse(f"{self.program}: {reason}")
        self.save(Network(), torch.randn(2, 4, 5, 5))
        self.program.write_bytes(self.program.read_bytes()[:-200])
        self.refuse("a damaged one")
        self.program.unlink()
        code, text = self.run_import()
        self.assertEqual((code, text), (1, f"error: {self.program}: cannot read: no such file or directory\n"))

    def test_output_is_the_model(self):
        self.save(lambda x: x + 1, torch.randn(2, 4))
        before = self.program.read_bytes()
        self.output = self.program
        code, text = self.run_import()
        self.assertEqual((code, text), (1, f"error: {self.program}: expected an output other than the model\n"))
        self.assertEqual(self.program.read_bytes(), before)

    def test_module_that_cannot_be_exported(self):
        def branch(x):
            return x + 1 if x.sum() > 0 else x

        with self.assertRaisesRegex(npir.NPIRError, "Function: torch.export cannot export the module: "):
            npir.from_torch(Function(branch), (torch.randn(2, 4),))

    def test_arguments(self):
        network, x = Network(), torch.randn(1, 4, 5, 5)
        for arguments, error in (((network,), ValueError), ((3,), TypeError), (("model.pt2", (x,)), ValueError)):
            with self.assertRaises(error):
                npir.from_torch(*arguments)
        with self.assertRaisesRegex(ValueError, "expected batch to be 'free', 'fixed' or a number"):
            npir.from_torch(network, (x,), batch=0)


if __name__ == "__main__":
    main()
