"""Models on integers, as onnxruntime's quantizer writes them: QOperator form, and dynamic quantization."""
import json
import pathlib
import subprocess
import tempfile
import unittest
import warnings

import numpy as np
from onnx import TensorProto, helper

from onnx_import_helpers import DIGITS_CNN, ImporterTest, floats, ints, make_model, node
from onnxruntime_helpers import ORT_PYTHON, run_onnxruntime
from qdq_import_test import DIGITS_VIT, INTEGERS, digits, random_network, sqnr
import npir

MICROSOFT = "com.microsoft"
SCALES = {"xs": 0.05, "as": 0.03, "ys": 0.07}

# Every model of a folder, quantized in both ways, and what onnxruntime computes of it.
_QUANTIZE = """
import json, pathlib, sys, numpy as np, onnxruntime as ort
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_dynamic, quantize_static
TYPES = {"s8": QuantType.QInt8, "u8": QuantType.QUInt8}
class Reader(CalibrationDataReader):
    def __init__(self, name, samples):
        self.batches = iter([{name: samples}])
    def get_next(self):
        return next(self.batches, None)
options = ort.SessionOptions()
options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
options.log_severity_level = 3
folder = pathlib.Path(sys.argv[1])
for case in json.loads((folder / "cases.json").read_text()):
    source, out, samples = str(folder / case["model"]), folder / case["out"], np.load(folder / case["samples"])
    name = ort.InferenceSession(source, options).get_inputs()[0].name
    types = {"weight_type": TYPES[case["weights"]], "per_channel": case["per_channel"]}
    if case["activations"]:
        quantize_static(source, str(out), Reader(name, samples), quant_format=QuantFormat.QOperator,
                        activation_type=TYPES[case["activations"]], **types)
    else:
        quantize_dynamic(source, str(out), **types)
    np.save(out.with_suffix(".npy"), ort.InferenceSession(str(out), options).run(None, {name: samples})[0])
"""


def language_model():
    """Token ids to a table of words, and two layers: what quantize_dynamic and its kin make of an embedding."""
    rng = np.random.default_rng(3)
    weights = {"table": rng.normal(size=(11, 16)).astype(np.float32), "w": rng.normal(size=(16, 24)).astype(np.float32) / 4,
               "b": rng.normal(size=24).astype(np.float32), "v": rng.normal(size=(24, 8)).astype(np.float32) / 5}
    nodes = [node("Gather", ["table", "x"], ["e"], "embed"), node("MatMul", ["e", "w"], ["m"], "first"), node("Add", ["m", "b"], ["a"], "bias"),
             node("Tanh", ["a"], ["t"], "tanh"), node("MatMul", ["t", "v"], ["y"], "second")]
    return make_model(nodes, weights, ("n", 7), dtype=TensorProto.INT64), rng.integers(0, 11, (9, 7))


@unittest.skipUnless(ORT_PYTHON.exists(), f"no {ORT_PYTHON}: tools/scripts/test.sh makes it")
class FromOnnxruntime(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = pathlib.Path(temporary.name)
        images = digits(cls.folder)
        sources = {"digits_cnn": (DIGITS_CNN.read_bytes(), images), "digits_vit": (DIGITS_VIT.read_bytes(), images)}
        for name, (model, samples) in (("random0", random_network(0)), ("random1", random_network(1)), ("words", language_model())):
            sources[name] = model.SerializeToString(), samples
        cls.cases = []
        for name, (content, samples) in sources.items():
            (cls.folder / f"{name}.onnx").write_bytes(content)
            np.save(cls.folder / f"{name}.npy", samples)
            # onnxruntime's softmax of int8 turns 128 into -128, so its transformers are of uint8.
            static = [("u8", "s8", False), ("u8", "u8", False)] + ([("s8", "s8", True)] if "vit" not in name else [])
            # It has no convolution of int8 weights with a run-time scale.
            dynamic = [("", "u8", False)] + ([("", "s8", True), ("", "s8", False)] if name == "words" else [])
            for activations, weights, per_channel in static + dynamic:
                out = f"{name}-{activations or 'dynamic'}-{weights}-{per_channel}.onnx"
                cls.cases.append({"model": f"{name}.onnx", "samples": f"{name}.npy", "out": out, "activations": activations,
                                  "weights": weights, "per_channel": per_channel})
        (cls.folder / "cases.json").write_text(json.dumps(cls.cases))
        done = subprocess.run([ORT_PYTHON, "-c", _QUANTIZE, cls.folder], text=True, capture_output=True)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)

    def test_models(self):
        for case in self.cases:
            with self.subTest(case["out"]):
                samples = np.load(self.folder / case["samples"])
                expected = np.load((self.folder / case["out"]).with_suffix(".npy"))
                model = npir.from_onnx(self.folder / case["out"])
                self.assertEqual(model.station, "qdq")
                name, sink = model.inputs[0].name, model.outputs[0].name
                actual = npir.run(model, {name: samples}, backend="interpreter")[sink]
                if case["activations"]:
                    # But for a value beside the middle of two integers, and what follows from it.
                    self.assertGreater(sqnr(expected, actual), 38 if "vit" in case["out"] else 50)
                else:
                    # Rows are rounded by themselves here, whole tensors there.
                    self.assertGreater(sqnr(expected, actual), 35)
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    integers = npir.run_pipeline(model, INTEGERS)
                self.assertGreater(sqnr(actual, npir.run(integers, {name: samples})[sink]), 34 if "vit" in case["out"] else 45)

    def test_dynamic_layers(self):
        """They are layers of NPIR's own scheme: rounded rows, and integers as weights with the product's scales."""
        text = str(npir.from_onnx(self.folder / "words-dynamic-s8-True.onnx"))
        # The first layer reads integers of the table.
        self.assertEqual(text.count("npir.dynamic_quantize"), 1)
        self.assertEqual(text.count("npir.linear"), 2)
        self.assertNotIn("npir.mul", text)
        # The table, and the weights of both layers.
        self.assertEqual(text.count("npir.dequantize"), 3)


class Operators(unittest.TestCase):
    """Each op on random integers, against onnxruntime: within one integer of its result."""

    def setUp(self):
        self.rng = np.random.default_rng(11)
        self.cases = {}

    def weights(self, kind, **others):
        zero_points = {"uint8": (128, 121, 113), "int8": (0, -7, 5)}[kind]
        weights = {name: np.float32(value) for name, value in SCALES.items()}
        weights |= {name: np.array(value, kind) for name, value in zip(("xz", "az", "yz"), zero_points)}
        return weights | others

    def add(self, name, nodes, weights, shape=(6, 8, 8), bound=1):
        samples = self.rng.uniform(-6, 6, (4, *shape)).astype(np.float32)
        ends = [node("QuantizeLinear", ["x", "xs", "xz"], ["q"], "q"), *nodes, node("DequantizeLinear", ["o", "ys", "yz"], ["y"], "d")]
        self.cases[name] = make_model(ends, weights, ("n", *shape), domains=[MICROSOFT]), samples, bound

    def tearDown(self):
        if not ORT_PYTHON.exists():
            self.skipTest(f"no {ORT_PYTHON}")
        expected = run_onnxruntime([case[:2] for case in self.cases.values()])
        for (name, (model, samples, bound)), values in zip(self.cases.items(), expected):
            with self.subTest(name):
                imported = npir.from_onnx(model)
                for count in (4, 1):
                    actual = npir.run(imported, {"x": samples[:count]}, backend="interpreter")["y"]
                    self.assertEqual(actual.shape, values[:count].shape)
                    steps = np.abs(actual - values[:count]) / SCALES["ys"]
                    self.assertLessEqual(steps.max(), bound + 1e-3)
                    if bound:
                        # Means of few integers often lie in the middle of two.
                        self.assertLess(np.mean(steps > 0.5), 0.06)

    def one(self, op, operands, weights=(), kind="uint8", shape=(6, 8, 8), domain=MICROSOFT, bound=1, **attributes):
        self.add(f"{op} {kind} {shape} {attributes}", [node(op, operands.split(), ["o"], "f", domain=domain, **attributes)],
                 self.weights(kind, **dict(weights)), shape, bound)

    def integers(self, kind, *shape):
        low, high = {"uint8": (0, 256), "int8": (-128, 128)}[kind]
        return self.rng.integers(low, high, shape).astype(kind)

    def test_layers(self):
        for kind in ("uint8", "int8"):
            conv = {"w": self.integers("int8", 5, 6, 3, 3), "ws": np.float32(0.002), "wz": np.int8(0), "b": self.integers("int8", 5).astype(np.int32) * 90}
            operands = "q xs xz w ws wz ys yz"
            self.one("QLinearConv", operands, conv, kind, domain="")
            self.one("QLinearConv", operands + " b", conv, kind, domain="", pads=[1, 1, 1, 1], strides=[2, 2])
            channels = conv | {"ws": self.rng.uniform(0.001, 0.004, 5).astype(np.float32), "wz": np.zeros(5, np.int8)}
            self.one("QLinearConv", operands + " b", channels, kind, domain="", dilations=[2, 1])
            product = {"w": self.integers("int8", 8, 5), "ws": np.float32(0.01), "wz": np.int8(0)}
            self.one("QLinearMatMul", "q xs xz w ws wz ys yz", product, kind, (6, 8), domain="")
            gemm = product | {"b": self.integers("int8", 5).astype(np.int32) * 50}
            self.one("QGemm", "q xs xz w ws wz b ys yz", gemm, kind, (8,))
        conv |= {"w": self.integers("uint8", 6, 1, 3, 3), "wz": np.uint8(130), "ws": np.float32(0.01)}
        self.one("QLinearConv", operands, conv, "uint8", domain="", group=6)

    def test_elements(self):
        for kind in ("uint8", "int8"):
            constant = {"c": self.integers(kind, 6, 1, 8)}
            for op in ("QLinearAdd", "QLinearMul"):
                self.one(op, "q xs xz c as az ys yz", constant, kind)
                self.one(op, "q xs xz q xs xz ys yz", (), kind, (8,))
            self.one("QLinearSigmoid", "q xs xz ys yz", (), kind)
            self.one("QLinearLeakyRelu", "q xs xz ys yz", (), kind, alpha=0.1)
            self.one("QLinearConcat", "ys yz q xs xz q xs xz", (), kind, axis=1)
            self.add(f"QLinearWhere {kind}", [node("DequantizeLinear", ["q", "xs", "xz"], ["r"]), node("Greater", ["r", "nought"], ["t"]),
                     node("QLinearWhere", ["t", "q", "xs", "xz", "c", "as", "az", "ys", "yz"], ["o"], domain=MICROSOFT)],
                     self.weights(kind, nought=np.float32(0), **constant))
        self.one("QLinearSoftmax", "q xs xz ys yz", {"ys": np.float32(1 / 256), "yz": np.uint8(0)}, axis=-1, opset=13, bound=256 * SCALES["ys"])

    def test_pools(self):
        for kind in ("uint8", "int8"):
            self.one("QLinearGlobalAveragePool", "q xs xz ys yz", (), kind, channels_last=0)
            self.one("QLinearGlobalAveragePool", "q xs xz ys yz", (), kind, channels_last=1)
            self.one("QLinearAveragePool", "q xs xz ys yz", (), kind, kernel_shape=[3, 3], pads=[1, 0, 1, 0], strides=[2, 1])
            self.one("QLinearAveragePool", "q xs xz ys yz", (), kind, kernel_shape=[2, 3], count_include_pad=1, pads=[1, 1, 1, 1])

    def test_moved_integers(self):
        """Ops that move integers, or choose among them, change none of them."""
        same = {"ys": np.float32(SCALES["xs"]), "yz": np.uint8(128)}
        weights = self.weights("uint8", **same) | {"i": ints(2, 0), "p": ints(0, 0, 1, 0, 0, 0, 0, 2), "v": np.uint8(7), "to": ints(0, 3, -1),
                                                  "t": ints(1, 1, 2, 1), "h": ints(3, 3)}
        for name, nodes in {
            "MaxPool": [node("MaxPool", ["q"], ["o"], kernel_shape=[3, 3], pads=[1, 1, 1, 1])],
            "Transpose": [node("Transpose", ["q"], ["o"], perm=[0, 2, 3, 1])],
            "Reshape": [node("Reshape", ["q", "to"], ["o"])],
            "Gather": [node("Gather", ["q", "i"], ["o"], axis=1)],
            "Pad": [node("Pad", ["q", "p"], ["o"])],
            "Pad 7": [node("Pad", ["q", "p", "v"], ["o"])],
            "Tile": [node("Tile", ["q", "t"], ["o"])],
            "Split": [node("Split", ["q", "h"], ["a", "b"], axis=1), node("Concat", ["b", "a"], ["o"], axis=1)],
        }.items():
            self.add(name, nodes, weights, bound=0)

    def test_boundary(self):
        """Integers at the ends of a model are int32 in NPIR; scales that differ from those that made them are no error."""
        weights = self.weights("uint8", t=np.float32(0.2), tz=np.uint8(100))
        samples = self.rng.integers(0, 256, (4, 8)).astype(np.int32)
        nodes = [node("DequantizeLinear", ["x", "t", "tz"], ["r"]), node("Relu", ["r"], ["p"]), node("QuantizeLinear", ["p", "ys", "yz"], ["y"])]
        pixels = make_model(nodes, weights, ("n", 8), dtype=TensorProto.UINT8)
        pixels.graph.output[0].type.tensor_type.elem_type = TensorProto.UINT8
        (expected,) = run_onnxruntime([(pixels, samples.astype(np.uint8))])
        actual = npir.run(npir.from_onnx(pixels), {"x": samples})["y"]
        self.assertEqual(actual.dtype, np.int32)
        np.testing.assert_array_equal(actual, expected)
        self.add("other scales", [node("DequantizeLinear", ["q", "t", "tz"], ["r"]), node("QuantizeLinear", ["r", "ys", "yz"], ["o"])], weights, (8,))

    def test_integers_as_numbers(self):
        """Whatever reads them gets int32, also when they are multiplied later."""
        weights = self.weights("uint8", w=self.integers("int8", 8, 5), s=np.float32(0.001), ys=np.float32(1), yz=np.uint8(0))
        product = [node("MatMulInteger", ["q", "w", "xz"], ["i"]), node("Cast", ["i"], ["f"], to=1)]
        for name, tail in {"scaled": [node("Mul", ["f", "s"], ["g"])], "plain": [node("Div", ["f", "hundred"], ["g"])]}.items():
            nodes = [*product, *tail, node("QuantizeLinear", ["g", "ys", "yz"], ["o"])]
            self.add(name, nodes, weights | {"hundred": np.float32(100)}, (6, 8))


class Refused(ImporterTest):
    def one(self, op, operands, weights, reason, domain=MICROSOFT, **attributes):
        name = f"{domain}.{op}" if domain else op
        base = {"s": np.float32(0.1), "z": np.uint8(3)}
        nodes = [node("QuantizeLinear", ["x", "s", "z"], ["q"]), node(op, operands.split(), ["y"], "bad", domain=domain, **attributes)]
        self.refuse(make_model(nodes, base | weights, domains=[MICROSOFT]), f"  node 'bad' ({name}): {reason}\n")

    def test_operators(self):
        conv = {"w": np.ones((2, 4, 3, 3), np.int8), "wz": np.int8(0)}
        self.one("QLinearConv", "q s z w s wz s z b", conv | {"b": floats(2)}, "expected a bias of int32, got float32", "")
        self.one("QLinearConv", "q s z w s wz s z b", conv | {"b": np.ones(2, np.int32), "s": np.float32([0.1, 0.2, 0.3])},
                 "expected one scale, or 2, for the bias, got 3", "")
        self.one("QLinearConcat", "s z q s z", {}, "attribute 'axis' is missing")
        self.one("QLinearConcat", "s z q s z q", {}, "expected a scale and a zero point of the result and of each operand, got 6 inputs", axis=1)

        pixels = make_model([node("QLinearSigmoid", ["x", "s", "", "s"], ["y"], "bad", domain=MICROSOFT)], {"s": np.float32(0.1)}, dtype=TensorProto.UINT8,
                            domains=[MICROSOFT])
        self.refuse(pixels, "node 'bad' (com.microsoft.QLinearSigmoid): expected a zero point of the result, got none")

    def test_dynamic(self):
        nodes = [node("DynamicQuantizeLinear", ["x"], ["q", "s", "z"]), node("Neg", ["q"], ["y"], "bad")]
        self.refuse(make_model(nodes), "node 'bad' (Neg): unsupported on 'q', the integers of DynamicQuantizeLinear")
        weights = {"w": np.ones((8, 3), np.int8), "wz": np.zeros(2, np.int8)}
        nodes[1] = node("MatMulInteger", ["q", "w", "z", "wz"], ["i"], "bad")
        self.refuse(make_model([*nodes, node("Cast", ["i"], ["y"], to=1)], weights),
                    "expected one scale and zero point, or one for each output channel of [8, 3], got 2")

    def test_packed_weights(self):
        weights = {"w": np.zeros((6, 2, 16), np.uint8), "s": floats(12), "g": np.zeros(64, np.int32)}
        self.one("MatMulNBits", "x w s  g".replace("  ", " s "), weights, "an order of the groups (g_idx) is not supported", K=64, N=6)
        self.one("MatMulNBits", "x w s", weights, "expected 2, 4 or 8 bits, K, N and block_size, got 3 bits of [64, 6] in blocks of 32", K=64, N=6, bits=3)
        self.one("MatMulNBits", "x w s", weights, "expected 7 rows of 2 blocks, got weights of [6, 2, 16] and scales of [12]", K=64, N=7)


if __name__ == "__main__":
    unittest.main()
