"""What the ONNX importer says of each node that it cannot import."""

import unittest

import numpy as np

from onnx_import_helpers import ImporterTest, floats, ints, make_model, node


class Nodes(ImporterTest):
    def one(self, op, operands, reason, weights=(), shape=("batch", 4, 8, 8), opset=17, outputs=("y",), **attributes):
        """A model of one bad node."""
        model = make_model([node(op, operands, list(outputs), "bad", **attributes)], weights, shape, opset)
        self.refuse(model, f"  node 'bad' ({op}): {reason}\n", count=1)

    def test_counts(self):
        self.one("Relu", ["x", "x"], "expected 1 inputs, got 2")
        self.one("Conv", ["x"], "expected 2 to 3 inputs, got 1")
        self.one("Concat", [], "expected at least 1 inputs, got 0")
        self.one("MaxPool", ["x"], "its output 1 is not supported", outputs=("y", "i"), kernel_shape=[2, 2])
        self.one("Add", ["x", ""], "its input 1 is missing")

    def test_attributes(self):
        self.one("Relu", ["x"], "unsupported attribute 'bar', 'foo'", foo=1, bar=2)
        self.one("Flatten", ["x"], "expected attribute 'axis' of kind int", axis="one")
        self.one("Transpose", ["x"], "expected attribute 'perm' of kind ints", perm=1)
        bad = node("Flatten", ["x"], ["y"], "bad", axis=1)
        bad.attribute.append(bad.attribute[0])
        self.refuse(make_model([bad]), "node 'bad' (Flatten): attribute 'axis' is given twice")

    def test_conv(self):
        w = {"w": floats(6, 4, 3, 3)}
        self.one("Conv", ["x", "x"], "expected a constant filter, got 'x'")
        self.one("Conv", ["x", "w"], "expected filter of rank 4, got shape [6, 4, 3]", {"w": floats(6, 4, 3)})
        self.one("Conv", ["x", "w"], "expected a filter of kernel_shape [5, 5], got [6, 4, 3, 3]", w, kernel_shape=[5, 5])
        self.one("Conv", ["x", "w"], "expected 2 values in attribute 'strides', got 1", w, strides=[1])
        self.one("Conv", ["x", "w"], "expected 4 values in attribute 'pads', got 2", w, pads=[1, 1])
        self.one("Conv", ["x", "w"], "expected at least 1 group, got 0", w, group=0)
        self.one("Conv", ["x", "w"], "expected a filter of [a multiple of 1, 3/1, KH, KW] for 3 channels in 1 groups, got "
                 "[6, 4, 3, 3]", w, ("n", 3, 8, 8))
        self.one("Conv", ["x", "w"], "expected a filter of [a multiple of 4, 4/4, KH, KW] for 4 channels in 4 groups, got "
                 "[6, 1, 3, 3]", {"w": floats(6, 1, 3, 3)}, group=4)
        self.one("Conv", ["x", "w"], "expected filter of rank 3, got shape [6, 4, 3, 3]", w, ("batch", 4, 8))
        self.one("Conv", ["x", "w"], "expected Conv over 1 to 3 dimensions, on [N, C, ...], got [batch, 4, 8, 8, 8, 8]", w,
                 ("batch", 4, 8, 8, 8, 8))
        self.one("Conv", ["x", "w"], "unknown auto_pad 'SAME'", w, auto_pad="SAME")
        self.one("Conv", ["x", "w"], "expected strides of at least 1, got [0, 1]", w, auto_pad="SAME_UPPER", strides=[0, 1])
        # The verifier's own words.
        self.one("Conv", ["x", "w"], "expected pads of at least 0, got -1", w, pads=[-1, 0, 0, 0])
        self.one("Conv", ["x", "w"], "expected strides of at least 1, got 0", w, strides=[0, 1])
        self.one("Conv", ["x", "w", "b"], "expected bias of 6 elements, got 'tensor<5xf32>'", {**w, "b": floats(5)})
        self.one("Conv", ["x", "w"], "expected a window that fits the padded input, got kernel 3 with dilation 9 over 8 "
                 "elements and 0 of padding", w, dilations=[9, 1])
        self.one("Conv", ["x", "w"], "expected floats in 'w', got integers", {"w": np.ones((6, 4, 3, 3), np.int64)})

    def test_pools(self):
        self.one("MaxPool", ["x"], "attribute 'kernel_shape' is missing")
        self.one("MaxPool", ["x"], "expected pads below the window's extent 2, got 2", kernel_shape=[2, 2], pads=[2, 0, 0, 0])
        self.one("AveragePool", ["x"], "attribute 'kernel_shape' is missing")
        self.one("AveragePool", ["x"], "expected AveragePool over 1 to 3 dimensions, on [N, C, ...], got [batch, 4]",
                 shape=("batch", 4), kernel_shape=[2])
        self.one("GlobalAveragePool", ["x"], "expected [N, C, ...], got [batch, 4]", shape=("batch", 4))

    def test_reductions(self):
        self.one("ReduceMean", ["x"], "expected axes other than the batch, got [0, 1]", axes=[0, 1])
        self.one("ReduceMean", ["x"], "expected axes other than the batch, got [0, 1, 2, 3]")
        self.one("ReduceMean", ["x"], "expected axes from -4 to 3, got 4", axes=[4])
        self.one("ReduceMean", ["x"], "expected ascending axes, got 2 before 2", axes=[2, -2])
        self.one("ReduceMean", ["x", "x"], "expected a constant axes, got 'x'", opset=18)

    def test_batch_norm(self):
        parameters = {name: floats(4) for name in ("s", "b", "m", "v")}
        operands = ["x", *parameters]
        self.one("BatchNormalization", operands, "expected a trained batch norm: training_mode = 0", parameters,
                 training_mode=1)
        self.one("BatchNormalization", operands, "'npir.batch_norm' op expected a positive epsilon, got 0.000000e+00",
                 parameters, epsilon=0.0)
        self.one("BatchNormalization", operands, "expected parameters of 4 elements, got 'tensor<5xf32>'",
                 {**parameters, "m": floats(5)})

    def test_elementwise(self):
        self.one("Clip", ["x", "low"], "expected a scalar bound 'min', got shape [2]", {"low": floats(2)})
        self.one("Clip", ["x", "", "x"], "expected a constant bound 'max', got 'x'")
        self.one("Add", ["x", "w"], "expected shapes that broadcast, got 'tensor<?x4x8x8xf32>' and 'tensor<3xf32>'",
                 {"w": floats(3)})
        self.one("Add", ["w", "v"], "expected shapes that broadcast, got [3] and [4]", {"w": floats(3), "v": floats(4)})
        self.one("Dropout", ["x", "", "on"], "expected training_mode to be false", {"on": np.array(True)})
        self.one("Cast", ["x"], "unsupported except to floats, int32, int64 or bool; the batch size is an integer", to=3)

    def test_gemm(self):
        flat, w = ("batch", 4), {"w": floats(4, 3)}
        self.one("Gemm", ["x", "w"], "expected transA of 0 or 1, got 2", w, flat, transA=2)
        self.one("Gemm", ["x", "w"], "expected the batch as the first dimension, got it along axis 1 of [4, batch]", w, flat,
                 transA=1)
        self.one("Gemm", ["x", "w"], "expected transB of 0 or 1, got 2", w, flat, transB=2)
        self.one("Gemm", ["x", "w"], "expected an input of rank 2, got [batch, 4, 8, 8]", w)
        self.one("Gemm", ["x", "w", "x"], "expected shapes that broadcast, got 'tensor<?x3xf32>' and 'tensor<?x4xf32>'", w, flat)
        self.one("Gemm", ["x", "w", "b"], "expected bias C of [3] or what broadcasts to it, got [2]", {**w, "b": floats(2)},
                 flat)
        self.one("Gemm", ["x", "w"], "expected input [..., 3], got 'tensor<?x4xf32>'", w, flat, transB=1)

    def test_matmul(self):
        flat = ("batch", 4)
        self.one("MatMul", ["x", "x"], "expected the last dimension of the first operand to be the last but one of the "
                 "second, and static sizes, got 'tensor<?x4xf32>' and 'tensor<?x4xf32>'", {}, flat)
        self.one("MatMul", ["x", "w"], "expected matrices or vectors, got a scalar", {"w": floats()}, flat)
        self.one("MatMul", ["v", "w"], "expected matrices that fit, got [4, 3] and [2, 3]",
                 {"v": floats(4, 3), "w": floats(2, 3)}, flat)

    def test_reshape(self):
        def reshape(target, reason, shape=("batch", 4, 8, 8)):
            self.one("Reshape", ["x", "s"], reason, {"s": target}, shape)

        reshape(ints(2, 128), "cannot reshape [batch, 4, 8, 8] to [2, 128]")
        reshape(ints(0, 3, -1), "cannot reshape [batch, 4, 8, 8] to [0, 3, -1]")
        reshape(ints(4, -1), "cannot reshape [batch, 4, 8, 8] to [4, -1]")
        reshape(ints(-1, -1), "expected sizes and one -1, got [-1, -1]")
        reshape(ints(-2, 4), "expected sizes and one -1, got [-2, 4]")
        reshape(ints(0, 0, 0, 0, 0), "expected 0 only for a dimension of [batch, 4, 8, 8], got [0, 0, 0, 0, 0]")
        reshape(np.float32([1]), "expected shape as a list of integers")
        reshape(ints(3, 1), "cannot reshape [batch, 4] to [3, 1]; if the model is made for its own batch only, use "
                "--batch=fixed", (2, 4))
        self.one("Reshape", ["x", "x"], "expected a constant shape, got 'x'")
        self.one("Reshape", ["w", "s"], "cannot reshape [4] to [3, 3]", {"w": floats(4), "s": ints(3, 3)})

    def test_other_shapes(self):
        self.one("Flatten", ["x"], "expected axis from -4 to 3, got 5", axis=5)
        self.one("Squeeze", ["x", "a"], "expected size 1 along axis 1, got [batch, 4, 8, 8]", {"a": ints(1)})
        self.one("Unsqueeze", ["x"], "axes are missing")
        self.one("Unsqueeze", ["x", "a"], "expected a rank of at most 16, got 24", {"a": ints(*range(20))})
        self.one("Unsqueeze", ["x", "a"], "expected different axes, got [1, 1]", {"a": ints(1, 1)})
        self.one("Transpose", ["w"], "expected a permutation of 1 dimensions, got [1, 0]", {"w": floats(4)}, perm=[1, 0])
        self.one("Transpose", ["x"], "expected a permutation of 4 dimensions, got [0, 1]", perm=[0, 1])
        self.one("Constant", [], "expected a value of numbers", value_string="text")

    def test_shape_arithmetic(self):
        s = [node("Shape", ["x"], ["s"])]

        def fold(op, other, reason, **attributes):
            nodes = [*s, node(op, ["s", "c"], ["t"], "bad", **attributes), node("Reshape", ["x", "t"], ["y"])]
            self.refuse(make_model(nodes, {"c": other}), f"node 'bad' ({op}): {reason}\n", count=1)

        fold("Mul", ints(1, 2), "expected shapes that broadcast, got [4] and [2]")
        fold("Add", ints(1), "adds a number to the batch")
        fold("Div", ints(0), "expected the batch divided without a rest, got 1 by 0")
        fold("Div", ints(2), "expected the batch divided without a rest, got 1 by 2")
        fold("Mul", ints(2**62), "computes a shape beyond 64-bit integers")
        fold("Gather", ints(4), "expected indices into shape [4], got [4]")
        fold("Gather", floats(1), "expected integers as indices, got float32")
        fold("Gather", ints(*[0] * 1025), "expected at most 1024 sizes, got 1025")
        fold("Concat", ints(1), "expected axis from -1 to 0, got 1", axis=1)
        fold("Concat", floats(2), "unsupported op, except on constants and shapes", axis=0)
        nodes = [*s, node("Gather", ["s", "s"], ["t"], "bad"), node("Reshape", ["x", "t"], ["y"])]
        self.refuse(make_model(nodes), "(Gather): expected integers as indices, got object")
        for op, reason in (("Mul", "computes the square of the batch"), ("Div", "divides by the batch")):
            operands = ["s", "s"] if op == "Mul" else ["c", "s"]
            nodes = [*s, node(op, operands, ["t"], "bad"), node("Reshape", ["x", "t"], ["y"])]
            self.refuse(make_model(nodes, {"c": ints(1)}), f"node 'bad' ({op}): {reason}\n")
        for steps, reason in ((ints(0), "expected steps other than 0, got [0]"),
                              (ints(1, 1), "expected as many starts, ends, axes and steps")):
            nodes = [*s, node("Slice", ["s", "zero", "two", "zero", "steps"], ["t"], "bad"),
                     node("Reshape", ["x", "t"], ["y"])]
            self.refuse(make_model(nodes, {"zero": ints(0), "two": ints(2), "steps": steps}), f"(Slice): {reason}")

    def test_batches_that_differ(self):
        nodes = [node("Reshape", ["x", "s"], ["a"]), node("Add", ["a", "z"], ["y"], "bad")]
        model = make_model(nodes, {"s": ints(-1, 8)}, inputs=[("x", ("n", 4, 8)), ("z", ("n", 8))])
        self.refuse(model, "node 'bad' (Add): expected operands of the same batch, got [4*batch, 8] and [batch, 8]")


if __name__ == "__main__":
    unittest.main()
