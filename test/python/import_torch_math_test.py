"""Functions of numbers that the torch.export importer makes, against PyTorch itself."""

from torch_helpers import OpsTest, main, nn, torch

if torch:
    from torch.nn import functional as F


class MathTest(OpsTest):
    def test_activations(self):
        for function in (F.relu, F.relu6, F.hardswish, F.hardsigmoid, F.silu, F.gelu, torch.tanh, torch.erf, torch.sigmoid,
                         torch.abs, torch.square, lambda x: F.gelu(x, approximate="tanh"), lambda x: F.hardtanh(x, -0.5, 0.7),
                         lambda x: x.clamp(-0.5, 0.7), lambda x: x.clamp(min=0), lambda x: x.clamp_min(0.1),
                         lambda x: x.clamp_max(0.1), lambda x: F.glu(x, 1), lambda x: F.relu_(x.clone())):
            self.check(function, (6, 8))

    def test_parametric_activations(self):
        for function in (F.leaky_relu, lambda x: F.leaky_relu(x, 0.3), F.elu, lambda x: F.elu(x, 0.7), F.selu,
                         lambda x: F.celu(x, 0.5), F.softplus, lambda x: F.softplus(x, 2.5), F.mish, F.logsigmoid,
                         lambda x: F.threshold(x, 0.1, -3.0), lambda x: x.clamp(0.5, -0.5),
                         lambda x: x.clamp(torch.tensor(-0.5), torch.tensor(0.5))):
            self.check(function, (6, 8))
        self.check(lambda x, m: m(x), (6, 8, 4), modules=[nn.PReLU(6)])
        self.check(lambda x, m: m(x), (6, 8, 4), modules=[nn.PReLU()])

    def test_functions(self):
        for function in (torch.exp, torch.expm1, torch.exp2, torch.neg, torch.floor, torch.ceil, torch.round, torch.sign,
                         torch.sin, torch.cos):
            self.check(function, (6, 8))
        for function in (torch.log, torch.log2, torch.log10, torch.log1p, torch.rsqrt, torch.reciprocal,
                         lambda x: x**1.7, lambda x: x**-0.5, lambda x: 1.5**x, lambda x: x**x):
            self.check(lambda x: function(x.abs() + 0.5), (6, 8))
        self.check(lambda x, y: torch.maximum(x, y) - torch.minimum(x, 2 * y), (6, 8), (6, 8))

    def test_arithmetic(self):
        self.check(lambda x, y: (x + 1) * 2 - y / 3 + (3 - x) * y + 2 / x.abs().add(1), (5, 8), (5, 8))
        self.check(lambda x: torch.add(x, x * 2, alpha=0.5) - torch.sub(1.0, x, alpha=2), (5, 8))
        self.check(lambda x: x.abs().pow(2) + x**3 + x.abs().sqrt() + x.square() + x.abs().add(1).reciprocal(), (5, 8))
        self.check(lambda x: x.clone().add_(1).mul_(x), (5, 8))

    def test_truth_values(self):
        self.check(lambda x, y: torch.where(x > y, x, y * 0.1), (6, 8), (6, 8))
        self.check(lambda x, y: torch.where((x >= 0.5) & ~(y < 0) | (x == y), 1.0, x), (6, 8), (6, 8))
        self.check(lambda x: (x > 0).float() + (x <= 1).to(torch.float32), (6, 8))
        self.check(lambda x: x.masked_fill(torch.ones(6, 6).triu(1).bool(), -1e9).softmax(-1), (6, 6))
        self.check(lambda x: x.masked_fill(x != x.relu(), 7), (6, 6))

    def test_softmax(self):
        self.check(lambda x: x.softmax(-1), (5, 8))
        self.check(lambda x: x.softmax(1), (5, 8, 3))
        self.check(lambda x: x.log_softmax(-1) + F.log_softmax(x * 100, 1), (5, 8))

    def test_reductions(self):
        self.check(lambda x: x.mean((2, 3)), (5, 7, 9))
        self.check(lambda x: x.mean(1, keepdim=True) + x.sum(-1, keepdim=True), (5, 7))

    def test_statistics(self):
        self.check(lambda x: x.amax(-1) + x.amin(1).sum(-1, keepdim=True), (5, 5))
        self.check(lambda x: (x - x.mean(1, keepdim=True)) / (x.var(1, keepdim=True, unbiased=False) + 1e-5).sqrt(), (5, 7))
        self.check(lambda x: x.var((1, 2)) + x.std((1, 2)), (5, 7))
        self.check(lambda x: torch.cat(torch.var_mean(x, (1, 2), keepdim=True), 1), (5, 7))
        self.check(lambda x: F.normalize(x, dim=-1) + x.norm(p=1, dim=1, keepdim=True), (5, 7))


if __name__ == "__main__":
    main()
