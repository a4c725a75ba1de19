"""Quantizes with onnxruntime and says how good that is; runs in build/venv-onnxruntime.

    python onnxruntime_quantize.py MODEL.onnx CALIB COUNT TEST COUNT FOLDER THREADS

CALIB and TEST are folders with an .npy file for each input.

This file prints {"sqnr_db": {"MinMax s8s8": ...}} of the outputs against the float model's, for each of onnxruntime's
calibrators and for 8-bit activations with and without sign. Weights are int8 with a scale for each channel; all else is
onnxruntime's own setting. Batch norms are folded beforehand, as its manual recommends.
"""
import json
import logging
import math
import os
import sys

import onnx
import onnxruntime
from onnxruntime.quantization import QuantType, calibrate
from onnxruntime.quantization.qdq_quantizer import QDQQuantizer
from onnxruntime.quantization.registry import QDQRegistry, QLinearOpsRegistry
from onnxruntime.quantization.shape_inference import quant_pre_process
from onnxruntime_run import Samples, make_options, run
from sqnr import sqnr

METHODS = ("MinMax", "Entropy", "Percentile")
ACTIVATIONS = {"s8s8": QuantType.QInt8, "u8s8": QuantType.QUInt8}


class Reader(calibrate.CalibrationDataReader):
    def __init__(self, samples):
        self.batches = iter(samples)

    def get_next(self):
        return next(self.batches, None)


def main():
    model, calib, calib_count, test, test_count, folder, threads = sys.argv[1:8]
    logging.disable(logging.WARNING)
    options = make_options(int(threads))
    reference = run(model, test, int(test_count), options)
    folded = os.path.join(folder, "folded.onnx")
    quant_pre_process(model, folded, skip_symbolic_shape=True)
    samples = Samples(calib, int(calib_count), onnxruntime.InferenceSession(folded, options))
    found = {}
    for method in METHODS:
        calibrator = calibrate.create_calibrator(
            folded, augmented_model_path=os.path.join(folder, "augmented.onnx"), calibrate_method=calibrate.CalibrationMethod[method])
        calibrator.collect_data(Reader(samples))
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
            found[f"{method} {label}"] = sqnr(reference, run(path, test, int(test_count), options))
    print(json.dumps({"sqnr_db": {name: value if math.isfinite(value) else "inf" for name, value in found.items()}}))


main()
