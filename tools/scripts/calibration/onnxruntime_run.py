"""Compares logits with onnxruntime's; runs in build/venv-onnxruntime.

    python onnxruntime_run.py MODEL.onnx INPUT.npy LOGITS.npy

This file prints {"relative_error": max|a-b| / max|b|} for the first samples of the
input, as many as there are logits.
"""
import json
import sys

import numpy as np
import onnxruntime

model, pixels, logits = sys.argv[1:4]
actual = np.load(logits)
session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
inputs = np.array(np.load(pixels, mmap_mode="r")[: len(actual)])
expected = session.run(None, {session.get_inputs()[0].name: inputs})[0]
print(json.dumps({"relative_error": float(abs(actual - expected).max() / abs(expected).max())}))
