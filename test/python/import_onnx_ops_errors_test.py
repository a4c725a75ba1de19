"""What the ONNX importer says of maps, indices, masks and products that it cannot import."""

import unittest

import numpy as np
from onnx import TensorProto, helper

from onnx_import_helpers import ImporterTest, floats, ints, make_model, node

MAP = ("batch", 4, 8, 8)
NO_BATCH = "expected an axis other than the batch, got 0"


class OpErrors(ImporterTest):
    def one(self, op, operands, reason, weights=(), shape=MAP, opset=19, before=(), **attributes):
        """A model of one bad node, behind the nodes `before`."""
        model = make_model([*before, node(op, operands, ["y"], "bad", **attributes)], weights, shape, opset)
        self.refuse(model, f"  node 'bad' ({op}): {reason}\n", count=1)

    def test_transposed_convolution(self):
        one, w = self.one, {"w": floats(4, 6, 3, 3)}
        one("ConvTranspose", ["x", "w"], "expected a filter of [4, OC/3, ...] for 4 channels in 3 groups, got [4, 6, 3, 3]", w,
            group=3)
        one("ConvTranspose", ["x", "w"], "expected 2 values in attribute 'output_padding', got 1", w, output_padding=[1])
        one("ConvTranspose", ["x", "w"], "expected 2 values in attribute 'output_shape', got 1", w, output_shape=[9])
        one("ConvTranspose", ["x", "w"], "expected ConvTranspose over 1 to 3 dimensions, on [N, C, ...], got [batch, 4, 8, 8, 8, 8]",
            w, ("batch", 4, 8, 8, 8, 8))

    def test_pools(self):
        self.one("MaxPool", ["x"], "expected MaxPool over 1 to 3 dimensions, on [N, C, ...], got [batch, 4, 8, 8, 8, 8]", (),
                 (*MAP, 8, 8), kernel_shape=[2] * 4)
        self.one("LpPool", ["x"], "expected 2 values in attribute 'kernel_shape', got 3", kernel_shape=[2] * 3)

    def test_reductions(self):
        self.one("ArgMax", ["x"], NO_BATCH)
        self.one("LpNormalization", ["x"], "expected p of 1 or 2, got 3", p=3)
        self.one("LpNormalization", ["x"], NO_BATCH, axis=0)
        self.one("CumSum", ["x", "a"], NO_BATCH, {"a": np.array(0)})
        self.one("MeanVarianceNormalization", ["x"], "expected axes other than the batch, got [0, 2, 3]")

    def test_norms(self):
        w = {"s": floats(4), "t": floats(3)}
        self.one("InstanceNormalization", ["x", "s", "t"], "expected bias of [4] or what broadcasts to it, got [3]", w)
        self.one("InstanceNormalization", ["x", "s", "s"], "expected [N, C, ...], got [batch, 4]", w, ("batch", 4))
        self.one("GroupNormalization", ["x", "s", "s"], "expected a divisor of 4 as num_groups, got 3", w, opset=21, num_groups=3)
        self.one("GroupNormalization", ["x", "s", "s"], "expected scale of [2], got [4]", w, opset=18, num_groups=2)
        self.one("LRN", ["x"], "expected a size of at least 1, got None")

    def test_resize(self):
        one, w = self.one, {"s": np.float32([1, 1, 2, 2]), "n": ints(1, 4, 9, 9), "three": ints(1, 9, 9), "none": ints(1, 4, 0, 9),
                            "zero": np.float32([1, 1, 0.1, 1]), "k": np.float32([2, 1, 1, 1]), "r": floats(3)}
        one("Resize", ["x", "", "s"], "expected mode among nearest, linear, cubic, got 'lanczos'", w, mode="lanczos")
        one("Resize", ["x"], "expected either scales or sizes")
        one("Resize", ["x", "", "s", "n"], "expected either scales or sizes", w)
        one("Resize", ["x", "", "", "three"], "expected 4 sizes, got 3", w)
        one("Resize", ["x", "", "s"], "expected 2 scales, got 4", w, axes=[2, 3])
        one("Resize", ["x", "", "", "none"], "expected positive numbers, got [1, 4, 0, 9]", w, (1, 4, 8, 8))
        one("Resize", ["x", "", "zero"], "expected sizes of at least 1, got [4, 0, 8]", w)
        one("Resize", ["x", "", "k"], "expected the batch to keep its size batch, got 2.0", w)
        one("Resize", ["x", "", "", "n"], "expected the batch to keep its size batch, got 1", w)
        one("Resize", ["x", "r", "s"], "expected a roi of 8 numbers, got 3", w, coordinate_transformation_mode="tf_crop_and_resize")
        one("Resize", ["x", "", "x"], "expected a constant scales, got 'x'")

    def test_blocks(self):
        self.one("SpaceToDepth", ["x"], "expected a blocksize of at least 1, got 0", blocksize=0)
        self.one("SpaceToDepth", ["x"], "expected [N, C, H, W], got [batch, 4, 8]", (), ("batch", 4, 8), blocksize=2)
        self.one("DepthToSpace", ["x"], "expected mode of DCR or CRD, got 'XYZ'", blocksize=2, mode="XYZ")
        self.one("DepthToSpace", ["x"], "expected a multiple of 9 channels, got 4", blocksize=3, mode="CRD")

    def test_pad(self):
        one = self.one
        one("Pad", ["x", "p"], "expected mode of constant, edge, reflect or wrap, got 'mirror'", {"p": ints(*[0] * 8)}, mode="mirror")
        one("Pad", ["x", "p"], "expected 8 pads, got 7", {"p": ints(*[0] * 7)})
        one("Pad", ["x", "p"], "expected no pads along the batch, got [-1, 0, 0, 0] and [0, 0, 0, 0]", {"p": ints(-1, *[0] * 7)})
        one("Pad", ["x", "p"], "expected wrapping pads of at most the size, got [0, 0, 9, 0] and [0, 0, 0, 0] around "
            "[batch, 4, 8, 8]", {"p": ints(0, 0, 9, *[0] * 5)}, mode="wrap")
        one("CenterCropPad", ["x", "p"], "expected 4 sizes, got 1", {"p": ints(4)})
        one("CenterCropPad", ["x", "p"], "expected axes other than the batch", {"p": ints(4)}, axes=[0])

    def test_indices(self):
        one = self.one
        free = "unsupported where the batch is free, as in [batch, 4, 8, 8]"
        one("GatherElements", ["x", "i"], free, {"i": ints(0).reshape(1, 1, 1, 1)})
        one("GatherND", ["x", "i"], free, {"i": ints(0, 0)})
        one("GatherND", ["x", "i"], "expected constant integers as indices", {"i": floats(2)})
        one("ScatterND", ["x", "i", "u"], "expected reduction of none, add, mul, max, min, got 'sub'", {"i": ints(0), "u": floats(1)},
            reduction="sub")
        nodes = [node("ScatterElements", ["x", "i", "u"], ["y"], "bad", axis=1)]
        weights = {"i": ints(9).reshape(1, 1), "u": floats(1, 1)}
        self.refuse(make_model(nodes, weights, (3, 4), 18), "(ScatterElements): expected indices and updates that fit: ",
                    options=("--batch=fixed",), count=1)

    def test_masks(self):
        one = self.one
        one("Trilu", ["x"], "expected constant matrices, got [batch, 4]", (), ("batch", 4))
        weights = {"d": np.array(3), "v": floats(2), "w": floats(3), "none": np.array(0)}
        one("OneHot", ["x", "none", "v"], "expected a constant depth of at least 1", weights)
        one("OneHot", ["x", "d", "w"], "expected two values, got [3]", weights)
        one("OneHot", ["x", "d", "v"], "expected an axis behind the batch, got 0", weights, axis=0)
        one("And", ["x", "x"], "expected 'x' to be bool, got float32")
        mask = [node("Less", ["x", "x"], ["m"])]
        one("Add", ["m", "m"], "expected numbers, got bool", before=mask)
        one("Relu", ["m"], "expected numbers, got bool", before=mask)
        one("Softmax", ["m"], "expected floats in 'm', got bool", before=mask)

    def test_integers_and_the_batch(self):
        """What the batch is stays unknown."""
        shape = [node("Shape", ["x"], ["s"]), node("Cast", ["x"], ["i"], to=TensorProto.INT64)]
        self.one("Add", ["i", "s"], "expected 'Shape_0' to be constant, got a size of the batch", before=shape)
        self.one("Equal", ["i", "s"], "expected 'Shape_0' to be constant, got a size of the batch", before=shape)
        self.one("EyeLike", ["x"], "expected a matrix of constant sizes, got [batch, 4]", shape=("batch", 4))
        one = [node("Constant", [], ["c"], value=helper.make_tensor("c", TensorProto.FLOAT, [2, 2], [1] * 4))]
        self.one("EyeLike", ["c"], "unsupported except of floats, int32, int64 or bool", before=one, dtype=TensorProto.INT8)

    def test_products(self):
        one, flat = self.one, ("batch", 4)
        one("Gemm", ["w", "x"], "expected matrices, got [batch, 4, 8, 8]", {"w": floats(2, 4)})
        einsum = {"w": floats(8, 4), "v": floats(3)}
        one("Einsum", ["x"], "expected 2 operands in 'ab,bc->ac', got 1", equation="ab,bc->ac")
        one("Einsum", ["x"], "expected 3 dimensions in 'abc', got 4", equation="abc->a")
        one("Einsum", ["x", "w"], "unsupported: a label twice in a term of 'aabc,cd->ad'", einsum, equation="aabc,cd->ad")
        one("Einsum", ["x", "w"], "expected only labels of operands behind '->' in 'abcd,de->az'", einsum, equation="abcd,de->az")
        one("Einsum", ["x", "v"], "expected equal sizes of 'b', got 4 and 3", einsum, equation="abcd,b->acd")
        one("Einsum", ["x"], "expected axes other than the batch, got [0]", equation="abcd->bcd")
        one("Einsum", ["x"], "expected the batch as the first dimension, got it along axis 1 of [4, batch]", (), flat,
            equation="ab->ba")

    def test_sequences(self):
        self.one("ConcatFromSequence", ["x"], "expected a sequence, got 'x'", axis=1)
        before = [node("SequenceConstruct", ["x"], ["s"])]
        self.one("ConcatFromSequence", ["s"], "attribute 'axis' is missing", before=before)

    def test_the_mask_of_dropout(self):
        nodes = [node("Dropout", ["x"], ["y", "m"], "bad"), node("Identity", ["m"], ["z"])]
        self.refuse(make_model(nodes, outputs=["y", "z"]),
                    "  node 'bad' (Dropout): its mask is not supported where the batch is free\n", count=1)

    def test_folding(self):
        """What the reference says of a node of constants."""
        nodes = [node("Det", ["w"], ["d"], "bad"), node("Add", ["x", "d"], ["y"])]
        self.refuse(make_model(nodes, {"w": floats(4)}), "  node 'bad' (Det): cannot be computed at import: ", count=1)
        nodes = [node("Optional", ["w"], ["o"], "bad"), node("OptionalGetElement", ["o"], ["y"])]
        self.refuse(make_model(nodes, {"w": floats(4)}),
                    "(Optional): cannot be computed at import: it makes no tensor of numbers\n")
        nodes = [node("RandomNormalLike", ["w"], ["d"], "bad"), node("Add", ["x", "d"], ["y"])]
        self.refuse(make_model(nodes, {"w": floats(8)}), "  node 'bad' (RandomNormalLike): unsupported op\n", count=1)

    def test_functions(self):
        """A function that calls itself, and one that is used in a wrong way."""
        def model(body, call):
            opsets = [helper.make_opsetid("", 17), helper.make_opsetid("my", 1)]
            function = helper.make_function("my", "F", ["a"], ["b"], [body], opsets)
            made = make_model([call], shape=("n", 3), domains=["my"])
            made.functions.append(function)
            return made

        call = helper.make_node("F", ["x"], ["y"], domain="my")
        self.refuse(model(helper.make_node("F", ["a"], ["b"], domain="my"), call), "these functions call one another: 'my.F'")
        self.assertEqual(self.import_ops(model(node("Relu", ["a"], ["b"]), call)), "relu")


if __name__ == "__main__":
    unittest.main()
