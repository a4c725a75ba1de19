"""What the torch.export importer makes of products, shapes, parts, and of networks' idioms, against PyTorch itself."""

from torch_helpers import OpsTest, main, nn, torch

if torch:
    from torch.nn import functional as F


class IdiomsTest(OpsTest):
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

    def test_indices(self):
        self.check(lambda x: x[:, [0, 2, 1]] + x[:, torch.tensor([3, 3, 0])], (6, 8))
        self.check(lambda x: x.flip(1) + x.flip((1, 2)), (6, 8))
        self.check(lambda x: x.index_select(2, torch.tensor([4, 1])), (6, 8))
        self.check(lambda x: x.argmax(1), (6, 8))
        self.check(lambda x: x.argmin(-1, keepdim=True) * 2, (6, 8))
        self.check(lambda x: x.max(1), (6, 8))

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
