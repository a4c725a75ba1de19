"""Trains digits-vit and writes its ONNX file.

    python tools/networks/digits_vit/train.py [--out model.onnx]

This file holds the recipe. It needs torch, numpy, onnx and scikit-learn, runs
on one CPU thread with fixed seeds, and takes a few minutes. It sees the 1197
training images only; the 400 test images are looked at once, at the end, to
print the accuracy. The same torch build on the same kind of CPU gives the same
file; another one rounds differently and gives a slightly different network.

A transformer adds up what its blocks say, so that the errors of all layers
arrive at the output. To make the network flat against small ones, noise is added
to every activation while training: uniform, and in proportion to the tensor's
range, as rounding to few steps would be.
"""

import os
import sys

import torch

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(FOLDER))

import training  # noqa: E402
from export import build_onnx  # noqa: E402
from model import Block, DigitsViT  # noqa: E402

RECIPE = training.Recipe(
    epochs=150,
    batch=64,
    learning_rate=3e-3,
    weight_decay=0.1,
    label_smoothing=0.1,
    average_decay=0.995,
    warmup=0.15,
    clip=1.0,
)
# The width of the noise, in ranges of the tensor.
NOISE = 0.05


def add_noise(module, _, output):
    """A forward hook: what the module returns, with noise while training."""
    if not module.training:
        return output
    values = output.detach()
    width = NOISE * (values.amax() - values.amin())
    return output + (torch.rand_like(output) - 0.5) * width


def train(images, labels):
    """Trains on images [N, 1, 8, 8] and labels [N]; returns the network."""
    generator = training.start(RECIPE.seed)
    noisy = DigitsViT()
    # Every layer but the head, and the sum at every block's end.
    layers = ("proj", "qkv", "fc1", "act", "fc2", "norm", "norm1", "norm2")
    for name, module in noisy.named_modules():
        if name.split(".")[-1] in layers or isinstance(module, Block):
            module.register_forward_hook(add_noise)
    # Weights only: not the tokens, and no vector.
    noisy = training.fit(
        noisy, images, labels, RECIPE, generator, lambda p: p.dim() in (2, 4)
    )
    network = DigitsViT()
    network.load_state_dict(noisy.state_dict())
    return network.eval()


if __name__ == "__main__":
    training.run_program("digits-vit", FOLDER, train, build_onnx)
