"""EfficientNet-B0 (Tan and Le, 2019) as a PyTorch module: SiLU, squeeze-and-excitation
by a sigmoid."""

from torch import nn

from blocks import InvertedResidual, SqueezeExcitation, convolution

# Expansion, kernel, stride of the first block, output width, blocks.
STAGES = [
    (1, 3, 1, 16, 1),
    (6, 3, 2, 24, 2),
    (6, 5, 2, 40, 2),
    (6, 3, 2, 80, 3),
    (6, 5, 1, 112, 3),
    (6, 5, 2, 192, 4),
    (6, 3, 1, 320, 1),
]


class EfficientNet(nn.Module):
    """[N, 3, H, W] pixels, normalized -> [N, classes] logits."""

    def __init__(self, stages=tuple(STAGES), classes=1000):
        super().__init__()
        channels = 32
        layers = [convolution(3, channels, 3, 2, activation=nn.SiLU)]
        for expansion, kernel, stride, outputs, blocks in stages:
            stage = []
            for i in range(blocks):
                hidden = channels * expansion
                excitation = SqueezeExcitation(hidden, channels // 4, nn.SiLU, nn.Sigmoid)
                stage.append(
                    InvertedResidual(
                        channels, hidden, outputs, kernel, stride if i == 0 else 1, nn.SiLU, excitation
                    )
                )
                channels = outputs
            layers.append(nn.Sequential(*stage))
        layers.append(convolution(channels, 4 * channels, 1, activation=nn.SiLU))
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(4 * channels, classes))

    def forward(self, x):
        return self.classifier(self.avgpool(self.features(x)).flatten(1))


def tiny():
    return EfficientNet(STAGES[:3], 10)
