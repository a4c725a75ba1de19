"""Quantizes with onnxruntime and says how good that is; runs in build/venv-onnxruntime.

    python onnxruntime_quantize.py MODEL.onnx CALIB.npy COUNT TEST.npy COUNT FOLDER THREADS

This file prints {"sqnr_db": {"MinMax s8s8": ...}} of the outputs against the float model's, for each of onnxruntime's
calibrators and for 8-bit activations with and without sign. Weights are int8 with a scale for each channel; all else is
onnxruntime's own setting. Batch norms are folded beforehand, as its manual recommends.
"""
import json
import logging
import math
import os
import sys

import numpy as np
import onnx
import onnxruntime
from onnxruntime.quantization import QuantType, calibrate
from onnxruntime.quantization.qdq_quantizer import QDQQuantizer
from onnxruntime.quantization.registry import QDQRegistry, QLinearOpsRegistry
from onnxruntime.quantization.shape_inference import quant_pre_process

METHODS = ("MinMax", "Entropy", "Percentile")
ACTIVATIONS = {"s8s8": QuantType.QInt8, "u8s8": QuantType.QUInt8}
BATCH = 8


class Reader(calibrate.CalibrationDataReader):
    def __init__(self, name, pixels, step):
        self.batches = iter([{name: np.array(pixels[i : i + step])} for i in range(0, len(pixels), step)])

    def get_next(self):
        return next(self.batches, None)


class Runner:
    """Runs models on the same samples."""

    def __init__(self, samples, threads):
        self.samples = samples
        self.options = onnxruntime.SessionOptions()
        self.options.intra_op_num_threads = threads
        self.options.log_severity_level = 3

    def run(self, path):
        session = onnxruntime.InferenceSession(path, self.options, providers=["CPUExecutionProvider"])
        source = session.get_inputs()[0]
        step = source.shape[0] if isinstance(source.shape[0], int) else BATCH
        parts = [session.run(None, {source.name: np.array(self.samples[i : i + step])})[0] for i in range(0, len(self.samples), step)]
        return np.concatenate(parts).astype(np.float64)


def sqnr(reference, actual):
    noise = np.sum((reference - actual) ** 2)
    return math.inf if noise == 0 else 10 * math.log10(np.sum(reference**2) / noise)


def main():
    model, calib, calib_count, test, test_count, folder, threads = sys.argv[1:8]
    logging.disable(logging.WARNING)
    runner = Runner(np.load(test, mmap_mode="r")[: int(test_count)], int(threads))
    reference = runner.run(model)
    folded = os.path.join(folder, "folded.onnx")
    quant_pre_process(model, folded, skip_symbolic_shape=True)
    port = onnxruntime.InferenceSession(folded, runner.options).get_inputs()[0]
    step = port.shape[0] if isinstance(port.shape[0], int) else BATCH
    pixels = np.load(calib, mmap_mode="r")[: int(calib_count)]
    found = {}
    for method in METHODS:
        calibrator = calibrate.create_calibrator(
            folded, augmented_model_path=os.path.join(folder, "augmented.onnx"), calibrate_method=calibrate.CalibrationMethod[method])
        calibrator.collect_data(Reader(port.name, pixels, step))
        ranges = calibrator.compute_data()
        del calibrator
        for label, activations in ACTIVATIONS.items():
            quantizer = QDQQuantizer(
                onnx.load(folded), per_channel=True, reduce_range=False, weight_qType=QuantType.QInt8, activation_qType=activations,
                tensors_range=ranges, nodes_to_quantize=[], nodes_to_exclude=[],
                op_types_to_quantize=sorted({*QDQRegistry, *QLinearOpsRegistry}), extra_options={})
            quantizer.quantize_model()
            path = os.path.join(folder, "quantized.onnx")
            quantizer.model.save_model_to_file(path)
            found[f"{method} {label}"] = sqnr(reference, runner.run(path))
    print(json.dumps({"sqnr_db": {name: value if math.isfinite(value) else "inf" for name, value in found.items()}}))


main()
