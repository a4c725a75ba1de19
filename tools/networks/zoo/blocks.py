"""What the zoo's convolutional networks share: convolutions with norm and
activation, squeeze-and-excitation, inverted residuals."""

from torch import nn


def round_width(width):
    """The multiple of 8 next to `width`, at least 0.9 of it."""
    rounded = max(8, int(width + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * width else rounded


def convolution(inputs, outputs, kernel, stride=1, groups=1, activation=None):
    """A convolution, its batch norm, and an activation, a class, or none."""
    layers = [
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
    ]
    return nn.Sequential(*layers, *([activation()] if activation else []))


class SqueezeExcitation(nn.Module):
    """Scales channels by what two 1x1 convolutions make of their means."""

    def __init__(self, channels, squeezed, activation, gate):
        super().__init__()
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = nn.Conv2d(channels, squeezed, 1)
        self.activation = activation()
        self.fc2 = nn.Conv2d(squeezed, channels, 1)
        self.gate = gate()

    def forward(self, x):
        scale = self.gate(self.fc2(self.activation(self.fc1(self.avgpool(x)))))
        return x * scale


class InvertedResidual(nn.Module):
    """Expand, depthwise, squeeze and excite where `excitation` is given, project."""

    def __init__(self, inputs, hidden, outputs, kernel, stride, activation, excitation=None):
        super().__init__()
        self.is_residual = stride == 1 and inputs == outputs
        layers = []
        if hidden != inputs:
            layers.append(convolution(inputs, hidden, 1, activation=activation))
        layers.append(convolution(hidden, hidden, kernel, stride, hidden, activation))
        if excitation is not None:
            layers.append(excitation)
        layers.append(convolution(hidden, outputs, 1))
        self.block = nn.Sequential(*layers)

    def forward(self, x):
        return x + self.block(x) if self.is_residual else self.block(x)
