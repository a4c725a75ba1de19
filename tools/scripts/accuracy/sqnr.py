"""Signal to quantization noise of a network's outputs; numpy only, for every environment of the benchmark."""
import math

import numpy as np


def sqnr(reference, actual):
    """In dB, of dicts of arrays by output: the mean over outputs of noise / signal, so that each output counts alike."""
    ratios = []
    for name, values in reference.items():
        values = values.astype(np.float64)
        ratios.append(np.sum((values - actual[name]) ** 2) / np.sum(values**2))
    ratio = float(np.mean(ratios))
    return math.inf if ratio == 0 else -10 * math.log10(ratio)
