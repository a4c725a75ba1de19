"""The zoo: seven networks in evaluation mode with seeded parameters, each with the
inputs that it is exported and compared with."""

import pathlib
import sys

import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "benchmark"))

import bert  # noqa: E402
import efficientnet  # noqa: E402
import images  # noqa: E402
import make as benchmark  # noqa: E402
import mobilenet_v2  # noqa: E402
import mobilenet_v3  # noqa: E402
import resnet50  # noqa: E402
import unet  # noqa: E402
import vit_s16  # noqa: E402
from fill import fill_encoder, fill_maps, make_ids  # noqa: E402
from realism import Draws  # noqa: E402

SEED = 4711
# Samples that norms are measured with.
MEASURED = 8


def _pixels(count, first, size):
    return torch.from_numpy(images.make_images(count, first)[:, :, :size, :size].copy())


def _classifier(network, draws, size, seed):
    fill_maps(network, network.classifier[-1], _pixels(MEASURED, 1_000_000, size), draws)


def _segmenter(network, draws, size, seed):
    fill_maps(network, network.head, _pixels(MEASURED, 1_000_000, size), draws)


def _encoder(network, draws, size, seed):
    ids, _ = make_ids(MEASURED, size, network.embeddings.word_embeddings.num_embeddings, seed)
    fill_encoder(network, ids, draws)


def _unfilled(network, draws, size, seed):
    """The parameters that PyTorch starts with, for a test of a small form."""


class Entry:
    """`full` and `tiny` make the two forms; `sizes` are their inputs' sizes. The
    benchmark's networks are filled by its own program."""

    def __init__(self, full, tiny, sizes, fill, outputs=("logits",)):
        self.full, self.tiny, self.sizes, self.fill = full, tiny, sizes, fill
        self.outputs = outputs


def _short_vit():
    network = vit_s16.ViTS16()
    network.blocks = network.blocks[:1]
    return network


NETWORKS = {
    "mobilenet_v2": Entry(None, mobilenet_v2.MobileNetV2, (224, 64), _unfilled),
    "resnet50": Entry(None, resnet50.ResNet50, (224, 64), _unfilled),
    "vit_s16": Entry(None, _short_vit, (224, 224), _unfilled),
    "mobilenet_v3": Entry(mobilenet_v3.MobileNetV3, mobilenet_v3.tiny, (224, 64), _classifier),
    "efficientnet": Entry(efficientnet.EfficientNet, efficientnet.tiny, (224, 64), _classifier),
    "unet": Entry(unet.UNet, unet.tiny, (224, 32), _segmenter),
    "bert": Entry(bert.Bert, bert.tiny, (bert.TOKENS, 12), _encoder, ("hidden", "pooled")),
}


class Made:
    """A network, the names of its inputs, its samples by name, and its outputs' names."""

    def __init__(self, network, samples, outputs):
        self.network, self.samples, self.outputs = network, samples, outputs

    @property
    def inputs(self):
        return tuple(self.samples.values())


def make_samples(name, count, first=0, tiny=False, seed=SEED, size=None):
    """Samples `first` to `first + count - 1` for the network `name`, by input."""
    size = size or NETWORKS[name].sizes[tiny]
    if name != "bert":
        return {"x": _pixels(count, first, size)}
    vocabulary = (bert.tiny if tiny else bert.Bert)().embeddings.word_embeddings.num_embeddings
    ids, mask = make_ids(count, size, vocabulary, seed + 1 + first)
    return {"input_ids": ids, "attention_mask": mask}


def make(name, tiny=False, samples=2, seed=SEED, size=None):
    """The network `name` with `samples` samples, the same on every call. Inputs are `size`
    pixels wide, or tokens long; by default the network's own."""
    entry = NETWORKS[name]
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    with torch.no_grad():
        if entry.full is None and not tiny:
            network = benchmark.make_network(name, MEASURED, images.SEED if seed == SEED else seed)
        else:
            network = (entry.tiny if tiny else entry.full)().eval().requires_grad_(False)
            draws = Draws([seed, list(NETWORKS).index(name)])
            entry.fill(network, draws, size or entry.sizes[tiny], seed)
    return Made(network, make_samples(name, samples, 0, tiny, seed, size), entry.outputs)
