"""Runs a model with onnxruntime; in build/venv-onnxruntime.

    python onnxruntime_outputs.py MODEL.onnx SAMPLES.npz OUTPUTS.npz BATCH...

This file writes the outputs of the first BATCH samples, all in one run, as BATCH/INDEX.
"""
import sys

import numpy as np
import onnxruntime

model, samples, target, *batches = sys.argv[1:]
options = onnxruntime.SessionOptions()
options.log_severity_level = 3
session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
outputs = {}
with np.load(samples) as file:
    arrays = dict(file)
for batch in map(int, batches):
    inputs = {source.name: arrays[source.name][:batch] for source in session.get_inputs()}
    for index, output in enumerate(session.run(None, inputs)):
        outputs[f"{batch}/{index}"] = output
np.savez(target, **outputs)
