"""Comparing imported models with onnxruntime, many in one process of its environment."""
import pathlib
import subprocess
import tempfile
import unittest

import numpy as np

from onnx_import_helpers import BUILD, make_model, node
import npir

ORT_PYTHON = BUILD / "venv-onnxruntime" / "bin" / "python"
TOLERANCE = 1e-5
SHAPE = (3, 4, 5)

# Every model of a folder on its samples, as many at once as the model takes.
_SCRIPT = """
import pathlib, sys, numpy as np, onnxruntime as ort
options = ort.SessionOptions()
options.intra_op_num_threads = 1
options.log_severity_level = 3
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.onnx")):
    session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    source = session.get_inputs()[0]
    samples = np.load(path.with_suffix(".npy"))
    step = source.shape[0] if isinstance(source.shape[0], int) else len(samples)
    parts = [session.run(None, {source.name: samples[i:i + step]})[0] for i in range(0, len(samples), step)]
    np.save(path.with_suffix(".npy"), np.concatenate(parts))
"""


def run_onnxruntime(cases):
    """The first outputs of (model, samples) pairs; models have one input."""
    with tempfile.TemporaryDirectory() as name:
        paths = [pathlib.Path(name) / f"{i:05}.onnx" for i in range(len(cases))]
        for path, (model, samples) in zip(paths, cases):
            path.write_bytes(model.SerializeToString())
            np.save(path.with_suffix(".npy"), samples)
        done = subprocess.run([ORT_PYTHON, "-c", _SCRIPT, name], text=True, capture_output=True)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return [np.load(path.with_suffix(".npy")) for path in paths]


@unittest.skipUnless(ORT_PYTHON.exists(), f"no {ORT_PYTHON}: tools/scripts/test.sh makes it")
class RuntimeTest(unittest.TestCase):
    def compare(self, model, samples, expected, fixed=False):
        """`model` computes `expected` of `samples`, of all and of the first alone, imported and prepared, on both backends.
        The prepared model. With `fixed` the batch stays what it is, all of the samples."""
        imported = npir.from_onnx(model, batch="fixed" if fixed else "free")
        prepared = npir.run_pipeline(imported, "npir-prepare")
        (source,), (sink,) = imported.inputs, imported.outputs
        for form in (imported, prepared):
            for backend in ("interpreter", "xnnpack"):
                for count in (len(samples),) if fixed else (len(samples), 1):
                    actual = npir.run(form, {source.name: samples[:count]}, backend=backend)[sink.name]
                    self.assertEqual(actual.shape, expected[:count].shape)
                    # What is no number (the root of a negative one) is none on both sides.
                    np.testing.assert_array_equal(np.isnan(actual), np.isnan(expected[:count]))
                    error = np.nanmax(np.abs(actual - expected[:count]))
                    self.assertLessEqual(error, TOLERANCE * np.nanmax(np.abs(expected)), f"{form!r} on {backend}")
        return prepared


class CaseTest(RuntimeTest):
    """Tests that add models of one input `x` and one output `y`; all of a test are compared at its end."""

    def setUp(self):
        self.cases = {}
        self.fixed = set()
        # Models that compute the same in ops that onnxruntime has.
        self.references = {}
        self.rng = np.random.default_rng(7)

    def tearDown(self):
        names = list(self.cases)
        models = [(self.references.get(name, model), samples) for name, (model, samples) in self.cases.items()]
        for name, expected in zip(names, run_onnxruntime(models)):
            with self.subTest(name):
                self.compare(*self.cases[name], expected, name in self.fixed)

    def add(self, name, nodes, weights=(), shape=SHAPE, opset=17, batch="n", fixed=False, reference=None, **options):
        """A case: `nodes` from x [batch, *shape] to y. `fixed`: of four samples at once, no more and no less.
        `reference`: the nodes for onnxruntime, where it has none of the op."""
        if fixed:
            batch = 4
            self.fixed.add(name)
        samples = self.rng.standard_normal((4, *shape)).astype(np.float32) * 2
        self.assertNotIn(name, self.cases)
        self.cases[name] = make_model(nodes, weights, (batch, *shape), opset, **options), samples
        if reference:
            self.references[name] = make_model(reference, weights, (batch, *shape), 17, **options)

    def one(self, op, operands=("x",), weights=(), shape=SHAPE, opset=17, **attributes):
        values = [np.shape(w) if np.size(w) > 8 else np.asarray(w).tolist() for w in dict(weights).values()]
        name = f"{op}{list(operands)} {opset} {attributes} {values} {shape}"
        self.add(name, [node(op, list(operands), ["y"], "f", **attributes)], weights, shape, opset)
