"""MobileNetV2-1.0-224 (Sandler et al., 2018) as a PyTorch module.

This file fixes the architecture: a 3x3 stem, 17 inverted residual blocks with
linear bottlenecks, ReLU6, a 1x1 top of 1280 channels, and a classifier: 3.5 M
parameters and 0.3 G multiply-accumulates an image.
"""

from torch import nn

# Expansion, channels, blocks, stride of the first.
STAGES = [
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
]
CLASSES = 1000


def convolution(inputs, outputs, kernel, stride=1, groups=1, activation=True):
    """A convolution, its batch norm, and ReLU6 unless it is a bottleneck's."""
    layers = [
        nn.Conv2d(
            inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False
        ),
        nn.BatchNorm2d(outputs),
    ]
    return nn.Sequential(*layers, *[nn.ReLU6()] * activation)


class InvertedResidual(nn.Module):
    def __init__(self, inputs, outputs, stride, expansion):
        super().__init__()
        self.is_residual = stride == 1 and inputs == outputs
        hidden = inputs * expansion
        layers = [convolution(inputs, hidden, 1)] if expansion > 1 else []
        layers.append(convolution(hidden, hidden, 3, stride, hidden))
        layers.append(convolution(hidden, outputs, 1, activation=False))
        self.conv = nn.Sequential(*layers)

    def forward(self, x):
        return x + self.conv(x) if self.is_residual else self.conv(x)


class MobileNetV2(nn.Module):
    """[N, 3, 224, 224] pixels, normalized -> [N, 1000] logits."""

    def __init__(self):
        super().__init__()
        channels = 32
        layers = [convolution(3, channels, 3, 2)]
        for expansion, outputs, blocks, stride in STAGES:
            for i in range(blocks):
                layers.append(
                    InvertedResidual(
                        channels, outputs, stride if i == 0 else 1, expansion
                    )
                )
                channels = outputs
        layers.append(convolution(channels, 1280, 1))
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Linear(1280, CLASSES)

    def forward(self, x):
        return self.classifier(self.features(x).mean((2, 3)))
