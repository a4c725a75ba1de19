"""Seeded parameters of the zoo's networks.

The convolutional ones are filled as the benchmark's (../benchmark/realism.py), with
norms that have the statistics of their own data. The encoder gets log-normal norms
with outlier channels, and heads between sharp and flat.
"""

import numpy as np
import torch
from torch import nn

from realism import fill_convolutional


def _fill_transposed(network, draws):
    for module in network.modules():
        if isinstance(module, nn.ConvTranspose2d):
            deviation = (module.weight[:, 0].numel() / module.stride[0] ** 2) ** -0.5
            module.weight.copy_(draws.student(module.weight.shape) * deviation)
            module.bias.copy_(draws.normal(module.bias.shape, 0.0, 0.1))


class Pooled(nn.Module):
    def forward(self, x):
        return x.flatten(2).mean(2) if x.dim() == 4 else x


def fill_maps(network, head, images, draws):
    """Fills a convolutional network in eval mode; `head` is its last layer."""
    _fill_transposed(network, draws)
    # A map of logits counts with its mean.
    network = nn.Sequential(network, Pooled())
    fill_convolutional(network, head, images, draws, lambda name: (0.8, 0.0, 0.4))


def fill_encoder(network, ids, draws):
    """Fills a Bert in eval mode; norms and queries are measured over `ids` [N, tokens]."""
    width = network.pooler.in_features
    outliers = draws.choose(max(1, width // 128), width)
    for module in network.modules():
        if isinstance(module, nn.Linear):
            deviation = module.in_features**-0.5
            module.weight.copy_(draws.student(module.weight.shape) * deviation)
            module.weight.mul_(draws.scales(len(module.weight), 1.0, 0.3)[:, None])
            module.bias.copy_(draws.normal(module.bias.shape, 0.0, 0.1))
        elif isinstance(module, nn.Embedding):
            module.weight.copy_(draws.normal(module.weight.shape, 0.0, 0.05))
        elif isinstance(module, nn.LayerNorm):
            module.weight.copy_(draws.scales(width, 0.9, 0.25))
            module.bias.copy_(draws.normal((width,), 0.0, 0.2))
            module.bias[outliers] *= 10
    hooks = []
    for layer in network.layers:
        hooks.append(layer.attention.register_forward_pre_hook(_temper(draws)))
    network(ids)
    for hook in hooks:
        hook.remove()


def _temper(draws):
    """Scales queries, so that the scores of each head have a deviation of 1 to 4."""

    def temper(attention, inputs):
        query, key = attention.split(attention.query(inputs[0])), attention.split(attention.key(inputs[0]))
        scores = query @ key.transpose(-1, -2) * query.shape[-1] ** -0.5
        scores = scores - scores.mean(-1, keepdim=True)
        now = scores.square().mean((0, 2, 3)).sqrt()
        wanted = draws.scales(attention.heads, 1.8, 0.4, outliers=0).clamp(1, 4)
        factor = (wanted / now).repeat_interleave(query.shape[-1])
        attention.query.weight.mul_(factor[:, None])
        attention.query.bias.mul_(factor)

    return temper


def make_ids(count, tokens, vocabulary, seed):
    """Token ids [count, tokens] as of text, where few words are frequent, and the mask
    of those that are none, behind the text's end."""
    random = np.random.Generator(np.random.PCG64(seed))
    ids = np.minimum(random.zipf(1.3, (count, tokens)), vocabulary - 1)
    lengths = random.integers(tokens // 4, tokens + 1, count)
    mask = np.arange(tokens) < lengths[:, None]
    return torch.from_numpy(ids * mask), torch.from_numpy(mask.astype(np.int64))
