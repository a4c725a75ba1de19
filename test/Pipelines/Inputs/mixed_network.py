"""Writes two networks as MLIR text, and samples for them: a convolution with five linear layers, and linear layers in a row."""
import pathlib
import sys

import numpy as np

RANDOM = np.random.RandomState(7)


def constant(name, array):
    array = array.astype(np.float32)
    shape = "x".join(str(size) for size in array.shape)
    return f'  %{name} = npir.constant dense<"0x{array.tobytes().hex()}"> : tensor<{shape}xf32> loc("{name}")\n'


def linear(name, source, inputs, outputs):
    weight = RANDOM.randn(outputs, inputs) / np.sqrt(inputs)
    return (constant(f"{name}_w", weight) + constant(f"{name}_b", RANDOM.randn(outputs)) +
            f"  %{name} = npir.linear %{source}, %{name}_w, %{name}_b : (tensor<?x{inputs}xf32>, tensor<{outputs}x{inputs}xf32>, "
            f'tensor<{outputs}xf32>) -> tensor<?x{outputs}xf32> loc("{name}")\n')


def unary(name, op, source, size):
    return f'  %{name} = npir.{op} %{source} : tensor<?x{size}xf32> -> tensor<?x{size}xf32> loc("{name}")\n'


def write_chain(folder):
    text = 'func.func @main(%x: tensor<?x64xf32> loc("x")) -> tensor<?x10xf32> {\n'
    for name, source, inputs, outputs in (("a", "x", 64, 96), ("b", "a", 96, 128), ("c", "b", 128, 100), ("d", "c", 100, 64)):
        text += linear(name, source, inputs, outputs)
    text += linear("e", "d", 64, 10)
    (folder / "chain.mlir").write_text(text + "  return %e : tensor<?x10xf32>\n}\n")
    (folder / "rows").mkdir()
    np.save(folder / "rows" / "x.npy", RANDOM.randn(200, 64).astype(np.float32))


def main():
    folder = pathlib.Path(sys.argv[1])
    text = 'func.func @main(%image: tensor<?x8x8x3xf32> loc("image")) -> tensor<?x10xf32> {\n'
    text += constant("conv_w", RANDOM.randn(8, 3, 3, 3) / 5) + constant("conv_b", RANDOM.randn(8))
    text += ("  %conv = npir.conv2d %image, %conv_w, %conv_b {pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>, clamp_min = 0.0 "
             ': f32} : (tensor<?x8x8x3xf32>, tensor<8x3x3x3xf32>, tensor<8xf32>) -> tensor<?x4x4x8xf32> loc("conv")\n')
    text += '  %flat = npir.reshape %conv : tensor<?x4x4x8xf32> -> tensor<?x128xf32> loc("flat")\n'
    text += linear("fc1", "flat", 128, 96) + unary("gelu", "gelu", "fc1", 96)
    text += linear("fc2", "gelu", 96, 64) + unary("tanh", "tanh", "fc2", 64)
    text += linear("fc3", "tanh", 64, 64) + linear("fc4", "fc3", 64, 32) + linear("fc5", "fc4", 32, 10)
    (folder / "net.mlir").write_text(text + "  return %fc5 : tensor<?x10xf32>\n}\n")
    (folder / "data").mkdir()
    np.save(folder / "data" / "image.npy", RANDOM.randn(200, 8, 8, 3).astype(np.float32))
    write_chain(folder)


if __name__ == "__main__":
    main()
