"""What the ONNX importer says of layers in one node: recurrent ones, attention, the largest elements, onnxruntime's own."""
import unittest

import numpy as np

from onnx_import_helpers import ImporterTest, floats, ints, make_model, node


class Layers(ImporterTest):
    def one(self, op, operands, reason, weights=(), shape=("n", 5, 8), domain="", opset=23, outputs=("y",), **attributes):
        """A model of one bad node."""
        bad = node(op, operands.split(), list(outputs), "bad", domain=domain, **attributes)
        name = f"{domain}.{op}" if domain else op
        turn = node("Transpose", ["x"], ["t"], perm=[1, 0, *range(2, len(shape))]) if len(shape) > 1 else node("Neg", ["x"], ["t"])
        domains = [domain] if domain else []
        self.refuse(make_model([turn, bad], weights, shape, opset, domains=domains), f"  node 'bad' ({name}): {reason}\n", count=1)

    def test_recurrent(self):
        weights = {"w": floats(1, 16, 8), "r": floats(1, 16, 4), "two": floats(2, 16, 8), "p": floats(1, 8), "flat": floats(16, 8)}
        self.one("LSTM", "x w r", "expected a constant number of steps, and the batch behind it, got [batch, 5, 8]; --batch=fixed or --shape "
                 "tells which size is which", weights, hidden_size=4)
        self.one("LSTM", "t w r", "unknown direction 'up'", weights, hidden_size=4, direction="up")
        self.one("LSTM", "t w r", "expected W of 4 * hidden_size rows, got [1, 16, 8] and hidden_size 5", weights, hidden_size=5)
        self.one("LSTM", "t flat r", "expected W of rank 3, got shape [16, 8]", weights, hidden_size=4)
        self.one("LSTM", "t two r", "expected W of 1 directions, got [2, 16, 8]", weights, hidden_size=4)
        self.one("LSTM", "t w r", "expected 3 activations, got 1", weights, hidden_size=4, activations=["Tanh"])
        self.one("RNN", "t w r", "unsupported activation 'Sparkle'", weights, hidden_size=16, activations=["Sparkle"])
        p = ["t", "w", "r", "", "", "", "", "p"]
        model = make_model([node("Transpose", ["x"], ["t"], perm=[1, 0, 2]), node("LSTM", p, ["y"], "bad", hidden_size=4)], weights, ("n", 5, 8))
        self.refuse(model, "node 'bad' (LSTM): expected P of [1, 12], got [1, 8]", count=1)
        self.one("LSTM", "t w r", "expected at most 4096 steps, got 5000", weights, ("n", 5000, 8), hidden_size=4)

    def test_topk(self):
        self.one("TopK", "x k", "expected from 1 to 8 elements of [batch, 5, 8] along axis 2, got 9", {"k": ints(9)})
        self.one("TopK", "x k", "expected an axis other than the batch, got 0", {"k": ints(1)}, axis=0)
        self.one("TopK", "x x", "expected a constant number of elements, got 'x'")

    def test_attention(self):
        self.one("Attention", "x x x", "expected a divisor of 8 as heads, got 3", q_num_heads=3, kv_num_heads=3)
        self.one("Attention", "x x x", "expected a multiple of 4 heads for the queries, got 2", q_num_heads=2, kv_num_heads=4)
        self.one("Attention", "x k x", "expected heads of one size for queries and keys, got 4 and 2", {"k": floats(1, 5, 4)}, q_num_heads=2,
                 kv_num_heads=2)
        self.one("Attention", "x x x", "expected qk_matmul_output_mode from 0 to 3, got 4", q_num_heads=2, kv_num_heads=2, qk_matmul_output_mode=4)
        bad = node("Attention", ["x", "x", "x", "", "", "", "n"], ["y"], "bad", q_num_heads=2, kv_num_heads=2)
        self.refuse(make_model([bad], {"n": ints(3)}, ("b", 5, 8), 24), "numbers of keys that are no padding are not supported")
        self.one("RotaryEmbedding", "x c c", "expected cosines for 4 pairs of 8 elements, got [1, 5, 1, 3]", {"c": floats(1, 5, 3)}, num_heads=1)
        self.one("RotaryEmbedding", "x c c", "expected a divisor of 8 as num_heads, got 3", {"c": floats(1, 5, 4)}, num_heads=3)

    def test_microsoft(self):
        def one(op, operands, reason, weights=(), **attributes):
            self.one(op, operands, reason, weights, domain="com.microsoft", opset=17, **attributes)

        weights = {"w": floats(8, 24), "b": floats(24), "s": floats(8), "past": floats(2, 1, 2, 3, 4), "c": floats(9, 4), "p": ints(0)}
        one("Attention", "x w b", "expected num_heads, and three sizes with the sum 24, got [8, 8, 4]", weights, num_heads=2, qkv_hidden_sizes=[8, 8, 4])
        one("Attention", "x w b", "expected attribute 'do_rotary' to be 0, got 1", weights, num_heads=2, do_rotary=1)
        states = node("Attention", ["x", "w", "b", "", "past"], ["y"], "bad", domain="com.microsoft", num_heads=2)
        self.refuse(make_model([states], weights, ("n", 5, 8), domains=["com.microsoft"]), "states of earlier runs, as in input 4, are not supported")
        one("MultiHeadAttention", "x x x", "attribute 'num_heads' is missing")
        one("MultiHeadAttention", "x", "expected q and k and v in [N, length, heads, 3, size], got [batch, 5, 8]", num_heads=2)
        one("MultiHeadAttention", "x x x s", "expected a bias of [24] for operands of rank 3, got [8]", weights, num_heads=2)
        one("MultiHeadAttention", "x x x b m", "expected a mask for 5 keys of rank 2 to 4, or their numbers, got [3, 7]",
            {**weights, "m": np.ones((3, 7), np.int32)}, num_heads=2)
        one("RotaryEmbedding", "x p c c", "expected a scale of 1", weights, scale=2.0)
        one("SkipLayerNormalization", "x x s", "its output 1 is not supported", weights, outputs=("y", "mean"))
        one("FusedGemm", "x w", "unsupported activation 'Sparkle'", weights, shape=("n", 8), activation="Sparkle")


if __name__ == "__main__":
    unittest.main()
