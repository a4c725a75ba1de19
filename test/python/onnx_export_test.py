"""Exported ONNX models: what onnxruntime computes of them, and how they look."""
import contextlib
import io
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
import warnings
from collections import Counter

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper

from onnx_import_helpers import BUILD, DIGITS_CNN, ROOT, floats, make_model, node
from onnxruntime_helpers import ORT_PYTHON, run_onnxruntime
import npir
from npir import export_onnx
from npir.exporters.onnx import registry

DIGITS_VIT = ROOT / "tools" / "networks" / "digits_vit" / "model.onnx"


def sqnr(reference, actual):
    """In dB."""
    error = np.sum(np.square(np.float64(reference) - actual))
    return np.inf if error == 0 else 10 * np.log10(np.sum(np.square(np.float64(reference))) / error)


class ExportTest(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)

    def export(self, model, name="out.onnx", **options):
        path = self.folder / name
        model.to_onnx(path, **options)
        onnx.checker.check_model(str(path), full_check=True)
        return onnx.load(path)

    def module(self, body, types="", arguments="%x: tensor<?x4x6x8xf32>", result="tensor<?x4x6x8xf32>", station="float"):
        """A module of one function whose last value is %y."""
        path = self.folder / "in.mlir"
        hash_ = ' attributes {npir.model_hash = "00000000000000000000000000000000"}' if station != "float" else ""
        # An argument has the name that data has.
        arguments = arguments.replace(": tensor", ': tensor').replace(">,", '> loc("a"),')
        path.write_text(
            f"{types}\nmodule{hash_} {{ func.func @main({arguments} loc(\"x\")) -> {result} attributes "
            f"{{npir.station = #npir.station<{station}>}} {{\n{body}\nreturn %y : {result}\n}} }}\n")
        return npir.load(path)


def digits():
    import subprocess
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([str(BUILD / "venv" / "bin" / "python"), ROOT / "tools" / "networks" / "digits_data.py", "--out", folder,
                        "--input-name", "input"], check=True, capture_output=True)
        return tuple(np.load(pathlib.Path(folder) / part / "input.npy") for part in ("calib", "test"))


@unittest.skipUnless(ORT_PYTHON.exists(), f"no {ORT_PYTHON}: tools/scripts/test.sh makes it")
class Networks(ExportTest):
    @classmethod
    def setUpClass(cls):
        cls.calibration, cls.samples = digits()

    def check_network(self, path, transposes):
        model = npir.from_onnx(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            stations = {"float": model, "prepared": npir.run_pipeline(model, "npir-prepare")}
            stations["qdq"] = npir.quantize(model, data=self.calibration, stop_at="qdq")
            stations["integer"] = npir.quantize(stations["qdq"], stop_at="integer")
            program = npir.quantize(stations["integer"])
        protos = {name: self.export(form, f"{name}.onnx") for name, form in stations.items()}
        outputs = dict(zip(protos, run_onnxruntime([(proto, self.samples) for proto in protos.values()])))
        reference = npir.run(model, self.samples)[model.outputs[0].name]
        ours = {"qdq": stations["qdq"], "integer": program}
        for name in ("float", "prepared"):
            self.assertGreater(sqnr(reference, outputs[name]), 100)
        for name, form in ours.items():
            expected = sqnr(reference, npir.run(form, self.samples)[model.outputs[0].name])
            self.assertLess(abs(sqnr(reference, outputs[name]) - expected), 0.5, name)
        counts = Counter(n.op_type for n in protos["integer"].graph.node)
        self.assertLessEqual(counts["Transpose"], transposes)
        # Layer names are node names.
        kinds = ("Conv", "Gemm", "MatMul", "Relu", "Clip", "LayerNormalization", "Softmax")
        layers = {n.name for n in onnx.load(path).graph.node if n.op_type in kinds}
        self.assertEqual(layers - {n.name for n in protos["float"].graph.node}, set())
        # What is exported can be imported again, and is what it was.
        again = npir.from_onnx(protos["qdq"])
        self.assertEqual(again.station, "qdq")
        actual = npir.run(again, self.samples, backend="interpreter")[model.outputs[0].name]
        self.assertGreater(sqnr(npir.run(ours["qdq"], self.samples, backend="interpreter")[model.outputs[0].name], actual), 35)
        return protos

    def test_cnn(self):
        # One is the flatten at the end, over maps of one pixel.
        protos = self.check_network(DIGITS_CNN, transposes=1)
        stored = {i.name: i.data_type for i in protos["qdq"].graph.initializer}
        convolutions = [n for n in protos["qdq"].graph.node if n.op_type in ("Conv", "Gemm")]
        makers = {n.output[0]: n for n in protos["qdq"].graph.node}
        for convolution in convolutions:
            weight, bias = (makers[name] for name in convolution.input[1:])
            self.assertEqual([weight.op_type, bias.op_type], ["DequantizeLinear"] * 2)
            self.assertEqual(stored[weight.input[0]], TensorProto.INT8)
            self.assertEqual(stored[bias.input[0]], TensorProto.INT32)
            self.assertEqual(makers[convolution.input[0]].op_type, "DequantizeLinear")
        self.assertEqual(protos["qdq"].opset_import[0].version, 17)

    def test_vit(self):
        self.check_network(DIGITS_VIT, transposes=17)

    def test_external_data(self):
        model = npir.from_onnx(DIGITS_CNN)
        inline = self.export(model, "inline.onnx")
        self.export(model, "external.onnx", external_data=True)
        self.assertEqual(sorted(os.listdir(self.folder)), ["external.onnx", "external.onnx.data", "inline.onnx"])
        self.assertLess((self.folder / "external.onnx").stat().st_size, 30000)
        external = onnx.load(self.folder / "external.onnx")
        for a, b in zip(inline.graph.initializer, external.graph.initializer):
            np.testing.assert_array_equal(numpy_helper.to_array(a), numpy_helper.to_array(b))
        again = npir.from_onnx(self.folder / "external.onnx")
        np.testing.assert_allclose(npir.run(again, self.samples[:9])[again.outputs[0].name],
                                   npir.run(model, self.samples[:9])[model.outputs[0].name], atol=1e-4)


# A body for each op, from %x to %y; `A` stands for its type.
A = "tensor<?x4x6x8xf32>"
UNARY = {name: "" for name in (
    "relu sigmoid tanh abs hardswish hardsigmoid gelu gelu_tanh erf sqrt square exp log softplus mish silu rsqrt reciprocal neg floor "
    "ceil round sign sin cos").split()}
UNARY.update(leaky_relu="{alpha = 0.25 : f32}", elu="{alpha = 1.0 : f32}", clamp="{min = -0.5 : f32, max = 1.5 : f32}")
BODIES = {name: (f"%y = npir.{name} %x {attributes} : {A} -> {A}", A) for name, attributes in UNARY.items()}
C8 = "%c = npir.constant dense<[0.5, -1.0, 2.0, 1.5, 0.25, 3.0, -0.75, 1.0]> : tensor<8xf32>\n"
for _name in ("add", "sub", "mul", "div", "maximum", "minimum"):
    BODIES[_name] = (C8 + f"%y = npir.{_name} %x, %c : ({A}, tensor<8xf32>) -> {A}", A)
BODIES["pow"] = (f"%a = npir.abs %x : {A} -> {A}\n" + C8 + f"%y = npir.pow %a, %c : ({A}, tensor<8xf32>) -> {A}", A)
BODIES["prelu"] = (C8 + f"%y = npir.prelu %x, %c : ({A}, tensor<8xf32>) -> {A}", A)
BODIES["clamped add"] = (f"%y = npir.add %x, %x {{clamp_min = -1.0 : f32, clamp_max = 2.0 : f32}} : ({A}, {A}) -> {A}", A)
for _name in ("mean", "sum", "max", "min", "prod"):
    BODIES[f"reduce {_name}"] = (f"%y = npir.reduce {_name} %x {{axes = array<i64: 1, 3>}} : {A} -> tensor<?x6xf32>", "tensor<?x6xf32>")
    BODIES[f"reduce {_name} kept"] = (
        f"%y = npir.reduce {_name} %x {{axes = array<i64: 1, 2>, keep_dims}} : {A} -> tensor<?x1x1x8xf32>", "tensor<?x1x1x8xf32>")
BODIES["softmax"] = (f"%y = npir.softmax %x : {A} -> {A}", A)
BODIES["layer_norm"] = (C8 + f"%y = npir.layer_norm %x, %c, %c {{epsilon = 1.0e-5 : f32}} : ({A}, tensor<8xf32>, tensor<8xf32>) -> {A}", A)
BODIES["rms_norm"] = (C8 + f"%y = npir.rms_norm %x, %c {{epsilon = 1.0e-5 : f32}} : ({A}, tensor<8xf32>) -> {A}", A)
for _groups in (2, 8):
    BODIES[f"group_norm {_groups}"] = (
        C8 + f"%y = npir.group_norm %x, %c, %c {{groups = {_groups} : i64, epsilon = 1.0e-5 : f32}} : ({A}, tensor<8xf32>, tensor<8xf32>) -> {A}", A)
BODIES["batch_norm"] = (
    C8 + "%v = npir.abs %c : tensor<8xf32> -> tensor<8xf32>\n"
    f"%y = npir.batch_norm %x, %c, %c, %c, %v {{axis = 3 : i64, epsilon = 1.0e-5 : f32}} : ({A}, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, "
    f"tensor<8xf32>) -> {A}", A)
BODIES["max_pool2d"] = (
    f"%y = npir.max_pool2d %x {{kernel = array<i64: 3, 2>, strides = array<i64: 2, 1>, pads = array<i64: 1, 0, 0, 1>}} : {A} -> tensor<?x2x6x8xf32>",
    "tensor<?x2x6x8xf32>")
for _name in ("", ", count_include_pad"):
    BODIES[f"avg_pool2d{_name}"] = (
        f"%y = npir.avg_pool2d %x {{kernel = array<i64: 3, 2>, strides = array<i64: 2, 1>, pads = array<i64: 1, 0, 0, 1>{_name}}} : {A} "
        "-> tensor<?x2x6x8xf32>", "tensor<?x2x6x8xf32>")
BODIES["resize odd"] = (f"%y = npir.resize bilinear %x {{sizes = array<i64: 5, 11>}} : {A} -> tensor<?x5x11x8xf32>", "tensor<?x5x11x8xf32>")
for _mode, _more in (("nearest", ", rounding = #npir.resize_rounding<floor>"), ("bilinear", "")):
    for _where in ("half_pixel", "asymmetric", "align_corners"):
        BODIES[f"resize {_mode} {_where}"] = (
            f"%y = npir.resize {_mode} %x {{sizes = array<i64: 8, 12>, coordinates = #npir.resize_coordinates<{_where}>{_more}}} : {A} "
            "-> tensor<?x8x12x8xf32>", "tensor<?x8x12x8xf32>")
BODIES["depth_to_space"] = (f"%y = npir.depth_to_space %x {{block = 2 : i64}} : {A} -> tensor<?x8x12x2xf32>", "tensor<?x8x12x2xf32>")
BODIES["space_to_depth"] = (f"%y = npir.space_to_depth %x {{block = 2 : i64}} : {A} -> tensor<?x2x3x32xf32>", "tensor<?x2x3x32xf32>")
for _mode in ("constant", "edge", "reflect"):
    BODIES[f"pad {_mode}"] = (
        "%y = npir.pad %x {pads_begin = array<i64: 0, 1, 2, 0>, pads_end = array<i64: 0, 3, 1, 2>, value = 0.5 : f32, "
        f"mode = #npir.pad_mode<{_mode}>}} : {A} -> tensor<?x8x9x10xf32>", "tensor<?x8x9x10xf32>")
BODIES["transpose"] = (f"%y = npir.transpose %x {{perm = array<i64: 0, 3, 1, 2>}} : {A} -> tensor<?x8x4x6xf32>", "tensor<?x8x4x6xf32>")
BODIES["reshape"] = (f"%y = npir.reshape %x : {A} -> tensor<?x24x8xf32>", "tensor<?x24x8xf32>")
BODIES["slice"] = (
    f"%y = npir.slice %x {{offsets = array<i64: 0, 1, 0, 3>, sizes = array<i64: -1, 2, -1, 4>}} : {A} -> tensor<?x2x6x4xf32>", "tensor<?x2x6x4xf32>")
BODIES["concat"] = (f"%y = npir.concat %x, %x {{axis = 2 : i64}} : ({A}, {A}) -> tensor<?x4x12x8xf32>", "tensor<?x4x12x8xf32>")
BODIES["broadcast"] = (
    C8 + f"%t = npir.broadcast %c like %x : (tensor<8xf32>, {A}) -> tensor<?x1x6x8xf32>\n"
    f"%y = npir.concat %t, %x {{axis = 1 : i64}} : (tensor<?x1x6x8xf32>, {A}) -> tensor<?x5x6x8xf32>", "tensor<?x5x6x8xf32>")
BODIES["matmul"] = (f"%y = npir.matmul %x, %x {{transpose_rhs}} : ({A}, {A}) -> tensor<?x4x6x6xf32>", "tensor<?x4x6x6xf32>")
W = "%w = npir.constant dense<{}> : tensor<{}xf32>\n"


def constant(*shape):
    numbers = np.random.default_rng(int(np.prod(shape))).normal(0, 0.3, shape).astype(np.float32)
    if numbers.nbytes <= 1024:
        return f"%w = npir.constant dense<{np.round(numbers, 3).tolist()}> : tensor<{'x'.join(map(str, shape))}xf32>\n"
    raise ValueError(shape)


BODIES["linear"] = (
    constant(3, 8) + f"%y = npir.linear %x, %w {{clamp_min = 0.0 : f32}} : ({A}, tensor<3x8xf32>) -> tensor<?x4x6x3xf32>", "tensor<?x4x6x3xf32>")
BODIES["conv2d"] = (
    constant(4, 3, 2, 4) + "%y = npir.conv2d %x, %w {groups = 2 : i64, strides = array<i64: 1, 2>, pads = array<i64: 1, 0, 0, 1>, "
    f"clamp_min = -1.0 : f32, clamp_max = 1.0 : f32}} : ({A}, tensor<4x3x2x4xf32>) -> tensor<?x3x3x4xf32>", "tensor<?x3x3x4xf32>")
BODIES["depthwise_conv2d"] = (
    constant(1, 3, 3, 16) + f"%y = npir.depthwise_conv2d %x, %w : ({A}, tensor<1x3x3x16xf32>) -> tensor<?x2x4x16xf32>", "tensor<?x2x4x16xf32>")
for _groups in (1, 2):
    BODIES[f"transpose_conv2d {_groups}"] = (
        constant(2, 3, 2, 8 // _groups) + f"%y = npir.transpose_conv2d %x, %w {{groups = {_groups} : i64, strides = array<i64: 2, 2>, "
        f"pads = array<i64: 1, 0, 0, 1>, output_padding = array<i64: 1, 0>}} : ({A}, tensor<2x3x2x{8 // _groups}xf32>) -> tensor<?x9x11x2xf32>",
        "tensor<?x9x11x2xf32>")
BODIES["dynamic_quantize"] = (f"%y = npir.dynamic_quantize %x : {A}", A)
W8 = "tensor<3x8x!quant.uniform<i8<-127:127>:f32, 1.0>>"
_integers = np.random.default_rng(7).integers(-127, 128, (3, 8)).tolist()
INTEGERS = f"%q = npir.constant dense<{_integers}> : tensor<3x8xi8> as {W8}\n"
BODIES["dynamic_linear"] = (
    INTEGERS + "%s = npir.constant dense<[[0.01], [0.02], [0.005]]> : tensor<3x1xf32>\n%b = npir.constant dense<[0.5, -1.0, 2.0]> : tensor<3xf32>\n"
    f"%y = npir.dynamic_linear %x, %q, %s, %b {{clamp_min = -1.0 : f32}} : ({A}, {W8}, tensor<3x1xf32>, tensor<3xf32>) -> tensor<?x4x6x3xf32>",
    "tensor<?x4x6x3xf32>")
BODIES["dequantize_groups"] = (
    INTEGERS + "%s = npir.constant dense<[[0.01, 0.03], [0.02, 0.025], [0.005, 0.05]]> : tensor<3x2xf32>\n"
    f"%w = npir.dequantize_groups %q, %s : {W8}, tensor<3x2xf32> -> tensor<3x8xf32>\n"
    f"%y = npir.linear %x, %w : ({A}, tensor<3x8xf32>) -> tensor<?x4x6x3xf32>", "tensor<?x4x6x3xf32>")
B = "tensor<?x4x6x8xi1>"
for _kind in ("eq", "ne", "lt", "le", "gt", "ge"):
    BODIES[f"compare {_kind}"] = (
        C8 + f"%b = npir.compare {_kind} %x, %c : ({A}, tensor<8xf32>) -> {B}\n%y = npir.where %b, %x, %c : ({B}, {A}, tensor<8xf32>) -> {A}", A)
for _kind in ("and", "or", "xor"):
    BODIES[f"logical {_kind}"] = (
        C8 + f"%p = npir.compare lt %x, %c : ({A}, tensor<8xf32>) -> {B}\n%q = npir.not %p : {B} -> {B}\n"
        f"%z = npir.sub %x, %x : ({A}, {A}) -> {A}\n%r = npir.compare gt %x, %z : ({A}, {A}) -> {B}\n"
        f"%b = npir.logical {_kind} %q, %r : ({B}, {B}) -> {B}\n%y = npir.cast %b : {B} -> {A}", A)
for _last in ("", ", last"):
    BODIES[f"argmax{_last}"] = (
        f"%r = npir.round %x : {A} -> {A}\n%i = npir.argmax %r {{axis = 3 : i64{_last}}} : {A} -> tensor<?x4x6xi64>\n" + C8 +
        "%y = npir.gather %c, %i {axis = 0 : i64} : (tensor<8xf32>, tensor<?x4x6xi64>) -> tensor<?x4x6xf32>", "tensor<?x4x6xf32>")


@unittest.skipUnless(ORT_PYTHON.exists(), f"no {ORT_PYTHON}: tools/scripts/test.sh makes it")
class Ops(ExportTest):
    """Each op, as it is and between layers whose maps ONNX has in another order."""

    def test_every_op_is_here(self):
        tested = {name.split(" ")[0].split(",")[0] for name in BODIES} | {"compare", "logical"}
        body = " ".join(text for text, _ in BODIES.values())
        missing = [name for name in registry.HANDLERS if f"{name} " not in body and name.removeprefix("npir.") not in tested]
        self.assertEqual(missing, ["npir.quantize", "npir.dequantize"])

    def test_ops(self):
        samples = np.random.default_rng(5).normal(0, 1.5, (3, 4, 6, 8)).astype(np.float32)
        cases = []
        for name, (body, result) in BODIES.items():
            with self.subTest(name):
                model = self.module(body, result=result)
                expected = npir.run(model, {"x": samples}, backend="interpreter")["output0"]
                cases.append((name, self.export(model), expected))
                # Behind an identity in another order.
                swap = (f"%moved = npir.max_pool2d %x {{kernel = array<i64: 1, 1>}} : {A} -> {A}\n" + body.replace("%x", "%moved"))
                cases.append((f"{name} moved", self.export(self.module(swap, result=result)), expected))
        outputs = run_onnxruntime([(proto, samples) for _, proto, _ in cases])
        for (name, _, expected), actual in zip(cases, outputs):
            with self.subTest(name):
                np.testing.assert_array_equal(np.isnan(actual), np.isnan(expected))
                np.testing.assert_allclose(actual, expected, rtol=1e-4, atol=2e-5)
        self.assertGreater(len(cases), 100)

    def test_widths(self):
        """Activations and weights of every width are rounded as they are here."""
        samples = np.random.default_rng(6).normal(0, 1.5, (3, 4, 6, 8)).astype(np.float32)
        cases = []
        for bits in range(2, 17):
            for sign in "iu":
                zero = 0 if sign == "i" else 1 << (bits - 1)
                types = f"!qa = !quant.uniform<{sign}{bits}:f32, {3 / 2 ** (bits - 1):.9e}:{zero}>"
                body = f"%q = npir.quantize %x : {A} -> tensor<?x4x6x8x!qa>\n%y = npir.dequantize %q : tensor<?x4x6x8x!qa> -> {A}"
                model = self.module(body, types, result=A, station="qdq")
                proto = self.export(model)
                self.assertEqual(proto.opset_import[0].version, 17 if 4 < bits <= 8 else 21)
                cases.append((f"{sign}{bits}", proto, npir.run(model, {"x": samples}, backend="interpreter")["output0"]))
        for bits in (2, 4, 5, 8):
            types = f"!qa = !quant.uniform<i{bits}:f32:0, {{0.1, 0.25, 0.5}}>"
            limit = 1 << (bits - 1)
            numbers = np.random.default_rng(bits).integers(-limit, limit, (3, 8)).tolist()
            body = (f"%c = npir.constant dense<{numbers}> : tensor<3x8xi8> as tensor<3x8x!qa>\n"
                    "%w = npir.dequantize %c : tensor<3x8x!qa> -> tensor<3x8xf32>\n"
                    f"%y = npir.linear %x, %w : ({A}, tensor<3x8xf32>) -> tensor<?x4x6x3xf32>")
            model = self.module(body, types, result="tensor<?x4x6x3xf32>", station="qdq")
            proto = self.export(model)
            (stored,) = [i.data_type for i in proto.graph.initializer if i.name.startswith("npir.constant") and i.dims]
            self.assertEqual(stored, TensorProto.INT4 if bits <= 4 else TensorProto.INT8)
            cases.append((f"weight {bits}", proto, npir.run(model, {"x": samples}, backend="interpreter")["output0"]))
        outputs = run_onnxruntime([(proto, samples) for _, proto, _ in cases])
        for (name, _, expected), actual in zip(cases, outputs):
            with self.subTest(name):
                np.testing.assert_allclose(actual, expected, rtol=1e-5, atol=1e-5)


class Refusals(ExportTest):
    def refuse(self, model, *words):
        path = self.folder / "out.onnx"
        before = sorted(os.listdir(self.folder))
        with self.assertRaises(npir.NPIRError) as caught:
            model.to_onnx(path)
        text = str(caught.exception)
        for word in words:
            self.assertIn(word, text)
        for line in text.splitlines():
            self.assertFalse(line.endswith("."), line)
        self.assertEqual(sorted(os.listdir(self.folder)), before)

    def test_ops(self):
        body = (f'%a = npir.observe %x {{id = "x:0", role = #npir.role<activation>, spec = #npir.spec<none>}} : {A} loc("first")\n'
                f'%b = npir.round_to_grid %a {{scales = array<f32: 1.0>, zero_points = array<i64: 0>, axis = -1 : i64, min = -8 : i64, '
                f'max = 7 : i64}} : {A} loc("second")\n%y = npir.relu %b : {A} -> {A}')
        self.refuse(self.module(body, result=A), "cannot export the model: 2 layers\n",
                    "layer 'first' (npir.observe): ONNX has no such op\n", "layer 'second' (npir.round_to_grid): ONNX has no such op")

    def test_stations(self):
        model = npir.from_onnx(make_model([node("Relu", ["x"], ["y"], "n")]))
        samples = np.zeros((2, 4, 8, 8), np.float32)
        observed = npir.quantize(model, stop_at="observed")
        self.refuse(observed, "expected station 'float', 'prepared', 'qdq' or 'integer', got 'observed'", "run --npir-attach-calibration")
        calibrated = npir.quantize(model, data={"x": samples}, stop_at="calibrated")
        self.refuse(calibrated, "got 'calibrated', which is on its way: run --npir-insert-qdq first")
        target = npir.quantize(calibrated)
        self.refuse(target, "got 'target', which is one target's only: export it before --convert-npir-to-xnn")

    def test_ports(self):
        types = "!qa = !quant.uniform<i8:f32, 0.1>"
        quantized = "tensor<?x4x6x8x!qa>"
        model = self.module(f"%y = npir.dequantize %x : {quantized} -> {A}", types, f"%x: {quantized}", A, "qdq")
        self.refuse(model, "input 'x': expected floats, got integers")
        model = self.module(f"%y = npir.quantize %x : {A} -> {quantized}", types, f"%x: {A}", quantized, "qdq")
        self.refuse(model, "output 'output0': expected floats, got integers")

    def run_command(self, *arguments):
        stderr = io.StringIO()
        with contextlib.redirect_stderr(stderr):
            try:
                code = export_onnx.main([str(a) for a in arguments])
            except SystemExit as exit_:
                code = exit_.code
        return code, stderr.getvalue()

    def test_command(self):
        model = npir.from_onnx(make_model([node("Conv", ["x", "w"], ["y"], "n")], {"w": floats(2, 4, 3, 3)}))
        source, out = self.folder / "in.mlirbc", self.folder / "out.onnx"
        model.save(source)
        self.assertEqual(self.run_command(source, "-o", out), (0, ""))
        onnx.checker.check_model(str(out), full_check=True)
        self.assertEqual(self.run_command(source, "-o", out, "--external-data"), (0, ""))
        cases = [
            ((source, "-o", source), f"error: {source}: expected an output other than the model\n"),
            ((self.folder / "none.mlirbc", "-o", out), "none.mlirbc"),
            ((source, "-o", self.folder / "none" / "out.onnx"), "out.onnx: cannot write: no such file or directory\n"),
            ((source,), "error: the following arguments are required: -o/--output; see --help\n"),
        ]
        before = sorted(os.listdir(self.folder))
        for arguments, words in cases:
            code, text = self.run_command(*arguments)
            self.assertEqual(code, 1, text)
            self.assertIn(words, text)
            self.assertEqual(text.count("error: "), 1, text)
        # What is no file is written in place, and of a link what it names is replaced.
        code, text = self.run_command(source, "-o", "/dev/full")
        self.assertEqual((code, text), (1, "error: /dev/full: cannot write: no space left on device\n"))
        self.assertTrue(pathlib.Path("/dev/full").is_char_device())
        link, target = self.folder / "link.onnx", self.folder / "target.onnx"
        target.write_text("old")
        target.chmod(0o640)
        link.symlink_to(target)
        self.assertEqual(self.run_command(source, "-o", link), (0, ""))
        self.assertTrue(link.is_symlink())
        onnx.checker.check_model(str(target), full_check=True)
        self.assertEqual(target.stat().st_mode & 0o777, 0o640)
        link.unlink()
        target.unlink()
        command = [sys.executable, "-m", "npir.export_onnx", str(source), "-o", "-"]
        environment = dict(os.environ, PYTHONPATH=str(BUILD / "python"))
        done = subprocess.run(command, env=environment, capture_output=True, check=True, cwd=self.folder)
        onnx.checker.check_model(onnx.load_from_string(done.stdout))
        for more, reason in ((["--external-data"], b"weights in a file of their own need the name of one"), ([], b"no space left on device")):
            with open("/dev/full", "wb") as full:
                done = subprocess.run(command + more, env=environment, stdout=full, stderr=subprocess.PIPE, check=False, cwd=self.folder)
            self.assertEqual((done.returncode, done.stderr), (1, b"error: standard output: cannot write: " + reason + b"\n"))
        program = self.folder / "p.npx"
        npir.quantize(model, data={"x": np.ones((1, 4, 8, 8), np.float32)}).to_npx(program)
        code, text = self.run_command(program, "-o", out)
        self.assertEqual((code, text), (1, f"error: {program}: expected a module, got a program, which is finished\n"))
        self.assertEqual(sorted([*before, "p.npx"]), sorted(os.listdir(self.folder)))


if __name__ == "__main__":
    warnings.simplefilter("ignore", npir.NPIRWarning)
    unittest.main(warnings="ignore")
