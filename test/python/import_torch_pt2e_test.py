"""PT2E's quantize and dequantize ops: a quantized program enters at station `qdq`."""

import re
import unittest

import numpy as np

from torch_helpers import main, needs_torch, nn, torch
import npir

if torch:
    # Registers the ops.
    import torch.ao.quantization.fx._decomposed  # noqa: F401
    from torch.nn import functional as F

    OPS = torch.ops.quantized_decomposed
    BYTE = (-128, 127, torch.int8)

    def rounded(x, scale, zero_point, low=-128, high=127, dtype=None):
        """Through integers and back, as convert_pt2e writes it."""
        parameters = (scale, zero_point, low, high, dtype or torch.int8)
        return OPS.dequantize_per_tensor(OPS.quantize_per_tensor(x, *parameters), *parameters)

    class Network(nn.Module):
        """Weights as integers with a scale for each channel, activations through integers."""

        def __init__(self):
            super().__init__()
            random = torch.Generator().manual_seed(1)
            for name, shape in (("conv", (8, 3, 3, 3)), ("depthwise", (8, 1, 3, 3)), ("fc", (4, 8))):
                integers = torch.randint(-127, 128, shape, generator=random, dtype=torch.int8)
                self.register_buffer(f"{name}_weight", integers)
                self.register_buffer(f"{name}_scales", torch.rand(shape[0], generator=random) / 500 + 1e-3)
                self.register_buffer(f"{name}_zero_points", torch.zeros(shape[0], dtype=torch.int64))
            self.bias = nn.Parameter(torch.rand(8, generator=random))

        def weight(self, name):
            integers, scales, zero_points = (getattr(self, f"{name}_{part}") for part in ("weight", "scales", "zero_points"))
            return OPS.dequantize_per_channel(integers, scales, zero_points, 0, -127, 127, torch.int8)

        def forward(self, x):
            x = rounded(x, 0.03, 5)
            x = rounded(F.conv2d(x, self.weight("conv"), self.bias, padding=1).relu(), 0.02, -128)
            x = rounded(F.conv2d(x, self.weight("depthwise"), groups=8), 0.04, 3)
            x = rounded(x.mean((2, 3)), 0.02, -7)
            return rounded(F.linear(x, self.weight("fc")), SCALE, 11)


SCALE = 0.01


@needs_torch
class QuantizedTest(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(1)

    def refuse(self, function, reason, *inputs):
        class Model(nn.Module):
            def forward(self, *inputs):
                return function(*inputs)

        with self.assertRaisesRegex(npir.NPIRError, re.escape(reason)):
            npir.from_torch(Model(), inputs or (torch.randn(2, 4),))

    def test_network(self):
        network, x = Network().eval(), torch.randn(4, 3, 6, 6)
        model = npir.from_torch(network, (x,))
        self.assertEqual(model.station, "qdq")
        text = str(model)
        self.assertEqual(text.count("npir.quantize "), 5)
        # Weights are integers in npir's layout, with the channel last of a depthwise one.
        self.assertRegex(text, r"tensor<8x3x3x3xi8> as")
        self.assertRegex(text, r"tensor<1x3x3x8xi8> as")
        self.assertRegex(text, r"quant.uniform<i8:f32:3, ")
        expected = network(x).detach().numpy()
        for pipeline in (None, "npir-canonicalize-qdq,npir-partition{targets=xnnpack},npir-fold-qdq,convert-npir-to-xnn"):
            form = npir.run_pipeline(model, pipeline) if pipeline else model
            for count in (4, 1):
                actual = npir.run(form, x[:count].numpy(), batch=count)["output"]
                # Ties may fall either way.
                self.assertLessEqual(np.abs(actual - expected[:count]).max(), 1.01 * SCALE)
                self.assertLess(np.mean(actual != expected[:count]), 0.2)

    def test_widths(self):
        for low, high, dtype in ((-128, 127, "int8"), (0, 255, "uint8"), (-8, 7, "int8"), (-(2**15), 2**15 - 1, "int16")):
            class Model(nn.Module):
                def forward(self, x):
                    return rounded(x, 0.02, 3, low, high, getattr(torch, dtype))

            x = torch.randn(3, 5)
            model = npir.from_torch(Model(), (x,))
            np.testing.assert_allclose(npir.run(model, x.numpy())["output"], Model()(x).numpy(), atol=1e-6)

    def test_refusals(self):
        self.refuse(lambda x: rounded(x, 0.02, 3, -127, 127),
                    "expected all integers of 8 bits, from -128 to 127, got -127 to 127")
        self.refuse(lambda x: rounded(x, 0.0, 3), "expected scales that are positive normal numbers")
        self.refuse(lambda x: OPS.dequantize_per_tensor(OPS.quantize_per_tensor(x, 0.1, 0, *BYTE), 0.2, 0, *BYTE),
                    "expected the scale and the zero point that its operand was quantized with, got others")
        self.refuse(lambda x: OPS.quantize_per_tensor(x, 0.1, 0, *BYTE).view(-1, 2, 2) + 1,
                    "expected floats, got integers of a quantize op; only dequantize reads them")


if __name__ == "__main__":
    main()
