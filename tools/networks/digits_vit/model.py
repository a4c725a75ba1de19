"""The network digits-vit as a PyTorch module.

This file fixes the architecture and its names, which are those that vision
transformers usually have; the ONNX file's nodes and initializers carry them too.

    patch_embed  2x2 patches of 8x8 pixels, linear       1 -> 64   16 tokens
    cls_token    one learned token in front                   64   17 tokens
    pos_embed    one learned vector per token, added          64   17 tokens
    blocks.0-3   x + attn(norm1(x)), then x + mlp(norm2(x))    64   17 tokens
      attn       4 heads of 16: qkv, softmax, proj   64 -> 192 -> 64
      mlp        fc1, GELU with erf, fc2             64 -> 256 -> 64
    norm         layer norm
    head         linear, of the class token alone       64 -> 10

Everything keeps the batch in front, so that it may stay free in the ONNX file.
"""

import torch
from torch import nn

WIDTH = 64
DEPTH = 4
HEADS = 4
HIDDEN = 4 * WIDTH
PATCH = 2
TOKENS = (8 // PATCH) ** 2
CLASSES = 10


class PatchEmbed(nn.Module):
    """[N, 1, 8, 8] pixels -> [N, TOKENS, WIDTH], row by row."""

    def __init__(self):
        super().__init__()
        self.proj = nn.Conv2d(1, WIDTH, PATCH, stride=PATCH)

    def forward(self, x):
        return self.proj(x).flatten(2).transpose(1, 2)


class Attention(nn.Module):
    """Multi-head self-attention over [N, tokens, WIDTH]."""

    def __init__(self):
        super().__init__()
        self.scale = (WIDTH // HEADS) ** -0.5
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.proj = nn.Linear(WIDTH, WIDTH)

    def forward(self, x):
        batch, tokens, width = x.shape

        def heads(part):
            return part.reshape(batch, tokens, HEADS, width // HEADS).transpose(1, 2)

        query, key, value = map(heads, self.qkv(x).split(WIDTH, dim=-1))
        query = query * self.scale
        weights = (query @ key.transpose(-2, -1)).softmax(dim=-1)
        x = (weights @ value).transpose(1, 2).reshape(batch, tokens, width)
        return self.proj(x)


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
        self.norm1 = nn.LayerNorm(WIDTH)
        self.attn = Attention()
        self.norm2 = nn.LayerNorm(WIDTH)
        self.mlp = Mlp()

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class DigitsViT(nn.Module):
    """[N, 1, 8, 8] pixels in 0..1 -> [N, 10] logits."""

    def __init__(self):
        super().__init__()
        self.patch_embed = PatchEmbed()
        # As large as the patches' embeddings: attention finds the places early.
        self.cls_token = nn.Parameter(0.3 * torch.randn(1, 1, WIDTH))
        self.pos_embed = nn.Parameter(0.3 * torch.randn(1, 1 + TOKENS, WIDTH))
        self.blocks = nn.ModuleList(Block() for _ in range(DEPTH))
        self.norm = nn.LayerNorm(WIDTH)
        self.head = nn.Linear(WIDTH, CLASSES)

    def forward(self, x):
        x = self.patch_embed(x)
        token = self.cls_token.expand(x.shape[0], -1, -1)
        x = torch.cat((token, x), dim=1) + self.pos_embed
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x)[:, 0])
