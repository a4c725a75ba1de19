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
from onnx import TensorProto, numpy_helper

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
            node("Transpose", ["x"], ["g"], "turn", perm=[1, 0, 2]),
            node("Add", ["f", "g"], ["y"], "last"),
        ], domains=["my.ops"]), count=6)
        for line in (
            "  node 'odd.one' (my.ops.Sparkle): unsupported op: it is of custom domain 'my.ops'",
            "  node 'odd.two' (Det): unsupported op",
            "  node 'Sparkle_2' (Sparkle): unsupported op: ONNX defines none of this name",
            "  node 'pool' (MaxPool): unknown auto_pad 'SOMEHOW'",
            "  node 'lost' (Add): its input 'nowhere' is not defined",
            "  node 'turn' (Transpose): expected a permutation of 4 dimensions, got [1, 0, 2]",
        ):
            self.assertIn(line, text.splitlines())

    def test_what_can_be_imported_is_told(self):
        nodes = [node("Relu", ["x"], ["a"], "first"), node("Det", ["a"], ["b"], "bad"), node("Sigmoid", ["a"], ["c"], "second"),
                 node("Add", ["b", "c"], ["y"], "last")]
        text = self.refuse(make_model(nodes), "  node 'bad' (Det): unsupported op\n")
        self.assertEqual(text.splitlines()[-1], "what comes before can be imported: end the network at 'a', 'c' (--end-at, or "
                                                "outputs= in Python)")
        # Nothing is promised where the graph itself is wrong.
        text = self.refuse(make_model([*nodes, node("Relu", ["nowhere"], ["z"], "lost")]))
        self.assertNotIn("what comes before", text)
        self.refuse(make_model(nodes), "  output 'z': is not defined\n", count=1, options=["--end-at", "z"])
        self.refuse(make_model(nodes), "  output 'a': is given twice\n", count=1, options=["--end-at", "a", "--end-at", "a"])

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
        self.refuse(make_model([node("Shape", ["x"], ["y"])]), "output 'y': expected 'Shape_0' to be constant, got a size of the batch")

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
        model = make_model(self.relu, dtype=TensorProto.COMPLEX64)
        self.refuse(model, "input 'x': expected elements of floats, integers or bool, got complex64")
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
        self.refuse(make_model(self.relu, shape=("n", 2**40, 2**40)),
                    "expected a tensor of at least 1 and at most 2^48 elements, got shape [?, 1099511627776, 1099511627776]")


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
        self.refuse(make_model(relu, opset=6), "expected operator set 7 to 25, got 6")
        self.refuse(make_model([node("Sparkle", ["x"], ["y"])], opset=9), "operator set 9 cannot be brought to 11: the onnx package "
                    "does not convert op 'Sparkle'")
        spatial = node("BatchNormalization", ["x", "s", "s", "s", "s"], ["y"], spatial=0)
        self.refuse(make_model([spatial], {"s": floats(4)}, opset=8), "operator set 8 cannot be brought to 11: attribute spatial must have value 1\n")
        model = make_model(relu)
        del model.opset_import[:]
        self.refuse(model, "expected one version of ONNX's operator set, got 0")
        scaled = [node("Upsample", ["x", "s"], ["y"], mode="nearest")]
        text = self.import_ops(make_model(scaled, {"s": np.float32([1, 1, 2, 2])}, opset=9))
        self.assertIn("resize", text)

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
        initializer("unsupported element type float8e4m3fn", data_type=TensorProto.FLOAT8E4M3FN)
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
        for arguments, word in (([], "required"), (["m.onnx"], "-o/--output"), (["m", "-o", "n", "--batch=x"], "expected free, fixed or a number of at least 1, got 'x'")):
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

    def test_help_on_a_full_disk(self):
        for command in ("import_onnx", "import_torch", "export_onnx"):
            with self.subTest(command), open("/dev/full", "w", encoding="utf-8") as full:
                done = subprocess.run([sys.executable, "-m", f"npir.{command}", "--help"], env=dict(os.environ, PYTHONPATH=str(BUILD / "python")),
                                      stdout=full, stderr=subprocess.PIPE, text=True, check=False)
                self.assertEqual((done.returncode, done.stderr), (1, "error: standard output: cannot write: no space left on device\n"))

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
