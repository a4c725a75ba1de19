"""Random parameters under which ViT-S/16 looks trained.

This file does for the transformer what realism.py does for convolutions: every
scale is set from the data, block by block, to what trained vision transformers
show.

- Attention logits have a deviation of 1 to 4, which differs between heads, so
  that some heads look at few tokens and others at all.
- Most values before a GELU are negative, and hidden neurons differ in scale.
- A few channels of the residual sums are far larger than the others, and the
  layer norms after them turn them down.
- Rare hidden neurons fire for few tokens, and then hard: massive activations,
  which end in the outlier channels.
- Layer norms' gammas are log-normal.
"""

import torch

from realism import center_logits, fill_weight
from vit_s16 import HEADS, HIDDEN, WIDTH

# Channels of the residual sums with large values, and the factor of their rows.
OUTLIERS = 6
OUTLIER_FACTOR = 8.0
# Blocks whose hidden neurons write massive activations, and how many of them.
MASSIVE_BLOCKS = (1, 2, 4, 7)
MASSIVE_NEURONS = 4


def _fill_norm(norm, draws, outliers):
    norm.weight.copy_(draws.scales(WIDTH, 1.0, 0.25, outliers=0.01, factor=2.0))
    norm.weight[outliers] *= 1 / OUTLIER_FACTOR
    norm.bias.copy_(draws.normal(WIDTH, 0.0, 0.3))


def _fill_attention(attention, x, draws):
    """Returns the attention's output before `proj`, for x [N, tokens, WIDTH]."""
    fill_weight(attention.qkv, x, draws)
    attention.qkv.weight *= draws.scales(3 * WIDTH, 1.0, 0.3)[:, None]
    attention.qkv.bias.copy_(draws.normal(3 * WIDTH, 0.0, 0.3))
    query, key, _ = attention.split(x)
    logits = (query * attention.scale) @ key.transpose(-2, -1)
    logits = logits - logits.mean(-1, keepdim=True)
    now = logits.square().mean((0, 2, 3)).sqrt()
    wanted = draws.scales(HEADS, 1.8, 0.4, outliers=0).clamp(1, 4)
    # Half of the factor to the queries, half to the keys.
    factor = (wanted / now).sqrt().repeat_interleave(WIDTH // HEADS)
    for part in (slice(0, WIDTH), slice(WIDTH, 2 * WIDTH)):
        attention.qkv.weight[part] *= factor[:, None]
        attention.qkv.bias[part] *= factor
    return attention.mix(*attention.split(x))


def _fill_hidden(layer, x, draws, massive):
    """Fills `fc1` for x [N, tokens, WIDTH]."""
    fill_weight(layer, x, draws)
    before = layer(x)
    mean, deviation = before.mean((0, 1)), before.std((0, 1))
    scale = draws.scales(HIDDEN, 1.0, 0.3, factor=2.0)
    offset = draws.normal(HIDDEN, -0.9, 0.5)
    # These fire for about one token in five hundred.
    scale[massive] = 20.0
    offset[massive] = -2.9 * 20.0
    factor = scale / deviation
    layer.weight *= factor[:, None]
    layer.bias.copy_(offset - mean * factor)


def _fill_projection(layer, x, draws, outliers, size):
    """Fills a layer that adds to the residual sum: its output has root mean
    square `size`, and OUTLIER_FACTOR times that in the outlier channels."""
    fill_weight(layer, x, draws)
    layer.weight *= draws.scales(WIDTH, 1.0, 0.3)[:, None]
    layer.weight *= size / layer(x).square().mean().sqrt()
    layer.weight[outliers] *= OUTLIER_FACTOR
    layer.bias.copy_(draws.normal(WIDTH, 0.0, 0.1 * size))


def _fill_block(block, index, x, draws, outliers):
    """Fills a block for its input x [N, tokens, WIDTH]; returns its output."""
    size = 0.35 * (1 + index / 6)
    _fill_norm(block.norm1, draws, outliers)
    mixed = _fill_attention(block.attn, block.norm1(x), draws)
    _fill_projection(block.attn.proj, mixed, draws, outliers[:2], size)
    x = x + block.attn.proj(mixed)

    _fill_norm(block.norm2, draws, outliers)
    y = block.norm2(x)
    count = MASSIVE_NEURONS if index in MASSIVE_BLOCKS else 0
    massive = draws.choose(count, HIDDEN)
    _fill_hidden(block.mlp.fc1, y, draws, massive)
    hidden = block.mlp.act(block.mlp.fc1(y))
    _fill_projection(block.mlp.fc2, hidden, draws, outliers, size)
    # What fires rarely writes to the outlier channels alone.
    block.mlp.fc2.weight[:, massive] *= 0.02
    for neuron in massive:
        target = outliers[draws.choose(2, OUTLIERS)]
        block.mlp.fc2.weight[target, neuron] = 4 * draws.normal(2)
    return x + block.mlp.fc2(hidden)


def fill_transformer(network, images, draws):
    """Fills a ViTS16 in eval mode from images [N, 3, 224, 224]."""
    outliers = draws.choose(OUTLIERS, WIDTH)
    fill_weight(network.patch_embed.proj, images, draws)
    network.patch_embed.proj.weight *= draws.scales(WIDTH, 1.0, 0.3)[:, None, None, None]
    network.patch_embed.proj.weight *= (
        0.7 / network.patch_embed(images).square().mean().sqrt()
    )
    network.cls_token.copy_(draws.normal((1, 1, WIDTH), 0, 0.5))
    network.pos_embed.copy_(draws.normal(network.pos_embed.shape, 0, 0.3))
    network.pos_embed[:, :, outliers] += 2 * draws.normal(OUTLIERS)
    x = network.embed(images)
    for index, block in enumerate(network.blocks):
        x = _fill_block(block, index, x, draws, outliers)
    _fill_norm(network.norm, draws, outliers)
    token = network.norm(x)[:, 0]
    fill_weight(network.head, token, draws)
    center_logits(network.head, network.head(token))
