"""Random parameters under which activations look like a trained network's.

This file fills the convolutional networks; transformer.py fills ViT-S/16. Nothing
is trained. What matters to an observer is taken from what trained networks show:

- filters look for what occurs in their input: each is a heavy-tailed mixture of
  patches of it, and of noise. So what the pictures have in common passes, and
  rounding errors, which have no such structure, are averaged out. Random filters
  would amplify them from layer to layer until nothing else is left;
- weights have heavier tails than a Gaussian: Student's t;
- the scales of channels are log-normal, and a few channels are outliers: batch
  norm's gamma, which the folded weights then carry as well;
- batch norm's mean and variance are those of the data, measured layer by layer
  with seeded images, so that what leaves a norm has the mean and deviation that
  its beta and gamma say;
- logits have no part that is the same for all images.
"""

import numpy as np
import torch
from torch import nn

# Patches of the input that a layer's filters are made from, how many of their
# principal directions pass, the power of their deviations that weighs them, and the
# share of filters that is not noise.
PATCHES = 512
DIRECTIONS = 24
POWER = 0.0
SHARE = 0.8


class Draws:
    """Seeded random tensors, the same with every release of PyTorch."""

    def __init__(self, seed):
        self.random = np.random.Generator(np.random.PCG64(seed))

    def normal(self, shape, mean=0.0, deviation=1.0):
        return _tensor(self.random.normal(mean, deviation, shape))

    def student(self, shape, freedom=7):
        """Student's t, scaled to a deviation of 1."""
        draws = self.random.standard_t(freedom, tuple(shape))
        return _tensor(draws * np.sqrt((freedom - 2) / freedom))

    def scales(self, count, median, sigma, outliers=0.02, factor=2.5):
        """Log-normal scales; the share `outliers` of them is `factor` larger."""
        scales = median * np.exp(sigma * self.random.standard_normal(count))
        scales[self.random.uniform(size=count) < outliers] *= factor
        return _tensor(scales)

    def choose(self, count, among):
        """`count` different indices below `among`."""
        return torch.from_numpy(self.random.permutation(among)[:count].copy())

    def positions(self, count, shape):
        """`count` indices into an array of this shape, [count, rank]."""
        return self.random.integers(0, shape, (count, len(shape)))


def _tensor(array):
    return torch.from_numpy(np.asarray(array, np.float32))


def _patches(layer, x, draws):
    """Patches of the layer's input x without their mean, [PATCHES, channels,
    kernel size]; x is [N, C, H, W], or [N, ..., C] of a linear layer."""
    if isinstance(layer, nn.Linear):
        rows = x.reshape(-1, x.shape[-1])
        found = rows[draws.positions(PATCHES, rows.shape[:1])[:, 0]][..., None]
    else:
        high, wide = layer.kernel_size
        x = nn.functional.pad(x, (0, max(0, wide - x.shape[3]), 0, max(0, high - x.shape[2])))
        places = (x.shape[0], x.shape[2] - high + 1, x.shape[3] - wide + 1)
        found = torch.stack(
            [
                x[n, :, i : i + high, j : j + wide].flatten(1)
                for n, i, j in draws.positions(PATCHES, places)
            ]
        )
    found = found - found.mean(0, keepdim=True)
    # Contrast says how much there is to see, not what.
    return found / found.flatten(1).norm(dim=1).clamp_min(1e-6)[:, None, None]


def _directions(patches):
    """The weighted principal directions of patches [PATCHES, ..., size]: the
    rows of [..., DIRECTIONS, size]."""
    rows = patches.double().movedim(0, -2)
    _, deviations, directions = torch.linalg.svd(rows, full_matrices=False)
    count = min(DIRECTIONS, directions.shape[-2])
    deviations = deviations[..., :count, None].clamp_min(1e-6)
    return (directions[..., :count, :] * deviations**POWER).float()


def fill_weight(layer, x, draws, share=SHARE):
    """Fills the weight of a convolution or linear layer for its input x.

    Every filter has length 1; a bias becomes 0.
    """
    count = layer.weight.shape[0]
    noise = draws.student((count, layer.weight[0].numel()))
    patches = _patches(layer, x, draws)
    if getattr(layer, "groups", 1) > 1:  # Depthwise: each channel has its own.
        directions = _directions(patches)
        mixture = draws.student((count, 1, directions.shape[-2]))
        matched = (mixture @ directions)[:, 0]
    else:
        directions = _directions(patches.flatten(1))
        matched = draws.student((count, len(directions))) @ directions
    parts = [part / part.norm(dim=1, keepdim=True).clamp_min(1e-12) for part in (matched, noise)]
    filters = share * parts[0] + (1 - share**2) ** 0.5 * parts[1]
    layer.weight.copy_(filters.reshape(layer.weight.shape))
    if layer.bias is not None:
        layer.bias.zero_()


def _measure(norm, x):
    """Takes a batch norm's statistics from its input."""
    x = x.double()
    norm.running_mean.copy_(x.mean((0, 2, 3)))
    # A channel that is dead at every pixel stays so.
    norm.running_var.copy_(x.var((0, 2, 3), correction=0).clamp_min(1e-5))


def center_logits(head, logits):
    """Takes what all images have in common out of the last layer's bias."""
    head.bias.sub_(logits.double().mean(0).float())


def fill_convolutional(network, head, images, draws, style):
    """Fills a network of convolutions and batch norms in eval mode.

    `style(name)` gives a norm's (gamma's median, beta's mean, beta's deviation).
    """

    def fill(module, inputs):
        if isinstance(module, nn.BatchNorm2d):
            _measure(module, inputs[0])
        else:
            fill_weight(module, inputs[0], draws)

    # Each layer is filled before it is applied, so one pass fills all.
    hooks = []
    for name, module in network.named_modules():
        if isinstance(module, nn.BatchNorm2d):
            median, mean, deviation = style(name)
            count = module.num_features
            module.weight.copy_(draws.scales(count, median, 0.3, factor=2.0))
            module.bias.copy_(draws.normal(count, mean, deviation))
        if isinstance(module, (nn.Conv2d, nn.Linear, nn.BatchNorm2d)):
            hooks.append(module.register_forward_pre_hook(fill))
    logits = network(images)
    for hook in hooks:
        hook.remove()
    center_logits(head, logits)
