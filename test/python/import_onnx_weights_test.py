"""Weights: external data, memory that is shared and not copied, and the module
builder of `_npir` by itself."""

import gc
import os
import subprocess
import unittest
import weakref
from unittest import mock

import numpy as np
import onnx
from onnx import TensorProto

from onnx_import_helpers import BUILD, ImporterTest, floats, ints, make_model, node
from npir._npir import ModuleBuilder, NPIRError
from npir.importers import onnx as importer


class ExternalData(ImporterTest):
    def setUp(self):
        super().setUp()
        self.data = self.folder / "weights.bin"

    def files_before(self):
        return sorted({"model.onnx"} | set(os.listdir(self.folder)) - {"out.mlirbc"})

    def external(self, location="weights.bin", dims=(8,), **entries):
        """A model that adds weights out of a file."""
        tensor = TensorProto(name="w", dims=dims, data_type=1, data_location=TensorProto.EXTERNAL)
        for key, value in {"location": location, **entries}.items():
            tensor.external_data.add(key=key, value=str(value))
        return make_model([node("Add", ["x", "w"], ["y"], "n")], {"w": tensor})

    def test_offsets(self):
        values = floats(8)
        for offset in (0, 4, 16, 4096, 3):
            self.data.write_bytes(b"\x01" * offset + values.tobytes())
            for length in ({}, {"length": 32}):
                model = self.external(offset=offset, **length) if offset else self.external(**length)
                np.testing.assert_array_equal(self.constants(model)["w"], values)

    def test_written_by_onnx(self):
        weight = floats(16, 4, 3, 3)
        model = make_model([node("Conv", ["x", "w"], ["y"])], {"w": weight})
        onnx.save(model, self.model, save_as_external_data=True, location="weights.bin", size_threshold=0)
        self.assertEqual(self.data.stat().st_size, weight.nbytes)
        self.assertEqual(self.run_import(), (0, ""))

    def test_big_weights_stay_in_the_file(self):
        """A mapped weight is neither copied nor read as a whole at import."""
        self.data.write_bytes(b"")
        os.truncate(self.data, 1 << 30)  # a sparse file
        tensor = TensorProto(name="w", dims=[1 << 14, 1 << 14], data_type=1, data_location=TensorProto.EXTERNAL)
        tensor.external_data.add(key="location", value="weights.bin")
        self.save(make_model([node("Gemm", ["x", "w"], ["y"], transB=1)], {"w": tensor}, ("n", 1 << 14)))
        before = resident_bytes()
        builder, _ = importer.import_model(str(self.model))
        self.assertLess(resident_bytes() - before, 64 << 20)
        del builder

    def test_errors(self):
        self.data.write_bytes(floats(8).tobytes())
        outside = self.folder.parent / f"{self.folder.name}.bin"
        outside.write_bytes(floats(8).tobytes())
        self.addCleanup(outside.unlink)
        (self.folder / "link.bin").symlink_to(outside)
        (self.folder / "folder.bin").mkdir()
        start = "  initializer 'w' of node 'n' (Add): "
        for model, reason in (
            (self.external(f"../{outside.name}"), f"external data '../{outside.name}' lies outside the model's folder"),
            (self.external(str(outside)), f"external data '{outside}' lies outside the model's folder"),
            (self.external("link.bin"), "external data 'link.bin' lies outside the model's folder"),
            (self.external("none.bin"), "external data 'none.bin': cannot read: no such file or directory"),
            (self.external("folder.bin"), "external data 'folder.bin' is not a file"),
            (self.external(""), "external data without a location"),
            (self.external("a\0b"), "external data without a location"),
            (self.external(dims=(9,)), "external data 'weights.bin' is too short: expected 36 bytes, got 32"),
            (self.external(offset=4), "external data 'weights.bin' is too short: expected 36 bytes, got 32"),
            (self.external(offset=2**70), "external data 'weights.bin' is too short"),
            (self.external(offset=-4), "expected 32 bytes of external data for shape [8], got offset '-4' and length ''"),
            (self.external(offset="four"), "expected 32 bytes of external data for shape [8], got offset 'four'"),
            (self.external(length=30), "expected 32 bytes of external data for shape [8], got offset '0' and length '30'"),
        ):
            self.refuse(model, start + reason, count=1)

    def test_output_is_the_data(self):
        self.data.write_bytes(floats(8).tobytes())
        self.save(self.external())
        code, text = self.run_import(output=self.data)
        self.assertEqual(code, 1)
        self.assertIn("expected an output other than the model's external data", text)
        self.assertEqual(self.data.read_bytes(), floats(8).tobytes())


def resident_bytes():
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def address(array):
    return array.ctypes.data


class Builder(unittest.TestCase):
    def setUp(self):
        self.builder = ModuleBuilder("net")
        self.x = self.builder.add_input("x", [None, 8, 8, 4])

    def fails(self, reason, function, *arguments, **options):
        before = str(self.builder)
        with self.assertRaises(NPIRError) as raised:
            function(*arguments, **options)
        self.assertEqual(str(raised.exception), reason)
        self.assertEqual(str(self.builder), before)

    def op(self, name, operands=None, result_shape=None, **attributes):
        return self.builder.op(f"npir.{name}", operands or [self.x], attributes, "layer", result_shape)

    def test_zero_copy(self):
        array = floats(16, 3, 3, 4)
        value = self.builder.constant("w", array)
        self.assertEqual(value.constant_address, address(array))
        self.assertEqual(value.shape, (16, 3, 3, 4))
        # Kept alive by the module, released with it.
        alive = weakref.ref(array)
        del array
        gc.collect()
        self.assertIsNotNone(alive())
        del value, self.x
        self.builder = None
        gc.collect()
        self.assertIsNone(alive())

    def test_value_keeps_the_module(self):
        value = ModuleBuilder("other").constant("w", floats(1000))
        gc.collect()
        self.assertEqual(value.shape, (1000,))

    def test_initializers_are_not_copied(self):
        """From protobuf's bytes to the module, for a weight in npir's own layout."""
        model = make_model([node("Gemm", ["x", "w"], ["y"], transB=1)], {"w": floats(64, 64)}, ("n", 64))
        loaded = []
        original = importer.importer.Model.load

        def load(self, tensor):
            loaded.append(original(self, tensor))
            return loaded[-1]

        with mock.patch.object(importer.importer.Model, "load", load):
            case = ImporterTest()
            case.setUp()
            case.save(model)
            subject = importer.importer.Importer(
                importer.importer.Model(str(case.model)), importer.Options(), importer.Report())
            subject.run()
        (tensor, _), = subject._constants.values()
        self.assertEqual(tensor.value.constant_address, address(loaded[0]))
        case.doCleanups()

    def test_copied_once(self):
        buffer = np.zeros(4096 + 4, np.uint8)
        skew = buffer[(-address(buffer)) % 16 + 4:][:4000].view(np.float32)
        self.assertEqual(address(skew) % 16, 4)
        for array in (skew, floats(100, 100).T, floats(1000).astype(np.float64), floats(2000)[::2],
                      floats(1000).astype(">f4")):
            value = self.builder.constant("w", array)
            self.assertNotEqual(value.constant_address, address(array))
            self.assertEqual(value.constant_address % 16, 0)
            self.assertEqual(value.shape, array.shape)

    def test_other_elements(self):
        for array in (ints(*range(200)), ints(*range(400))[::2].astype(">i4"), floats(200).astype(np.int32), floats(2000) > 0):
            value = self.builder.constant("w", array)
            self.assertEqual((value.dtype, value.shape), (array.dtype.newbyteorder("=").name, array.shape))
        self.fails("expected elements of float32, int32, int64 or bool, got 'uint8'", self.builder.constant, "w",
                   np.zeros(3, np.uint8))
        self.fails("expected elements of float32, int32, int64 or bool, got 'half'", self.builder.add_input, "w", [3], "half")
        self.assertEqual(self.builder.add_input("ids", [None, 4], "int64").dtype, "int64")
        mask = self.op("compare", [self.x, self.x], kind="#npir.compare_kind<lt>")
        self.assertEqual((mask.dtype, mask.shape), ("bool", self.x.shape))
        self.assertEqual(self.op("argmax", axis=1).dtype, "int64")
        self.fails("'npir.not' op operand #0 must be ranked tensor of 1-bit signless integer values, but got "
                   "'tensor<?x4x8x8xf32>'", self.op, "not")

    def test_small_ones_are_inline(self):
        self.assertIsNone(self.builder.constant("w", floats(256)).constant_address)
        self.assertIsNotNone(self.builder.constant("w", floats(257)).constant_address)
        self.assertIn("dense<[-1.000000e+00, -0.857142865]>",
                      str(ModuleBuilderWith(lambda b: b.constant("w", floats(2)))))

    def test_constant_errors(self):
        reason = "expected a tensor of at least 1 and at most 2^48 elements, got shape [0, 3]"
        self.fails(reason, self.builder.constant, "w", np.zeros((0, 3), np.float32))

    def test_ops(self):
        weight = self.builder.constant("w", floats(16, 3, 3, 4))
        value = self.op("conv2d", [self.x, weight], strides=[2, 2], pads=[1, 1, 1, 1], clamp_min=0.0)
        self.assertEqual(value.shape, (None, 4, 4, 16))
        self.assertEqual(self.op("reduce", kind="#npir.reduce_kind<mean>", axes=[1, 2], keep_dims=True).shape,
                         (None, 1, 1, 4))
        self.assertEqual(self.op("reduce", kind="#npir.reduce_kind<sum>", axes=[1, 2], keep_dims=False).shape, (None, 4))
        self.assertEqual(self.op("reshape", result_shape=[None, 256]).shape, (None, 256))
        text = str(self.builder)
        self.assertIn('"npir.conv2d"', text)
        self.assertIn('loc("layer")', text)

    def test_op_errors(self):
        weight = self.builder.constant("w", floats(16, 3, 3, 4))
        for reason, name, operands, attributes in (
            ("expected an op of the npir dialect, got 'npir.sparkle'", "sparkle", None, {}),
            ("'npir.conv2d' op expected 2 or more operands, but found 1", "conv2d", None, {}),
            ("'npir.conv2d' op operand group starting at #2 requires 0 or 1 element, but found 2", "conv2d",
             [self.x, weight, weight, weight], {}),
            ("'npir.max_pool2d' op requires attribute 'kernel'", "max_pool2d", None, {}),
            ("'npir.max_pool2d' op has no attribute 'kernal'", "max_pool2d", None, {"kernal": [2, 2]}),
            ("'npir.max_pool2d' op Invalid attribute `kernel` in property conversion: 2 : i64", "max_pool2d", None,
             {"kernel": 2}),
            ("expected 2 kernel sizes, got 1", "max_pool2d", None, {"kernel": [2]}),
            ("'npir.clamp' op expected min < max, got 1.000000e+00 and 0.000000e+00", "clamp", None,
             {"min": 1.0, "max": 0.0}),
            ("undefined symbol alias id 'nonsense'", "reduce", None, {"kind": "#nonsense", "axes": [1]}),
            ("'npir.reshape' op has no shape inference: give the result's shape", "reshape", None, {}),
            ("expected a 64-bit value for attribute 'axes'", "reduce", None, {"axes": [2**70]}),
            ("expected a bool, int, float, str or list of ints for attribute 'min'", "clamp", None, {"min": None}),
        ):
            self.fails(reason, self.op, name, operands, **attributes)
        self.fails("'npir.reshape' op expected as many elements, got 'tensor<?x8x8x4xf32>' and 'tensor<?x7xf32>'",
                   self.op, "reshape", result_shape=[None, 7])
        self.fails("expected a static size along dimension 1", self.op, "reshape", result_shape=[256, None])
        self.fails("expected an op of the npir dialect, got 'func.return'", self.builder.op, "func.return", [], {}, "r")
        other = ModuleBuilder("other").add_input("z", [None, 4])
        self.fails("expected values of the same module", self.op, "relu", [other])

    def test_outputs(self):
        self.fails("expected the outputs to be set before the module is finished", self.builder.finish)
        other = ModuleBuilder("other").add_input("z", [None, 4])
        self.fails("expected values of the same module, got output 'z' of another", self.builder.set_outputs, [("z", other)])
        self.builder.set_outputs([("y", self.op("relu"))])
        self.assertIn('-> (tensor<?x8x8x4xf32> {npir.name = "y"})', str(self.builder))
        reason = "expected no additions after the outputs are set"
        self.fails(reason, self.op, "relu")
        self.fails(reason, self.builder.add_input, "z", [1])
        self.fails(reason, self.builder.constant, "z", floats(1))
        self.fails(reason, self.builder.set_outputs, [])
        self.fails("/no/such/folder/x.mlirbc: cannot write: no such file or directory", self.builder.finish().save,
                   "/no/such/folder/x.mlirbc")

    def test_bytecode_keeps_every_bit(self):
        case = ImporterTest()
        case.setUp()
        self.addCleanup(case.doCleanups)
        bits = np.arange(4096, dtype=np.uint32) * 1048573  # all kinds of floats
        value = self.builder.constant("w", bits.view(np.float32))
        self.builder.set_outputs([("y", value)])
        self.builder.finish().save(str(case.output))
        self.assertIn(bits.tobytes(), case.output.read_bytes())
        subprocess.run([BUILD / "bin" / "npir-opt", case.output, "-o", "/dev/null"], check=True)


def ModuleBuilderWith(add):
    builder = ModuleBuilder("net")
    add(builder)
    return builder


if __name__ == "__main__":
    unittest.main()
