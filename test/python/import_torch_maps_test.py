"""Convolutions, pools, resizes, padding and norms that the torch.export importer makes, against PyTorch itself."""

from torch_helpers import OpsTest, main, nn, torch

if torch:
    from torch.nn import functional as F


class MapsTest(OpsTest):
    def test_convolutions(self):
        for layer, shape in (
            (nn.Conv2d(4, 6, (3, 2), (2, 1), (1, 0), bias=False), (4, 9, 7)),
            (nn.Conv2d(4, 6, 3, dilation=2, padding=2), (4, 9, 7)),
            (nn.Conv2d(4, 6, 3, groups=2), (4, 9, 7)),
            (nn.Conv2d(4, 8, 3, groups=4, padding=1), (4, 9, 7)),
            (nn.Conv2d(4, 6, (3, 4), padding="same"), (4, 9, 7)),
            (nn.Conv2d(4, 6, 3, padding="valid"), (4, 9, 7)),
            (nn.Conv1d(4, 6, 3, 2, 1), (4, 17)),
            (nn.Conv1d(4, 4, 3, groups=4), (4, 17)),
        ):
            with self.subTest(layer=layer):
                self.check(lambda x, m: m(x), shape, modules=[layer])

    def test_transposed_convolutions(self):
        for layer, shape in (
            (nn.ConvTranspose2d(4, 6, 3, 2, 1, 1), (4, 7, 5)),
            (nn.ConvTranspose2d(4, 6, (2, 3), 2, groups=2, bias=False), (4, 7, 5)),
            (nn.ConvTranspose2d(4, 6, 3, dilation=2), (4, 7, 5)),
            (nn.ConvTranspose1d(4, 6, 4, 2, 1), (4, 9)),
        ):
            with self.subTest(layer=layer):
                self.check(lambda x, m: m(x), shape, modules=[layer])

    def test_pools(self):
        self.check(lambda x: F.max_pool2d(x, 3, 2, 1), (5, 8, 9))
        self.check(lambda x: F.max_pool2d(x, 3, 2, ceil_mode=True), (5, 8, 9))
        self.check(lambda x: F.max_pool2d(x, 2, 2, 1, ceil_mode=True), (5, 7, 8))
        self.check(lambda x: F.max_pool2d(x, (2, 3)), (5, 7, 9))
        self.check(lambda x: F.max_pool1d(x, 3, 2), (5, 9))
        self.check(lambda x: F.adaptive_avg_pool2d(x, 1).flatten(1), (5, 7, 9))

    def test_average_pools(self):
        self.check(lambda x: F.avg_pool2d(x, 3, 2, 1), (5, 8, 9))
        self.check(lambda x: F.avg_pool2d(x, 3, 2, 1, count_include_pad=False), (5, 8, 9))
        self.check(lambda x: F.avg_pool2d(x, 3, 2, ceil_mode=True), (5, 8, 9))
        self.check(lambda x: F.avg_pool1d(x, 3, 2), (5, 9))
        self.check(lambda x: F.avg_pool2d(x, (8, 9)), (5, 8, 9))
        self.check(lambda x: F.adaptive_avg_pool2d(x, (4, 3)), (5, 8, 9))
        self.check(lambda x: F.adaptive_avg_pool2d(x, (3, 7)), (5, 8, 9))
        self.check(lambda x: F.adaptive_avg_pool2d(x, (8, 9)) + 1, (5, 8, 9))
        self.check(lambda x: F.adaptive_max_pool2d(x, (4, 3)), (5, 8, 9))
        self.check(lambda x: F.adaptive_max_pool2d(x, 1), (5, 8, 9))

    def test_resizes(self):
        for options in (
            {"scale_factor": 2},
            {"size": (9, 6)},
            {"scale_factor": (1.5, 2.5)},
            {"scale_factor": 2, "mode": "nearest-exact"},
            {"scale_factor": 2, "mode": "bilinear"},
            {"size": (5, 11), "mode": "bilinear"},
            {"size": (9, 7), "mode": "bilinear", "align_corners": True},
            {"scale_factor": 1.7, "mode": "bilinear"},
        ):
            with self.subTest(options):
                self.check(lambda x: F.interpolate(x, **options), (3, 4, 5))
        self.check(lambda x: F.interpolate(x, scale_factor=2), (3, 5))
        self.check(lambda x: F.interpolate(x, size=9, mode="linear"), (3, 5))

    def test_pads(self):
        for mode in ("constant", "reflect", "replicate", "circular"):
            self.check(lambda x: F.pad(x, (1, 2, 3, 1), mode), (3, 5, 6))
        self.check(lambda x: F.pad(x, (1, 0, 0, 2, 1, 1), value=-2.5), (3, 5, 6))
        self.check(lambda x: F.pad(x, (-1, 2, 0, -2)), (3, 5, 6))
        self.check(lambda x, m: m(x), (4, 6, 5), modules=[nn.Conv2d(4, 2, 3, padding=1, padding_mode="circular")])
        self.check(lambda x, m: m(x), (4, 6, 5), modules=[nn.Conv2d(4, 2, 3, padding=1, padding_mode="reflect")])

    def test_norms(self):
        self.check(lambda x, m: m(x), (6, 8, 4), modules=[nn.BatchNorm2d(6)])
        self.check(lambda x, m: m(x), (6, 8, 4), modules=[nn.BatchNorm2d(6, affine=False)])
        self.check(lambda x, m: m(x), (6, 8), modules=[nn.BatchNorm1d(6)])
        self.check(lambda x, m: m(x), (6, 8), modules=[nn.LayerNorm(8)])
        self.check(lambda x, m: m(x), (6, 8), modules=[nn.LayerNorm(8, bias=False)])
        self.check(lambda x, m: m(x), (6, 8, 4), modules=[nn.LayerNorm((8, 4), elementwise_affine=False)])

    def test_group_norms(self):
        self.check(lambda x, m: m(x), (6, 8, 4), modules=[nn.GroupNorm(3, 6)])
        self.check(lambda x, m: m(x), (6, 8), modules=[nn.GroupNorm(2, 6, affine=False)])
        self.check(lambda x, m: m(x), (6, 8, 4), modules=[nn.InstanceNorm2d(6, affine=True)])
        self.check(lambda x, m: m(x), (6, 8), modules=[nn.RMSNorm(8)])
        self.check(lambda x, m: m(x), (6, 8), modules=[nn.RMSNorm(8, eps=1e-3, elementwise_affine=False)])


if __name__ == "__main__":
    main()
