"""Random small transformers, written as several exporters write them, compute what they compute in onnxruntime, and become the
same few ops in --npir-prepare."""
import collections
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

import numpy as np

from onnx_import_helpers import BUILD
from random_transformer import Transformer
import npir

ORT_PYTHON = BUILD / "venv-onnxruntime" / "bin" / "python"
COUNT = int(os.environ.get("NPIR_TRANSFORMERS", 60))
SAMPLES = 4
TOLERANCE = 1e-5
BACKENDS = ("interpreter", "xnnpack")

# Runs in onnxruntime's own environment: every model of a folder, with as many samples at once as the model takes.
ORT_SCRIPT = """
import pathlib, sys, numpy as np, onnxruntime as ort
folder = pathlib.Path(sys.argv[1])
samples = np.load(folder / "input.npy")
options = ort.SessionOptions()
options.intra_op_num_threads = 1
for path in sorted(folder.glob("*.onnx")):
    session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    batch = session.get_inputs()[0].shape[0]
    step = batch if isinstance(batch, int) else len(samples)
    parts = [session.run(None, {"input": samples[i:i + step]})[0] for i in range(0, len(samples), step)]
    np.save(path.with_suffix(".npy"), np.concatenate(parts))
"""

# What is left of a block, whatever the road.
GONE = {"erf", "tanh", "square", "sqrt", "div", "sub"}


@unittest.skipUnless(ORT_PYTHON.exists(), f"no {ORT_PYTHON}: tools/scripts/test.sh makes it")
class OnnxTransformerTest(unittest.TestCase):
    def test_random_transformers(self):
        transformers = [Transformer(seed) for seed in range(COUNT)]
        samples = np.random.default_rng(1).standard_normal((SAMPLES, 2, 8, 8)).astype(np.float32)
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            np.save(folder / "input.npy", samples)
            for seed, transformer in enumerate(transformers):
                (folder / f"{seed:04}.onnx").write_bytes(transformer.model.SerializeToString())
            done = subprocess.run([ORT_PYTHON, "-c", ORT_SCRIPT, name], text=True, capture_output=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            expected = [np.load(folder / f"{seed:04}.npy") for seed in range(COUNT)]
        for seed, transformer in enumerate(transformers):
            with self.subTest(seed=seed, **transformer.choices):
                self.check(transformer, samples, expected[seed])

    def check(self, transformer, samples, expected):
        model = npir.from_onnx(transformer.model)
        prepared = npir.run_pipeline(model, "npir-prepare")
        for form in (model, prepared):
            for backend in BACKENDS:
                for count in (SAMPLES, 1):
                    actual = npir.run(form, {"input": samples[:count]}, backend=backend)["output"]
                    error = np.max(np.abs(actual - expected[:count]))
                    self.assertLessEqual(error, TOLERANCE * np.max(np.abs(expected)), f"{form} on {backend}")
        ops = collections.Counter(re.findall(r'= "?npir\.(\w+)', str(prepared)))
        self.assertEqual(GONE & set(ops), set())
        blocks = ops["softmax"]
        self.assertEqual(ops["matmul"], 2 * blocks)
        self.assertEqual(ops["gelu"] + ops["gelu_tanh"], blocks)
        self.assertEqual(ops["layer_norm"], 2 * blocks + 1)
        # The queries, keys, values and results of each head.
        self.assertLessEqual(ops["transpose"], 4 * blocks + 1)
        # Sums: two residual ones a block, the positions, masks. All biases are part of their layers.
        self.assertEqual(ops["add"], 2 * blocks + 1 + blocks * transformer.choices["mask"])

    def test_every_choice_is_tried(self):
        from random_transformer import CHOICES
        seen = collections.defaultdict(set)
        for seed in range(COUNT):
            for name, choice in Transformer(seed).choices.items():
                seen[name].add(choice)
        for name, options in CHOICES.items():
            self.assertEqual(seen[name], set(options), name)


if __name__ == "__main__":
    unittest.main()
