"""What the ONNX importer makes of the ops of transformers: parts, repetition, normalization, a batch that moves."""

import unittest

import numpy as np

from onnx_import_helpers import ImporterTest, floats, ints, make_model, node

TOKENS = ("batch", 5, 12)


class PartOps(ImporterTest):
    def lines(self, nodes, weights=(), shape=TOKENS, opset=17, options=()):
        """Op, attributes and types, and layer of each op."""
        return [(op, rest, layer) for op, rest, layer in self.body(make_model(nodes, weights, shape, opset), *options)
                if op != "constant"]

    def test_split(self):
        last = node("Concat", ["c", "b", "a"], ["y"], "join", axis=2)
        for opset, operands, attributes in ((11, ["x"], {"split": [4, 4, 4]}), (13, ["x", "s"], {}), (13, ["x"], {}),
                                            (18, ["x"], {"num_outputs": 3})):
            nodes = [node("Split", operands, ["a", "b", "c"], "qkv", axis=-1, **attributes), last]
            *parts, (join, _, _) = self.lines(nodes, {"s": ints(4, 4, 4)}, opset=opset)
            self.assertEqual([(op, layer) for op, _, layer in parts], [("slice", f"qkv.{i}") for i in range(3)])
            for i, (_, line, _) in enumerate(parts):
                self.assertIn(f"{{offsets = array<i64: 0, 0, {4 * i}>, sizes = array<i64: -1, -1, 4>}}", line)
            self.assertEqual(join, "concat")
        # The last part of num_outputs is the rest; parts that nobody names are not made.
        ((_, line, layer),) = self.lines([node("Split", ["x"], ["", "y"], "s", axis=1, num_outputs=2)], opset=18)
        self.assertIn("sizes = array<i64: -1, 2, -1>", line)
        self.assertEqual(layer, "s.1")
        self.assertEqual(self.lines([node("Split", ["x"], ["y"], axis=1)]), [])

    def test_slice(self):
        ((_, line, layer),) = self.lines([node("Slice", ["x", "a", "b"], ["y"], "s")],
                                         {"a": ints(0, -3, 0), "b": ints(2**63 - 1, 100, 2**31 - 1)})
        self.assertIn("offsets = array<i64: 0, 2, 0>, sizes = array<i64: -1, 3, -1>", line)
        self.assertEqual(layer, "s")
        two = self.lines([node("Slice", ["x", "a", "b", "c"], ["y"], "s")],
                         {"a": ints(1, 2), "b": ints(3, 4), "c": ints(2, 1)})
        self.assertEqual([layer for *_, layer in two], ["s.1", "s"])
        # What takes everything is nothing; so is the batch from 0 to its own size.
        nodes = [node("Shape", ["x"], ["s"]), node("Slice", ["x", "zeros", "s"], ["y"])]
        self.assertEqual(self.lines(nodes, {"zeros": ints(0, 0, 0)}), [])

    def test_gather(self):
        (_, line, first), (reshape, _, second) = self.lines([node("Gather", ["x", "i"], ["y"], "g", axis=1)],
                                                            {"i": np.array(-5)})
        self.assertIn("offsets = array<i64: 0, 0, 0>, sizes = array<i64: -1, 1, -1>", line)
        self.assertEqual((first, reshape, second), ("g.slice", "reshape", "g"))
        ((_, line, _),) = self.lines([node("Gather", ["x", "i"], ["y"], axis=1)], {"i": ints(2, -2)})
        self.assertIn("offsets = array<i64: 0, 2, 0>, sizes = array<i64: -1, 2, -1>", line)

    def test_expand(self):
        (first, (_, line, layer), _) = self.lines(
            [node("Relu", ["x"], ["r"]), node("Shape", ["r"], ["s"]), node("Slice", ["s", "zero", "one"], ["n"]),
             node("Concat", ["n", "sizes"], ["t"], axis=0), node("Expand", ["c", "t"], ["e"], "token"),
             node("Concat", ["e", "r"], ["y"], axis=1)],
            {"zero": ints(0), "one": ints(1), "sizes": ints(-1, 12), "c": floats(1, 1, 12)})
        self.assertIn("like %arg0 : (tensor<1x1x12xf32>, tensor<?x5x12xf32>) -> tensor<?x1x12xf32>", line)
        self.assertEqual(layer, "token")
        # A constant is repeated now; what already has the shape is left alone.
        model = make_model([node("Expand", ["c", "t"], ["e"]), node("Add", ["x", "e"], ["y"])],
                           {"c": floats(12), "t": ints(5, 12)}, TOKENS)
        (value,) = self.constants(model).values()
        np.testing.assert_array_equal(value, np.broadcast_to(floats(12), (5, 12)))
        self.assertEqual(self.lines([node("Expand", ["x", "t"], ["y"])], {"t": ints(1, 5, 1)}), [])

    def test_token_at_the_traced_batch(self):
        for batch in (1, 2):
            (op, line, layer), _ = self.lines([node("Concat", ["c", "x"], ["y"], "cat", axis=1)],
                                              {"c": np.repeat(floats(1, 1, 12), batch, 0)}, (batch, 5, 12))
            self.assertEqual((op, layer), ("broadcast", "cat.batch0"))
        ((op, _, _),) = self.lines([node("Concat", ["c", "x"], ["y"], axis=1)], {"c": floats(2, 1, 12)}, (2, 5, 12),
                                   options=["--batch=fixed"])
        self.assertEqual(op, "concat")

    def test_concat_of_constants(self):
        model = make_model([node("Concat", ["a", "b"], ["c"], axis=-1), node("Add", ["x", "c"], ["y"])],
                           {"a": floats(5, 4), "b": floats(5, 8)}, TOKENS)
        (value,) = self.constants(model).values()
        np.testing.assert_array_equal(value, np.concatenate([floats(5, 4), floats(5, 8)], 1))

    def test_layer_norm(self):
        weights = {"s": floats(12), "b": floats(12)}
        ((_, line, layer),) = self.lines([node("LayerNormalization", ["x", "s", "b"], ["y"], "n", epsilon=0.5)], weights)
        self.assertIn("{epsilon = 5.000000e-01 : f32}", line)
        self.assertEqual(layer, "n")
        model = make_model([node("LayerNormalization", ["x", "s"], ["y"], "n", axis=1)], {"s": floats(12)}, TOKENS)
        self.assertEqual([layer for op, _, layer in self.body(model) if op != "constant"], ["n.flat", "n", "n.shaped"])
        constants = self.constants(model)
        np.testing.assert_array_equal(constants["s"], np.broadcast_to(floats(12), (5, 12)).reshape(-1))
        np.testing.assert_array_equal(constants["n.offset"], np.zeros(60))

    def test_softmax(self):
        for opset, axis, expected in ((13, -1, "softmax"), (13, 1, "transpose softmax transpose"), (12, 2, "softmax"),
                                      (12, 1, "reshape softmax reshape")):
            model = make_model([node("Softmax", ["x"], ["y"], axis=axis)], (), TOKENS, opset)
            self.assertEqual(self.import_ops(model), expected)

    def test_powers(self):
        for exponent, expected in ((1, ""), (2, "square"), (0.5, "sqrt"), (3, "square mul")):
            model = make_model([node("Pow", ["x", "e"], ["y"])], {"e": np.float32(exponent)})
            self.assertEqual(self.import_ops(model), expected)

    def test_arithmetic_of_floats(self):
        """The scale of torch's scaled_dot_product_attention."""
        nodes = [node("Shape", ["x"], ["s"]), node("Slice", ["s", "last", "end"], ["d"]), node("Cast", ["d"], ["f"], to=1),
                 node("Sqrt", ["f"], ["root"]), node("Div", ["one", "root"], ["scale"]), node("Sqrt", ["scale"], ["k"], "k"),
                 node("Mul", ["x", "k"], ["y"])]
        model = make_model(nodes, {"last": ints(-1), "end": ints(2**63 - 1), "one": np.float32([1])}, TOKENS)
        np.testing.assert_allclose(self.constants(model)["k"], [12 ** -0.25], rtol=1e-7)

    def test_products_of_activations(self):
        for weights, operands, expected in (
            ({}, ["x", "t"], "transpose matmul"), ({"w": floats(7, 5)}, ["w", "x"], "matmul"),
            ({"w": floats(1, 12, 2)}, ["x", "w"], "matmul"), ({"w": floats(12, 2)}, ["x", "w"], "linear"),
        ):
            nodes = [node("Transpose", ["x"], ["t"], perm=[0, 2, 1]), node("MatMul", operands, ["y"])]
            self.assertEqual(self.import_ops(make_model(nodes if "t" in operands else nodes[1:], weights, TOKENS)), expected)

    def test_modules_of_torch_export(self):
        """The modules that torch.export notes make the layer's name, where the node's own tells none."""
        def layer(scopes, name="node_linear_3"):
            relu = node("Relu", ["x"], ["y"], name)
            relu.metadata_props.add(key="pkg.torch.onnx.name_scopes", value=scopes)
            ((*_, found),) = self.body(make_model([relu]))
            return found

        self.assertEqual(layer("['', 'blocks.0', 'blocks.0.mlp', 'relu']"), "/blocks.0/mlp/node_linear_3")
        for scopes in ("['', 'relu']", "['other', 'blocks', 'relu']", "nonsense", "[1, 2, 3]", "3", "[" * 5000):
            self.assertEqual(layer(scopes), "node_linear_3")
        self.assertEqual(layer("['', 'blocks', 'relu']", "/blocks/Relu"), "/blocks/Relu")


class MovedBatch(ImporterTest):
    """[batch, 5, 12] with the batch along another axis for a while."""

    def ops(self, nodes, weights=(), shape=TOKENS, options=(), opset=17):
        return self.import_ops(make_model(nodes, weights, shape, opset), *options)

    def there_and_back(self, between, result, weights=(), perm=(1, 0, 2)):
        nodes = [node("Transpose", ["x"], ["t"], "there", perm=[1, 0, 2]), *between,
                 node("Transpose", [result], ["y"], "back", perm=list(perm))]
        return self.ops(nodes, weights)

    def test_nothing_is_left(self):
        self.assertEqual(self.there_and_back([], "t"), "")

    def test_elementwise(self):
        self.assertEqual(self.there_and_back([node("Relu", ["t"], ["r"]), node("Add", ["t", "r"], ["a"])], "a"), "relu add")

    def test_constants_are_moved(self):
        for shape in ((), (12,), (1, 12), (5, 1, 1), (5, 1, 12)):
            self.assertEqual(self.there_and_back([node("Sub", ["c", "t"], ["a"])], "a", {"c": floats(*shape)}), "sub")
        nodes = [node("Transpose", ["x"], ["t"], perm=[1, 0, 2]), node("Add", ["t", "c"], ["a"]),
                 node("Transpose", ["a"], ["y"], perm=[1, 0, 2])]
        (value,) = self.constants(make_model(nodes, {"c": floats(5, 1, 12)}, TOKENS)).values()
        np.testing.assert_array_equal(value, floats(1, 5, 12))

    def test_last_dimension(self):
        weights = {"w": floats(12, 12), "s": floats(12)}
        between = [node("MatMul", ["t", "w"], ["m"]), node("LayerNormalization", ["m", "s", "s"], ["n"]),
                   node("Softmax", ["n"], ["a"])]
        self.assertEqual(self.there_and_back(between, "a", weights), "linear layer_norm softmax")
        # [tokens * batch, width], as a Gemm takes it.
        between = [node("Reshape", ["t", "rows"], ["r"]), node("Gemm", ["r", "w"], ["g"], transB=1),
                   node("Reshape", ["g", "cube"], ["a"])]
        weights.update(rows=ints(-1, 12), cube=ints(5, -1, 12))
        self.assertEqual(self.there_and_back(between, "a", weights), "linear")
        # Heads behind the tokens: the last dimension has to come together first.
        nodes = [node("Reshape", ["x", "four"], ["f"]), node("Transpose", ["f"], ["t"], perm=[1, 0, 3, 2]),
                 node("Reshape", ["t", "rows"], ["r"]), node("Gemm", ["r", "w"], ["g"], transB=1),
                 node("Reshape", ["g", "cube"], ["a"]), node("Transpose", ["a"], ["y"], perm=[1, 0, 2])]
        weights["four"] = ints(0, 0, 3, 4)
        self.assertEqual(self.ops(nodes, weights), "reshape transpose reshape linear")

    def test_unbind(self):
        """reshape(batch, 5, 3, 2, 2).permute(2, 0, 3, 1, 4).unbind(0), by every road."""
        weights = {"five": ints(0, 5, 3, 2, 2), "zero": ints(0), "one": ints(1), "i": np.array(1)}
        start = [node("Reshape", ["x", "five"], ["f"]), node("Transpose", ["f"], ["t"], perm=[2, 0, 3, 1, 4])]
        split = node("Split", ["t"], ["a", "b", "c"], "split", axis=0)
        for road in ([split, node("Squeeze", ["b", "zero"], ["y"], "q")], [node("Gather", ["t", "i"], ["y"], "q", axis=0)],
                     [node("Slice", ["t", "one", "two", "zero"], ["s"], "s"), node("Squeeze", ["s", "zero"], ["y"], "q")]):
            model = make_model(start + road, {**weights, "two": ints(2)}, TOKENS)
            ops = [(op, line) for op, line, layer in self.body(model)]
            self.assertEqual([op for op, _ in ops if op != "slice"], ["reshape", "reshape", "transpose"])
            self.assertIn("offsets = array<i64: 0, 0, 1, 0, 0>, sizes = array<i64: -1, -1, 1, -1, -1>",
                          " ".join(line for _, line in ops))
            self.assertIn("perm = array<i64: 0, 2, 1, 3>} : tensor<?x5x2x2xf32>", ops[-1][1])
            self.assertEqual(self.body(model)[-1][2], "q")

    def test_heads_in_the_batch(self):
        """[5, batch, 12] -> [5, 3 * batch, 4] -> [3 * batch, 5, 4], as torch's multi-head attention."""
        nodes = [node("Transpose", ["x"], ["t"], perm=[1, 0, 2]), node("Reshape", ["t", "s"], ["r"]),
                 node("Transpose", ["r"], ["y"], "heads", perm=[1, 0, 2])]
        for shape, target in ((TOKENS, (5, -1, 4)), ((1, 5, 12), (5, 3, 4)), ((2, 5, 12), (5, 6, 4))):
            ops = self.body(make_model(nodes, {"s": ints(*target)}, shape))
            self.assertEqual([(op, layer) for op, _, layer in ops],
                             [("reshape", "heads.reshape"), ("transpose", "heads.transpose"), ("reshape", "heads")])
            self.assertIn("tensor<?x3x5x4xf32> -> tensor<?x5x4xf32>", ops[-1][1])

    def test_traced_batch(self):
        """[5 * 1, 12] stands for [5 * batch, 12], [5, 1, 12] for [5, batch, 12]."""
        nodes = [node("Transpose", ["x"], ["t"], perm=[1, 0, 2]), node("Reshape", ["t", "rows"], ["r"]),
                 node("MatMul", ["r", "w"], ["m"]), node("Reshape", ["m", "cube"], ["c"]), node("Add", ["t", "c"], ["a"]),
                 node("Transpose", ["a"], ["y"], perm=[1, 0, 2])]
        weights = {"rows": ints(5, 12), "cube": ints(5, 1, 12), "w": floats(12, 12)}
        self.assertEqual(self.ops(nodes, weights, (1, 5, 12)), "linear add")
        self.assertIn("transpose", self.ops(nodes, weights, (1, 5, 12), ["--batch=fixed"]))

    def test_unsqueezed_in_front(self):
        nodes = [node("Unsqueeze", ["x", "zero"], ["u"]), node("Transpose", ["u"], ["y"], perm=[1, 0, 2, 3])]
        self.assertEqual(self.ops(nodes, {"zero": ints(0)}), "reshape")

    def test_width_of_one(self):
        nodes = [node("Transpose", ["x"], ["t"], perm=[1, 0, 2]), node("MatMul", ["t", "w"], ["m"]),
                 node("Transpose", ["m"], ["y"], perm=[1, 0, 2])]
        self.assertEqual(self.ops(nodes, {"w": floats(1, 3)}, ("batch", 5, 1)), "linear")


if __name__ == "__main__":
    unittest.main()
