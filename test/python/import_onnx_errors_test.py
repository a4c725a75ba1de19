"""What the ONNX importer says of models that it cannot import: one report that
lists everything, exit code 1, no file."""

import contextlib
import io
import os
import random
import subprocess
import sys
import unittest
from unittest import mock

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from onnx_import_helpers import BUILD, DIGITS_CNN, ImporterTest, floats, import_onnx, ints, make_model, node
from npir.importers.onnx import importer as importer_module


class Graphs(ImporterTest):
    def test_everything_is_listed(self):
        text = self.refuse(make_model([
            node("Sparkle", ["x"], ["a"], "odd.one", domain="my.ops"),
            node("Det", ["a"], ["b"], "odd.two"),
            node("Sparkle", ["b"], ["c"]),
            # Behind unsupported ones, and wrong by itself.
            node("MaxPool", ["c"], ["d"], "pool", auto_pad="SOMEHOW", kernel_shape=[2, 2]),
            # Behind unsupported ones, and fine as far as one can see.
            node("Relu", ["d"], ["e"], "fine"),
            node("Add", ["e", "nowhere"], ["f"], "lost"),
            node("Transpose", ["x"], ["g"], "turn", perm=[1, 0, 2, 3]),
            node("Add", ["f", "g"], ["y"], "last"),
        ], domains=["my.ops"]), count=6)
        for line in (
            "  node 'odd.one' (my.ops.Sparkle): unsupported op: it is of custom domain 'my.ops'",
            "  node 'odd.two' (Det): unsupported op",
            "  node 'Sparkle_2' (Sparkle): unsupported op: ONNX defines none of this name",
            "  node 'pool' (MaxPool): unknown auto_pad 'SOMEHOW'",
            "  node 'lost' (Add): its input 'nowhere' is not defined",
            "  node 'turn' (Transpose): expected the dynamic dimension to stay first, got permutation [1, 0, 2, 3] of "
            "'tensor<?x4x8x8xf32>'",
        ):
            self.assertIn(line, text.splitlines())

    def test_cycle(self):
        self.refuse(make_model([
            node("Add", ["x", "c"], ["a"], "first"), node("Relu", ["a"], ["b"], "second"), node("Relu", ["b"], ["c"], "third"),
            node("Add", ["c", "d"], ["d"], "own"), node("Det", ["d"], ["y"], "behind"),
        ]), "cycle: these nodes feed one another: 'first' (Add), 'second' (Relu), 'third' (Relu)\n",
            "cycle: these nodes feed one another: 'own' (Add)\n", "node 'behind' (Det): unsupported op", count=3)

    def test_two_cycles_through_one_node(self):
        self.refuse(make_model([
            node("Add", ["b", "c"], ["a"], "A"), node("Add", ["a", "x"], ["b"], "B"), node("Relu", ["a"], ["c"], "C"),
            node("Relu", ["a"], ["y"], "D"),
        ]), "'A' (Add), 'B' (Add), 'C' (Relu)", count=1)

    def test_defined_twice(self):
        self.refuse(make_model([node("Relu", ["x"], ["a"], "r"), node("Tanh", ["x"], ["a"], "t"), node("Relu", ["a"], ["y"])]),
                    "tensor 'a': is defined twice: by node 'r' (Relu) and by node 't' (Tanh)", count=1)
        model = make_model([node("Add", ["x", "w"], ["y"])], {"w": floats(8)})
        model.graph.initializer.append(numpy_helper.from_array(floats(8), "w"))
        self.refuse(model, "tensor 'w': is defined twice: by an initializer and by an initializer")
        self.refuse(make_model([node("Relu", ["x"], ["x"])], outputs=["x"]), "tensor 'x': is defined twice: by an input")

    def test_outputs(self):
        self.refuse(make_model([node("Relu", ["x"], ["z"])]), "output 'y': is not defined")
        self.refuse(make_model([node("Relu", ["x"], ["y"])], outputs=["y", "y"]), "output 'y': is given twice")
        self.refuse(make_model([node("Shape", ["x"], ["y"])]), "output 'y': expected floats")

    def test_sparse_initializer(self):
        model = make_model([node("Add", ["x", "w"], ["y"])])
        sparse = model.graph.sparse_initializer.add()
        sparse.values.name = "w"
        self.refuse(model, "initializer 'w': sparse tensors are not supported", count=1)


class Inputs(ImporterTest):
    relu = [node("Relu", ["x"], ["y"])]

    def test_dynamic_dimension(self):
        model = make_model(self.relu, shape=("n", 3, "height", None))
        self.refuse(model, "input 'x': dimension 2 ('height') is dynamic", "--shape x=?,3,N,N")

    def test_no_shape(self):
        self.refuse(make_model(self.relu, shape=None), "input 'x': has no shape; give one, for example --shape x=1,3,224,224")

    def test_element_type(self):
        model = make_model(self.relu, dtype=TensorProto.FLOAT16)
        self.refuse(model, "input 'x': expected elements of float32, got float16")
        model = make_model(self.relu)
        model.graph.input[0].type.sequence_type.elem_type.tensor_type.elem_type = 1
        self.refuse(model, "input 'x': expected a tensor")

    def test_shape_option(self):
        model = make_model(self.relu)
        self.refuse(model, "input 'x': expected 4 sizes in --shape, got 2", options=["--shape", "x=1,2"])
        self.refuse(model, "expected size 4 along dimension 1, got 5 in --shape", options=["--shape", "x=1,5,8,8"])
        self.refuse(model, "option --shape: the model has no input 'xx'; did you mean 'x'?",
                    options=["--shape", "xx=1,4,8,8"])
        for text in ("x", "=1", "x=1,a", "x=0,4", "x=1,?", "x="):
            self.save(model)
            code, message = self.run_import("--shape", text)
            self.assertEqual(code, 1)
            self.assertIn(f"got '{text}'", message)

    def test_different_batches(self):
        model = make_model([node("Add", ["a", "b"], ["y"])], inputs=[("a", (1, 4)), ("b", (2, 4))])
        self.refuse(model, "inputs 'a', 'b': expected one batch size, got 1 and 2; keep them as they are with --batch=fixed")

    def test_huge_sizes(self):
        self.refuse(make_model(self.relu, shape=("n", 2**40, 2**40)), "expected a tensor of at least 1 and at most 2^48")


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
        self.one("Conv", ["x", "w"], "expected a 2-D Conv, over [N, C, H, W], got [batch, 4, 8]", w, ("batch", 4, 8))
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
        self.one("MaxPool", ["x"], "ceil_mode = 1 is not supported where the last window is cut off, as over dimension 2 of 8 "
                 "elements", kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)
        self.one("MaxPool", ["x"], "expected pads below the window's extent 2, got 2", kernel_shape=[2, 2], pads=[2, 0, 0, 0])
        self.one("AveragePool", ["x"], "attribute 'kernel_shape' is missing")
        self.one("AveragePool", ["x"], "an average pool other than a global one is not supported: kernel [2, 2] over "
                 "[batch, 4, 8, 8]", kernel_shape=[2, 2])
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
        self.one("HardSigmoid", ["x"], "expected alpha = 1/6 and beta = 0.5, got 0.2 and 0.5")
        self.one("Clip", ["x", "low"], "expected a scalar bound 'min', got shape [2]", {"low": floats(2)})
        self.one("Clip", ["x", "", "x"], "expected a constant bound 'max', got 'x'")
        self.one("Clip", ["x", "one", "one"], "'npir.clamp' op expected min < max, got 1.000000e+00 and 1.000000e+00",
                 {"one": np.array(1, np.float32)})
        self.one("Add", ["x", "w"], "expected shapes that broadcast, got 'tensor<?x4x8x8xf32>' and 'tensor<3xf32>'",
                 {"w": floats(3)})
        self.one("Add", ["w", "v"], "expected shapes that broadcast, got [3] and [4]", {"w": floats(3), "v": floats(4)})
        self.one("Mul", ["x", "x"], "unsupported op, except on shapes")
        self.one("Dropout", ["x", "", "on"], "expected training_mode to be false", {"on": np.array(True)})
        self.one("Cast", ["x"], "unsupported except to float32, or on shapes", to=10)

    def test_gemm(self):
        flat, w = ("batch", 4), {"w": floats(4, 3)}
        self.one("Gemm", ["x", "w"], "expected transA = 0: the input is [N, C]", w, flat, transA=1)
        self.one("Gemm", ["x", "w"], "expected transB of 0 or 1, got 2", w, flat, transB=2)
        self.one("Gemm", ["x", "w"], "expected an input of rank 2, got [batch, 4, 8, 8]", w)
        self.one("Gemm", ["x", "w", "x"], "expected a constant bias C, got 'x'", w, flat)
        self.one("Gemm", ["x", "w", "b"], "expected bias C of [3] or what broadcasts to it, got [2]", {**w, "b": floats(2)},
                 flat)
        self.one("Gemm", ["x", "w"], "expected input [..., 3], got 'tensor<?x4xf32>'", w, flat, transB=1)
        self.one("MatMul", ["x", "x"], "expected a constant weight, got 'x'", {}, flat)
        self.one("MatMul", ["x", "w"], "expected weight of rank 2, got shape [4]", {"w": floats(4)}, flat)
        self.one("MatMul", ["w", "v"], "expected the constant on the right, as in x W", {**w, "v": floats(3, 2)}, flat)

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
        self.one("Flatten", ["x"], "expected the batch to stay the first dimension, got [1, 256*batch]", axis=0)
        self.one("Flatten", ["x"], "expected axis from -4 to 3, got 5", axis=5)
        self.one("Squeeze", ["x", "a"], "expected size 1 along axis 1, got [batch, 4, 8, 8]", {"a": ints(1)})
        self.one("Unsqueeze", ["x"], "axes are missing")
        self.one("Unsqueeze", ["x", "a"], "expected a rank of at most 16, got 24", {"a": ints(*range(20))})
        self.one("Unsqueeze", ["x", "a"], "expected different axes, got [1, 1]", {"a": ints(1, 1)})
        self.one("Unsqueeze", ["x", "a"], "expected the batch to stay the first dimension, got [1, batch, 4, 8, 8]",
                 {"a": ints(0)})
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
        fold("Gather", floats(1), "unsupported op, except on shapes")
        fold("Gather", ints(*[0] * 1025), "expected at most 1024 sizes, got 1025")
        fold("Concat", ints(1), "expected lists of sizes to concatenate along axis 0", axis=1)
        nodes = [*s, node("Gather", ["s", "s"], ["t"], "bad"), node("Reshape", ["x", "t"], ["y"])]
        self.refuse(make_model(nodes), "(Gather): expected constant indices into a list of sizes")
        for op, reason in (("Mul", "computes the square of the batch"), ("Div", "divides by the batch")):
            operands = ["s", "s"] if op == "Mul" else ["c", "s"]
            nodes = [*s, node(op, operands, ["t"], "bad"), node("Reshape", ["x", "t"], ["y"])]
            self.refuse(make_model(nodes, {"c": ints(1)}), f"node 'bad' ({op}): {reason}\n")
        for steps, reason in ((ints(0), "expected a step other than 0, got [0]"), (ints(1, 1), "expected a step other than 0")):
            nodes = [*s, node("Slice", ["s", "zero", "two", "zero", "steps"], ["t"], "bad"),
                     node("Reshape", ["x", "t"], ["y"])]
            self.refuse(make_model(nodes, {"zero": ints(0), "two": ints(2), "steps": steps}), f"(Slice): {reason}")
        nodes = [*s, node("Slice", ["s", "zero", "two", "two"], ["t"], "bad"), node("Reshape", ["x", "t"], ["y"])]
        self.refuse(make_model(nodes, {"zero": ints(0), "two": ints(2)}), "expected a slice of a list of sizes")

    def test_batches_that_differ(self):
        nodes = [node("Reshape", ["x", "s"], ["a"]), node("Add", ["a", "z"], ["y"], "bad")]
        model = make_model(nodes, {"s": ints(-1, 8)}, inputs=[("x", ("n", 4, 8)), ("z", ("n", 8))])
        self.refuse(model, "node 'bad' (Add): expected operands of the same batch, got [4*batch, 8] and [batch, 8]")


class Files(ImporterTest):
    def small(self):
        return make_model([node("Add", ["x", "w"], ["y"])], {"w": floats(8)})

    def test_no_onnx(self):
        for data, word in ((b"", "it is empty"), (b"hello, world\n" * 9, "cannot be decoded"), (b"\x08\x08", "holds no graph"),
                           (self.small().SerializeToString()[:-9], "cannot be decoded")):
            self.refuse(data, f"{self.model}: not an ONNX file", word)

    def test_bad_text(self):
        data = self.small().SerializeToString().replace(b"Add", b"A\xffd")
        self.refuse(data, "not an ONNX file, or a damaged one")

    def test_missing(self):
        self.assertEqual(self.run_import(), (1, f"error: {self.model}: cannot read: no such file or directory\n"))
        self.model.mkdir()
        self.assertEqual(self.run_import(), (1, f"error: {self.model}: cannot read: is a directory\n"))

    def test_larger_than_protobuf(self):
        with open(self.model, "wb") as file:
            file.truncate(2**31)
        code, text = self.run_import()
        self.assertEqual(code, 1)
        self.assertIn("larger than 2 GiB", text)

    def test_opset(self):
        relu = [node("Relu", ["x"], ["y"])]
        self.refuse(make_model(relu, opset=9), "expected operator set 11 to 21, got 9")
        model = make_model(relu)
        del model.opset_import[:]
        self.refuse(model, "expected one version of ONNX's operator set, got 0")

    def test_initializers(self):
        def initializer(reason, **fields):
            tensor = TensorProto(name="w", dims=[8], data_type=1)
            for name, value in fields.items():
                if isinstance(value, list):
                    del getattr(tensor, name)[:]
                    getattr(tensor, name).extend(value)
                else:
                    setattr(tensor, name, value)
            self.refuse(make_model([node("Add", ["x", "w"], ["y"], "n")], {"w": tensor}),
                        f"  initializer 'w' of node 'n' (Add): {reason}\n", count=1)

        initializer("expected 32 bytes for shape [8], got 3", raw_data=b"abc")
        initializer("expected 8 elements for shape [8], got 1", float_data=[1.0])
        initializer("expected sizes of at least 0, got [-8]", dims=[-8], raw_data=b"abc")
        initializer("expected at most 2^48 elements, got [0, 1099511627776, 1099511627776]", dims=[0, 2**40, 2**40])
        initializer("expected a rank of at most 16, got 40", dims=[1] * 40, float_data=[1.0])
        initializer("unsupported element type uint4", data_type=TensorProto.UINT4)
        initializer("unsupported element type unknown type 99", data_type=99)
        initializer("expected float16 bit patterns of 16 bits", data_type=TensorProto.FLOAT16, int32_data=[-1] * 8)
        tensor = TensorProto(name="w", dims=[8], data_type=1)
        tensor.segment.begin = 1
        self.refuse(make_model([node("Add", ["x", "w"], ["y"])], {"w": tensor}), "tensors in segments are not supported")
        tensor = TensorProto(name="w", dims=[0], data_type=1)
        self.refuse(make_model([node("Add", ["x", "w"], ["y"])], {"w": tensor}),
                    "expected a tensor of at least 1 and at most 2^48 elements, got shape [0]")

    def test_output_is_the_model(self):
        data = self.small().SerializeToString()
        self.save(data)
        (self.folder / "link").symlink_to(self.model)
        for output in (self.model, self.folder / "link"):
            code, text = self.run_import(output=output)
            self.assertEqual(code, 1)
            self.assertIn("expected an output other than the model", text)
            self.assertEqual(self.model.read_bytes(), data)

    def test_unwritable_output(self):
        self.save(self.small())
        for output, reason in ((self.folder / "no" / "out.mlirbc", "no such file or directory"),
                               (self.folder, "is a directory")):
            code, text = self.run_import(output=output)
            self.assertEqual((code, text), (1, f"error: {output}: cannot write: {reason}\n"))

    def test_full_disk(self):
        disk = self.folder / "disk"
        disk.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", disk], capture_output=True).returncode:
            self.skipTest("mounting a small tmpfs needs root with CAP_SYS_ADMIN")
        self.addCleanup(subprocess.run, ["umount", disk], check=True)
        (disk / "out.mlirbc").write_bytes(b"old")
        self.save(make_model([node("Add", ["x", "w"], ["y"])], {"w": floats(64, 256)}, ("n", 64, 256)))
        code, text = self.run_import(output=disk / "out.mlirbc")
        self.assertEqual((code, text), (1, f"error: {disk}/out.mlirbc: cannot write: no space left on device\n"))
        self.assertEqual(os.listdir(disk), ["out.mlirbc"])
        self.assertEqual((disk / "out.mlirbc").read_bytes(), b"old")

    def check_damage(self, data):
        self.save(data)
        code, text = self.run_import()
        self.assertIn(code, (0, 1), text)
        if code == 1:
            self.assertEqual(text.count("error:"), 1, text)
            self.assertFalse(self.output.exists())
        self.output.unlink(missing_ok=True)
        return code

    def damaged_models(self):
        """Two models that are mostly graph: a flip in a weight is no damage."""
        nodes = [node("Conv", ["x", "w", "b"], ["a"], "conv", pads=[1, 1, 1, 1]), node("Clip", ["a", "lo"], ["c"], "clip"),
                 node("MaxPool", ["c"], ["p"], "pool", kernel_shape=[2, 2], strides=[2, 2]),
                 node("Reshape", ["p", "s"], ["f"], "flat"), node("Gemm", ["f", "g"], ["y"], "fc", alpha=0.5, transB=1)]
        weights = {"w": floats(2, 4, 3, 3)[:, :, :1, :1].copy(), "b": floats(2), "lo": np.array(0, np.float32),
                   "s": ints(0, -1), "g": floats(1, 50)}
        shapes = [node("Shape", ["x"], ["s"], "shape"), node("Gather", ["s", "zero"], ["n"], "gather"),
                  node("Unsqueeze", ["n", "zeros"], ["u"], "un"), node("Concat", ["u", "rest"], ["t"], "cat", axis=0),
                  node("Reshape", ["x", "t"], ["r"], "view"), node("ReduceMean", ["r"], ["y"], "mean", axes=[-1])]
        others = {"zero": np.array(0, np.int64), "zeros": ints(0), "rest": ints(-1)}
        return [make_model(nodes, weights).SerializeToString(), make_model(shapes, others).SerializeToString()]

    def test_flipped_bits(self):
        generator = random.Random(11)
        models = self.damaged_models()
        codes = []
        for i in range(600):
            data = bytearray(models[i % 2])
            for _ in range(1 + i % 3):
                data[generator.randrange(len(data))] ^= 1 << generator.randrange(8)
            codes.append(self.check_damage(bytes(data)))
        # Both kinds are there, so the test looked at something.
        self.assertGreater(codes.count(0), 20)
        self.assertGreater(codes.count(1), 200)

    def test_flipped_bits_in_a_real_model(self):
        if not DIGITS_CNN.exists():
            self.skipTest(f"no {DIGITS_CNN}")
        generator = random.Random(5)
        whole = DIGITS_CNN.read_bytes()
        for _ in range(100):
            data = bytearray(whole)
            # The graph's nodes are at the front, the weights' headers behind.
            data[generator.randrange(4000)] ^= 1 << generator.randrange(8)
            self.check_damage(bytes(data))

    def test_truncated(self):
        for data in self.damaged_models():
            for size in range(0, len(data), 7):
                self.check_damage(data[:size])


class Command(ImporterTest):
    def test_command_line(self):
        for arguments, word in (([], "required"), (["m.onnx"], "-o/--output"), (["m", "-o", "n", "--batch=x"], "invalid choice")):
            stderr = io.StringIO()
            with contextlib.redirect_stderr(stderr), self.assertRaises(SystemExit) as exited:
                import_onnx.main(arguments)
            self.assertEqual(exited.exception.code, 1)
            self.assertIn(word, stderr.getvalue())

    def test_as_a_command(self):
        environment = dict(os.environ, PYTHONPATH=str(BUILD / "python"))
        command = [sys.executable, "-m", "npir.import_onnx"]
        done = subprocess.run([*command, "--help"], env=environment, capture_output=True, text=True, check=True)
        for word in ("MODEL.onnx", "--shape", "--batch", "exit codes"):
            self.assertIn(word, done.stdout)
        self.save(make_model([node("Relu", ["x"], ["y"])]))
        subprocess.run([*command, self.model, "-o", self.output], env=environment, check=True)
        self.assertTrue(self.output.exists())

    def test_internal_error(self):
        self.save(make_model([node("Relu", ["x"], ["y"])]))
        with mock.patch.object(importer_module.Importer, "run", side_effect=KeyError("oops")):
            code, text = self.run_import()
            self.assertEqual(code, 2)
            self.assertIn("internal error: KeyError: 'oops'; please report it", text)
            with mock.patch.dict(os.environ, NPIR_DEBUG="1"), self.assertRaises(KeyError):
                self.run_import()
        with mock.patch.object(importer_module.Importer, "run", side_effect=MemoryError):
            self.assertEqual(self.run_import(), (1, f"error: {self.model}: out of memory\n"))


if __name__ == "__main__":
    unittest.main()
