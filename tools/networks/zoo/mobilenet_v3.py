"""MobileNetV3-Large (Howard et al., 2019) as a PyTorch module: hard swish, hard
sigmoid, squeeze-and-excitation."""

from torch import nn

from blocks import InvertedResidual, SqueezeExcitation, convolution, round_width

# Kernel, hidden width, output width, squeeze-and-excitation, hard swish, stride.
STAGES = [
    (3, 16, 16, False, False, 1),
    (3, 64, 24, False, False, 2),
    (3, 72, 24, False, False, 1),
    (5, 72, 40, True, False, 2),
    (5, 120, 40, True, False, 1),
    (5, 120, 40, True, False, 1),
    (3, 240, 80, False, True, 2),
    (3, 200, 80, False, True, 1),
    (3, 184, 80, False, True, 1),
    (3, 184, 80, False, True, 1),
    (3, 480, 112, True, True, 1),
    (3, 672, 112, True, True, 1),
    (5, 672, 160, True, True, 2),
    (5, 960, 160, True, True, 1),
    (5, 960, 160, True, True, 1),
]


class MobileNetV3(nn.Module):
    """[N, 3, H, W] pixels, normalized -> [N, classes] logits."""

    def __init__(self, stages=tuple(STAGES), classes=1000):
        super().__init__()
        channels = 16
        layers = [convolution(3, channels, 3, 2, activation=nn.Hardswish)]
        for kernel, hidden, outputs, excited, swish, stride in stages:
            activation = nn.Hardswish if swish else nn.ReLU
            excitation = None
            if excited:
                squeezed = round_width(hidden / 4)
                excitation = SqueezeExcitation(hidden, squeezed, nn.ReLU, nn.Hardsigmoid)
            layers.append(
                InvertedResidual(channels, hidden, outputs, kernel, stride, activation, excitation)
            )
            channels = outputs
        layers.append(convolution(channels, 6 * channels, 1, activation=nn.Hardswish))
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(
            nn.Linear(6 * channels, 8 * channels),
            nn.Hardswish(),
            nn.Dropout(0.2),
            nn.Linear(8 * channels, classes),
        )

    def forward(self, x):
        return self.classifier(self.avgpool(self.features(x)).flatten(1))


def tiny():
    return MobileNetV3(STAGES[:4] + [(3, 80, 40, False, True, 1)], 10)
