"""What the networks' training scripts share.

This file holds the parts that are the same for every network on the digits: how
images are jittered, the loop over epochs with averaged weights, and the program
around it that writes the ONNX file and prints the accuracy. What differs, the
architecture and the numbers of the recipe, stays with each network.
"""

import argparse
import copy
import dataclasses
import math
import os
import sys
import tempfile
import time

import torch
from torch import nn
from torch.nn import functional

import digits_data


@dataclasses.dataclass(frozen=True)
class Recipe:
    """The numbers of a training run. The learning rate is the schedule's peak,
    reached after the fraction `warmup` of the steps; gradients longer than
    `clip` are shortened to it."""

    epochs: int
    batch: int
    learning_rate: float
    weight_decay: float
    label_smoothing: float
    # Weights are averaged over the last steps with this factor.
    average_decay: float
    warmup: float = 0.3
    clip: float = math.inf
    seed: int = 1


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


def start(seed):
    """Makes everything repeatable; returns the generator of the images' order
    and jitter. Networks are to be made after this."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(seed)
    return torch.Generator().manual_seed(seed)


def average_into(average, network, decay):
    """Moves the averaged parameters one step towards the network's."""
    with torch.no_grad():
        for mean, value in zip(average.parameters(), network.parameters()):
            mean.lerp_(value, 1 - decay)


def fit(network, images, labels, recipe, generator, is_decayed, log=print):
    """Trains on images [N, 1, 8, 8] and labels [N]; returns a copy of the
    network with the averaged weights. Weight decay acts on the parameters for
    which `is_decayed` is true."""
    average = copy.deepcopy(network)
    decayed = [p for p in network.parameters() if is_decayed(p)]
    plain = [p for p in network.parameters() if not is_decayed(p)]
    optimizer = torch.optim.AdamW(
        [
            {"params": decayed, "weight_decay": recipe.weight_decay},
            {"params": plain, "weight_decay": 0.0},
        ],
        lr=recipe.learning_rate,
    )
    batches = len(images) // recipe.batch
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer,
        recipe.learning_rate,
        total_steps=recipe.epochs * batches,
        pct_start=recipe.warmup,
    )
    loss_of = nn.CrossEntropyLoss(label_smoothing=recipe.label_smoothing)

    for epoch in range(recipe.epochs):
        network.train()
        total = 0.0
        order = torch.randperm(len(images), generator=generator)
        for chosen in order[: batches * recipe.batch].split(recipe.batch):
            loss = loss_of(network(jitter(images[chosen], generator)), labels[chosen])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), recipe.clip)
            optimizer.step()
            schedule.step()
            average_into(average, network, recipe.average_decay)
            total += loss.item()
        if (epoch + 1) % 20 == 0:
            log(f"epoch {epoch + 1:3d} of {recipe.epochs}: loss {total / batches:.4f}")
    return average


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


def run_program(name, folder, train, export):
    """The program around a network's training.

    `train(images, labels)` returns the trained network, `export(network)` the
    bytes of its ONNX file, which goes to `folder`/model.onnx or --out.
    """
    parser = argparse.ArgumentParser(description=f"train {name}")
    default = os.path.join(folder, "model.onnx")
    parser.add_argument("--out", default=default, help="ONNX file to write")
    options = parser.parse_args()

    begin = time.monotonic()
    images, labels = map(torch.from_numpy, digits_data.load_split("train"))
    network = train(images, labels)
    data = export(network)
    try:
        write_atomically(options.out, data)
    except OSError as error:
        sys.exit(f"error: cannot write '{options.out}': {error.strerror}")

    seconds = time.monotonic() - begin
    print(f"trained in {seconds:.0f} s: {options.out}, {len(data)} bytes")
    for name in ("train", "test"):
        images, labels = map(torch.from_numpy, digits_data.load_split(name))
        right = accuracy(network, images, labels)
        print(f"float top-1 on the {len(images)} {name} images: {right:.4f}")
