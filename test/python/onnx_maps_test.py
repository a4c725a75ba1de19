"""Ops over [N, C, ...] maps compute what they compute in onnxruntime."""
import unittest

import numpy as np

from onnx_import_helpers import floats, ints, node
from onnxruntime_helpers import CaseTest

MAP = (4, 9, 7)
BOX = (4, 5, 6, 7)


class OnnxMapsTest(CaseTest):
    def test_convolutions(self):
        w = {"w": floats(6, 4, 3), "b": floats(6)}
        self.one("Conv", ("x", "w"), w, (4, 11))
        self.one("Conv", ("x", "w", "b"), w, (4, 11), pads=[1, 2], strides=[2], dilations=[2])
        self.one("Conv", ("x", "w"), w, (4, 11), auto_pad="SAME_LOWER", strides=[2])
        self.one("Conv", ("x", "w"), {"w": floats(4, 1, 3)}, (4, 11), group=4)
        self.one("Conv", ("x", "w"), {"w": floats(6, 2, 3)}, (4, 11), group=2)
        self.one("Conv", ("x", "w"), {"w": floats(6, 2, 3, 3)}, MAP, group=2, auto_pad="SAME_UPPER")

    def test_transposed_convolutions(self):
        w = {"w": floats(4, 6, 3, 2), "b": floats(6)}
        self.one("ConvTranspose", ("x", "w"), w, MAP)
        self.one("ConvTranspose", ("x", "w", "b"), w, MAP, strides=[2, 3], pads=[1, 0, 1, 1], output_padding=[1, 0])
        self.one("ConvTranspose", ("x", "w"), w, MAP, strides=[3, 2], output_shape=[27, 14], output_padding=[0, 0])
        self.one("ConvTranspose", ("x", "w"), w, MAP, strides=[2, 2], auto_pad="SAME_UPPER")
        self.one("ConvTranspose", ("x", "w"), w, MAP, strides=[2, 2], auto_pad="SAME_LOWER")
        self.one("ConvTranspose", ("x", "w"), w, MAP, dilations=[2, 2])
        self.one("ConvTranspose", ("x", "w"), {"w": floats(4, 3, 2, 2)}, MAP, group=2, strides=[2, 2])
        self.one("ConvTranspose", ("x", "w"), {"w": floats(4, 3, 4)}, (4, 9), strides=[2], pads=[1, 1])

    def test_boxes(self):
        w = {"w": floats(6, 4, 3, 2, 3), "b": floats(6)}
        self.one("Conv", ("x", "w"), w, BOX)
        self.one("Conv", ("x", "w", "b"), w, BOX, pads=[1, 0, 1, 2, 1, 0], strides=[2, 1, 2], dilations=[1, 2, 1])
        self.one("Conv", ("x", "w"), w, BOX, auto_pad="SAME_UPPER", strides=[2, 2, 1])
        self.one("Conv", ("x", "w"), {"w": floats(6, 4, 1, 3, 3)}, BOX, dilations=[2, 1, 1])
        self.one("Conv", ("x", "w", "b"), {"w": floats(6, 2, 3, 2, 3), "b": floats(6)}, BOX, group=2)
        self.one("Conv", ("x", "w"), {"w": floats(4, 1, 3, 3, 3)}, BOX, group=4, pads=[1] * 6)
        w = {"w": floats(4, 3, 3, 2, 3), "b": floats(3)}
        self.one("ConvTranspose", ("x", "w"), w, BOX)
        self.one("ConvTranspose", ("x", "w", "b"), w, BOX, strides=[2, 1, 2], pads=[1, 0, 1, 0, 1, 1], output_padding=[1, 0, 1])
        self.one("ConvTranspose", ("x", "w"), w, BOX, strides=[3, 2, 1], dilations=[2, 1, 1])
        self.one("ConvTranspose", ("x", "w"), w, BOX, strides=[2, 2, 2], auto_pad="SAME_UPPER")
        self.one("ConvTranspose", ("x", "w"), {"w": floats(4, 3, 3, 2, 2)}, BOX, group=2, strides=[2, 2, 2])

    def test_pools(self):
        for op, more in (("MaxPool", {}), ("AveragePool", {}), ("AveragePool", {"count_include_pad": 1}), ("LpPool", {})):
            for ceil in (0, 1):
                opset = 18 if op == "LpPool" else 19
                both = {"ceil_mode": ceil, "opset": opset, **more}
                self.one(op, shape=MAP, kernel_shape=[3, 2], strides=[2, 2], **both)
                self.one(op, shape=MAP, kernel_shape=[3, 3], strides=[2, 3], pads=[1, 1, 1, 1], **both)
                self.one(op, shape=(4, 10), kernel_shape=[3], strides=[2], pads=[0, 1], **both)
                self.one(op, shape=(2, 7, 6, 5), kernel_shape=[3, 2, 3], strides=[2, 2, 1], **both)
            self.one(op, shape=MAP, kernel_shape=[3, 3], auto_pad="SAME_LOWER", strides=[2, 2], opset=opset, **more)
            if op != "LpPool":
                self.one(op, shape=MAP, kernel_shape=[2, 3], dilations=[2, 2], opset=opset, **more)
        self.one("LpPool", shape=MAP, kernel_shape=[3, 2], p=1, opset=18)
        self.one("LpPool", shape=MAP, kernel_shape=[3, 2], p=3, opset=18)

    def test_global_pools(self):
        for op in ("GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"):
            for shape in ((4, 10), MAP, (2, 3, 4, 5)):
                self.one(op, shape=shape)
        self.one("AveragePool", shape=MAP, kernel_shape=[9, 7])

    def test_normalization(self):
        for shape in ((4, 6), MAP):
            weights = {"s": floats(4) + 1, "b": floats(4)}
            self.one("InstanceNormalization", ("x", "s", "b"), weights, shape, epsilon=0.1)
            self.one("GroupNormalization", ("x", "s", "b"), weights, shape, opset=21, num_groups=2)
        two = {"s": floats(2) + 2, "b": floats(2)}
        self.one("GroupNormalization", ("x", "s", "b"), two, MAP, opset=18, num_groups=2, epsilon=0.1)
        self.one("LRN", shape=MAP, size=3)
        self.one("LRN", shape=MAP, size=5, alpha=0.5, beta=0.5, bias=2.0)
        self.one("MeanVarianceNormalization", shape=MAP, axes=[2, 3])
        self.one("LpNormalization", shape=MAP, axis=1, p=1)
        self.one("LpNormalization", shape=MAP)

    def resize(self, mode, sizes=None, scales=None, shape=MAP, opset=19, **attributes):
        key = "sizes" if sizes else "scales"
        value = ints(*sizes) if sizes else np.float32(scales)
        operands = ["x", "", "", "sizes"] if sizes else ["x", "", "scales"]
        weights = {key: value}
        model = [node("Resize", operands, ["y"], "f", mode=mode, **attributes)]
        self.add(f"{mode} {sizes} {scales} {shape} {attributes}", model, weights, shape, opset, batch=4)

    def test_resize(self):
        for coordinates in ("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"):
            for mode in ("nearest", "linear", "cubic"):
                self.resize(mode, [4, 4, 18, 21], coordinate_transformation_mode=coordinates)
                self.resize(mode, [4, 4, 5, 3], coordinate_transformation_mode=coordinates)
        for rounding in ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil"):
            self.resize("nearest", [4, 4, 13, 5], nearest_mode=rounding, coordinate_transformation_mode="asymmetric")
        self.resize("nearest", scales=[1, 1, 2, 2], coordinate_transformation_mode="asymmetric", nearest_mode="floor")
        nodes = [node("Resize", ["x", "roi", "scales"], ["y"], mode="nearest", nearest_mode="floor",
                      coordinate_transformation_mode="tf_half_pixel_for_nn")]
        self.add("opset 11", nodes, {"roi": np.zeros(0, np.float32), "scales": np.float32([1, 1, 2, 3])}, MAP, 11, batch=4)
        self.resize("linear", scales=[1, 1, 1.7, 0.6])
        self.resize("linear", scales=[1, 1, 1.7, 0.6], coordinate_transformation_mode="half_pixel_symmetric")
        self.resize("linear", [4, 4, 20], shape=(4, 9))
        self.resize("nearest", [4, 4, 20], shape=(4, 9))
        self.resize("cubic", [4, 4, 12, 12], exclude_outside=1, cubic_coeff_a=-0.5)
        for mode in ("linear", "cubic"):
            self.resize(mode, [4, 4, 4, 3], antialias=1)
        for policy in ("not_larger", "not_smaller"):
            self.resize("linear", [18, 20], axes=[2, 3], keep_aspect_ratio_policy=policy)
        roi = np.float32([0, 0, 0.45, 0.3, 1, 1, 1.2, 0.9])
        nodes = [node("Resize", ["x", "roi", "", "sizes"], ["y"], mode="linear", extrapolation_value=3.0,
                      coordinate_transformation_mode="tf_crop_and_resize")]
        self.add("crop", nodes, {"roi": roi, "sizes": ints(4, 4, 5, 6)}, MAP, 19, batch=4)

    def test_blocks(self):
        for mode in ("DCR", "CRD"):
            self.one("DepthToSpace", shape=(8, 3, 5), mode=mode, blocksize=2)
        self.one("SpaceToDepth", shape=(2, 4, 6), blocksize=2)

    def test_pad(self):
        pads = {"p": ints(0, 0, 1, 2, 0, 0, 2, 1)}
        for mode in ("constant", "edge", "reflect", "wrap"):
            self.one("Pad", ("x", "p"), pads, MAP, opset=19, mode=mode)
        self.one("Pad", ("x", "p", "v"), {**pads, "v": np.float32(-1.5)}, MAP)
        self.one("Pad", ("x", "p", "", "a"), {"p": ints(1, -2, 2, 3), "a": ints(-1, 2)}, MAP, opset=18)
        self.one("Pad", ("x", "p"), {"p": ints(0, 0, -1, -2, 0, 0, 0, -1)}, MAP)

    def test_slopes(self):
        self.one("PRelu", ("x", "s"), {"s": floats(4, 1, 1)}, MAP)
        self.one("PRelu", ("x", "s"), {"s": floats(7)}, MAP)
        self.one("PRelu", ("x", "s"), {"s": floats(1)}, MAP)
        self.one("PRelu", ("x", "s"), {"s": floats(9, 7)}, MAP)


if __name__ == "__main__":
    unittest.main()
