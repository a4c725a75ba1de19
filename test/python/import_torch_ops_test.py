"""What the torch.export importer makes of each op, against PyTorch itself."""

import unittest

import numpy as np

from torch_helpers import main, needs_torch, torch
import npir

if torch:
    from torch import nn
    from torch.nn import functional as F

    class Model(nn.Module):
        """`function` of the inputs and of modules."""

        def __init__(self, function, modules):
            super().__init__()
            self.function, self.parts = function, nn.ModuleList(modules)

        def forward(self, *inputs):
            return self.function(*inputs, *self.parts)


TOLERANCE = 1e-5


@needs_torch
class OpsTest(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(1)

    def check(self, function, *shapes, modules=(), batch="free", tolerance=TOLERANCE):
        """The imported model of float inputs of these shapes, without the batch, computes what PyTorch does, prepared and
        not, on both backends, with one sample and three."""
        model = Model(function, modules).eval()
        for module in model.modules():
            if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
                nn.init.uniform_(module.running_mean, -1, 1)
                nn.init.uniform_(module.running_var, 0.5, 2)
        inputs = tuple(torch.randn(3, *shape) for shape in shapes)
        imported = npir.from_torch(model, inputs, batch=batch)
        prepared = npir.run_pipeline(imported, "npir-prepare")
        counts = (3,) if batch == "fixed" else (3, 1)
        for count in counts:
            values = [x[:count] for x in inputs]
            with torch.no_grad():
                expected = model(*values)
            expected = expected if isinstance(expected, tuple) else (expected,)
            data = {port.name: x.numpy() for port, x in zip(imported.inputs, values)}
            for form in (imported, prepared):
                for backend in ("interpreter", "xnnpack"):
                    actual = npir.run(form, data, backend=backend, batch=None if batch == "fixed" else count)
                    self.assertEqual(len(actual), len(expected))
                    for a, b in zip(actual.values(), expected):
                        b = b.numpy()
                        self.assertEqual((a.shape, a.dtype), (b.shape, b.dtype))
                        error = np.abs(a.astype(np.float64) - b).max() / max(np.abs(b).max(), 1e-6)
                        self.assertLessEqual(error, tolerance, f"{form!r} on {backend}")
        return imported

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

    def test_linear(self):
        layer = nn.Linear(8, 3)
        for function in (
            lambda x, m: m(x),
            lambda x, m: x @ m.weight.t() + m.bias,
            lambda x, m: torch.addmm(m.bias, x[:, 0], m.weight.t()),
            lambda x, m: torch.mm(x[:, 0], m.weight.t()),
            lambda x, m: torch.matmul(x, m.weight.t()),
            lambda x, m: torch.einsum("bnc,dc->bnd", x, m.weight),
            lambda x, m: torch.einsum("bnc,dc->bdn", x, m.weight),
        ):
            self.check(function, (5, 8), modules=[layer])

    def test_products(self):
        self.check(lambda x, y: x @ y.transpose(1, 2), (5, 8), (6, 8))
        self.check(torch.bmm, (5, 8), (8, 6))
        self.check(lambda x, y: torch.einsum("bhid,bhjd->bhij", x, y), (2, 5, 8), (2, 6, 8))
        self.check(lambda x: torch.baddbmm(x, x, x), (6, 6))
        constant = torch.randn(2, 8, 4)
        self.check(lambda x: x @ constant, (2, 5, 8))

    def test_norms(self):
        self.check(lambda x, m: m(x), (6, 8, 4), modules=[nn.BatchNorm2d(6)])
        self.check(lambda x, m: m(x), (6, 8, 4), modules=[nn.BatchNorm2d(6, affine=False)])
        self.check(lambda x, m: m(x), (6, 8), modules=[nn.BatchNorm1d(6)])
        self.check(lambda x, m: m(x), (6, 8), modules=[nn.LayerNorm(8)])
        self.check(lambda x, m: m(x), (6, 8), modules=[nn.LayerNorm(8, bias=False)])
        self.check(lambda x, m: m(x), (6, 8, 4), modules=[nn.LayerNorm((8, 4), elementwise_affine=False)])

    def test_softmax(self):
        self.check(lambda x: x.softmax(-1), (5, 8))
        self.check(lambda x: x.softmax(1), (5, 8, 3))

    def test_activations(self):
        for function in (F.relu, F.relu6, F.hardswish, F.hardsigmoid, F.silu, F.gelu, torch.tanh, torch.erf, torch.sigmoid,
                         torch.abs, torch.square, lambda x: F.gelu(x, approximate="tanh"), lambda x: F.hardtanh(x, -0.5, 0.7),
                         lambda x: x.clamp(-0.5, 0.7), lambda x: x.clamp(min=0), lambda x: x.clamp_min(0.1),
                         lambda x: x.clamp_max(0.1), lambda x: F.glu(x, 1), lambda x: F.relu_(x.clone())):
            self.check(function, (6, 8))

    def test_arithmetic(self):
        self.check(lambda x, y: (x + 1) * 2 - y / 3 + (3 - x) * y + 2 / x.abs().add(1), (5, 8), (5, 8))
        self.check(lambda x: torch.add(x, x * 2, alpha=0.5) - torch.sub(1.0, x, alpha=2), (5, 8))
        self.check(lambda x: x.abs().pow(2) + x**3 + x.abs().sqrt() + x.square() + x.abs().add(1).reciprocal(), (5, 8))
        self.check(lambda x: x.clone().add_(1).mul_(x), (5, 8))

    def test_pools(self):
        self.check(lambda x: F.max_pool2d(x, 3, 2, 1), (5, 8, 9))
        self.check(lambda x: F.max_pool2d(x, 3, 2, ceil_mode=True), (5, 8, 9))
        self.check(lambda x: F.max_pool2d(x, 2, 2, 1, ceil_mode=True), (5, 7, 8))
        self.check(lambda x: F.max_pool2d(x, (2, 3)), (5, 7, 9))
        self.check(lambda x: F.max_pool1d(x, 3, 2), (5, 9))
        self.check(lambda x: F.adaptive_avg_pool2d(x, 1).flatten(1), (5, 7, 9))

    def test_reductions(self):
        self.check(lambda x: x.mean((2, 3)), (5, 7, 9))
        self.check(lambda x: x.mean(1, keepdim=True) + x.sum(-1, keepdim=True), (5, 7))

    def test_shapes(self):
        self.check(lambda x: x.view(x.shape[0], 5, -1).permute(0, 2, 1).flatten(1), (5, 7, 8))
        self.check(lambda x: x.unflatten(1, (2, 3)).transpose(1, 2).reshape(x.size(0), -1), (6, 8))
        self.check(lambda x: x.unsqueeze(1).expand(-1, 3, -1, -1).transpose(1, 2).squeeze(-1), (6, 4))
        self.check(lambda x: x[:, :1].repeat(1, 3, 2), (6, 8))
        self.check(lambda x: x.mT + 1, (6, 8))
        self.check(lambda x: F.pixel_shuffle(x, 2), (8, 6, 3))
        self.check(lambda x: x.reshape(-1, 8).reshape(-1, 6, 8) * 1, (6, 8))

    def test_parts(self):
        self.check(lambda x: torch.cat(x.chunk(3, 1)[::-1], 1), (6, 8))
        self.check(lambda x: x.split([1, 2, 3], 1)[1] + x.split(2, 1)[2], (6, 8))
        self.check(lambda x: torch.stack(x.unbind(1)[2:4], 2), (6, 8))
        self.check(lambda x: x[:, 1:3, -2:] + x[:, 4:6, :2], (6, 8))
        self.check(lambda x: x[:, -1] * x[:, 0], (6, 8))
        self.check(lambda x: torch.cat([x[..., i::2, j::2] for i in (0, 1) for j in (0, 1)], 1), (3, 6, 8))
        self.check(lambda x: torch.roll(x, (1, -2), (1, 2)), (6, 8))
        self.check(lambda x: x.narrow(1, 2, 3), (6, 8))

    def test_constants_are_folded(self):
        embedding = nn.Embedding(9, 6)
        model = self.check(lambda x, m: x + m(torch.arange(x.shape[1])).mul(2).cos(), (6, 6), modules=[embedding])
        self.assertNotIn("mul", str(model))
        self.check(lambda x: torch.cat([torch.zeros(x.shape[0], 1, 6), x, x.new_ones(x.shape[0], 2, 6)], 1), (6, 6))

    def test_class_token(self):
        token = nn.Parameter(torch.randn(1, 1, 6))
        self.check(lambda x: torch.cat([token.expand(x.shape[0], -1, -1), x], 1), (5, 6))

    def test_attention(self):
        x = (2, 6, 4)
        self.check(lambda x: F.scaled_dot_product_attention(x, x, x), x)
        self.check(lambda x: F.scaled_dot_product_attention(x, x, x, is_causal=True, scale=0.7), x)
        mask = torch.randn(6, 6)
        for attn_mask in (mask, mask > 0):
            self.check(lambda x: F.scaled_dot_product_attention(x, x, x, attn_mask=attn_mask), x)

    def test_attention_modules(self):
        attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.check(lambda x, m: m(x, x, x, need_weights=False)[0], (5, 8), modules=[attention])
        self.check(lambda x, m: m(x, x, x)[0], (5, 8), modules=[attention])
        self.check(lambda x, m: m(x), (5, 8), modules=[nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)])
        # The sequence first, and the batch second.
        self.check(lambda x, m: m(x.transpose(0, 1)).transpose(0, 1), (5, 8), modules=[nn.TransformerEncoderLayer(8, 2, 16)])

    def test_batch_in_the_middle(self):
        def qkv(x):
            q, k, v = x.reshape(x.shape[0], 5, 3, 2, 4).permute(2, 0, 3, 1, 4).unbind(0)
            return ((q * 0.5) @ k.transpose(-2, -1)).softmax(-1) @ v

        self.check(qkv, (5, 24))

    def test_windows(self):
        """As of Swin: windows in the batch."""

        def windows(x):
            x = x.view(x.shape[0], 2, 3, 2, 3, 4).permute(0, 1, 3, 2, 4, 5).reshape(-1, 9, 4)
            x = x.softmax(-1).view(-1, 2, 2, 3, 3, 4)
            return x.permute(0, 1, 3, 2, 4, 5).reshape(-1, 6, 6, 4)

        self.check(windows, (6, 6, 4))

    def test_several_outputs(self):
        self.check(lambda x: (x + 1, x * 2), (6, 6))

    def test_fixed_batch(self):
        model = self.check(lambda x: x.reshape(3, -1).sum(1), (6, 6), batch="fixed")
        self.assertEqual(model.inputs[0].shape, (3, 6, 6))


if __name__ == "__main__":
    main()
