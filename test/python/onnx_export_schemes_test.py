"""Exported models of schemes: dynamic activations, weights in groups, weights alone, mixed with static integers and floats."""
import unittest
import warnings
from collections import Counter

import numpy as np
from onnx import TensorProto

from onnx_export_test import DIGITS_VIT, ExportTest, digits, sqnr
from onnx_import_helpers import DIGITS_CNN
from onnxruntime_helpers import ORT_PYTHON, run_onnxruntime
import npir

# By preset: the type of the linear layers' weights, and whether they are in blocks.
PRESETS = {
    "dynamic": (TensorProto.INT8, False),
    "w8a16": (TensorProto.INT8, False),
    "w4a8-dynamic": (TensorProto.INT4, False),
    "w4a8-group": (TensorProto.INT4, True),
    "w4a16": (TensorProto.INT4, False),
}
MIXED = {
    "version": 1,
    "default": {"activation": {"observer": "percentile"}},
    "rules": [
        {"match": {"layer": "*blocks.0/*"}, "weight": {"inputs": "dynamic"}},
        {"match": {"layer": "*blocks.1/attn/*"}, "weight": {"bits": 4, "inputs": "dynamic"}},
        {"match": {"layer": "*blocks.1/mlp/*"}, "weight": {"bits": 4, "granularity": "per_group", "group_size": 32, "inputs": "dynamic"}},
        {"match": {"layer": "*blocks.2/*"}, "weight": {"bits": 4, "inputs": "float"}},
        {"match": {"layer": "*head*"}, "weight": "none", "activation": "none"},
    ],
}


def describe(proto):
    """What the DequantizeLinear of each constant says: (ONNX's type, elements in a block) and how often."""
    types = {i.name: i.data_type for i in proto.graph.initializer}
    nodes = [n for n in proto.graph.node if n.op_type == "DequantizeLinear" and n.input[0] in types]
    return Counter((types[n.input[0]], next((a.i for a in n.attribute if a.name == "block_size"), 0)) for n in nodes)


@unittest.skipUnless(ORT_PYTHON.exists(), f"no {ORT_PYTHON}: tools/scripts/test.sh makes it")
class Schemes(ExportTest):
    @classmethod
    def setUpClass(cls):
        cls.calibration, cls.samples = digits()

    def check_network(self, path, configs, data=None):
        """onnxruntime computes of the exports what this computes, and the import what was exported; the models at station qdq."""
        model = npir.from_onnx(path)
        output = model.outputs[0].name
        reference = npir.run(model, self.samples)[output]
        cases, protos = [], {}
        for name, config in configs.items():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                qdq = npir.quantize(model, config, data=data, stop_at="qdq")
                integer = npir.quantize(qdq, stop_at="integer")
                forms = {"qdq": (qdq, qdq), "integer": (integer, npir.quantize(integer))}
            for station, (form, program) in forms.items():
                proto = self.export(form, f"{name}-{station}.onnx")
                expected = npir.run(program, self.samples)[output]
                cases.append((f"{name}, {station}", proto, expected))
                protos[name] = protos.get(name, proto)
        outputs = run_onnxruntime([(proto, self.samples) for _, proto, _ in cases])
        for (name, _, expected), actual in zip(cases, outputs):
            with self.subTest(name):
                self.assertLess(abs(sqnr(reference, actual) - sqnr(reference, expected)), 0.5)
                self.assertGreater(sqnr(expected, actual), 35)
        return protos

    def test_vit(self):
        protos = self.check_network(DIGITS_VIT, {name: f"preset:{name}" for name in PRESETS})
        for name, (integer, blocks) in PRESETS.items():
            with self.subTest(name):
                # The network's one convolution, of patches, has a scale for each channel.
                self.assertEqual(describe(protos[name]), Counter({(integer, 32 if blocks else 0): 17}) + Counter({(integer, 0): 1}))
                self.assertEqual(protos[name].opset_import[0].version, 21 if integer == TensorProto.INT4 else 20)
                kinds = Counter(n.op_type for n in protos[name].graph.node)
                # The inputs of four layers in each of four blocks, and of the head.
                self.assertEqual(kinds["ReduceMin"], 0 if name.endswith("a16") else 17)

    def test_cnn(self):
        protos = self.check_network(DIGITS_CNN, {name: f"preset:{name}" for name in PRESETS})
        self.assertEqual(Counter(n.op_type for n in protos["dynamic"].graph.node)["ReduceMin"], 2)

    def test_mixed(self):
        protos = self.check_network(DIGITS_VIT, {"mixed": MIXED}, self.calibration)
        found = describe(protos["mixed"])
        self.assertEqual([found[TensorProto.INT4, block] for block in (0, 32)], [6, 2])
        self.assertEqual(Counter(n.op_type for n in protos["mixed"].graph.node)["ReduceMin"], 8)

    def test_imported_again(self):
        """Rows that are rounded at run time come back as the float ops that they are, weights in blocks as floats."""
        model = npir.from_onnx(DIGITS_VIT)
        output = model.outputs[0].name
        for name, (_, blocks) in PRESETS.items():
            with self.subTest(name):
                qdq = npir.quantize(model, f"preset:{name}", stop_at="qdq")
                again = npir.from_onnx(self.export(qdq))
                if not blocks:
                    self.assertEqual(again.station, "qdq")
                expected, actual = (npir.run(m, self.samples, backend="interpreter")[output] for m in (qdq, again))
                self.assertGreater(sqnr(expected, actual), 55)


ROWS = "tensor<?x64xf32>"
W4 = "tensor<48x64x!quant.uniform<i4<-7:7>:f32, 1.0>>"


@unittest.skipUnless(ORT_PYTHON.exists(), f"no {ORT_PYTHON}: tools/scripts/test.sh makes it")
class Rows(ExportTest):
    def run_both(self, body, samples, arguments=f"%x: {ROWS}", result=ROWS):
        model = self.module(body, "", arguments, result, "qdq")
        proto = self.export(model)
        (actual,) = run_onnxruntime([(proto, samples)])
        return proto, npir.run(model, {"x": samples}, backend="interpreter")["output0"], actual

    def test_bits(self):
        """Rounded rows have the interpreter's bits, whatever the rows are."""
        rng = np.random.default_rng(3)
        samples = rng.normal(0, 1, (400, 64)).astype(np.float32)
        samples[:100] *= np.float32(10) ** rng.integers(-30, 30, (100, 1))
        samples[100:150] = np.abs(samples[100:150])
        samples[150:200] = -np.abs(samples[150:200])
        samples[200:210] = 0
        samples[210:220] = samples[210:220, :1]
        samples[220:230, 1:] = 0
        samples[230:330] = rng.integers(-127, 129, (100, 64))
        samples[230:330, :2] = -127, 128
        _, expected, actual = self.run_both(f"%y = npir.dynamic_quantize %x : {ROWS}", samples)
        np.testing.assert_array_equal(actual, expected)

    def test_one_row(self):
        """What is one row as a whole is rounded by ONNX's own op."""
        samples = np.random.default_rng(4).normal(0, 1, (1, 1, 64)).astype(np.float32)
        one = "tensor<1x1x64xf32>"
        proto, expected, actual = self.run_both(f"%y = npir.dynamic_quantize %x : {one}", samples, f"%x: {one}", one)
        self.assertEqual([n.op_type for n in proto.graph.node], ["DynamicQuantizeLinear", "DequantizeLinear"])
        np.testing.assert_allclose(actual, expected, rtol=1e-6)

    def weights(self, groups):
        rng = np.random.default_rng(groups)
        numbers = rng.integers(-7, 8, (48, 64)).astype(np.int8)
        scales = np.uint32(rng.uniform(0.01, 0.1, (48, groups)).astype(np.float32).view(np.uint32) & 0xFFFF0000).view(np.float32)
        hex_of = lambda array: f'dense<"0x{array.tobytes().hex()}">'
        return (f"%q = npir.constant {hex_of(numbers)} : tensor<48x64xi8> as {W4}\n"
                f"%s = npir.constant {hex_of(scales)} : tensor<48x{groups}xf32>\n")

    def test_groups(self):
        """Weights of 4 bits with one scale and with two, in layers that have them as integers; two of them read one tensor."""
        samples = np.random.default_rng(5).normal(0, 1, (7, 5, 64)).astype(np.float32)
        rows, result = "tensor<?x5x64xf32>", "tensor<?x5x48xf32>"
        for groups in (1, 2):
            with self.subTest(groups):
                kind = f"({rows}, {W4}, tensor<48x{groups}xf32>) -> {result}"
                body = (self.weights(groups) + f"%a = npir.dynamic_linear %x, %q, %s : {kind}\n%b = npir.dynamic_linear %x, %q, %s "
                        f"{{clamp_min = 0.0 : f32}} : {kind}\n%y = npir.add %a, %b : ({result}, {result}) -> {result}")
                proto, expected, actual = self.run_both(body, samples, f"%x: {rows}", result)
                self.assertEqual(describe(proto), {(TensorProto.INT4, 0 if groups == 1 else 32): 2})
                self.assertEqual(Counter(n.op_type for n in proto.graph.node)["ReduceMin"], 1)
                self.assertGreater(sqnr(expected, actual), 120 if groups == 1 else 35)


    def test_pixels(self):
        """A layer on pixels between maps, which have channels second in ONNX, is a convolution: nothing is transposed inside."""
        maps = "tensor<?x4x6x64xf32>"
        body = (self.weights(1) + f"%a = npir.max_pool2d %x {{kernel = array<i64: 1, 1>}} : {maps} -> {maps}\n"
                f"%b = npir.dynamic_linear %a, %q, %s {{clamp_max = 1.0 : f32}} : ({maps}, {W4}, tensor<48x1xf32>) -> tensor<?x4x6x48xf32>\n"
                "%y = npir.max_pool2d %b {kernel = array<i64: 4, 6>} : tensor<?x4x6x48xf32> -> tensor<?x1x1x48xf32>")
        samples = np.random.default_rng(6).normal(0, 1, (3, 4, 6, 64)).astype(np.float32)
        proto, expected, actual = self.run_both(body, samples, f"%x: {maps}", "tensor<?x1x1x48xf32>")
        kinds = [n.op_type for n in proto.graph.node]
        self.assertEqual([kinds[0], kinds[1], kinds[-1]], ["Transpose", "MaxPool", "Transpose"])
        self.assertEqual((kinds.count("Transpose"), kinds.count("Conv")), (2, 1))
        self.assertGreater(sqnr(expected, actual), 120)


class Refusals(ExportTest):
    def test_computed_scales(self):
        body = (f"%q = npir.constant dense<1> : tensor<48x64xi8> as {W4}\n%y = npir.dynamic_linear %x, %q, %s : ({ROWS}, {W4}, "
                'tensor<48x1xf32>) -> tensor<?x48xf32> loc("layer")')
        model = self.module(body, "", f"%x: {ROWS}, %s: tensor<48x1xf32>", "tensor<?x48xf32>", "qdq")
        with self.assertRaises(npir.NPIRError) as caught:
            model.to_onnx(self.folder / "out.onnx")
        self.assertIn("layer 'layer' (npir.dynamic_linear): expected a constant scale, got a computed tensor", str(caught.exception))


del ExportTest

if __name__ == "__main__":
    warnings.simplefilter("ignore", npir.NPIRWarning)
    unittest.main(warnings="ignore")
