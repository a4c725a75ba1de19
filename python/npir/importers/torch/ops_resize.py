"""Maps in another size."""

import numpy as np

from ..onnx.report import NodeProblem
from .maps import Maps
from .registry import aten

# By torch's word for the way: npir's mode, its points, its rounding.
_WAYS = {
    "upsample_nearest": ("nearest", "asymmetric", "floor"),
    "_upsample_nearest_exact": ("nearest", "half_pixel", "round_prefer_ceil"),
    "upsample_linear": ("bilinear", "half_pixel", "floor"),
    "upsample_bilinear": ("bilinear", "half_pixel", "floor"),
}


def _register_resize(name, dims):
    mode, coordinates, rounding = _WAYS[name]

    @aten(f"{name}{dims}d.vec", f"{name}{dims}d.default")
    def import_resize(node):
        aligned = node.has("align_corners") and node.number("align_corners")
        maps = Maps(node, "input" if node.has("input") else "self", dims)
        sizes = list(node.shape[2:])
        attributes = {
            "mode": f"#npir.resize_mode<{mode}>",
            "sizes": maps.pair(sizes, 1),
            "coordinates": f"#npir.resize_coordinates<{coordinates}>",
            "rounding": f"#npir.resize_rounding<{rounding}>",
        }
        if aligned:
            if 1 in sizes:
                raise NodeProblem("expected sizes above 1 with align_corners")
            attributes["coordinates"] = "#npir.resize_coordinates<align_corners>"
        scales = _scales(node, dims)
        if scales and not aligned and any(s * n != m for s, n, m in zip(scales, maps.size, sizes)):
            numbers = ", ".join(f"{np.float32(s):.9e}" for s in maps.pair(scales, 1.0))
            attributes["scales"] = f"array<f32: {numbers}>"
        node.ignore("output_size")
        node.set(maps.emit("npir.resize", [], attributes))


def _scales(node, dims):
    """The factors that were asked for, or None where sizes were."""
    if node.has("scale_factors"):
        return node.argument("scale_factors")
    names = ("scales",) if dims == 1 else ("scales_h", "scales_w")
    scales = [node.argument(name) for name in names]
    return None if None in scales else scales


for _name, _dims in (
    ("upsample_nearest", 1),
    ("upsample_nearest", 2),
    ("_upsample_nearest_exact", 1),
    ("_upsample_nearest_exact", 2),
    ("upsample_linear", 1),
    ("upsample_bilinear", 2),
):
    _register_resize(_name, _dims)
