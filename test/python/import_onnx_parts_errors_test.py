"""What the ONNX importer says of the ops of transformers that it cannot import."""

import unittest

import numpy as np

from onnx_import_helpers import ImporterTest, floats, ints, make_model, node


class PartErrors(ImporterTest):
    def one(self, op, operands, reason, weights=(), shape=("batch", 5, 12), opset=17, outputs=("y",), **attributes):
        """A model of one bad node."""
        model = make_model([node(op, operands, list(outputs), "bad", **attributes)], weights, shape, opset)
        self.refuse(model, f"  node 'bad' ({op}): {reason}\n", count=1)

    def moved(self, op, operands, reason="expected the batch as the first dimension, got it along axis 1 of [5, batch, 12]",
              weights=(), opset=17, **attributes):
        """A bad node behind a transpose that moves the batch, whose result is `t`."""
        nodes = [node("Transpose", ["x"], ["t"], perm=[1, 0, 2]), node(op, operands, ["y"], "bad", **attributes)]
        self.refuse(make_model(nodes, weights, ("batch", 5, 12), opset), f"  node 'bad' ({op}): {reason}\n", count=1)

    def test_split(self):
        self.one("Split", ["x"], "expected an axis other than the batch, got 0", outputs="ay")
        self.one("Split", ["x"], "cannot split 5 elements into 2 equal parts", axis=1, outputs=("a", "y"))
        self.one("Split", ["x"], "cannot split 5 elements into 3 equal parts", axis=1, opset=18, num_outputs=3,
                 outputs=("a", "y"))
        self.one("Split", ["x", "s"], "expected 2 sizes, got 3", {"s": ints(1, 2, 2)}, axis=1, outputs=("a", "y"))
        self.one("Split", ["x", "s"], "expected sizes above 0 with the sum 5, got [2, 2]", {"s": ints(2, 2)}, axis=1,
                 outputs=("a", "y"))
        self.one("Split", ["x", "s"], "expected sizes above 0 with the sum 5, got [0, 5]", {"s": ints(0, 5)}, axis=1,
                 outputs=("a", "y"))
        self.one("Split", ["x"], "expected axis from -3 to 2, got 3", axis=3, outputs=("a", "y"))

    def test_sequences(self):
        nodes = [node("SplitToSequence", ["x"], ["s"], axis=1), node("SequenceAt", ["s", "i"], ["y"], "bad")]
        self.refuse(make_model(nodes, {"i": np.array(5)}, ("batch", 5)), "(SequenceAt): expected a position among 5, got 5\n")
        nodes[1] = node("Relu", ["s"], ["y"], "bad")
        self.refuse(make_model(nodes, shape=("batch", 5)), "node 'bad' (Relu): expected a tensor, got sequence 's'\n")
        self.refuse(make_model([nodes[0]], shape=("batch", 5), outputs=["s"]), "output 's': expected a tensor, got a sequence")
        self.one("SequenceAt", ["x", "i"], "expected a sequence, got 'x'", {"i": np.array(0)})

    def test_slice(self):
        bounds = {"a": ints(0), "b": ints(4), "c": ints(1), "d": ints(2)}
        self.one("Slice", ["x", "a", "b", "c", "f"], "expected steps other than 0, got [0]", {**bounds, "f": ints(0)})
        self.one("Slice", ["x", "a", "b", "a", "d"], "expected constant starts and ends, and all of the batch, got 0 to 4 along "
                 "axis 0 of [batch, 5, 12]", bounds)
        self.one("Slice", ["x", "a", "b"], "expected constant starts and ends, and all of the batch, got 0 to 4 along axis 0 "
                 "of [batch, 5, 12]", bounds)
        self.one("Slice", ["x", "b", "a", "c"], "expected at least one element along axis 1 of [batch, 5, 12], got none",
                 bounds)
        self.one("Slice", ["x", "a", "b", "e"], "expected different axes, got [1, -2]",
                 {"a": ints(0, 0), "b": ints(1, 1), "e": ints(1, -2)})
        self.one("Slice", ["x", "x", "b"], "expected a constant starts, got 'x'", bounds)
        nodes = [node("Shape", ["x"], ["s"]), node("Slice", ["w", "a", "s"], ["y"], "bad")]
        self.refuse(make_model(nodes, {"w": floats(4), "a": ints(0)}, ("batch",)),
                    "(Slice): expected constant bounds, got [0, batch]\n")

    def test_gather(self):
        self.one("Gather", ["x", "x"], "expected integers as indices, got float32")
        self.one("Gather", ["x", "f"], "expected integers as indices, got float32", {"f": floats(1)})
        self.one("Gather", ["x", "i"], "expected an axis other than the batch, got 0", {"i": ints(0)})
        self.one("Gather", ["x", "i"], "expected indices into 5 elements, got [5]", {"i": ints(5)}, axis=1)

    def test_concat(self):
        self.one("Concat", ["x", "x"], "expected an axis other than the batch, got 0", axis=0)
        self.one("Concat", ["x", "w"], "expected shapes of one rank, got [batch, 5, 12] and [12]", {"w": floats(12)}, axis=1)
        self.one("Concat", ["v", "w"], "expected shapes that differ along axis 0 only, got [2, 3] and [2, 4]",
                 {"v": floats(2, 3), "w": floats(2, 4)}, axis=0)
        # The verifier's own words; a token of one sample does not say whose.
        self.one("Concat", ["w", "x"], "expected shapes that differ along axis 1 only, got 'tensor<1x1x12xf32>' and "
                 "'tensor<?x5x12xf32>'", {"w": floats(1, 1, 12)}, axis=1)

    def test_repetition(self):
        self.one("Expand", ["x", "t"], "expected a shape that [batch, 5, 12] broadcasts to, got [4, 12]", {"t": ints(4, 12)})
        nodes = [node("Shape", ["x"], ["s"]), node("Slice", ["s", "zero", "one"], ["n"]),
                 node("Concat", ["five", "n", "n"], ["t"], axis=0), node("Expand", ["c", "t"], ["y"], "bad")]
        weights = {"zero": ints(0), "one": ints(1), "five": ints(5), "c": floats(1, 1)}
        self.refuse(make_model(nodes, weights), "(Expand): expected the batch to stay the first dimension, got [5, batch, batch]\n")
        self.one("Tile", ["x", "r"], "expected 3 repeats, got 2", {"r": ints(1, 2)})
        self.one("Tile", ["x", "r"], "expected repeats of at least 1, and 1 along the batch, got [2, 1, 1] of [batch, 5, 12]",
                 {"r": ints(2, 1, 1)})
        self.one("Tile", ["x", "r"], "expected repeats of at least 1, and 1 along the batch, got [1, 0, 1] of [batch, 5, 12]",
                 {"r": ints(1, 0, 1)})

    def test_normalization(self):
        w = {"s": floats(12), "b": floats(12), "t": floats(5)}
        norm = "LayerNormalization"
        self.one(norm, ["x", "s"], "expected axes other than the batch, got all from 0 on of [batch, 5, 12]", w, axis=0)
        self.one(norm, ["x", "t"], "expected scale of [12] or what broadcasts to it, got [5]", w)
        self.one(norm, ["x", "s", "t"], "expected bias of [12] or what broadcasts to it, got [5]", w)
        self.one(norm, ["x", "x"], "expected a constant scale, got 'x'", w)
        self.one(norm, ["x", "s", "b"], "its output 3 is not supported", w, outputs=("y", "mean", "deviation", "more"))
        self.one(norm, ["x", "s", "b"], "expected attribute 'stash_type' to be 1, got 10", w, stash_type=10)
        self.one(norm, ["x", "s", "b"], "'npir.layer_norm' op expected a finite epsilon of at least 0, got -1.000000e+00", w,
                 epsilon=-1.0)
        self.one("Softmax", ["x"], "expected an axis other than the batch, got 0", axis=0)
        self.one("Softmax", ["x"], "expected axes other than the batch, got all from 0 on of [batch, 5, 12]", axis=0, opset=12)

    def test_elementwise(self):
        self.one("Gelu", ["x"], "expected approximate of none or tanh, got 'fast'", opset=20, approximate="fast")
        self.one("Mul", ["x", "w"], "expected shapes that broadcast, got 'tensor<?x5x12xf32>' and 'tensor<5xf32>'",
                 {"w": floats(5)})
        self.one("Sub", ["x", "w"], "expected floats in 'w', got integers", {"w": ints(5)})

    def test_what_is_computed_at_import(self):
        """Each bad node makes the shape of a reshape."""
        def shape(nodes, reason, weights=(), **attributes):
            nodes = [node("Shape", ["x"], ["s"]), *nodes, node("Reshape", ["x", "t"], ["y"])]
            self.refuse(make_model(nodes, weights, ("batch", 5, 12)), f"'bad' {reason}\n", count=1)

        def bad(op, operands, reason, weights=(), **attributes):
            shape([node(op, operands, ["t"], "bad", **attributes)], f"({op}): {reason}", weights)

        bad("Mod", ["s", "n"], "divides the batch or by it", {"n": ints(5)})
        bad("Mod", ["m", "n"], "divides by 0", {"m": ints(5), "n": ints(0)})
        bad("Mod", ["x", "n"], "unsupported on integers while the network runs", {"n": ints(2)})
        bad("Equal", ["s", "n"], "compares the batch with 1", {"n": ints(1)})
        bad("Equal", ["s", "n"], "expected shapes that broadcast, got [3] and [2]", {"n": ints(1, 2)})
        bad("Less", ["s", "n"], "compares the batch with a number", {"n": ints(1)})
        bad("Where", ["s", "n", "n"], "expected 's' to be bool, got object", {"n": ints(1)})
        bad("Range", ["n", "n", "z"], "expected three numbers, the last one not 0", {"n": np.array(1), "z": np.array(0)})
        bad("Range", ["n", "m", "n"], "expected at most 67108864 elements, got 99999999",
            {"n": np.array(1), "m": np.array(10**8)})
        bad("Range", ["n", "s", "n"], "expected constant limit, got batch", {"n": np.array(1)})
        bad("ConstantOfShape", ["n"], "expected one value, and sizes of at least 0", {"n": ints(-1)})
        bad("ConstantOfShape", ["n"], "expected at most 67108864 elements, got 99999999", {"n": ints(99999999)})
        kinds = "unsupported except to floats, int32, int64 or bool; the batch size is an integer"
        bad("Cast", ["s"], kinds, to=1)
        bad("Cast", ["n"], kinds, {"n": ints(1)}, to=8)

    def test_a_batch_that_stays_moved(self):
        turn = node("Transpose", ["x"], ["y"], perm=[1, 0, 2])
        self.refuse(make_model([turn], shape=("batch", 5, 12)),
                    "  output 'y': expected the batch as the first dimension, got it along axis 1 of [5, batch, 12]\n", count=1)
        self.refuse(make_model([node("Flatten", ["x"], ["y"], axis=0)], shape=("batch", 5, 12)),
                    "  output 'y': expected the batch as the first dimension, got it along axis 1 of [1, 60*batch]\n")
        self.refuse(make_model([node("Unsqueeze", ["x", "a"], ["y"])], {"a": ints(0)}, ("batch", 5)),
                    "  output 'y': expected the batch as the first dimension, got it along axis 1 of [1, batch, 5]\n")
        self.moved("MatMul", ["t", "w"], weights={"w": floats(5, 12, 2)})
        self.moved("Concat", ["t", "w"], weights={"w": floats(5, 2, 12)}, axis=0)
        self.moved("Concat", ["t", "x"], axis=2)
        self.moved("Concat", ["t", "t"], "expected an axis other than the batch, got 1", axis=1)
        self.moved("Softmax", ["t"], "expected an axis other than the batch, got 1", axis=1)
        self.moved("ArgMax", ["t"], axis=0)
        self.moved("Softmax", ["t"], axis=0, opset=12,
                   reason="expected axes other than the batch, got all from 0 on of [5, batch, 12]")
        self.moved("Add", ["t", "x"], reason="expected the batch as the first dimension, got it along axis 1 of [5, batch, 12]")
        self.moved("Add", ["t", "e"], "expected shapes that broadcast, got [5, batch, 12] and [5, 12]",
                   {"e": floats(5, 12)})
        self.moved("ReduceMean", ["t"], "expected axes other than the batch, got [1]", axes=[1])
        self.moved("Expand", ["t", "big"], weights={"big": ints(4, 1, 1, 1)})
        self.moved("Gather", ["t", "i"], "expected an axis other than the batch, got 1", {"i": ints(0)}, axis=1)
        self.moved("Reshape", ["t", "s"], "cannot reshape [5, batch, 12] to [10, -1, 12]", {"s": ints(10, -1, 12)})

    def test_a_batch_that_is_torn(self):
        nodes = [node("Transpose", ["x"], ["t"], perm=[1, 0, 2]), node("Reshape", ["t", "s"], ["r"]),
                 node("Transpose", ["r"], ["u"], perm=[1, 0]), node("MatMul", ["u", "w"], ["y"], "bad")]
        self.refuse(make_model(nodes, {"s": ints(-1, 12), "w": floats(3, 2)}, ("batch", 5, 12)),
                    "(MatMul): expected the batch as the first dimension, got it along axis 1 of [12, 5*batch]\n", count=1)


if __name__ == "__main__":
    unittest.main()
