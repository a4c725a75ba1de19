"""What the tests of the torch.export importer share: they run in build/venv-torch, where that exists."""

import os
import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("NPIR_BUILD", ROOT / "build"))
TORCH_PYTHON = BUILD / "venv-torch" / "bin" / "python"
sys.path.insert(0, str(BUILD / "python"))

import numpy as np  # noqa: E402

import npir  # noqa: E402

try:
    import torch
    from torch import nn
except ImportError:
    torch = nn = None

needs_torch = unittest.skipUnless(
    torch, f"no PyTorch and no {TORCH_PYTHON}: tools/scripts/fidelity.sh makes it")

TOLERANCE = 1e-5

if torch:

    class Model(nn.Module):
        """`function` of the inputs and of modules."""

        def __init__(self, function, modules):
            super().__init__()
            self.function, self.parts = function, nn.ModuleList(modules)

        def forward(self, *inputs):
            return self.function(*inputs, *self.parts)


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


def main():
    """Run the tests of the file that was started, with PyTorch if it is there."""
    if torch is None and TORCH_PYTHON.exists():
        os.execv(TORCH_PYTHON, [str(TORCH_PYTHON), *sys.argv])
    unittest.main(module="__main__")
