"""ViT-S/16 (Dosovitskiy et al., 2020; Touvron et al., 2020) as a PyTorch module.

This file fixes the architecture and its names, as vision transformers are
commonly written: 12 pre-norm blocks of width 384 with 6 heads, one linear layer
for queries, keys and values, GELU with erf, a class token: 22 M parameters and
4.6 G multiply-accumulates an image.
"""

import torch
from torch import nn

WIDTH = 384
DEPTH = 12
HEADS = 6
HIDDEN = 4 * WIDTH
PATCH = 16
TOKENS = (224 // PATCH) ** 2
CLASSES = 1000
EPSILON = 1e-6


class PatchEmbed(nn.Module):
    """[N, 3, 224, 224] pixels -> [N, TOKENS, WIDTH], row by row."""

    def __init__(self):
        super().__init__()
        self.proj = nn.Conv2d(3, WIDTH, PATCH, stride=PATCH)

    def forward(self, x):
        return self.proj(x).flatten(2).transpose(1, 2)


class Attention(nn.Module):
    """Multi-head self-attention over [N, tokens, WIDTH]."""

    def __init__(self):
        super().__init__()
        self.scale = (WIDTH // HEADS) ** -0.5
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.proj = nn.Linear(WIDTH, WIDTH)

    def split(self, x):
        """Queries, keys and values, each [N, HEADS, tokens, WIDTH / HEADS]."""
        batch, tokens, width = x.shape
        heads = self.qkv(x).reshape(batch, tokens, 3, HEADS, width // HEADS)
        return heads.permute(2, 0, 3, 1, 4).unbind(0)

    def mix(self, query, key, value):
        """The values' weighted sums, [N, tokens, WIDTH]."""
        weights = ((query * self.scale) @ key.transpose(-2, -1)).softmax(dim=-1)
        batch, _, tokens, _ = query.shape
        return (weights @ value).transpose(1, 2).reshape(batch, tokens, WIDTH)

    def forward(self, x):
        return self.proj(self.mix(*self.split(x)))


class Mlp(nn.Module):
    """Two linear layers with a GELU between them, token by token."""

    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(WIDTH, HIDDEN)
        self.act = nn.GELU()
        self.fc2 = nn.Linear(HIDDEN, WIDTH)

    def forward(self, x):
        return self.fc2(self.act(self.fc1(x)))


class Block(nn.Module):
    """Attention and MLP, each behind a layer norm and beside a residual."""

    def __init__(self):
        super().__init__()
        self.norm1 = nn.LayerNorm(WIDTH, EPSILON)
        self.attn = Attention()
        self.norm2 = nn.LayerNorm(WIDTH, EPSILON)
        self.mlp = Mlp()

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class ViTS16(nn.Module):
    """[N, 3, 224, 224] pixels, normalized -> [N, 1000] logits."""

    def __init__(self):
        super().__init__()
        self.patch_embed = PatchEmbed()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, WIDTH))
        self.pos_embed = nn.Parameter(torch.zeros(1, 1 + TOKENS, WIDTH))
        self.blocks = nn.ModuleList(Block() for _ in range(DEPTH))
        self.norm = nn.LayerNorm(WIDTH, EPSILON)
        self.head = nn.Linear(WIDTH, CLASSES)

    def embed(self, x):
        """The first block's input, [N, 1 + TOKENS, WIDTH]."""
        x = self.patch_embed(x)
        token = self.cls_token.expand(x.shape[0], -1, -1)
        return torch.cat((token, x), dim=1) + self.pos_embed

    def forward(self, x):
        x = self.embed(x)
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x)[:, 0])
