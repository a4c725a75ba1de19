"""The matrices of Resize are what the onnx package's reference makes of unit vectors.

This file needs numpy and onnx only:

    PYTHONPATH=python python test/python/resampling_test.py
"""
import itertools
import os
import pathlib
import sys
import unittest

import numpy as np
from onnx import helper
from onnx.reference import ReferenceEvaluator

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(pathlib.Path(os.environ.get("NPIR_BUILD", ROOT / "build")) / "python"))

from npir.importers.onnx.resampling import COORDINATES, ROUNDINGS, Axis, Resampling, find_points, resampling_matrix  # noqa: E402


def reference(axis, how):
    """The rows of the matrix, each element by the reference; NaN outside."""
    node = helper.make_node(
        "Resize", ["x", "roi", "scales"], ["y"], mode=how.mode, coordinate_transformation_mode=how.coordinates,
        nearest_mode=how.rounding, cubic_coeff_a=how.cubic_coeff_a, exclude_outside=int(how.exclude_outside),
        antialias=int(how.antialias), extrapolation_value=float("nan"), axes=[0],
    )
    evaluator = ReferenceEvaluator(node, opsets={"": 19})
    feeds = {"scales": np.float32([axis.scale]), "roi": np.float32(axis.roi)}
    columns = [evaluator.run(None, {"x": row, **feeds})[0] for row in np.eye(axis.size, dtype=np.float32)]
    return np.stack(columns, 1)


class ResamplingTest(unittest.TestCase):
    def check(self, size, scale, **attributes):
        scale = float(np.float32(scale))
        axis = Axis(0, size, int(np.floor(size * scale)), scale, attributes.pop("roi", (0.0, 1.0)))
        how = Resampling(**attributes)
        matrix, inside = resampling_matrix(axis, how)
        expected = reference(axis, how)
        # A hair beside an element the reference takes the wrong neighbours.
        points = find_points(axis, how.coordinates)
        apart = np.abs(points - np.round(points))
        sure = (apart == 0) | (apart > 1e-6)
        matrix, inside, expected = matrix[sure], inside[sure], expected[sure]
        np.testing.assert_array_equal(inside, ~np.isnan(expected).any(1), str(how))
        np.testing.assert_allclose(matrix, np.nan_to_num(expected), atol=2e-5, err_msg=f"{axis} {how}")

    def test_against_the_reference(self):
        scales = (0.3, 0.5, 0.8, 1.25, 2.0, 2.6)
        for size, scale, coordinates in itertools.product((4, 7), scales, COORDINATES):
            for mode in ("linear", "cubic"):
                self.check(size, scale, mode=mode, coordinates=coordinates)
            # Rounding a point that lies half way depends on the last bit of it.
            if scale in (0.5, 2.0) and coordinates != "tf_crop_and_resize":
                for rounding in ROUNDINGS:
                    self.check(size, scale, coordinates=coordinates, rounding=rounding)

    def test_options(self):
        for scale in (0.4, 0.6, 1.5):
            for mode in ("linear", "cubic"):
                self.check(9, scale, mode=mode, antialias=True)
                self.check(9, scale, mode=mode, exclude_outside=True)
            self.check(9, scale, mode="cubic", cubic_coeff_a=-0.5)
            self.check(9, scale, mode="linear", coordinates="tf_crop_and_resize", roi=(0.23, 1.31))

    def test_rows_add_up(self):
        """A constant stays what it is."""
        for mode in ("nearest", "linear", "cubic"):
            matrix, _ = resampling_matrix(Axis(0, 31, 100, 100 / 31), Resampling(mode, antialias=mode != "nearest"))
            np.testing.assert_allclose(matrix.sum(1), 1, atol=1e-6)

    def test_one_element(self):
        """Ratios of a single element divide by nothing."""
        one = Axis(0, 5, 1, 0.2)
        for coordinates, point in (("align_corners", 0), ("pytorch_half_pixel", 0), ("tf_crop_and_resize", 2), ("half_pixel", 2)):
            self.assertAlmostEqual(find_points(one, coordinates)[0], point)


if __name__ == "__main__":
    unittest.main()
