"""Random small transformers, written as several exporters write them, compute what they compute in onnxruntime, and become the
same few ops in --npir-prepare."""
import collections
import os
import re
import unittest

import numpy as np

from onnxruntime_helpers import RuntimeTest, run_onnxruntime
from random_transformer import CHOICES, Transformer

COUNT = int(os.environ.get("NPIR_TRANSFORMERS", 60))
SAMPLES = 4

# What is left of a block, whatever the road.
GONE = {"erf", "tanh", "square", "sqrt", "div", "sub"}


class OnnxTransformerTest(RuntimeTest):
    def test_random_transformers(self):
        transformers = [Transformer(seed) for seed in range(COUNT)]
        samples = np.random.default_rng(1).standard_normal((SAMPLES, 2, 8, 8)).astype(np.float32)
        expected = run_onnxruntime([(transformer.model, samples) for transformer in transformers])
        for seed, transformer in enumerate(transformers):
            with self.subTest(seed=seed, **transformer.choices):
                prepared = self.compare(transformer.model, samples, expected[seed])
                self.check_structure(prepared, transformer.choices)

    def check_structure(self, prepared, choices):
        ops = collections.Counter(re.findall(r'= "?npir\.(\w+)', str(prepared)))
        self.assertEqual(GONE & set(ops), set())
        blocks = ops["softmax"]
        self.assertEqual(ops["matmul"], 2 * blocks)
        self.assertEqual(ops["gelu"] + ops["gelu_tanh"], blocks)
        self.assertEqual(ops["layer_norm"], 2 * blocks + 1)
        # The queries, keys, values and results of each head.
        self.assertLessEqual(ops["transpose"], 4 * blocks + 1)
        # Sums: two residual ones a block, the positions, masks. All biases are part of their layers.
        self.assertEqual(ops["add"], 2 * blocks + 1 + blocks * choices["mask"])

    def test_every_choice_is_tried(self):
        seen = collections.defaultdict(set)
        for seed in range(COUNT):
            for name, choice in Transformer(seed).choices.items():
                seen[name].add(choice)
        for name, options in CHOICES.items():
            self.assertEqual(seen[name], set(options), name)


if __name__ == "__main__":
    unittest.main()
