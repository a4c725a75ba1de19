"""Fails where the outputs in two folders differ by a SQNR in dB of less than the least given, or of more than the most."""
import sys

import numpy as np

a, b = (np.load(f"{folder}/output0.npy").astype(np.float64) for folder in sys.argv[1:3])
noise = np.sum((a - b) ** 2)
sqnr = 10 * np.log10(np.sum(a**2) / noise) if noise else np.inf
bounds = [float(bound) for bound in sys.argv[3:]]
if not bounds[0] <= sqnr or (len(bounds) > 1 and not sqnr <= bounds[1]):
    sys.exit(f"expected a SQNR in {bounds} dB, got {sqnr:.2f} dB")
