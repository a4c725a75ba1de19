"""A U-Net (Ronneberger et al., 2015) as a PyTorch module, with every way that such
networks grow their maps: transposed convolution, bilinear and nearest resize."""

import torch
from torch import nn
from torch.nn import functional

WIDTHS = (24, 48, 96, 192, 256)


def double_convolution(inputs, outputs):
    layers = []
    for channels in (inputs, outputs):
        layers += [
            nn.Conv2d(channels, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        ]
    return nn.Sequential(*layers)


class Up(nn.Module):
    """A map twice as large, beside one of the encoder's, through two convolutions."""

    def __init__(self, inputs, outputs, way):
        super().__init__()
        self.way = way
        if way == "transposed":
            self.up = nn.ConvTranspose2d(inputs, outputs, 2, 2)
        elif way == "overlapping":
            self.up = nn.ConvTranspose2d(inputs, outputs, 3, 2, padding=1, output_padding=1)
        else:
            self.up = nn.Conv2d(inputs, outputs, 1)
        self.conv = double_convolution(2 * outputs, outputs)

    def forward(self, x, skip):
        if self.way == "bilinear":
            x = functional.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
        elif self.way == "nearest":
            x = functional.interpolate(x, size=skip.shape[2:], mode="nearest")
        return self.conv(torch.cat([skip, self.up(x)], dim=1))


class UNet(nn.Module):
    """[N, 3, H, W] pixels, normalized -> [N, classes, H, W] logits; H and W are
    multiples of 2 ** (len(widths) - 1)."""

    def __init__(self, widths=WIDTHS, classes=21):
        super().__init__()
        self.stem = double_convolution(3, widths[0])
        self.pool = nn.MaxPool2d(2)
        self.down = nn.ModuleList(double_convolution(*pair) for pair in zip(widths, widths[1:]))
        ways = ("bilinear", "overlapping", "nearest", "transposed")
        self.up = nn.ModuleList(
            Up(inputs, outputs, ways[i % len(ways)])
            for i, (outputs, inputs) in enumerate(reversed(list(zip(widths, widths[1:]))))
        )
        self.head = nn.Conv2d(widths[0], classes, 1)

    def forward(self, x):
        skips = [self.stem(x)]
        for down in self.down:
            skips.append(down(self.pool(skips[-1])))
        x = skips.pop()
        for up in self.up:
            x = up(x, skips.pop())
        return self.head(x)


def tiny():
    return UNet((4, 8, 12, 16, 20), 3)
