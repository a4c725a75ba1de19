"""The network digits-cnn as a PyTorch module.

This file fixes the architecture and its names; the ONNX file's nodes and
initializers carry the same ones. It has one of each thing a small vision network
is made of, in 8x8 and 4x4 maps:

    stem       3x3 convolution, batch norm, ReLU               1 ->  32   8x8
    expand     3x3 convolution, batch norm, ReLU6             32 ->  32   8x8
    depthwise  3x3 depthwise convolution, batch norm, ReLU6   32          8x8
    project    1x1 convolution, batch norm                    32 ->  32   8x8
    residual   stem's ReLU + project, ReLU                    32          8x8
    pool       2x2 max pool                                   32          4x4
    middle     3x3 convolution, batch norm, ReLU6             32 ->  64   4x4
    top        3x3 convolution, batch norm, ReLU              64 -> 128   4x4
    head       global average pool, linear                   128 ->  10

The weights lie in dense convolutions whose channels are multiples of 32: there
an int8 kernel has full vectors to work on.
"""

from torch import nn
from torch.nn import functional

WIDTH = 32
MIDDLE = 64
TOP = 128
CLASSES = 10


class ConvNorm(nn.Module):
    """A convolution without bias that keeps the map's size, then batch norm."""

    def __init__(self, inputs, outputs, kernel, groups=1):
        super().__init__()
        self.conv = nn.Conv2d(
            inputs, outputs, kernel, padding=kernel // 2, groups=groups, bias=False
        )
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x):
        return self.norm(self.conv(x))


class DigitsCNN(nn.Module):
    """[N, 1, 8, 8] pixels in 0..1 -> [N, 10] logits."""

    def __init__(self):
        super().__init__()
        self.stem = ConvNorm(1, WIDTH, 3)
        self.expand = ConvNorm(WIDTH, WIDTH, 3)
        self.depthwise = ConvNorm(WIDTH, WIDTH, 3, groups=WIDTH)
        self.project = ConvNorm(WIDTH, WIDTH, 1)
        self.middle = ConvNorm(WIDTH, MIDDLE, 3)
        self.top = ConvNorm(MIDDLE, TOP, 3)
        self.linear = nn.Linear(TOP, CLASSES)

    def forward(self, x):
        stem = functional.relu(self.stem(x))
        x = functional.relu6(self.expand(stem))
        x = functional.relu6(self.depthwise(x))
        x = functional.relu(stem + self.project(x))
        x = functional.max_pool2d(x, 2)
        x = functional.relu6(self.middle(x))
        x = functional.relu(self.top(x))
        return self.linear(x.mean(dim=(2, 3)))
