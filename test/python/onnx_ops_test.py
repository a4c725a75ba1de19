"""Every op that stands for itself computes what it computes in onnxruntime: one op, or a few, on random numbers."""
import unittest

import numpy as np
from onnx import numpy_helper

from onnx_import_helpers import floats, ints, node
from onnxruntime_helpers import SHAPE, CaseTest
from npir.importers.onnx.ops_elementwise import BINARY_OPS, FORMULAS, UNARY_OPS

scalar = np.float32


class OnnxOpsTest(CaseTest):
    def test_unary(self):
        for op in UNARY_OPS:
            self.one(op, shape=(64,), opset=18)
        for op in FORMULAS:
            self.one(op, shape=(64,))
        for exponent in (-1, -0.5, 0.5, 1, 2, 3, 1.7):
            self.one("Pow", ("x", "e"), {"e": scalar(exponent)})
        self.one("Pow", ("x", "e"), {"e": ints(2)})

    def test_binary(self):
        for op in BINARY_OPS:
            for shape in ((), (1,), (5,), (4, 1), (1, 3, 4, 5), (3, 1, 5)):
                self.one(op, ("x", "c"), {"c": floats(*shape) + scalar(2)})
            self.one(op, ("c", "x"), {"c": floats(4, 5) + 2})
            self.one(op, ("x", "x"))

    def test_matmul(self):
        self.one("MatMul", ("x", "w"), {"w": floats(5, 2)})
        self.one("MatMul", ("x", "w"), {"w": floats(3, 5, 2)})
        self.one("MatMul", ("x", "w"), {"w": floats(1, 1, 5, 2)})
        self.one("MatMul", ("w", "x"), {"w": floats(2, 4)})
        self.one("MatMul", ("w", "x"), {"w": floats(3, 2, 4)})
        turn = node("Transpose", ["x"], ["t"], perm=[0, 1, 3, 2])
        self.add("x x^T", [turn, node("MatMul", ["x", "t"], ["y"])])
        self.add("x^T x", [turn, node("MatMul", ["t", "x"], ["y"])])
        self.add("of constants", [node("MatMul", ["a", "b"], ["c"]), node("MatMul", ["x", "c"], ["y"])],
                 {"a": floats(5, 3), "b": floats(3, 2)})

    def test_softmax(self):
        for opset, axes in ((11, (1, 2, 3, -1)), (13, (1, 2, 3, -2))):
            for axis in axes:
                self.one("Softmax", opset=opset, axis=axis)
        self.one("Softmax", opset=11)
        self.one("Softmax", opset=13)

    def test_layer_normalization(self):
        for axis, shape in ((-1, (5,)), (3, (5,)), (2, (4, 5)), (1, (3, 4, 5))):
            weights = {"s": floats(*shape) + 1.5, "b": floats(*shape)}
            self.one("LayerNormalization", ("x", "s", "b"), weights, axis=axis)
            self.one("LayerNormalization", ("x", "s"), {"s": weights["s"]}, axis=axis, epsilon=0.5)

    def test_parts(self):
        self.one("Slice", ("x", "a", "b"), {"a": ints(0, 1), "b": ints(2**63 - 1, 3)})
        self.one("Slice", ("x", "a", "b", "c"), {"a": ints(-3, 0), "b": ints(-1, 2), "c": ints(-1, 1)})
        self.one("Slice", ("x", "a", "b", "c", "d"), {"a": ints(1), "b": ints(100), "c": ints(2), "d": ints(1)})
        for axis in (1, -1):
            for index in (0, -2):
                self.one("Gather", ("x", "i"), {"i": np.array(index)}, axis=axis)
            self.one("Gather", ("x", "i"), {"i": ints(1, 2)}, axis=axis)
        for names, operands, attributes, weights in (
            ("abc", ["x"], {}, {}), ("ab", ["x", "s"], {}, {"s": ints(1, 2)}), ("a", ["x"], {}, {}),
        ):
            nodes = [node("Split", operands, list(names), "s", axis=1, **attributes),
                     node("Concat", list(reversed(names)), ["y"], axis=1)]
            self.add(f"Split {names}", nodes, weights, opset=13)
        nodes = [node("Split", ["x"], ["a", "b"], axis=-1, num_outputs=2), node("Concat", ["b", "a"], ["y"], axis=3)]
        self.add("Split 18", nodes, opset=18)
        self.add("Split 11", [node("Split", ["x"], ["unused", "y"], axis=3, split=[2, 3])], opset=11)
        for keep in (0, 1):
            nodes = [node("SplitToSequence", ["x"], ["s"], axis=2, keepdims=keep), node("SequenceAt", ["s", "i"], ["y"])]
            self.add(f"SplitToSequence {keep}", nodes, {"i": np.array(-2)})
        nodes = [node("SplitToSequence", ["x", "size"], ["s"], axis=2), node("SequenceAt", ["s", "i"], ["y"])]
        self.add("SplitToSequence by size", nodes, {"size": np.array(3), "i": np.array(1)})

    def test_repetition(self):
        self.one("Concat", ("x", "x", "x"), axis=-1)
        for axis in (1, 2, 3):
            shape = [1 if i != axis else 2 for i in (1, 2, 3)]
            expanded = [s if i == axis else SHAPE[i - 1] for i, s in enumerate(shape, 1)]
            batch = [node("Shape", ["x"], ["s"]), node("Slice", ["s", "zero", "one"], ["n"]),
                     node("Concat", ["n", "sizes"], ["t"], axis=0), node("Expand", ["c", "t"], ["e"]),
                     node("Concat", ["x", "e"], ["y"], axis=axis)]
            self.add(f"Concat {axis}", batch, {"zero": ints(0), "one": ints(1), "sizes": ints(*expanded),
                                              "c": floats(1, *shape)})
        self.one("Expand", ("x", "t"), {"t": ints(1, 6, 1, 1)}, shape=(1, 4, 5))
        self.one("Tile", ("x", "t"), {"t": ints(1, 6, 1, 1)}, shape=(1, 4, 5))
        nodes = [node("Concat", ["c", "x"], ["y"], axis=1)]
        for traced in (1, 2):
            self.add(f"a token at batch {traced}", nodes, {"c": np.repeat(floats(1, 2, 4, 5), traced, 0)}, batch=traced)

    def test_shapes(self):
        """[batch, 3 * 4, 5] times the root of 3, by way of what is computed at import."""
        nodes = [node("Shape", ["x"], ["s"]), node("Gather", ["s", "two"], ["four"]),
                 node("Range", ["one", "four", "one"], ["range"]), node("Shape", ["range"], ["three"]),
                 node("Mul", ["three", "four"], ["twelve"]), node("Mod", ["twelve", "hundred"], ["m"]),
                 node("Equal", ["m", "twelve"], ["same"]), node("Where", ["same", "m", "seven"], ["rows"]),
                 node("Slice", ["s", "first", "second"], ["n"]), node("Concat", ["n", "rows", "five"], ["t"], axis=0),
                 node("Reshape", ["x", "t"], ["z"]), node("Cast", ["three"], ["f"], to=1), node("Sqrt", ["f"], ["root"]),
                 node("ConstantOfShape", ["first1"], ["k"], value=numpy_helper.from_array(np.array([2], np.int64))),
                 node("Cast", ["k"], ["k64"], to=11), node("Cast", ["k64"], ["k32"], to=1),
                 node("Div", ["root", "k32"], ["factor"]), node("Mul", ["z", "factor"], ["y"])]
        self.add("shapes", nodes, {"two": np.array(2), "one": np.array(1), "hundred": ints(100), "seven": ints(7),
                                   "first": ints(0), "first1": ints(1), "second": ints(1), "five": ints(5)})


if __name__ == "__main__":
    unittest.main()
