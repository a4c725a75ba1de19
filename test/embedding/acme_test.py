"""A network in the acme dialect on the whole road: by passes, by one flag, and by the C++ API (quantize.cpp)."""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import numpy as np

TOOLS = {name: os.environ[name.upper().replace("-", "_")] for name in ("acme-opt", "npir-run", "npir-translate", "npx-run")}
QUANTIZE = os.environ["ACME_QUANTIZE"]
LOWER = "lower=convert-acme-to-npir"
# Rules name acme's ops and layers.
CONFIG = """version: 1
rules:
  - match: {op: acme.swish}
    activation: {scheme: symmetric}
  - match: {layer: head, role: weight}
    weight: {granularity: per_tensor}
"""


class Network:
    """head(swish(wide(x)) + narrow(x)), with its float reference in numpy."""

    def __init__(self, seed=0):
        random = np.random.RandomState(seed)
        self.weights = {name: (random.randn(*shape) / np.sqrt(shape[0])).astype(np.float32)
                        for name, shape in {"wide": (12, 20), "narrow": (12, 20), "head": (20, 5)}.items()}
        self.biases = {name: (0.1 * random.randn(kernel.shape[1])).astype(np.float32)
                       for name, kernel in self.weights.items()}

    def run(self, x):
        dense = lambda name, x: x.astype(np.float64) @ self.weights[name] + self.biases[name]
        wide = dense("wide", x)
        swish = wide * np.clip(wide + 3, 0, 6) / 6
        return dense("head", swish + np.maximum(dense("narrow", x), 0))

    def text(self):
        def constant(value, name):
            shape = "x".join(map(str, value.shape))
            return f"arith.constant dense<{json.dumps(value.astype(float).tolist())}> : tensor<{shape}xf32> loc(\"{name}\")"

        lines = ['func.func @main(%x: tensor<?x12xf32> {npir.name = "x"} loc("x")) -> (tensor<?x5xf32> {npir.name = "y"}) {']
        for name in self.weights:
            lines.append(f"  %{name}.k = {constant(self.weights[name], name + '.kernel')}")
            lines.append(f"  %{name}.b = {constant(self.biases[name], name + '.bias')}")
        dense = lambda name, x, inputs, outputs, attributes="": (
            f"  %{name} = acme.dense {x}, %{name}.k, %{name}.b {attributes} : (tensor<?x{inputs}xf32>, "
            f"tensor<{inputs}x{outputs}xf32>, tensor<{outputs}xf32>) -> tensor<?x{outputs}xf32> loc(\"{name}\")")
        return "\n".join(lines + [
            dense("wide", "%x", 12, 20),
            '  %swish = acme.swish %wide : (tensor<?x20xf32>) -> tensor<?x20xf32> loc("swish")',
            dense("narrow", "%x", 12, 20, "{relu}"),
            '  %sum = acme.add %swish, %narrow : (tensor<?x20xf32>, tensor<?x20xf32>) -> tensor<?x20xf32> loc("sum")',
            dense("head", "%sum", 20, 5),
            "  return %head : tensor<?x5xf32>", "}", ""])


def run(tool, *arguments, code=0):
    done = subprocess.run([TOOLS.get(tool, tool), *map(str, arguments)], capture_output=True, text=True)
    if done.returncode != code:
        raise AssertionError(f"{tool} {arguments}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout if code == 0 else done.stderr


class AcmeTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.temporary.name)
        cls.network = Network()
        random = np.random.RandomState(1)
        for name, count in (("calib", 200), ("test", 100)):
            (cls.folder / name).mkdir()
            np.save(cls.folder / name / "x.npy", random.randn(count, 12).astype(np.float32))
        (cls.folder / "model.mlir").write_text(cls.network.text())
        (cls.folder / "config.yaml").write_text(CONFIG)

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def path(self, name):
        return self.folder / name

    def opt(self, source, target, *passes):
        run("acme-opt", self.path(source), *passes, "-o", self.path(target))
        return self.path(target)

    def calibrate(self):
        self.opt("model.mlir", "observed.mlir", "--npir-prepare", f"--npir-insert-observers=config={self.path('config.yaml')}",
                 "--npir-verify-contract")
        run("acme-opt", self.path("observed.mlir"), "-o", self.path("after.mlir"),
            f"--npir-calibrate=data={self.path('calib')} stats={self.path('acme.npirstats')} {LOWER}")

    def test_by_passes(self):
        self.calibrate()
        observed = self.path("observed.mlir").read_text()
        self.assertEqual(observed, self.path("after.mlir").read_text())
        self.assertIn('id = "sum:0"', observed)
        self.assertIn("per_channel<1>", observed)  # the output channels of [inputs, outputs]
        self.assertIn("symmetric", next(line for line in observed.splitlines() if '"swish:0"' in line))

        qdq = self.opt("observed.mlir", "qdq.mlir", f"--npir-attach-calibration=stats={self.path('acme.npirstats')}",
                       "--npir-insert-qdq", "--npir-canonicalize-qdq", "--npir-verify-contract").read_text()
        self.assertIn("acme.dense", qdq)
        self.assertRegex(qdq, r"npir.constant dense<.*tensor<12x20xi8> as tensor<12x20x!qc")
        npir = self.opt("qdq.mlir", "npir.mlir", "--convert-acme-to-npir", "--npir-verify-contract").read_text()
        self.assertNotIn("acme.", npir)
        self.assertRegex(npir, r"npir.constant dense<.*tensor<20x12xi8> as tensor<20x12x!qc")
        self.opt("npir.mlir", "integer.mlirbc", "--npir-partition=targets=xnnpack", "--npir-fold-qdq=strict",
                 "--npir-verify-contract", f"--npir-report-coverage=report={self.path('coverage.json')}")
        coverage = json.loads(self.path("coverage.json").read_text())["main"]
        self.assertEqual((coverage["mac_share"], coverage["weight_share"]), (1, 1))
        self.opt("integer.mlirbc", "target.mlirbc", "--convert-npir-to-xnn", "--npir-verify-contract")
        run("npir-translate", "--npir-to-npx", self.path("target.mlirbc"), "-o", self.path("acme.npx"))

        # On the runtime, against acme's own reference.
        run("npx-run", self.path("acme.npx"), "--data", self.path("test"), "--output-dir", self.folder)
        expected = self.network.run(np.load(self.path("test") / "x.npy"))
        noise = expected - np.load(self.path("y.npy"))
        self.assertGreater(10 * np.log10((expected**2).sum() / (noise**2).sum()), 30)

        # The runtime is the interpreter, in every bit.
        run("npir-run", self.path("acme.npx"), "--data", self.path("test"), "--compare", self.path("integer.mlirbc"),
            "--compare-backend=interpreter", "--report", self.path("bits.json"), "--quiet")
        bits = json.loads(self.path("bits.json").read_text())
        self.assertEqual(bits["bit_exact_samples"], 100)
        names = {tensor["id"] for tensor in bits["tensors"]}
        self.assertLessEqual({"wide:0", "narrow:0", "swish:0", "sum:0", "head:0"}, names)
        self.assertTrue(all(tensor["differing"] == 0 for tensor in bits["tensors"]))

        # One flag is the steps.
        self.opt("model.mlir", "one.mlirbc", f"--npir-quantize-pipeline=config={self.path('config.yaml')} "
                 f"data={self.path('calib')} {LOWER}")
        run("npir-translate", "--npir-to-npx", self.path("one.mlirbc"), "-o", self.path("one.npx"))
        self.assertEqual(self.path("one.npx").read_bytes(), self.path("acme.npx").read_bytes())

    def test_by_api(self):
        table = run(QUANTIZE, self.path("model.mlir"), self.path("calib"), self.path("test"), self.path("api.npx"))
        self.assertIn("swish:0", table)
        self.opt("model.mlir", "flag.mlirbc", f"--npir-quantize-pipeline=data={self.path('calib')} {LOWER}")
        run("npir-translate", "--npir-to-npx", self.path("flag.mlirbc"), "-o", self.path("flag.npx"))
        self.assertEqual(self.path("api.npx").read_bytes(), self.path("flag.npx").read_bytes())

    def test_errors(self):
        self.calibrate()
        calibrate = lambda lower: run("acme-opt", self.path("observed.mlir"), "-o", "/dev/null", code=1, *[
            f"--npir-calibrate=data={self.path('calib')} stats={self.path('x.npirstats')} {lower}"])
        self.assertIn("error: layer 'wide': expected npir ops, got 'acme.dense'; give the conversion to them, e.g. as lower=PASSES", calibrate(""))
        self.assertIn("expected layer 'wide' as npir ops after 'canonicalize', got 'acme.dense'",
                      calibrate("lower=canonicalize"))
        self.assertIn("expected passes that convert to npir ops, got 'convert-acme-to-tosa': 'convert-acme-to-tosa' "
                      "does not refer to a registered pass or pass pipeline\n", calibrate("lower=convert-acme-to-tosa"))
        self.assertFalse(self.path("x.npirstats").exists())
        # A weight that is computed cannot be transposed.
        text = self.network.text().replace("%x, %wide.k", "%x, %wide.k2").replace(
            "  %wide =", '  %wide.k2 = acme.swish %wide.k : (tensor<12x20xf32>) -> tensor<12x20xf32> loc("k2")\n  %wide =')
        self.path("computed.mlir").write_text(text)
        self.assertIn("expected a constant weight, got the result of 'npir.hardswish'",
                      run("acme-opt", self.path("computed.mlir"), "--convert-acme-to-npir", "-o", "/dev/null", code=1))


if __name__ == "__main__":
    unittest.main()
