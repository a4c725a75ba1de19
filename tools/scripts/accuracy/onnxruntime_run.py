"""Runs ONNX models; runs in build/venv-onnxruntime.

    python onnxruntime_run.py INPUT.npy COUNT THREADS MODEL.onnx OUTPUT.npy [MODEL.onnx OUTPUT.npy]...

This file writes the first output of each model on the first samples of the input.
"""
import sys

import numpy as np
import onnxruntime

samples, count, threads, *files = sys.argv[1:]
pixels = np.load(samples, mmap_mode="r")[: int(count)]
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = int(threads)
options.log_severity_level = 3
for model, output in zip(files[::2], files[1::2]):
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    source = session.get_inputs()[0]
    step = source.shape[0] if isinstance(source.shape[0], int) else 8
    parts = [session.run(None, {source.name: np.array(pixels[i : i + step])})[0] for i in range(0, len(pixels), step)]
    np.save(output, np.concatenate(parts))
