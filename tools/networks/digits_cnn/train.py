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

import argparse
import math
import os
import sys
import tempfile
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

import digits_data  # noqa: E402
from export import build_onnx  # noqa: E402
from model import DigitsCNN  # noqa: E402

SEED = 1
EPOCHS = 100
BATCH = 64
LEARNING_RATE = 4e-3
WEIGHT_DECAY = 0.1
LABEL_SMOOTHING = 0.1
# Weights are averaged over the last steps with this factor.
AVERAGE_DECAY = 0.99


def jitter(images, generator):
    """Shifts each image by up to a pixel, turns it by up to 9 degrees and
    scales it by up to 10 %, with bilinear interpolation and zeros outside."""

    def uniform(limit):
        return (torch.rand(len(images), generator=generator) * 2 - 1) * limit

    angle, scale = uniform(math.pi / 20), 1 + uniform(0.1)
    # The grid's unit is half an image, so a pixel of 8 is 0.25.
    right, down = uniform(0.25), uniform(0.25)
    cosine, sine = torch.cos(angle) * scale, torch.sin(angle) * scale
    matrix = torch.stack(
        [
            torch.stack([cosine, -sine, right], dim=1),
            torch.stack([sine, cosine, down], dim=1),
        ],
        dim=1,
    )
    grid = functional.affine_grid(matrix, list(images.shape), align_corners=False)
    return functional.grid_sample(images, grid, align_corners=False)


def average_into(average, network, decay):
    """Moves the averaged parameters one step towards the network's."""
    with torch.no_grad():
        for mean, value in zip(average.parameters(), network.parameters()):
            mean.lerp_(value, 1 - decay)


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
            network(jitter(images, generator))


def train(images, labels, epochs=EPOCHS, seed=SEED, log=print):
    """Trains on images [N, 1, 8, 8] and labels [N]; returns the network."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)

    network, average = DigitsCNN(), DigitsCNN()
    average.load_state_dict(network.state_dict())
    decayed = [p for p in network.parameters() if p.dim() > 1]
    plain = [p for p in network.parameters() if p.dim() == 1]
    optimizer = torch.optim.AdamW(
        [
            {"params": decayed, "weight_decay": WEIGHT_DECAY},
            {"params": plain, "weight_decay": 0.0},
        ],
        lr=LEARNING_RATE,
    )
    batches = len(images) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, LEARNING_RATE, total_steps=epochs * batches
    )
    loss_of = nn.CrossEntropyLoss(label_smoothing=LABEL_SMOOTHING)

    for epoch in range(epochs):
        network.train()
        total = 0.0
        order = torch.randperm(len(images), generator=generator)
        for chosen in order[: batches * BATCH].split(BATCH):
            loss = loss_of(network(jitter(images[chosen], generator)), labels[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            average_into(average, network, AVERAGE_DECAY)
            total += loss.item()
        if (epoch + 1) % 20 == 0:
            log(f"epoch {epoch + 1:3d} of {epochs}: loss {total / batches:.4f}")

    measure_norms(average, images, generator)
    return average.eval()


def accuracy(network, images, labels):
    """Top-1 in 0..1."""
    with torch.no_grad():
        return (network(images).argmax(1) == labels).double().mean().item()


def write_atomically(path, data):
    """Writes the bytes whole or not at all."""
    folder = os.path.dirname(os.path.abspath(path))
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=".model.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def main():
    parser = argparse.ArgumentParser(description="train digits-cnn")
    default = os.path.join(os.path.dirname(os.path.abspath(__file__)), "model.onnx")
    parser.add_argument("--out", default=default, help="ONNX file to write")
    options = parser.parse_args()

    start = time.monotonic()
    images, labels = map(torch.from_numpy, digits_data.load_split("train"))
    network = train(images, labels)
    data = build_onnx(
        {name: value.numpy() for name, value in network.state_dict().items()}
    )
    try:
        write_atomically(options.out, data)
    except OSError as error:
        sys.exit(f"error: cannot write '{options.out}': {error.strerror}")

    seconds = time.monotonic() - start
    print(f"trained in {seconds:.0f} s: {options.out}, {len(data)} bytes")
    for name in ("train", "test"):
        images, labels = map(torch.from_numpy, digits_data.load_split(name))
        right = accuracy(network, images, labels)
        print(f"float top-1 on the {len(images)} {name} images: {right:.4f}")


if __name__ == "__main__":
    main()
