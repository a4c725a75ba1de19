"""onnxruntime's own ops, and ONNX's of operator sets beyond 22, compute what onnxruntime computes: the former by themselves,
the latter written with older ops."""
import unittest

import numpy as np

from onnx_import_helpers import floats, ints, node
from onnxruntime_helpers import CaseTest

MICROSOFT = "com.microsoft"


def contrib(op, inputs, outputs=("y",), **attributes):
    return node(op, list(inputs), list(outputs), "f", domain=MICROSOFT, **attributes)


class ContribTest(CaseTest):
    def contrib(self, op, inputs, weights=(), shape=(3, 8), before=(), after=(), outputs=("y",), **attributes):
        """A case of one of onnxruntime's ops, with nodes `before` and `after` it."""
        nodes = [*before, contrib(op, inputs, outputs, **attributes), *after]
        name = f"{op}{list(inputs)} {outputs} {shape} {attributes}"
        self.add(name, nodes, weights, shape, domains=[MICROSOFT])

    def weight(self, *shape):
        return self.rng.standard_normal(shape).astype(np.float32) / np.sqrt(shape[0])

    def test_activations(self):
        self.contrib("Gelu", "x")
        self.contrib("QuickGelu", "x")
        self.contrib("QuickGelu", "x", alpha=1.0)
        self.contrib("FastGelu", "x")
        self.contrib("FastGelu", "xb", {"b": floats(8)})
        self.contrib("BiasGelu", "xb", {"b": floats(8)})
        sigmoid = [node("Mul", ["x", "a"], ["z"]), node("Sigmoid", ["z"], ["s"]), node("Mul", ["x", "s"], ["y"])]
        for alpha in (1.0, 0.5):
            self.add(f"Swish {alpha}", [node("Swish", ["x"], ["y"], alpha=alpha)], {"a": np.float32(alpha)}, opset=24,
                     reference=sigmoid)

    def test_norms(self):
        weights = {"s": floats(8) + 2, "b": floats(8), "c": floats(8)}
        simple = node("SimplifiedLayerNormalization", ["x", "s"], ["y"], "f", axis=-1, epsilon=1e-6, stash_type=1)
        self.add("SimplifiedLayerNormalization", [simple], {"s": floats(8) + 2}, (3, 8))
        for op, operands in (("SkipLayerNormalization", ("x", "t", "s", "b", "c")), ("SkipLayerNormalization", ("x", "t", "s")),
                             ("SkipLayerNormalization", ("x", "t", "s", "", "c")),
                             ("SkipSimplifiedLayerNormalization", ("x", "t", "s", "c")),
                             ("SkipSimplifiedLayerNormalization", ("x", "t", "s"))):
            before = [node("Relu", ["x"], ["t"])]
            self.contrib(op, operands, weights, before=before, epsilon=1e-5)
            self.contrib(op, operands, weights, before=before, outputs=("n", "", "", "sum"),
                         after=[node("Mul", ["n", "sum"], ["y"])], epsilon=1e-5)
        for axis, shape in ((-1, (5,)), (2, (4, 5))):
            reference = [node("Mul", ["x", "x"], ["q"]), node("ReduceMean", ["q"], ["m"], axes=list(range(4 + axis, 4)) if axis < 0 else [2, 3]),
                         node("Add", ["m", "e"], ["v"]), node("Sqrt", ["v"], ["r"]), node("Div", ["x", "r"], ["n"]),
                         node("Mul", ["n", "s"], ["y"])]
            self.add(f"RMSNormalization {axis}", [node("RMSNormalization", ["x", "s"], ["y"], axis=axis)],
                     {"s": floats(*shape) + 3, "e": np.float32(1e-5)}, opset=23, reference=reference)

    def test_embeddings(self):
        """Token ids made of numbers, as models have one input here."""
        before = [node("Abs", ["x"], ["p"]), node("Clip", ["p", "", "most"], ["q"]), node("Cast", ["q"], ["i"], to=6),
                  node("Cast", ["q"], ["seg0"], to=6), node("Clip", ["seg0", "", "one"], ["seg"])]
        tables = {"w": floats(5, 8), "pos": floats(9, 8) * 2, "segs": floats(2, 8) / 3, "s": floats(8) + 2, "b": floats(8),
                  "most": np.float32(4), "one": np.int32(1)}
        self.contrib("EmbedLayerNormalization", ("i", "", "w", "pos", "", "s", "b"), tables, (6,), before, outputs=("y", ""))
        self.contrib("EmbedLayerNormalization", ("i", "seg", "w", "pos", "segs", "s", "b"), tables, (6,), before,
                     outputs=("y", ""), epsilon=1e-3)
        self.contrib("EmbedLayerNormalization", ("i", "seg", "w", "pos", "segs", "s", "b"), tables, (6,), before,
                     [node("Add", ["n", "sum"], ["y"])], ("n", "", "sum"))

    def test_products(self):
        for attributes in ({}, {"alpha": 0.5}, {"transB": 1}, {"transA": 1, "alpha": 2.0}):
            b = floats(*((5, 3) if attributes.get("transB") else (3, 5)))
            shape = (2, 3, 4) if attributes.get("transA") else (2, 4, 3)
            self.contrib("FusedMatMul", "xb", {"b": b}, shape, **attributes)
        self.contrib("FusedMatMul", "xx", {}, (2, 4, 3), transB=1)
        w = {"w": self.weight(6, 4, 3, 3) / 6, "b": floats(6)}
        for activation, values in (("Relu", []), ("Tanh", []), ("Sigmoid", []), ("LeakyRelu", [0.3]), ("Clip", [-1.0, 2.0]),
                                   ("HardSigmoid", [0.2, 0.5])):
            self.contrib("FusedConv", "xwb", w, (4, 8, 8), activation=activation, activation_params=values or None)
        same = {"w": self.weight(4, 4, 3, 3), "b": floats(4)}
        apart = [node("Conv", ["x", "w", "b"], ["c"], pads=[1, 1, 1, 1]), node("Add", ["c", "x"], ["s"]), node("Relu", ["s"], ["y"])]
        self.add("a sum fused", [contrib("FusedConv", "xwbx", activation="Relu", pads=[1, 1, 1, 1])], same, (4, 8, 8),
                 domains=[MICROSOFT], reference=apart)
        self.contrib("FusedGemm", "xwb", {"w": floats(8, 3), "b": floats(3)}, (8,), activation="Relu", alpha=0.5)
        self.contrib("FusedGemm", "xw", {"w": floats(3, 8)}, (8,), activation="LeakyRelu", activation_alpha=0.2, transB=1)
        for k in (64, 48):
            blocks = -(-k // 32)
            weights = {"w": self.rng.integers(0, 256, (6, blocks, 16)).astype(np.uint8), "s": self.weight(6 * blocks),
                       "z": self.rng.integers(0, 256, 6 * -(-blocks // 2)).astype(np.uint8)}
            for operands in ("xws", "xwsz"):
                self.contrib("MatMulNBits", operands, weights, (3, k), K=k, N=6, bits=4, block_size=32)

    def test_attention(self):
        weights = {"w": self.weight(8, 24), "b": floats(24), "bias": floats(1, 2, 5, 5)}
        mask = [node("Slice", ["x", "zero", "one", "two"], ["c"]), node("Greater", ["c", "minus"], ["t"]),
                node("Cast", ["t"], ["m3"], to=6), node("Squeeze", ["m3", "two"], ["m"])]
        numbers = {"zero": ints(0), "one": ints(1), "two": ints(2), "minus": np.float32(-0.5), "k": np.float32(3)}
        for attributes in ({}, {"unidirectional": 1}, {"scale": 0.5}):
            self.contrib("Attention", "xwb", weights, (5, 8), num_heads=2, **attributes)
            self.contrib("Attention", ("x", "w", "b", "m"), {**weights, **numbers}, (5, 8), mask, num_heads=2, **attributes)
        self.contrib("Attention", ("x", "w", "b", "", "", "bias"), weights, (5, 8), num_heads=2)
        self.contrib("Attention", ("x", "w", "b"), {"w": self.weight(8, 20), "b": floats(20)}, (5, 8), num_heads=2,
                     qkv_hidden_sizes=[8, 8, 4])

    def test_multi_head_attention(self):
        weights = {"wk": self.weight(8, 8), "wv": self.weight(8, 8), "bias": floats(24), "add": floats(1, 2, 5, 5)}
        qkv = [node("MatMul", ["x", "wk"], ["k"]), node("MatMul", ["x", "wv"], ["v"])]
        for attributes in ({}, {"scale": 0.5}, {"unidirectional": 1}):
            self.contrib("MultiHeadAttention", "xkv", weights, (5, 8), qkv, num_heads=2, **attributes)
        self.contrib("MultiHeadAttention", ("x", "k", "v", "bias"), weights, (5, 8), qkv, num_heads=2)
        self.contrib("MultiHeadAttention", ("x", "k", "v", "", "", "add"), weights, (5, 8), qkv, num_heads=2)
        heads = [node("Reshape", [n, "heads"], [n + "4"]) for n in "kv"]
        heads += [node("Transpose", [n + "4"], [n + "h"], perm=[0, 2, 1, 3]) for n in "kv"]
        shaped = {**weights, "heads": ints(0, 0, 2, 4)}
        self.contrib("MultiHeadAttention", ("x", "kh", "vh"), shaped, (5, 8), [*qkv, *heads], num_heads=2)
        states = {**shaped}
        self.contrib("MultiHeadAttention", ("x", "k", "v", "", "", "", "kh", "vh"), states, (5, 8), [*qkv, *heads], num_heads=2)

    def test_rotary(self):
        angle = np.arange(9, dtype=np.float32)[:, np.newaxis] / 7 + np.arange(4, dtype=np.float32) / 3
        weights = {"c": np.cos(angle), "s": np.sin(angle), "p": ints(2), "heads": ints(0, 0, 2, 8)}
        for interleaved in (0, 1):
            self.contrib("RotaryEmbedding", "xpcs", weights, (5, 16), interleaved=interleaved)
            turn = [node("Reshape", ["x", "heads"], ["h"]), node("Transpose", ["h"], ["t"], perm=[0, 2, 1, 3])]
            self.contrib("RotaryEmbedding", "tpcs", weights, (5, 16), turn, interleaved=interleaved)

    def test_onnx_attention(self):
        """ONNX's op, against products and a softmax."""
        weights = {"w": self.weight(8, 8), "v": self.weight(8, 8), "split": ints(0, 0, 2, 4), "join": ints(0, 0, 8),
                   "scale": np.float32(0.5), "add": floats(5, 5), "allowed": np.tril(np.ones((5, 5), bool)),
                   "causal": np.triu(np.full((5, 5), -1e38, np.float32), 1), "cap": np.float32(2), "two": ints(2),
                   "twice": ints(1, 1, 2, 1, 1), "four": ints(0, 2, 5, 4), "narrow": self.weight(8, 4), "one": ints(0, 0, 1, 4)}

        def split(name, shape="split"):
            return [node("Reshape", [name, shape], [name + "s"]), node("Transpose", [name + "s"], [name + "h"], perm=[0, 2, 1, 3])]

        def products(middle):
            return [node("Transpose", ["kh"], ["kt"], perm=[0, 1, 3, 2]), node("MatMul", ["xh", "kt"], ["p"]),
                    node("Mul", ["p", "scale"], ["scores"]), *middle, node("Softmax", ["masked"], ["a"], axis=-1),
                    node("MatMul", ["a", "vh"], ["o"]), node("Transpose", ["o"], ["ot"], perm=[0, 2, 1, 3]),
                    node("Reshape", ["ot", "join"], ["y"])]

        layers = [node("MatMul", ["x", "w"], ["k"]), node("MatMul", ["x", "v"], ["v0"])]
        heads = split("x") + split("k") + [node("Reshape", ["v0", "split"], ["vs"]), node("Transpose", ["vs"], ["vh"], perm=[0, 2, 1, 3])]
        none = [node("Identity", ["scores"], ["masked"])]
        for name, operands, middle, attributes in (
            ("plain", [], none, {}),
            ("causal", [], [node("Add", ["scores", "causal"], ["masked"])], {"is_causal": 1}),
            ("mask", ["add"], [node("Add", ["scores", "add"], ["masked"])], {}),
            ("truth", ["allowed"], [node("Add", ["scores", "causal"], ["masked"])], {}),
            ("softcap", [], [node("Div", ["scores", "cap"], ["d"]), node("Tanh", ["d"], ["t"]), node("Mul", ["t", "cap"], ["masked"])],
             {"softcap": 2.0}),
        ):
            attention = node("Attention", ["x", "k", "v0", *operands], ["y"], "f", q_num_heads=2, kv_num_heads=2, **attributes)
            self.add(name, [*layers, attention], weights, (5, 8), 23, reference=[*layers, *heads, *products(middle)])
        rank4 = [node("Attention", ["xh", "kh", "vh"], ["o4"], "f"), node("Transpose", ["o4"], ["o5"], perm=[0, 2, 1, 3]),
                 node("Reshape", ["o5", "join"], ["y"])]
        self.add("of rank 4", [*layers, *heads, *rank4], weights, (5, 8), 23, reference=[*layers, *heads, *products(none)])


if __name__ == "__main__":
    unittest.main()
