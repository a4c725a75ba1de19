"""What outputs.mlir gives, in files: shapes, and the values of constants."""

import sys

import numpy as np

outputs = {name: np.load(f"{sys.argv[1]}/{name}.npy") for name in ("y", "same", "constant", "scalar", "indices")}
x = np.load(f"{sys.argv[2]}/x.npy")
assert outputs["y"].shape == outputs["same"].shape == (10, 3), outputs
# The layer reads it in 8 bits, and so does everything else.
assert np.abs(outputs["same"] - x).max() < 0.02, outputs["same"] - x
rows = np.arange(4, dtype=np.float32)[:, None] + np.array([0.1, 0.2, 0.3], np.float32)
assert outputs["constant"].shape == (4, 3) and np.allclose(outputs["constant"], rows, atol=1e-6), outputs["constant"]
assert outputs["scalar"].shape == () and outputs["scalar"] == 2.5, outputs["scalar"]
assert outputs["indices"].dtype == np.int64 and outputs["indices"].tolist() == [3, 4], outputs["indices"]
