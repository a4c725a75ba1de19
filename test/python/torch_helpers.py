"""What the tests of the torch.export importer share: they run in build/venv-torch, where that exists."""

import os
import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("NPIR_BUILD", ROOT / "build"))
TORCH_PYTHON = BUILD / "venv-torch" / "bin" / "python"
sys.path.insert(0, str(BUILD / "python"))

try:
    import torch
except ImportError:
    torch = None

needs_torch = unittest.skipUnless(
    torch, f"no PyTorch and no {TORCH_PYTHON}: tools/scripts/fidelity.sh makes it")


def main():
    """Run the tests of the file that was started, with PyTorch if it is there."""
    if torch is None and TORCH_PYTHON.exists():
        os.execv(TORCH_PYTHON, [str(TORCH_PYTHON), *sys.argv])
    unittest.main(module="__main__")
