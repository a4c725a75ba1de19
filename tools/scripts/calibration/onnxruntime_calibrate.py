"""Calibrates with onnxruntime; runs in build/venv-onnxruntime.

    python onnxruntime_calibrate.py METHOD MODEL.onnx INPUT.npy COUNT THREADS

This file prints {"seconds": ..., "peak_bytes": ..., "tensors": ...} for METHOD MinMax,
Entropy or Percentile with onnxruntime's own settings. The clock runs from the
making of the calibrator to its ranges: not while Python loads modules, nor while
the batch norms are folded beforehand, as onnxruntime's manual recommends.
"""
import json
import logging
import os
import resource
import sys
import tempfile
import time

import numpy as np
import onnxruntime
from onnxruntime.quantization import calibrate
from onnxruntime.quantization.shape_inference import quant_pre_process

# Pictures that the model gets at once.
BATCH = 8


class Reader(calibrate.CalibrationDataReader):
    def __init__(self, name, path, count):
        self.name, self.count, self.at = name, count, 0
        self.pixels = np.load(path, mmap_mode="r")

    def get_next(self):
        begin, self.at = self.at, min(self.at + BATCH, self.count)
        return {self.name: np.array(self.pixels[begin : self.at])} if begin < self.at else None


def main():
    method, model, pixels, count, threads = sys.argv[1:6]
    logging.disable(logging.WARNING)
    os.environ["OMP_NUM_THREADS"] = threads

    class Options(onnxruntime.SessionOptions):
        """The calibrator makes its own options; these have the threads."""

        def __init__(self):
            super().__init__()
            self.intra_op_num_threads = int(threads)

    onnxruntime.SessionOptions = Options
    with tempfile.TemporaryDirectory() as folder:
        folded = os.path.join(folder, "folded.onnx")
        quant_pre_process(model, folded, skip_symbolic_shape=True)
        name = onnxruntime.InferenceSession(folded).get_inputs()[0].name
        begin = time.monotonic()
        calibrator = calibrate.create_calibrator(
            folded,
            augmented_model_path=os.path.join(folder, "augmented.onnx"),
            calibrate_method=calibrate.CalibrationMethod[method],
        )
        calibrator.collect_data(Reader(name, pixels, int(count)))
        ranges = calibrator.compute_data()
        seconds = time.monotonic() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"seconds": seconds, "peak_bytes": peak, "tensors": len(ranges.keys())}))


main()
