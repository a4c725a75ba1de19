"""onnxruntime's own ops of floats, which its optimizer puts in place of several of
ONNX's."""

import numpy as np

from .ops_elementwise import set_formula
from .recipe import Recipe
from .registry import MICROSOFT, onnx_op
from .report import NodeProblem
from .values import Host, format_shape


def given(node, index):
    """The name of operand `index`, or None."""
    return node.inputs[index] if node.is_given(index) else None


def _register_gelu(name, approximate):
    @onnx_op(name, inputs=(1, 2), domain=MICROSOFT)
    def import_gelu(node):
        """Of the sum of both operands."""
        r = Recipe(node)
        x = node.inputs[0]
        if node.is_given(1):
            x = r(".Add", x, node.inputs[1])
        r("Gelu", x, approximate=approximate)


_register_gelu("BiasGelu", "none")
_register_gelu("FastGelu", "tanh")


def _set_swish(node, alpha):
    """x * sigmoid(alpha * x)"""

    def formula(f, x):
        return f("mul", x, f(".sigmoid", f(".mul", x, alpha)))

    if alpha == 1:
        set_formula(node, lambda f, x: f("silu", x))
    else:
        set_formula(node, formula)


@onnx_op("QuickGelu", domain=MICROSOFT)
def import_quick_gelu(node):
    _set_swish(node, node.float("alpha", 1.702))


@onnx_op("Swish")
def import_swish(node):
    _set_swish(node, node.float("alpha", 1.0))


def _register_skip(name, op, bias):
    @onnx_op(name, inputs=(3, bias + 1), outputs=4, domain=MICROSOFT)
    def import_skip_norm(node):
        """Of input + skip + bias, which is result 3. The other two are for training."""
        epsilon = node.float("epsilon", 1e-12 if bias == 4 else 1e-5)
        for i in (1, 2):
            if i < len(node.outputs) and node.outputs[i]:
                raise NodeProblem(f"its output {i} is not supported")
        r = Recipe(node)
        x = r(".Add", node.inputs[0], node.inputs[1])
        if node.is_given(bias):
            x = r(".Add", x, node.inputs[bias])
        r.set(x, 3)
        beta = given(node, 3) if bias == 4 else None
        r(op, x, node.inputs[2], *([beta] if beta else []), epsilon=epsilon)


_register_skip("SkipLayerNormalization", "LayerNormalization", 4)
_register_skip("SkipSimplifiedLayerNormalization", "RMSNormalization", 3)


@onnx_op("EmbedLayerNormalization", inputs=(7, 9), outputs=3, domain=MICROSOFT)
def import_embed_layer_norm(node):
    """The sum of rows of tables (of words, positions, segments), normalized; how many of
    a sample's words the mask has; and the sum."""
    epsilon = node.float("epsilon", 1e-12)
    node.ignore("mask_index_type")
    ids, segments, words, positions, segment_table = (given(node, i) for i in range(5))
    r = Recipe(node)
    total = r(".Gather", words, ids)
    if node.is_given(8):
        rows = r(".Gather", positions, node.inputs[8])
    else:
        rows = r(".Slice", positions, [0], [r.shape(ids)[1]], [0])
    total = r(".Add", total, rows)
    if segments and segment_table:
        total = r(".Add", total, r(".Gather", segment_table, segments))
    r("LayerNormalization", total, node.inputs[5], node.inputs[6], epsilon=epsilon)
    if r.wants(1) and node.is_given(7):
        r("ReduceSum", node.inputs[7], [1], keepdims=0, index=1)
    r.set(total, 2)


@onnx_op("FusedMatMul", inputs=(2, 2), domain=MICROSOFT)
def import_fused_matmul(node):
    alpha = node.float("alpha", 1.0)
    flags = [
        [node.int(f"trans{which}{side}", 0) for which in ("", "Batch")] for side in "AB"
    ]
    r = Recipe(node)
    operands = [
        _turn(r, node.inputs[i], *of_operand) for i, of_operand in enumerate(flags)
    ]
    if alpha == 1:
        r("MatMul", *operands)
    else:
        r("Mul", r(".MatMul", *operands), alpha)


def _turn(r, x, matrix, batch):
    """`x` with its last two dimensions swapped, and with its first one moved behind the
    other batch dimensions."""
    perm = list(range(len(r.shape(x))))
    if len(perm) < 2:
        return x
    if batch:
        perm = [*perm[1:-1], 0, perm[-1]]
    if matrix:
        perm[-2:] = [perm[-1], perm[-2]]
    return x if perm == sorted(perm) else r(".Transpose", x, perm=perm)


# Activations that are fused to a layer: the op, and what its parameters are called.
_FUSED = {
    "Clip": None,
    "Elu": ("alpha",),
    "HardSigmoid": ("alpha", "beta"),
    "LeakyRelu": ("alpha",),
    "Relu": (),
    "Sigmoid": (),
    "Softsign": (),
    "Tanh": (),
    "ThresholdedRelu": ("alpha",),
}


def _activate(node, r, x, name, values):
    """Set the result to activation `name` of `x`."""
    if not name:
        r.set(x)
    elif name not in _FUSED:
        raise NodeProblem(f"unsupported activation '{name}'")
    elif name == "Clip":
        r("Clip", x, *map(float, values))
    else:
        r(name, x, **dict(zip(_FUSED[name], values)))


@onnx_op("FusedConv", inputs=(2, 4), domain=MICROSOFT)
def import_fused_conv(node):
    """A convolution, plus operand 3, and an activation."""
    name, values = node.text("activation", ""), node.floats("activation_params")
    attributes = node.copy_attributes(
        ("auto_pad", "dilations", "group", "kernel_shape", "pads", "strides")
    )
    r = Recipe(node)
    y = r(".Conv", *node.inputs[:2], given(node, 2), **attributes)
    if node.is_given(3):
        y = r(".Add", y, node.inputs[3])
    _activate(node, r, y, name, values)


@onnx_op("FusedGemm", inputs=(2, 3), domain=MICROSOFT)
def import_fused_gemm(node):
    name = node.text("activation", "")
    names = ("activation_alpha", "activation_beta", "activation_gamma")
    values = [node.float(n) for n in names if node.has(n)]
    attributes = node.copy_attributes(("alpha", "beta", "transA", "transB"))
    r = Recipe(node)
    _activate(node, r, r(".Gemm", *node.inputs, **attributes), name, values)


@onnx_op("MatMulNBits", inputs=(3, 6), domain=MICROSOFT)
def import_matmul_nbits(node):
    """A layer with weights of a few bits and a scale for each block, as floats."""
    rows, columns = node.int("K"), node.int("N")
    bits, block = node.int("bits", 4), node.int("block_size", 32)
    node.ignore("accuracy_level")
    if node.is_given(4):
        raise NodeProblem("an order of the groups (g_idx) is not supported")
    if bits not in (2, 4, 8) or not rows or not columns or not block:
        raise NodeProblem(
            f"expected 2, 4 or 8 bits, K, N and block_size, got {bits} bits of "
            f"[{rows}, {columns}] in blocks of {block}"
        )
    blocks = -(-rows // block)
    packed = node.host(1, "weight").array
    scales = node.importer.as_float(node.host(2, "scales")).array
    if packed.size * 8 != columns * blocks * block * bits or scales.size != columns * blocks:
        raise NodeProblem(
            f"expected {columns} rows of {blocks} blocks, got weights of "
            f"{format_shape(packed.shape)} and scales of {format_shape(scales.shape)}"
        )
    integers = _unpack(packed.reshape(columns, -1), bits).reshape(columns, blocks, block)
    zeros = np.float32(1 << (bits - 1))
    if node.is_given(3):
        array = node.host(3, "zero points").array
        if array.dtype == np.uint8:
            array = _unpack(array.reshape(columns, -1), bits)[:, :blocks]
        zeros = array.astype(np.float32).reshape(columns, blocks, 1)
    weight = (integers.astype(np.float32) - zeros) * scales.reshape(columns, blocks, 1)
    weight = np.ascontiguousarray(weight.reshape(columns, -1)[:, :rows].T)
    r = Recipe(node)
    w = r.bind(Host(weight, node.value(1).name))
    if node.is_given(5):
        r("Add", r(".MatMul", node.inputs[0], w), node.inputs[5])
    else:
        r("MatMul", node.inputs[0], w)


def _unpack(packed, bits):
    """The integers in the bytes of each row, the first one in the lowest bits."""
    shifts = np.arange(0, 8, bits, dtype=np.uint8)
    parts = (packed[:, :, np.newaxis] >> shifts) & ((1 << bits) - 1)
    return parts.reshape(len(packed), -1)
