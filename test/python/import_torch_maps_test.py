"""Convolutions, pools and norms that the torch.export importer makes, against PyTorch itself."""

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

    def test_pools(self):
        self.check(lambda x: F.max_pool2d(x, 3, 2, 1), (5, 8, 9))
        self.check(lambda x: F.max_pool2d(x, 3, 2, ceil_mode=True), (5, 8, 9))
        self.check(lambda x: F.max_pool2d(x, 2, 2, 1, ceil_mode=True), (5, 7, 8))
        self.check(lambda x: F.max_pool2d(x, (2, 3)), (5, 7, 9))
        self.check(lambda x: F.max_pool1d(x, 3, 2), (5, 9))
        self.check(lambda x: F.adaptive_avg_pool2d(x, 1).flatten(1), (5, 7, 9))

    def test_norms(self):
        self.check(lambda x, m: m(x), (6, 8, 4), modules=[nn.BatchNorm2d(6)])
        self.check(lambda x, m: m(x), (6, 8, 4), modules=[nn.BatchNorm2d(6, affine=False)])
        self.check(lambda x, m: m(x), (6, 8), modules=[nn.BatchNorm1d(6)])
        self.check(lambda x, m: m(x), (6, 8), modules=[nn.LayerNorm(8)])
        self.check(lambda x, m: m(x), (6, 8), modules=[nn.LayerNorm(8, bias=False)])
        self.check(lambda x, m: m(x), (6, 8, 4), modules=[nn.LayerNorm((8, 4), elementwise_affine=False)])


if __name__ == "__main__":
    main()
