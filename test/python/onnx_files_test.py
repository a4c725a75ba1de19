"""Files that are legal and unusual, as exporters write them, compute what they compute in onnxruntime."""
import unittest

import numpy as np
from onnx import AttributeProto, TensorProto, helper, numpy_helper

from onnx_import_helpers import floats, ints, make_model, node
from onnxruntime_helpers import CaseTest


class FilesTest(CaseTest):
    def edited(self, name, edit, nodes, weights=(), **options):
        """A case whose model `edit` changes."""
        self.add(name, nodes, weights, **options)
        edit(self.cases[name][0])

    def test_names(self):
        nodes = [node("Mul", ["x", "w"], ["a"], "same"), node("Neg", ["a"], ["b"], "same"), node("Add", ["b", "w"], ["y"])]
        apart = [node(n.op_type, n.input, n.output) for n in nodes]
        self.add("given twice, or not at all", nodes, {"w": floats(5)}, reference=apart)
        odd = [node("Mul", ["x", "a b/c:0"], ["é"], "layer with spaces"), node("Relu", ["é"], ["y"], "1/2")]
        self.add("of any letters", odd, {"a b/c:0": floats(5)})
        self.add("like those of parts", [node("LpPool", ["x"], ["f#1"], "g", kernel_shape=[2, 2]), node("Neg", ["f#1"], ["f#2"], "f#2"),
                                         node("FastGelu", ["f#2"], ["y"], "f", domain="com.microsoft")], domains=["com.microsoft"])

    def test_initializers(self):
        def list_as_input(model):
            model.ir_version = 3
            model.graph.input.append(helper.make_tensor_value_info("w", TensorProto.FLOAT, [5]))

        def add_unused(model):
            model.graph.initializer.append(numpy_helper.from_array(floats(7), "unused"))

        product = [node("Mul", ["x", "w"], ["y"])]
        self.edited("listed as inputs", list_as_input, product, {"w": floats(5)}, opset=11)
        self.edited("unused", add_unused, product, {"w": floats(5)})

    def test_nodes(self):
        nodes = [node("Clip", ["x", "", "high"], ["a"]), node("Resize", ["a", "", "", "sizes"], ["b"], mode="nearest"), node("Relu", ["b"], ["unused"])]
        sizes = [node("Shape", ["x"], ["s"]), node("Slice", ["s", "zero", "two"], ["head"]), node("Concat", ["head", "tail"], ["sizes"], axis=0)]
        weights = {"high": np.float32(1), "zero": ints(0), "two": ints(2), "tail": ints(8, 10)}
        self.add("operands that are left out", [*sizes, *nodes, node("Identity", ["b"], ["y"])], weights)

    def test_old_operator_sets(self):
        """As converters of years ago wrote them."""
        for opset in (7, 8, 9, 10):
            layers = [node("Conv", ["x", "w"], ["a"], pads=[1, 1, 1, 1]), node("BatchNormalization", ["a", "s", "s", "s", "s"], ["b"]),
                      node("Relu", ["b"], ["c"]), node("MaxPool", ["c"], ["d"], kernel_shape=[2, 2], strides=[2, 2]),
                      node("Reshape", ["d", "shape"], ["e"]), node("Gemm", ["e", "g", "h"], ["f"]), node("Softmax", ["f"], ["y"], axis=1)]
            self.add(f"a network of {opset}", layers, {"w": floats(4, 3, 3, 3) / 9, "s": np.ones(4, np.float32), "shape": ints(-1, 16),
                                                      "g": floats(16, 5) / 9, "h": floats(5)}, opset=opset)
        clipped = [node("Clip", ["x"], ["a"], min=-1.0, max=1.0), node("Pad", ["a"], ["b"], pads=[0, 0, 1, 1, 0, 0, 1, 1]),
                   node("Slice", ["b"], ["y"], axes=[2], starts=[1], ends=[3])]
        self.add("attributes that became operands", clipped, opset=9)
        self.add("Upsample", [node("Upsample", ["x", "s"], ["y"], mode="nearest")], {"s": np.float32([1, 1, 2, 2])}, opset=9)

    def test_channels_last(self):
        """Transposes around each layer, as converters from TensorFlow leave them."""
        nodes = [node("Transpose", ["x"], ["t"], perm=[0, 3, 1, 2]), node("Conv", ["t", "w", "b"], ["c"], auto_pad="SAME_UPPER", strides=[2, 2]),
                 node("Transpose", ["c"], ["u"], perm=[0, 2, 3, 1]), node("Add", ["u", "k"], ["v"]), node("Relu", ["v"], ["r"]),
                 node("Transpose", ["r"], ["s"], perm=[0, 3, 1, 2]), node("MaxPool", ["s"], ["p"], kernel_shape=[2, 2]),
                 node("Transpose", ["p"], ["q"], perm=[0, 2, 3, 1]), node("ReduceMean", ["q"], ["m"], axes=[1, 2], keepdims=0),
                 node("MatMul", ["m", "g"], ["y"])]
        self.add("channels last", nodes, {"w": floats(6, 3, 3, 3) / 9, "b": floats(6), "k": floats(6), "g": floats(6, 4)}, (8, 8, 3))

    def test_functions(self):
        """With an attribute of the call, and one function in another; and an op that ONNX defines by others."""
        inner = helper.make_function("own", "Leak", ["a"], ["b"], [node("LeakyRelu", ["a"], ["b"])], [helper.make_opsetid("", 17)], ["alpha"])
        inner.node[0].attribute.append(AttributeProto(name="alpha", ref_attr_name="alpha", type=AttributeProto.FLOAT))
        outer = helper.make_function("own", "Twice", ["p"], ["q"], [node("Leak", ["p"], ["r"], domain="own", alpha=0.3),
                                     node("Leak", ["r"], ["q"], domain="own", alpha=0.7)],
                                     [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)])
        self.edited("functions", lambda model: model.functions.extend([inner, outer]), [node("Twice", ["x"], ["y"], domain="own")], domains=["own"])
        for name in ("HannWindow", "HammingWindow", "BlackmanWindow"):
            self.add(name, [node(name, ["n"], ["w"], periodic=0), node("Mul", ["x", "w"], ["y"])], {"n": np.array(5)})

    def test_batches_that_move(self):
        """States of zeros as torch makes them, sums over steps, and truth values that are counted."""
        turn, back = node("Transpose", ["x"], ["t"], perm=[1, 0, 2, 3]), node("Transpose", ["z"], ["y"], perm=[1, 0, 2, 3])
        shape = [node("Shape", ["x"], ["s"]), node("Gather", ["s", "zero"], ["n0"]), node("Unsqueeze", ["n0", "zeros"], ["n"]),
                 node("Concat", ["three", "n", "tail"], ["shape"], axis=0)]
        weights = {"zero": np.array(0), "zeros": ints(0), "three": ints(3), "tail": ints(4, 5), "c": floats(4, 5)}
        self.add("zeros", [turn, *shape, node("ConstantOfShape", ["shape"], ["h"]), node("Add", ["h", "t"], ["z"]), back], weights)
        self.add("expanded", [turn, *shape, node("Expand", ["c", "shape"], ["h"]), node("Add", ["h", "t"], ["z"]), back], weights)
        self.add("sum", [turn, node("ReduceSum", ["t", "zeros"], ["y"], keepdims=0)], weights)
        self.add("softmax", [turn, node("Softmax", ["t"], ["z"], axis=0), back], weights)
        self.add("concat", [turn, node("Relu", ["t"], ["r"]), node("Concat", ["t", "r"], ["z"], axis=0), back], weights)
        self.add("a rank less", [turn, node("ReduceMean", ["x"], ["m"], axes=[1], keepdims=0), node("Add", ["t", "m"], ["z"]), back], weights)
        self.add("counted", [node("Greater", ["x", "half"], ["b"]), node("Cast", ["b"], ["i"], to=7), node("ReduceSum", ["i", "last"], ["k"]),
                             node("Cast", ["k"], ["f"], to=1), node("Mul", ["x", "f"], ["y"])], {"half": np.float32(0.5), "last": ints(-1)})


if __name__ == "__main__":
    unittest.main()
