"""Writes a small network over images and the samples of its tests: `camera.py OUT.mlirbc FOLDER`.

The image is [N, 3, 8, 8] in units that training used; a second input is added to the scores. FOLDER/calib has samples to calibrate
with; the folders beside it have the same images for other boundaries: pixels as `uint8`, and normalized by two pairs of mean and std.
"""
import pathlib
import sys

import numpy as np

from npir._npir import ModuleBuilder

#: By name: mean and std in units of pixels.
NORMALIZATIONS = {"affine": (128.0, 64.0), "channels": (np.array([123.675, 116.28, 103.53]), np.array([58.395, 57.12, 57.375]))}


def normalize(pixels, mean, std):
    """In f32, as the program computes it: the difference, then times the rounded factor."""
    shape = (-1, 1, 1) if np.ndim(mean) else ()
    mean, factor = (np.float32(number).reshape(shape) for number in (mean, 1.0 / np.float64(std)))
    return (pixels.astype(np.float32) - mean) * factor


def build():
    builder, random = ModuleBuilder("camera"), np.random.RandomState(5)

    def op(name, operands, layer, attributes=None, **options):
        return builder.op(f"npir.{name}", operands, attributes or {}, layer, **options)

    def floats(name, *shape):
        return builder.constant(name, random.randn(*shape).astype(np.float32))

    image, bias = builder.add_input("image", [None, 3, 8, 8]), builder.add_input("serving/bias:0", [None, 4])
    x = op("transpose", [image], "nhwc", {"perm": [0, 2, 3, 1]})
    x = op("conv2d", [x, floats("conv.weight", 8, 3, 3, 3), floats("conv.bias", 8)], "conv",
           {"pads": [1, 1, 1, 1], "strides": [2, 2], "clamp_min": 0.0})
    x = op("reduce", [x], "pool", {"kind": "#npir.reduce_kind<mean>", "axes": [1, 2]})
    scores = op("add", [op("linear", [x, floats("fc.weight", 4, 8)], "fc"), bias], "scores")
    builder.set_outputs([("scores", scores)])
    return builder.finish()


def main():
    output, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    build().save(output)
    random = np.random.RandomState(6)
    pixels = random.randint(0, 256, (20, 3, 8, 8)).astype(np.uint8)
    bias = random.randn(20, 4).astype(np.float32)
    for name, image in (("pixels", pixels), ("nhwc", np.ascontiguousarray(pixels.transpose(0, 2, 3, 1))),
                        *((name, normalize(pixels, *numbers)) for name, numbers in NORMALIZATIONS.items())):
        (folder / name).mkdir(parents=True)
        np.save(folder / name / "image.npy", image)
        np.save(folder / name / "serving%2Fbias%3A0.npy", bias)


if __name__ == "__main__":
    main()
