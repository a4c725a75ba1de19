"""Channels as blocks of height and width, and back."""

from .moved import emit_view
from .registry import onnx_op
from .report import NodeProblem
from .values import format_shape
from .windows import emit_nhwc, to_channels_first, to_channels_last


def _map_and_block(node):
    block = node.int("blocksize")
    if block is None or block < 1:
        raise NodeProblem(f"expected a blocksize of at least 1, got {block}")
    x = node.tensor(0)
    if len(x.shape) != 4:
        raise NodeProblem(f"expected [N, C, H, W], got {format_shape(x.shape)}")
    return x, block


@onnx_op("SpaceToDepth")
def import_space_to_depth(node):
    x, block = _map_and_block(node)
    emit_nhwc(node, "npir.space_to_depth", x, [], {"block": block})


@onnx_op("DepthToSpace")
def import_depth_to_space(node):
    mode = node.text("mode", "DCR")
    if mode not in ("DCR", "CRD"):
        raise NodeProblem(f"expected mode of DCR or CRD, got '{mode}'")
    x, block = _map_and_block(node)
    if mode == "DCR":
        emit_nhwc(node, "npir.depth_to_space", x, [], {"block": block})
        return
    x = to_channels_last(node, x)
    *outer, channels = x.shape
    area = block * block
    if channels % area:
        raise NodeProblem(f"expected a multiple of {area} channels, got {channels}")
    # The places of a block are the inner part of the channels, npir has them outside.
    x = emit_view(node, x, (*outer, channels // area, area), ".split")
    x = node.emit("npir.transpose", [x], {"perm": [0, 1, 2, 4, 3]}, ".swap")
    x = emit_view(node, x, (*outer, channels), ".join")
    y = node.emit("npir.depth_to_space", [x], {"block": block})
    node.set(to_channels_first(node, y))
