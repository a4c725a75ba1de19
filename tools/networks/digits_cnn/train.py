"""Trains digits-cnn and writes its ONNX file.

    python tools/networks/digits_cnn/train.py [--out model.onnx]

This file holds the recipe. It needs torch, numpy, onnx and scikit-learn, runs
on one CPU thread with fixed seeds, and takes under a minute. It sees the 1197
training images only; the 400 test images are looked at once, at the end, to
print the accuracy. The same torch build on the same kind of CPU gives the same
file; another one rounds differently and gives a slightly different network.

What the recipe does for quantization is what helps any network: weight decay,
label smoothing and jittered images keep ranges short, ReLU6 bounds them, and
the batch norms' statistics are taken anew with the final, averaged weights, so
that no channel is scaled by a stale variance.
"""

import os
import sys

import torch
from torch import nn

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(FOLDER))

import training  # noqa: E402
from export import build_onnx  # noqa: E402
from model import DigitsCNN  # noqa: E402

RECIPE = training.Recipe(
    epochs=100,
    batch=64,
    learning_rate=4e-3,
    weight_decay=0.1,
    label_smoothing=0.1,
    average_decay=0.99,
)


def measure_norms(network, images, generator):
    """Sets every batch norm's statistics to the plain average over the
    training images, as they are and jittered."""
    norms = [m for m in network.modules() if isinstance(m, nn.BatchNorm2d)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
    network.train()
    with torch.no_grad():
        for _ in range(8):
            network(images)
            network(training.jitter(images, generator))


def train(images, labels):
    """Trains on images [N, 1, 8, 8] and labels [N]; returns the network."""
    generator = training.start(RECIPE.seed)
    network = training.fit(
        DigitsCNN(), images, labels, RECIPE, generator, lambda p: p.dim() > 1
    )
    measure_norms(network, images, generator)
    return network.eval()


def export(network):
    """Returns the bytes of the network's ONNX file."""
    return build_onnx(
        {name: value.numpy() for name, value in network.state_dict().items()}
    )


if __name__ == "__main__":
    training.run_program("digits-cnn", FOLDER, train, export)
