"""Random parameters under which activations look like a trained network's.

This file fills the convolutional networks; transformer.py fills ViT-S/16. Nothing
is trained. What matters to an observer is taken from what trained networks show:

- weights have heavier tails than a Gaussian: Student's t with 5 degrees of freedom;
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


class Draws:
    """Seeded random tensors, the same with every release of PyTorch."""

    def __init__(self, seed):
        self.random = np.random.Generator(np.random.PCG64(seed))

    def normal(self, shape, mean=0.0, deviation=1.0):
        return _tensor(self.random.normal(mean, deviation, shape))

    def student(self, shape, freedom=5):
        """Student's t, scaled to a deviation of 1."""
        draws = self.random.standard_t(freedom, tuple(shape))
        return _tensor(draws * np.sqrt((freedom - 2) / freedom))

    def scales(self, count, median, sigma, outliers=0.02, factor=3.0):
        """Log-normal scales; the share `outliers` of them is `factor` larger."""
        scales = median * np.exp(sigma * self.random.standard_normal(count))
        scales[self.random.uniform(size=count) < outliers] *= factor
        return _tensor(scales)

    def choose(self, count, among):
        """`count` different indices below `among`."""
        return torch.from_numpy(self.random.permutation(among)[:count].copy())


def _tensor(array):
    return torch.from_numpy(np.asarray(array, np.float32))


def fill_weight(layer, draws):
    """Weights of a convolution or linear layer that keep the deviation."""
    fan_in = layer.weight[0].numel()
    layer.weight.copy_(draws.student(layer.weight.shape) * fan_in**-0.5)
    if layer.bias is not None:
        layer.bias.zero_()


def _measure(norm, inputs):
    """A hook before a batch norm: takes its statistics from this input."""
    x = inputs[0].double()
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
    hooks = []
    for name, module in network.named_modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            fill_weight(module, draws)
        elif isinstance(module, nn.BatchNorm2d):
            median, mean, deviation = style(name)
            count = module.num_features
            module.weight.copy_(draws.scales(count, median, 0.5))
            module.bias.copy_(draws.normal(count, mean, deviation))
            hooks.append(module.register_forward_pre_hook(_measure))
    # Each norm is measured before it is applied, so one pass measures all.
    logits = network(images)
    for hook in hooks:
        hook.remove()
    center_logits(head, logits)
