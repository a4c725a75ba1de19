"""Runs ONNX models; runs in build/venv-onnxruntime.

    python onnxruntime_run.py FOLDER COUNT THREADS MODEL.onnx OUTPUTS [MODEL.onnx OUTPUTS]...

This file writes the outputs of each model on the first samples of FOLDER, which has an .npy file for each input, to a file
for each output in the folder OUTPUTS.
"""
import os
import sys

import numpy as np
import onnxruntime

# Where the model leaves the batch free.
BATCH = 8


class Samples:
    """The first `count` samples of a folder, in batches as a session wants them."""

    def __init__(self, folder, count, session):
        ports = session.get_inputs()
        self.arrays = {port.name: np.load(os.path.join(folder, f"{port.name}.npy"), mmap_mode="r")[:count] for port in ports}
        fixed = ports[0].shape[0]
        self.count, self.step = len(self.arrays[ports[0].name]), fixed if isinstance(fixed, int) else BATCH

    def __iter__(self):
        for i in range(0, self.count, self.step):
            yield {name: np.array(values[i : i + self.step]) for name, values in self.arrays.items()}


def make_options(threads):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    return options


def run(path, folder, count, options):
    """All outputs by name."""
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    parts = [session.run(None, batch) for batch in Samples(folder, count, session)]
    return {port.name: np.concatenate(arrays) for port, arrays in zip(session.get_outputs(), zip(*parts))}


def main():
    folder, count, threads, *files = sys.argv[1:]
    for model, target in zip(files[::2], files[1::2]):
        os.makedirs(target, exist_ok=True)
        for name, values in run(model, folder, int(count), make_options(int(threads))).items():
            np.save(os.path.join(target, f"{name}.npy"), values)


if __name__ == "__main__":
    main()
