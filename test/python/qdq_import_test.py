"""Quantized ONNX models: what onnxruntime's quantizer makes, and what its rules allow."""
import json
import pathlib
import subprocess
import tempfile
import unittest
import warnings

import numpy as np
from onnx import TensorProto, helper

from onnx_import_helpers import BUILD, DIGITS_CNN, ROOT, ImporterTest, floats, make_model, node
from onnxruntime_helpers import ORT_PYTHON, run_onnxruntime
import npir

DIGITS_VIT = ROOT / "tools" / "networks" / "digits_vit" / "model.onnx"
INTEGERS = "npir-canonicalize-qdq,npir-partition{targets=xnnpack},npir-fold-qdq,convert-npir-to-xnn,npir-verify-contract"

# Every model of a folder, quantized with each pair of types, and what onnxruntime computes of it without optimizing.
_QUANTIZE = """
import json, pathlib, sys, numpy as np, onnxruntime as ort
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
TYPES = {"s8": QuantType.QInt8, "u8": QuantType.QUInt8, "s16": QuantType.QInt16}
class Reader(CalibrationDataReader):
    def __init__(self, name, samples, step):
        self.batches = iter([{name: samples[i:i + step]} for i in range(0, len(samples), step)])
    def get_next(self):
        return next(self.batches, None)
options = ort.SessionOptions()
options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
options.log_severity_level = 3
options.intra_op_num_threads = 1
folder = pathlib.Path(sys.argv[1])
for case in json.loads((folder / "cases.json").read_text()):
    source, out = str(folder / case["model"]), folder / case["out"]
    samples = np.load(folder / case["samples"])
    port = ort.InferenceSession(source, options).get_inputs()[0]
    step = port.shape[0] if isinstance(port.shape[0], int) else len(samples)
    quantize_static(source, str(out), Reader(port.name, samples, step), quant_format=QuantFormat.QDQ,
                    per_channel=case["per_channel"], activation_type=TYPES[case["activations"]],
                    weight_type=TYPES[case["weights"]],
                    extra_options={"UseQDQContribOps": True} if case["activations"] == "s16" else {})
    session = ort.InferenceSession(str(out), options)
    parts = [session.run(None, {port.name: samples[i:i + step]})[0] for i in range(0, len(samples), step)]
    np.save(out.with_suffix(".npy"), np.concatenate(parts))
"""


def sqnr(reference, actual):
    """In dB."""
    error = np.sum(np.square(np.float64(reference) - actual))
    return np.inf if error == 0 else 10 * np.log10(np.sum(np.square(np.float64(reference))) / error)


def digits(folder):
    """Images for the networks of digits."""
    subprocess.run([str(BUILD / "venv" / "bin" / "python"), ROOT / "tools" / "networks" / "digits_data.py", "--out", folder / "digits",
                    "--input-name", "input"], check=True, capture_output=True)
    return np.load(folder / "digits" / "test" / "input.npy")[:100]


def random_network(seed):
    """A small convolutional network with shapes, groups and weights of its own."""
    rng = np.random.default_rng(seed)

    def weight(*shape):
        return rng.normal(0, 1 / np.sqrt(np.prod(shape[1:])), shape).astype(np.float32)

    channels, wide = int(rng.integers(2, 5)), 4 * int(rng.integers(1, 4))
    size = int(rng.integers(6, 10))
    half = (size + 1) // 2
    weights = {
        "w1": weight(wide, channels, 3, 3), "b1": weight(wide), "w2": weight(wide, 1, 3, 3),
        "w3": weight(2 * wide, wide // 2, 1, 1), "c": weight(1, 2 * wide, 1, 1),
        "w4": weight(4 * wide * half * half, 10), "b4": weight(10), "low": np.float32(0), "high": np.float32(2),
    }
    nodes = [
        node("Conv", ["x", "w1", "b1"], ["a"], "first", pads=[1, 1, 1, 1]), node("Relu", ["a"], ["b"], "relu"),
        node("Conv", ["b", "w2"], ["d"], "depthwise", group=wide, pads=[1, 1, 1, 1], strides=[2, 2]),
        node("Clip", ["d", "low", "high"], ["e"], "clip"), node("Conv", ["e", "w3"], ["f"], "grouped", group=2),
        node("Add", ["f", "c"], ["g"], "add"), node("Sigmoid", ["g"], ["h"], "sigmoid"), node("Mul", ["g", "h"], ["i"], "mul"),
        node("MaxPool", ["i"], ["j"], "pool", kernel_shape=[3, 3], pads=[1, 1, 1, 1]), node("Concat", ["j", "i"], ["k"], "concat", axis=1),
        node("Flatten", ["k"], ["l"], "flatten"), node("Gemm", ["l", "w4", "b4"], ["y"], "last"),
    ]
    return make_model(nodes, weights, ("batch", channels, size, size)), rng.normal(size=(8, channels, size, size)).astype(np.float32)


@unittest.skipUnless(ORT_PYTHON.exists(), f"no {ORT_PYTHON}: tools/scripts/test.sh makes it")
class FromOnnxruntime(unittest.TestCase):
    """Models that onnxruntime has quantized compute what it computes: the same roundings, but for sums in another order."""

    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = pathlib.Path(temporary.name)
        images = digits(cls.folder)
        sources = {"digits_cnn": (DIGITS_CNN.read_bytes(), images), "digits_vit": (DIGITS_VIT.read_bytes(), images)}
        for seed in range(4):
            model, samples = random_network(seed)
            sources[f"random{seed}"] = (model.SerializeToString(), samples)
        cls.cases = []
        for name, (content, samples) in sources.items():
            (cls.folder / f"{name}.onnx").write_bytes(content)
            np.save(cls.folder / f"{name}.npy", samples)
            for activations, weights, per_channel in (("s8", "s8", True), ("s8", "s8", False), ("u8", "s8", True), ("u8", "u8", False),
                                                      ("s16", "s8", True)):
                out = f"{name}-{activations}-{weights}-{per_channel}.onnx"
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
                # A sum that ends beside the middle of two integers may be rounded to either, and so on below it.
                self.assertGreater(sqnr(expected, actual), 50)
                if case["activations"] != "s16":
                    step = np.diff(np.unique(expected))
                    step = step[step > 1e-6].min()
                    self.assertLess(np.mean(np.abs(actual - expected) > 1.01 * step), 0.01)
                with warnings.catch_warnings():
                    # Of layers that have no integer form.
                    warnings.simplefilter("ignore")
                    integers = npir.run_pipeline(model, INTEGERS)
                # The arithmetic of a transformer's tables and products differs more.
                bound = 36 if "vit" in case["out"] else 45
                self.assertGreater(sqnr(actual, npir.run(integers, {name: samples})[sink]), bound)

    def test_layout(self):
        """Between an image and the layers that need another order there is no transpose."""
        text = str(npir.from_onnx(self.folder / "digits_cnn-s8-s8-True.onnx"))
        self.assertNotIn("npir.transpose", text)


def quantized(name, scale, zero_point, **attributes):
    """Nodes that round `name` to `name_q` and back to `name_d`."""
    parameters = [scale] + ([zero_point] if zero_point else [])
    return [node("QuantizeLinear", [name, *parameters], [f"{name}_q"], f"{name}.round", **attributes),
            node("DequantizeLinear", [f"{name}_q", *parameters], [f"{name}_d"], f"{name}.back", **attributes)]


class Rules(ImporterTest):
    """Each rule of the two ops, by a model of its own."""

    def check(self, model, samples):
        (expected,) = run_onnxruntime([(model, samples)])
        imported = npir.from_onnx(model)
        actual = npir.run(imported, {"x": samples}, backend="interpreter")["y"]
        np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-5 * np.abs(expected).max())
        return imported

    @unittest.skipUnless(ORT_PYTHON.exists(), "no onnxruntime")
    def test_activations(self):
        samples = np.random.default_rng(1).normal(0, 3, (5, 4, 3, 3)).astype(np.float32)
        for dtype, zero_point in (("int8", -3), ("uint8", 200), ("int16", 77), ("uint16", 1000)):
            for opset in (10, 13, 19, 21):
                if "16" in dtype and opset < 21:
                    continue
                with self.subTest(dtype=dtype, opset=opset):
                    weights = {"s": np.float32(0.037), "z": np.array(zero_point, dtype)}
                    nodes = [*quantized("x", "s", "z"), node("Identity", ["x_d"], ["y"])]
                    self.check(make_model(nodes, weights, ("batch", 4, 3, 3), opset=max(opset, 11)), samples)

    @unittest.skipUnless(ORT_PYTHON.exists(), "no onnxruntime")
    def test_per_axis(self):
        samples = np.random.default_rng(2).normal(0, 3, (5, 4, 3, 3)).astype(np.float32)
        weights = {"s": np.float32([0.1, 0.02, 0.3, 0.05]), "z": np.array([0, 5, -7, 9], np.int8)}
        for axis in (1, -3):
            nodes = [*quantized("x", "s", "z", axis=axis), node("MaxPool", ["x_d"], ["y"], "pool", kernel_shape=[2, 2])]
            imported = self.check(make_model(nodes, weights, ("batch", 4, 3, 3)), samples)
            # The channels have gone to the end, and the scales with them.
            self.assertRegex(str(imported), r"quant\.uniform<i8:f32:3,")

    @unittest.skipUnless(ORT_PYTHON.exists(), "no onnxruntime")
    def test_weights(self):
        """Integers stay integers in the layer's own layout, and their axis goes with them."""
        rng = np.random.default_rng(3)
        samples = rng.normal(size=(3, 4, 5, 5)).astype(np.float32)
        for dtype, bound in ((TensorProto.INT8, 127), (TensorProto.UINT8, 255), (TensorProto.INT4, 7), (TensorProto.UINT4, 15)):
            signed = dtype in (TensorProto.INT8, TensorProto.INT4)
            with self.subTest(dtype):
                integers = rng.integers(-bound if signed else 0, bound + 1, (6, 4, 3, 3))
                scales = rng.uniform(0.01, 0.1, 6).astype(np.float32)
                weights = {"w": helper.make_tensor("w", dtype, integers.shape, integers.reshape(-1)), "s": scales,
                           "z": helper.make_tensor("z", dtype, [6], np.zeros(6, int)), "one": np.float32(0.1),
                           "zero": np.array(0, np.int8)}
                nodes = [*quantized("x", "one", "zero"), node("DequantizeLinear", ["w", "s", "z"], ["w_d"], "w.back", axis=0),
                         node("Conv", ["x_d", "w_d"], ["y"], "conv")]
                imported = self.check(make_model(nodes, weights, ("batch", 4, 5, 5), opset=21), samples)
                bits = 8 if bound > 15 else 4
                self.assertRegex(str(imported), rf"quant\.uniform<{'i' if signed else 'u'}{bits}:f32:0, ")
                self.assertRegex(str(imported), r"as tensor<6x3x3x4x!q")

    @unittest.skipUnless(ORT_PYTHON.exists(), "no onnxruntime")
    def test_weights_quantized_in_the_graph(self):
        """As training with rounding leaves them: floats, rounded by nodes."""
        samples = np.random.default_rng(4).normal(size=(3, 4, 5, 5)).astype(np.float32)
        weights = {"w": floats(6, 4, 3, 3), "s": np.float32(np.linspace(0.01, 0.2, 6)), "z": np.zeros(6, np.int8)}
        nodes = [*quantized("w", "s", "z", axis=0), node("Conv", ["x", "w_d"], ["y"], "conv")]
        imported = self.check(make_model(nodes, weights, ("batch", 4, 5, 5)), samples)
        self.assertEqual(str(imported).count("npir.quantize"), 0)

    @unittest.skipUnless(ORT_PYTHON.exists(), "no onnxruntime")
    def test_moved_weights(self):
        """Integers that are transposed or reshaped before a layer reads them stay integers."""
        rng = np.random.default_rng(8)
        samples = rng.normal(size=(3, 6)).astype(np.float32)
        weights = {"w": rng.integers(-127, 128, (4, 1, 6)).astype(np.int8), "s": rng.uniform(0.01, 0.1, 4).astype(np.float32),
                   "z": np.zeros(4, np.int8), "shape": np.array([4, 6])}
        nodes = [node("DequantizeLinear", ["w", "s", "z"], ["a"], "w.back", axis=0), node("Reshape", ["a", "shape"], ["b"], "reshape"),
                 node("Transpose", ["b"], ["c"], "transpose", perm=[1, 0]), node("MatMul", ["x", "c"], ["y"], "product")]
        imported = self.check(make_model(nodes, weights, ("batch", 6)), samples)
        self.assertRegex(str(imported), r"quant\.uniform<i8:f32:0, ")
        # Where the channels are no dimension any more, there are floats.
        weights.update(shape=np.array([6, 4]))
        nodes[2:] = [node("MatMul", ["x", "b"], ["y"], "product")]
        self.assertNotIn("quant.uniform", str(self.check(make_model(nodes, weights, ("batch", 6)), samples)))

    def test_refusals(self):
        ok = {"s": np.float32(0.5), "z": np.array(0, np.int8)}

        def refuse(nodes, weights, *words, **options):
            self.refuse(make_model(nodes, weights, **options), *words)

        y = node("Identity", ["x_d"], ["y"], "n")
        refuse([*quantized("x", "s", "z"), y], {**ok, "s": np.float32(0)}, "'x.round' (QuantizeLinear): expected scales that are positive")
        refuse([*quantized("x", "s", "z"), y], {**ok, "s": np.float32([1, 2])}, "expected a zero point of shape [2]")
        refuse([*quantized("x", "s", "z"), y], {"s": np.ones(3, np.float32), "z": np.zeros(3, np.int8)},
               "expected 4 scales along axis 1 of [batch, 4, 8, 8], got 3")
        refuse([*quantized("x", "s", "z"), y], {**ok, "z": np.array(0, np.int32)}, "expected a zero point of 4, 8 or 16 bits, got int32")
        refuse([*quantized("x", "s", "z"), y], {**ok, "z": np.float32(0)}, "got float32")
        refuse([*quantized("x", "s", "z", block_size=2), y], ok, "a scale for each block of 2 elements is supported for constants alone",
               opset=21)
        blocks = [node("DequantizeLinear", ["w", "t"], ["w_d"], "n", axis=0, block_size=2), node("Add", ["x", "w_d"], ["y"])]
        refuse(blocks, {"w": np.zeros(8, np.int8), "t": np.ones(3, np.float32)}, "expected scales and zero points of [4], for blocks of 2 "
               "along axis 0 of [8], got [3]", opset=21)
        refuse([node("DequantizeLinear", ["x", "s", "z"], ["y"], "n")], ok, "'n' (DequantizeLinear): expected integers in 'x', got float32")
        refuse([node("DequantizeLinear", ["w", "s", "z"], ["w_d"], "n"), node("Add", ["x", "w_d"], ["y"])],
               {**ok, "w": np.zeros(4, np.uint8)}, "expected a zero point of the type of 'w', got int8")


if __name__ == "__main__":
    unittest.main()
