"""Activations, reductions, products, masks and indices compute what they compute in onnxruntime."""
import unittest

import numpy as np
from onnx import TensorProto

from onnx_import_helpers import floats, ints, make_model, node
from onnxruntime_helpers import CaseTest
import npir

scalar = np.float32


class OnnxNumbersTest(CaseTest):
    def test_activations(self):
        self.one("Gelu", opset=20)
        self.one("Gelu", opset=20, approximate="tanh")
        self.one("HardSigmoid")
        self.one("HardSigmoid", alpha=1 / 6)
        self.one("HardSigmoid", alpha=0.3, beta=0.1)
        self.one("LeakyRelu")
        self.one("LeakyRelu", alpha=0.3)
        self.one("Elu", alpha=0.7)
        self.one("Selu")
        self.one("Selu", alpha=1.5, gamma=2.0)
        self.one("Celu", alpha=1.0)
        self.one("Celu", alpha=0.4)
        self.one("ThresholdedRelu", alpha=0.5)
        self.one("Shrink", lambd=0.6, bias=0.2)
        self.one("Shrink", lambd=1.0)
        self.one("Clip", ("x", "a", "b"), {"a": scalar(-0.5), "b": scalar(0.5)})
        self.one("Clip", ("x", "a", "b"), {"a": scalar(0.5), "b": scalar(-0.5)})
        nodes = [node("Cast", ["a"], ["low"], to=TensorProto.FLOAT), node("Constant", [], ["high"], value_float=1.0),
                 node("Clip", ["x", "low", "high"], ["y"])]
        self.add("Clip with computed bounds", nodes, {"a": np.array(-1)})

    def test_inverse_functions(self):
        """Over all of their domain, near its ends and near 0."""
        near = np.float32([0, 1e-30, 1e-6, 0.1, 0.4142, 0.4143, 0.4999, 0.5001, 0.9, 0.999999, 1])
        around = np.concatenate([near, -near, np.linspace(-1, 1, 500, dtype=np.float32)])
        wide = np.concatenate([near, -near, np.float32([1e9, -1e9, 1e30, -1e30]), np.linspace(-10, 10, 1000, dtype=np.float32)])
        above = np.concatenate([np.float32([1, 1.0000001, 1.001, 1.5, 100, 1e18]), np.linspace(1, 10, 500, dtype=np.float32)])
        for name, reference, samples in (("Acos", np.arccos, around), ("Asin", np.arcsin, around), ("Atan", np.arctan, wide),
                                         ("Acosh", np.arccosh, above), ("Asinh", np.arcsinh, wide),
                                         ("Atanh", np.arctanh, around[np.abs(around) < 1])):
            model = npir.from_onnx(make_model([node(name, ["x"], ["y"])], shape=("n", 1)))
            for backend in ("interpreter", "xnnpack"):
                actual = npir.run(model, {"x": samples[:, np.newaxis]}, backend=backend)["y"][:, 0]
                np.testing.assert_allclose(actual, reference(samples.astype(np.float64)), rtol=1e-6, err_msg=name)

    def test_topk(self):
        for attributes in ({}, {"axis": 1}, {"axis": 2, "largest": 0}, {"axis": -1, "largest": 0, "sorted": 1}):
            for output in ("values", "indices"):
                # Rounded, so that some are equal.
                nodes = [node("Round", ["x"], ["r"]), node("TopK", ["r", "k"], ["values", "indices"], "f", **attributes),
                         node("Cast", [output], ["y"], to=1)]
                self.add(f"TopK {output} {attributes}", nodes, {"k": ints(3)})

    def test_blocks(self):
        for axis, shape in ((0, (2, 6)), (1, (7, 2))):
            for kind in ("int8", "uint8"):
                numbers = np.arange(42).reshape(7, 6).astype(kind)
                weights = {"q": numbers, "s": np.abs(floats(*shape)) + np.float32(0.1), "z": np.full(shape, 3, kind)}
                dequantize = node("DequantizeLinear", ["q", "s", "z"], ["w"], axis=axis, block_size=4)
                self.add(f"{axis} {kind}", [dequantize, node("MatMul", ["x", "w"], ["y"])], weights, (3, 7), 21)

    def test_any_number_of_operands(self):
        c = {"c": floats(5), "z": scalar(0), "d": floats(4, 1)}
        for op in ("Max", "Min", "Sum", "Mean"):
            self.one(op, ("x", "c"), c)
            self.one(op, ("x",), c)
            self.one(op, ("c", "x", "d"), c)
            self.one(op, ("x", "z"), c)
        self.one("Pow", ("x", "c"), {"c": np.abs(floats(5))})
        self.one("Pow", ("x", "c"), {"c": ints(1, 2, 3, 2, 1)})
        self.one("Mod", ("x", "c"), {"c": floats(5) + 2}, fmod=1)

    def test_reductions(self):
        for name in ("L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "Sum", "SumSquare"):
            for keep in (0, 1):
                nodes = [node("Abs", ["x"], ["a"]), node(f"Reduce{name}", ["a"], ["y"], axes=[1, -1], keepdims=keep)]
                self.add(f"{name} {keep}", nodes, opset=12)
            self.one(f"Reduce{name}", ("x", "a"), {"a": ints(-1)}, opset=18)
        for name in ("ArgMax", "ArgMin"):
            for attributes in ({"axis": 1}, {"axis": -1, "keepdims": 0}, {"axis": 2, "select_last_index": 1}):
                nodes = [node("Round", ["x"], ["r"]), node(name, ["r"], ["i"], **attributes), node("Cast", ["i"], ["y"], to=1)]
                self.add(f"{name} {attributes}", nodes)

    def test_softmax_and_kin(self):
        for op in ("LogSoftmax", "Hardmax"):
            for opset, axes in ((11, (1, 2, -1)), (13, (1, 2, -1))):
                for axis in axes:
                    self.one(op, opset=opset, axis=axis)
        self.add("a LogSoftmax of large numbers", [node("Mul", ["x", "c"], ["l"]), node("LogSoftmax", ["l"], ["y"])],
                 {"c": scalar(300)})

    def test_gemm(self):
        w, flat = {"w": floats(4, 3), "b": floats(3), "m": floats(2, 3)}, (4,)
        self.one("Gemm", ("x", "w", "b"), w, flat, alpha=0.5, beta=2.0)
        self.one("Gemm", ("x", "w"), w, flat)
        nodes = [node("MatMul", ["x", "w"], ["u"]), node("MatMul", ["x", "w"], ["v"])]
        self.add("of two activations", [*nodes, node("Gemm", ["u", "v", "k"], ["y"], transB=1, alpha=0.5, beta=3.0)],
                 {**w, "k": scalar(2)}, flat, fixed=True)
        self.add("transposed", [node("Transpose", ["x"], ["t"], perm=[1, 0]), node("Gemm", ["t", "w", "b"], ["y"], transA=1)],
                 w, flat)
        self.add("a bias for each row", [node("Gemm", ["x", "w", "k"], ["y"], beta=0.5)], {**w, "k": floats(4, 1)}, flat,
                 fixed=True)

    def test_vectors(self):
        self.one("MatMul", ("x", "v"), {"v": floats(5)})
        self.one("MatMul", ("v", "x"), {"v": floats(4)})

    def test_einsum(self):
        self.one("Einsum", ("x", "w"), {"w": floats(5, 2)}, equation="bhid,dk->bhik")
        self.one("Einsum", ("x", "w"), {"w": floats(2, 5)}, equation="...d,kd->...k")
        self.one("Einsum", ("x", "w"), {"w": floats(3, 5, 2)}, equation="bhid,hdk->bihk")
        self.one("Einsum", ("x", "x"), equation="bhid,bhjd->bhij")
        self.one("Einsum", ("x", "x"), equation="b h i d, b h i e -> b h d e")
        self.one("Einsum", ("x", "x"), equation="bhid,bgjd->bhigj")
        self.one("Einsum", ("x",), equation="bhid->bdih")
        self.one("Einsum", ("x",), equation="bhid->bh")
        self.one("Einsum", ("x", "u", "w"), {"u": floats(3), "w": floats(5)}, equation="bhid,h,d->bi")
        self.one("Einsum", ("x", "x"), equation="bhid,bhid->b")

    def test_slices_with_steps(self):
        shape = (6, 7, 9)
        for starts, ends, axes, steps in (((0, 1), (6, 7), (1, 2), (2, 3)), ((0,), (9,), (3,), (2,)), ((5,), (-100,), (1,), (-1,)),
                                          ((1,), (6,), (2,), (4,)), ((8, 0), (0, 7), (3, 2), (-3, 2))):
            self.one("Slice", ("x", "s", "e", "a", "t"),
                     {"s": ints(*starts), "e": ints(*ends), "a": ints(*axes), "t": ints(*steps)}, shape)

    def test_indices(self):
        self.one("Gather", ("x", "i"), {"i": ints(0, 2, 2)}, axis=1)
        self.one("Gather", ("x", "i"), {"i": ints(3, -1, 0, 1).reshape(2, 2)}, axis=-1)
        self.one("Tile", ("x", "r"), {"r": ints(1, 2, 1, 3)})
        nodes = [node("GatherElements", ["x", "i"], ["y"], axis=2)]
        self.add("GatherElements", nodes, {"i": self.rng.integers(-4, 4, (2, 3, 6, 5))}, fixed=True)
        self.add("GatherND", [node("GatherND", ["x", "i"], ["y"])], {"i": ints(0, 1, 2, 3, 1, 2).reshape(2, 3)}, fixed=True)
        self.add("GatherND in batches", [node("GatherND", ["x", "i"], ["y"], batch_dims=1)], {"i": ints(1, 0, 2, 1).reshape(4, 1)},
                 fixed=True)
        nodes = [node("ScatterND", ["x", "i", "u"], ["y"])]
        self.add("ScatterND", nodes, {"i": ints(0, 1, 2, 0).reshape(2, 2), "u": floats(2, 4, 5)}, fixed=True)
        places = {"i": self.rng.integers(0, 3, (2, 3, 4, 5)), "u": floats(2, 3, 4, 5)}
        for reduction in ("add", "mul", "max", "min"):
            nodes = [node("ScatterElements", ["x", "i", "u"], ["y"], axis=1, reduction=reduction)]
            self.add(f"ScatterElements {reduction}", nodes, places, opset=18, fixed=True)

    def test_masks(self):
        for upper in (0, 1):
            self.one("Trilu", ("x", "k"), {"k": np.array(1)}, upper=upper)
            self.one("Trilu", upper=upper)
        for attributes in ({}, {"exclusive": 1}, {"reverse": 1}, {"exclusive": 1, "reverse": 1}):
            self.one("CumSum", ("x", "a"), {"a": np.array(2)}, **attributes)
        relations = ("Less", "LessOrEqual", "Greater", "GreaterOrEqual", "Equal")
        for op in relations:
            nodes = [node("Round", ["x"], ["r"]), node(op, ["r", "c"], ["m"]), node("Where", ["m", "x", "z"], ["y"])]
            self.add(op, nodes, {"c": np.round(floats(5)), "z": scalar(-9)})
        for op in ("And", "Or", "Xor"):
            nodes = [node("Less", ["x", "c"], ["a"]), node("Greater", ["x", "z"], ["b"]), node(op, ["a", "b"], ["m"]),
                     node("Not", ["m"], ["n"]), node("Cast", ["n"], ["y"], to=1)]
            self.add(op, nodes, {"c": floats(5), "z": scalar(-1)})
        nodes = [node("Sqrt", ["x"], ["r"]), node("IsNaN", ["r"], ["m"]), node("Where", ["m", "z", "r"], ["y"])]
        self.add("IsNaN", nodes, {"z": scalar(-1)})
        for attributes in ({}, {"detect_negative": 0}, {"detect_positive": 0}, {"detect_negative": 0, "detect_positive": 0}):
            nodes = [node("Relu", ["x"], ["r"]), node("Log", ["r"], ["l"]), node("IsInf", ["l"], ["m"], **attributes),
                     node("Where", ["m", "z", "l"], ["w"]), node("Max", ["w", "z"], ["y"])]
            self.add(f"IsInf {attributes}", nodes, {"z": scalar(-1)}, opset=13)

    def test_integers(self):
        """Positions that are computed, and an embedding."""
        nodes = [node("ArgMax", ["x"], ["i"], axis=-1, keepdims=0), node("Add", ["i", "one"], ["j"]),
                 node("Mul", ["j", "two"], ["k"]), node("Div", ["k", "three"], ["l"]), node("Gather", ["table", "l"], ["y"])]
        self.add("an embedding", nodes, {"one": ints(1), "two": ints(2), "three": ints(3), "table": floats(8, 6)})
        nodes = [node("ArgMax", ["x"], ["i"], axis=-1, keepdims=0), node("OneHot", ["i", "d", "v"], ["y"], axis=1)]
        self.add("OneHot", nodes, {"d": np.array(5), "v": scalar([-1, 1])})
        nodes = [node("Cast", ["x"], ["i"], to=7), node("Abs", ["i"], ["j"]), node("Cast", ["j"], ["y"], to=1)]
        self.add("Abs", nodes)

    def test_statistics_of_layer_norm(self):
        nodes = [node("LayerNormalization", ["x", "s"], ["n", "m", "d"], axis=2), node("Mul", ["n", "d"], ["p"]),
                 node("Add", ["p", "m"], ["y"])]
        self.add("LayerNormalization", nodes, {"s": floats(4, 5)})

    def test_sequences(self):
        for new_axis in (0, 1):
            nodes = [node("Relu", ["x"], ["r"]), node("SequenceConstruct", ["x", "r", "x"], ["s"]),
                     node("ConcatFromSequence", ["s"], ["y"], axis=-1, new_axis=new_axis)]
            self.add(f"sequence {new_axis}", nodes)

    def test_a_batch_that_is_second(self):
        """A layer norm in small ops, sequence first."""
        nodes = [node("Transpose", ["x"], ["t"], perm=[2, 0, 1, 3]), node("ReduceMean", ["t"], ["m"], axes=[-1]),
                 node("Sub", ["t", "m"], ["c"]), node("Pow", ["c", "two"], ["p"]), node("ReduceMean", ["p"], ["v"], axes=[-1]),
                 node("Add", ["v", "e"], ["w"]), node("Sqrt", ["w"], ["d"]), node("Div", ["c", "d"], ["n"]),
                 node("Mul", ["n", "s"], ["k"]), node("Transpose", ["k"], ["y"], perm=[1, 2, 0, 3])]
        self.add("layer norm", nodes, {"two": scalar(2), "e": scalar(1e-5), "s": floats(5)})

    def test_constants_are_computed(self):
        """Whatever makes them."""
        nodes = [node("Range", ["zero", "n", "one"], ["r"]), node("Cast", ["r"], ["f"], to=1), node("Sin", ["f"], ["s"]),
                 node("Softmax", ["s"], ["p"]), node("TopK", ["p", "k"], ["t", "at"]), node("ReduceSum", ["t"], ["u"]),
                 node("Mul", ["x", "u"], ["y"])]
        self.add("constants", nodes, {"zero": np.array(0), "n": np.array(9), "one": np.array(1), "k": ints(3)})
        nodes = [node("ConstantOfShape", ["shape"], ["c"]), node("EyeLike", ["c"], ["e"]), node("MatMul", ["x", "e"], ["z"]),
                 node("Size", ["c"], ["n"]), node("CastLike", ["n", "x"], ["m"]), node("Mul", ["z", "m"], ["y"])]
        self.add("an identity", nodes, {"shape": ints(5, 5)})


if __name__ == "__main__":
    unittest.main()
