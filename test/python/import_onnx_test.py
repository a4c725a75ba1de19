"""What the ONNX importer makes of each op, as npir-opt prints it."""

import unittest

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper

from onnx_import_helpers import DIGITS_CNN, ImporterTest, floats, ints, make_model, node
from npir.importers.onnx.ops_elementwise import UNARY_OPS


class WindowOps(ImporterTest):
    def conv(self, weight, shape=("batch", 4, 8, 8), bias=None, **attributes):
        weights = {"w": weight}
        if bias is not None:
            weights["b"] = bias
        ops = self.body(make_model([node("Conv", ["x", *weights], ["y"], "c", **attributes)], weights, shape))
        names = [op for op, *_ in ops if op != "constant"]
        self.assertEqual([names[0], names[2]], ["transpose", "transpose"])
        (line,) = [rest for op, rest, _ in ops if "conv2d" in op]
        return names[1], line

    def test_conv(self):
        name, line = self.conv(floats(6, 4, 3, 2), bias=floats(6), pads=[1, 2, 3, 4], strides=[2, 1], dilations=[1, 2])
        self.assertEqual(name, "conv2d")
        for text in ("pads = array<i64: 1, 3, 2, 4>", "strides = array<i64: 2, 1>", "dilations = array<i64: 1, 2>",
                     "tensor<6x3x2x4xf32>, tensor<6xf32>) -> tensor<?x5x12x6xf32>"):
            self.assertIn(text, line)

    def test_conv_groups(self):
        name, line = self.conv(floats(6, 2, 3, 3), group=2)
        self.assertEqual(name, "conv2d")
        self.assertIn("groups = 2", line)

    def test_depthwise(self):
        name, line = self.conv(floats(8, 1, 3, 3), group=4)
        self.assertEqual(name, "depthwise_conv2d")
        self.assertIn("tensor<1x3x3x8xf32>", line)
        # One channel in one group is an ordinary convolution.
        self.assertEqual(self.conv(floats(8, 1, 3, 3), ("batch", 1, 8, 8))[0], "conv2d")

    def test_auto_pad(self):
        for pad, expected in (("SAME_UPPER", "0, 1, 0, 1"), ("SAME_LOWER", "1, 0, 1, 0"), ("VALID", None)):
            line = self.conv(floats(6, 4, 3, 3), auto_pad=pad, strides=[2, 2])[1]
            self.assertEqual("pads" in line, expected is not None)
            self.assertIn(expected or "x3x3x6xf32>", line)
        line = self.conv(floats(6, 4, 3, 3), ("batch", 4, 7, 8), auto_pad="SAME_UPPER")[1]
        self.assertIn("array<i64: 1, 1, 1, 1>", line)

    def test_filter_values(self):
        weight = floats(2, 4, 3, 3)
        got = self.constants(make_model([node("Conv", ["x", "w"], ["y"])], {"w": weight}))["w"]
        np.testing.assert_array_equal(got, weight.transpose(0, 2, 3, 1))
        weight = floats(8, 1, 3, 2)
        got = self.constants(make_model([node("Conv", ["x", "w"], ["y"], group=4)], {"w": weight}))["w"]
        np.testing.assert_array_equal(got, weight.transpose(1, 2, 3, 0))

    def test_shared_filter_is_permuted_once(self):
        ops = self.body(make_model([node("Conv", ["x", "w"], ["a"]), node("Conv", ["a", "w"], ["y"])],
                                   {"w": floats(4, 4, 1, 1)}))
        self.assertEqual([op for op, *_ in ops].count("constant"), 1)

    def test_one_weight_in_two_forms(self):
        ops = self.body(make_model(
            [node("Gemm", ["x", "w"], ["a"], transB=1), node("Gemm", ["a", "w"], ["y"])], {"w": floats(4, 4)},
            ("batch", 4)))
        self.assertEqual([layer for op, _, layer in ops if op == "constant"], ["w", "w_1"])

    def test_max_pool(self):
        ops = self.body(make_model([node("MaxPool", ["x"], ["y"], kernel_shape=[3, 2], strides=[2, 2],
                                         pads=[1, 0, 0, 0], storage_order=1)]))
        self.assertEqual([op for op, *_ in ops], ["transpose", "max_pool2d", "transpose"])
        self.assertIn("kernel = array<i64: 3, 2>, pads = array<i64: 1, 0, 0, 0>", ops[1][1])
        self.assertIn("tensor<?x4x4x4xf32>", ops[1][1])

    def test_ceil_mode_that_rounds_nothing(self):
        model = make_model([node("MaxPool", ["x"], ["y"], kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1)])
        self.assertEqual(self.import_ops(model), "transpose max_pool2d transpose")

    def test_global_average_pools(self):
        for name, attributes in (("GlobalAveragePool", {}), ("AveragePool", {"kernel_shape": [8, 8]})):
            ((op, line, layer),) = self.body(make_model([node(name, ["x"], ["y"], "p", **attributes)]))
            self.assertEqual((op, layer), ("reduce", "p"))
            self.assertIn("mean %arg0 {axes = array<i64: 2, 3>, keep_dims} : ", line)

    def test_reductions(self):
        for opset, name, kind in ((13, "ReduceMean", "mean"), (18, "ReduceMean", "mean"), (12, "ReduceSum", "sum"),
                                  (13, "ReduceSum", "sum")):
            as_input = opset == 18 or (opset, kind) == (13, "sum")
            reduction = node(name, ["x", "axes"] if as_input else ["x"], ["y"], keepdims=0,
                             **({} if as_input else {"axes": [-1, 2]}))
            ((_, line, _),) = self.body(make_model([reduction], {"axes": ints(-1, 2)} if as_input else {}, opset=opset))
            self.assertIn(f"{kind} %arg0 {{axes = array<i64: 2, 3>}} : tensor<?x4x8x8xf32> -> tensor<?x4xf32>", line)

    def test_reduction_of_nothing(self):
        model = make_model([node("ReduceMean", ["x"], ["a"], noop_with_empty_axes=1), node("Relu", ["a"], ["y"])],
                           opset=18)
        self.assertEqual(self.import_ops(model), "relu")

    def test_batch_norm(self):
        parameters = {name: floats(4) + 2 for name in ("scale", "bias", "mean", "var")}
        nodes = [node("BatchNormalization", ["x", *parameters], ["y"], "n", epsilon=0.5, momentum=0.9)]
        for shape in (("batch", 4, 8, 8), ("batch", 4)):
            *_, (op, line, layer) = self.body(make_model(nodes, parameters, shape))
            self.assertEqual((op, layer), ("batch_norm", "n"))
            self.assertIn("{axis = 1 : i64, epsilon = 5.000000e-01 : f32}", line)


class ElementwiseOps(ImporterTest):
    def test_unary(self):
        for name, expected in {**UNARY_OPS, "Identity": "", "Dropout": ""}.items():
            self.assertEqual(self.import_ops(make_model([node(name, ["x"], ["y"])])), expected.removeprefix("npir."))
        model = make_model([node("HardSigmoid", ["x"], ["y"], alpha=1 / 6)])
        self.assertEqual(self.import_ops(model), "hardsigmoid")

    def test_clip(self):
        bounds = {"low": np.array(-1, np.float32), "high": np.array([6], np.float32), "zero": np.array(0, np.float32)}
        for operands, op, text in (
            (["x", "low", "high"], "clamp", "max = 6.000000e+00 : f32, min = -1.000000e+00 : f32"),
            (["x", "", "high"], "clamp", "max = 6.000000e+00 : f32, min = 0xFF800000 : f32"),
            (["x", "low"], "clamp", "max = 0x7F800000 : f32, min = -1.000000e+00 : f32"),
            (["x", "zero"], "relu", "%arg0 :"),
        ):
            ((name, line, _),) = self.body(make_model([node("Clip", operands, ["y"])], bounds))
            self.assertEqual(name, op)
            self.assertIn(text, line)
        self.assertEqual(self.import_ops(make_model([node("Clip", ["x"], ["y"])])), "")
        ((name, line, _),) = self.body(make_model([node("Clip", ["x"], ["y"], min=0.0, max=6.0)]))
        self.assertIn("max = 6.000000e+00 : f32, min = 0.000000e+00 : f32", line)

    def test_add(self):
        for other, shape in (("x", None), ("c", (4, 1, 1)), ("c", (1,)), ("c", (1, 4, 8, 8))):
            weights = {} if shape is None else {"c": floats(*shape)}
            *_, (op, line, _) = self.body(make_model([node("Add", ["x", other], ["y"])], weights))
            self.assertEqual(op, "add")
            self.assertIn("-> tensor<?x4x8x8xf32>", line)

    def test_add_of_constants(self):
        model = make_model([node("Add", ["a", "b"], ["c"]), node("Add", ["x", "c"], ["y"])],
                           {"a": floats(1, 8), "b": floats(4, 1, 1)})
        (value,) = self.constants(model).values()
        np.testing.assert_array_equal(value, floats(1, 8) + floats(4, 1, 1))


class LinearOps(ImporterTest):
    def test_gemm(self):
        weight, bias = floats(3, 4), floats(3)
        for transpose in (0, 1):
            weights = {"w": weight if transpose else weight.T.copy(), "b": bias}
            model = make_model([node("Gemm", ["x", "w", "b"], ["y"], "g", transB=transpose)], weights, ("batch", 4))
            got = self.constants(model)
            np.testing.assert_array_equal(got["w"], weight)
            np.testing.assert_array_equal(got["b"], bias)
            self.assertEqual(self.import_ops(model), "linear")

    def test_gemm_scales(self):
        model = make_model([node("Gemm", ["x", "w", "b"], ["y"], "g", transB=1, alpha=0.5, beta=2.0)],
                           {"w": floats(3, 4), "b": floats(3)}, ("batch", 4))
        got = self.constants(model)
        np.testing.assert_array_equal(got["g.w"], floats(3, 4) * np.float32(0.5))
        np.testing.assert_array_equal(got["g.b"], floats(3) * 2)

    def test_gemm_bias_shapes(self):
        for shape in ((), (1,), (1, 1), (1, 3)):
            model = make_model([node("Gemm", ["x", "w", "b"], ["y"], transB=1)],
                               {"w": floats(3, 4), "b": floats(*shape)}, ("batch", 4))
            np.testing.assert_array_equal(self.constants(model)["b"], np.broadcast_to(floats(*shape), (1, 3))[0])
        model = make_model([node("Gemm", ["x", "w", "b"], ["y"], transB=1, beta=0.0)],
                           {"w": floats(3, 4), "b": floats(3)}, ("batch", 4))
        self.assertEqual(list(self.constants(model)), ["w"])

    def test_matmul(self):
        model = make_model([node("MatMul", ["x", "w"], ["y"])], {"w": floats(4, 3)}, ("batch", 5, 4))
        *_, (op, line, _) = self.body(model)
        self.assertEqual(op, "linear")
        self.assertIn("-> tensor<?x5x3xf32>", line)
        np.testing.assert_array_equal(self.constants(model)["w"], floats(4, 3).T)


class ShapeOps(ImporterTest):
    def reshape(self, nodes, weights=(), shape=("batch", 4, 8, 8), opset=17, options=()):
        """The types of the last op."""
        *_, (_, line, _) = self.body(make_model(nodes, weights, shape, opset), *options)
        return line.split(" : ")[-1]

    def test_flatten(self):
        for axis, expected in ((1, "?x256"), (2, "?x64"), (-1, "?x8"), (4, "?x1")):
            line = self.reshape([node("Flatten", ["x"], ["y"], axis=axis)])
            self.assertEqual(line, f"tensor<?x4x8x8xf32> -> tensor<{expected}xf32>")

    def test_reshape(self):
        for target, expected in (((0, -1), "?x256"), ((-1, 256), "?x256"), ((-1, 64), "?x64"), ((0, 0, 64), "?x4x64"),
                                 ((-1, 2, 128), "?x2x128"), ((-1,), "?")):
            line = self.reshape([node("Reshape", ["x", "s"], ["y"])], {"s": ints(*target)})
            self.assertEqual(line, f"tensor<?x4x8x8xf32> -> tensor<{expected}xf32>")

    def test_reshape_with_the_traced_batch(self):
        for target in ((2, 256), (2, -1)):
            line = self.reshape([node("Reshape", ["x", "s"], ["y"])], {"s": ints(*target)}, (2, 4, 8, 8))
            self.assertEqual(line, "tensor<?x4x8x8xf32> -> tensor<?x256xf32>")
        self.assertIn("remark: input 'x': the batch of 2 is free now", self.remarks)
        line = self.reshape([node("Reshape", ["x", "s"], ["y"])], {"s": ints(2, 256)}, (2, 4, 8, 8),
                            options=["--batch=fixed"])
        self.assertEqual(line, "tensor<2x4x8x8xf32> -> tensor<2x256xf32>")
        self.assertEqual(self.remarks, "")

    def test_multiple_of_the_batch(self):
        """[batch, 4, 8, 8] -> [4*batch, 64] and back."""
        nodes = [node("Reshape", ["x", "s"], ["a"]), node("Reshape", ["a", "t"], ["y"])]
        line = self.reshape(nodes, {"s": ints(-1, 64), "t": ints(-1, 4, 64)})
        self.assertEqual(line, "tensor<?x64xf32> -> tensor<?x4x64xf32>")

    def test_squeeze_and_unsqueeze(self):
        for opset in (11, 13):
            if opset == 11:
                weights, unsqueeze, squeeze = {}, ([], {"axes": [-1, 1]}), ([], {"axes": [1]})
            else:
                weights, unsqueeze, squeeze = {"p": ints(-1, 1), "q": ints(1)}, (["p"], {}), (["q"], {})
            nodes = [node("Unsqueeze", ["x", *unsqueeze[0]], ["a"], **unsqueeze[1]),
                     node("Squeeze", ["a", *squeeze[0]], ["y"], **squeeze[1])]
            line = self.reshape(nodes, weights, ("batch", 4), opset)
            self.assertEqual(line, "tensor<?x1x4x1xf32> -> tensor<?x4x1xf32>")
        line = self.reshape([node("Squeeze", ["x"], ["y"])], shape=("batch", 4, 1, 1))
        self.assertEqual(line, "tensor<?x4x1x1xf32> -> tensor<?x4xf32>")

    def test_view_of_torch(self):
        """x.view(x.size(0), -1) as torch exports it."""
        nodes = [node("Shape", ["x"], ["s"]), node("Gather", ["s", "zero"], ["n"]), node("Unsqueeze", ["n", "first"], ["u"]),
                 node("Concat", ["u", "rest"], ["t"], axis=0), node("Reshape", ["x", "t"], ["y"])]
        weights = {"zero": np.array(0, np.int64), "first": ints(0), "rest": ints(-1)}
        model = make_model(nodes, weights)
        self.assertEqual(self.import_ops(model), "reshape")
        self.assertIn("tensor<?x256xf32>", self.import_text(model))

    def test_shape_arithmetic(self):
        """[batch*4/2, 2*64] by way of every function, with the batch as a symbol."""
        nodes = [node("Shape", ["x"], ["s"]), node("Slice", ["s", "i0", "i1"], ["n"]),
                 node("Slice", ["s", "i1", "i4"], ["dims"]), node("Gather", ["dims", "i0"], ["c"]),
                 node("Mul", ["n", "c"], ["nc"]), node("Div", ["nc", "i2"], ["rows"]),
                 node("Cast", ["i2"], ["two"], to=7), node("Add", ["two", "i62"], ["a"]),
                 node("Mul", ["a", "i2"], ["columns"]), node("Sub", ["columns", "i0"], ["same"]),
                 node("Concat", ["rows", "same"], ["t"], axis=0), node("Reshape", ["x", "t"], ["y"])]
        weights = {f"i{i}": ints(i) for i in (0, 1, 2, 4, 62)}
        self.assertIn("tensor<?x128xf32>", self.import_text(make_model(nodes, weights)))

    def test_transpose(self):
        ((op, line, _),) = self.body(make_model([node("Transpose", ["x"], ["y"], perm=[0, 2, 3, 1])]))
        self.assertEqual((op, "array<i64: 0, 2, 3, 1>" in line), ("transpose", True))

    def test_transpose_of_a_weight(self):
        model = make_model([node("Transpose", ["w"], ["t"]), node("MatMul", ["x", "t"], ["y"])], {"w": floats(3, 4)},
                           ("batch", 4))
        self.assertEqual(self.import_ops(model), "linear")
        np.testing.assert_array_equal(self.constants(model)["w"], floats(3, 4))

    def test_constant(self):
        for attributes, shape in (({"value": numpy_helper.from_array(floats(8))}, (8,)), ({"value_float": 0.5}, ()),
                                  ({"value_floats": [1.0] * 8}, (8,))):
            model = make_model([node("Constant", [], ["c"], "k", **attributes), node("Add", ["x", "c"], ["y"])])
            self.assertEqual([op for op, *_ in self.body(model)], ["constant", "add"])
        for attributes in ({"value_ints": [0, -1]}, {"value": numpy_helper.from_array(ints(0, -1))}):
            model = make_model([node("Constant", [], ["c"], "k", **attributes), node("Reshape", ["x", "c"], ["y"])])
            self.assertEqual(self.import_ops(model), "reshape")


class Models(ImporterTest):
    def test_digits_cnn(self):
        if not DIGITS_CNN.exists():
            self.skipTest(f"no {DIGITS_CNN}")
        ops = self.body(onnx.load(DIGITS_CNN))
        layers = [layer for op, _, layer in ops if op not in ("constant", "transpose")]
        self.assertEqual(layers, [n.name for n in onnx.load(DIGITS_CNN).graph.node])
        self.assertEqual(self.remarks, "")

    def test_ports_and_station(self):
        text = self.import_text(make_model([node("Relu", ["x"], ["y"])]))
        self.assertIn('@main(%arg0: tensor<?x4x8x8xf32> {npir.name = "x"}', text)
        self.assertIn('-> (tensor<?x4x8x8xf32> {npir.name = "y"}) attributes {npir.station = #npir.station<float>}', text)

    def test_names(self):
        ops = self.body(make_model([node("Relu", ["x"], ["a"]), node("Tanh", ["a"], ["b"], "my/layer"),
                                    node("Relu", ["b"], ["y"], "Relu_0")]))
        self.assertEqual([layer for *_, layer in ops], ["Relu_0_", "my/layer", "Relu_0"])

    def test_equal_names_are_told(self):
        self.import_text(make_model([node("Relu", ["x"], ["a"], "r"), node("Relu", ["a"], ["y"], "r")]))
        self.assertIn("remark: 2 nodes are named 'r'", self.remarks)

    def test_several_inputs_and_outputs(self):
        text = self.import_text(make_model(
            [node("Add", ["a", "b"], ["y"]), node("Relu", ["y"], ["z"])], inputs=[("a", ["n", 4]), ("b", [None, 4])],
            outputs=["y", "z", "a"]))
        for name in "abyz":
            self.assertIn(f'npir.name = "{name}"', text)

    def test_other_order(self):
        model = make_model([node("Relu", ["a"], ["y"]), node("Tanh", ["x"], ["a"])])
        self.assertEqual(self.import_ops(model), "tanh relu")

    def test_unused_nodes_are_left_out(self):
        model = make_model([node("Relu", ["x"], ["y"]), node("Det", ["x"], ["z"], "unused")])
        self.assertEqual(self.import_ops(model), "relu")
        self.assertIn("remark: left out what no output needs: nodes 'unused'", self.remarks)

    def test_end_at(self):
        nodes = [node("Relu", ["x"], ["a"], "first"), node("Sigmoid", ["a"], ["b"], "second"), node("Det", ["b"], ["c"], "bad"),
                 node("Add", ["c", "w"], ["y"], "last")]
        model = make_model(nodes, {"w": floats(8)})
        text = self.import_text(model, "--end-at", "b", "--end-at", "a")
        self.assertEqual(self.import_ops(model, "--end-at", "b", "--end-at", "a"), "relu sigmoid")
        self.assertRegex(text, r'-> \(tensor<.*> \{npir.name = "b"\}, tensor<.*> \{npir.name = "a"\}\)')
        self.assertIn("left out what no output needs: nodes 'bad', 'last'", self.remarks)

    def test_initializer_among_the_inputs(self):
        model = make_model([node("Add", ["x", "w"], ["y"])], {"w": floats(8)}, inputs=[("x", ["n", 8]), ("w", [8])])
        self.assertEqual(self.import_text(model).count("npir.name"), 2)

    def test_shape_option(self):
        model = make_model([node("Relu", ["x"], ["y"])], shape=("n", 3, "h", "w"))
        text = self.import_text(model, "--shape", "x=?,3,6,7")
        self.assertIn("tensor<?x3x6x7xf32>", text)
        text = self.import_text(model, "--shape", "x=5,3,6,7", "--batch=fixed")
        self.assertIn("tensor<5x3x6x7xf32>", text)

    def test_other_float_types(self):
        for dtype in (np.float16, np.float64):
            model = make_model([node("Add", ["x", "w"], ["y"])], {"w": floats(8).astype(dtype)})
            np.testing.assert_array_equal(self.constants(model)["w"], floats(8).astype(dtype).astype(np.float32))
            self.assertIn(f"remark: 'w': converted from {np.dtype(dtype).name} to float32", self.remarks)

    def test_typed_fields(self):
        for kind, field, values in (
            (TensorProto.FLOAT, "float_data", [1.5, -2]), (TensorProto.DOUBLE, "double_data", [1.5, -2]),
            (TensorProto.FLOAT16, "int32_data", [int(v) for v in np.array([1.5, -2], np.float16).view(np.uint16)]),
        ):
            tensor = TensorProto(name="w", dims=[2], data_type=kind)
            getattr(tensor, field).extend(values)
            model = make_model([node("Add", ["x", "w"], ["y"])], {"w": tensor}, ("n", 2))
            np.testing.assert_array_equal(self.constants(model)["w"], np.float32([1.5, -2]))

    def test_text_output(self):
        self.save(make_model([node("Relu", ["x"], ["y"])]))
        code, text = self.run_import(output=self.folder / "out.mlir")
        self.assertEqual((code, text), (0, ""))
        self.assertIn("npir.relu", (self.folder / "out.mlir").read_text())


if __name__ == "__main__":
    unittest.main()
