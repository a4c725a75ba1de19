"""Runs the worked examples of docs/Python.md and of the README, and looks at what they print."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("NPIR_BUILD", ROOT / "build"))


class Example(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """As in a checkout, without writing to this one."""
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = pathlib.Path(temporary.name)
        shutil.copytree(ROOT / "tools" / "networks", cls.folder / "tools" / "networks")
        text = (ROOT / "docs" / "Python.md").read_text()
        command = re.search(r"build/venv/bin/python (tools/networks/digits_data.py .*)", text)[1].split()
        cls.run_python(*command)

    @classmethod
    def run_python(cls, *arguments):
        done = subprocess.run([sys.executable, *arguments], cwd=cls.folder, env=dict(os.environ, PYTHONPATH=str(BUILD / "python")),
                              capture_output=True, text=True)
        if done.returncode or done.stderr:
            raise AssertionError(f"exit code {done.returncode}: {done.stderr}")
        return done.stdout

    def example(self, path):
        (code,) = re.findall(r"```python\n(.*?)```", (ROOT / path).read_text(), re.S)
        return self.run_python("-c", code)

    def test_readme(self):
        self.assertIn("logits", self.example("README.md"))
        self.assertTrue((self.folder / "build" / "example" / "model.npx").exists())

    def test_page(self):
        top1, worst, layer, pixels, better, percentile = self.example("docs/Python.md").splitlines()
        quantized, trained = map(float, re.findall(r"[0-9.]+", top1.replace("top-1", "")))
        self.assertGreater(quantized, 0.9)
        self.assertLess(abs(quantized - trained), 0.02)
        self.assertRegex(worst, r"^\S+:0: [0-9.]+ dB$")
        self.assertRegex(layer, r"^project\.conv Output QSNR: 35\.\d\d dB$")
        self.assertEqual(percentile, "pixels by percentile: 0.49803925 in steps of 0.003921569")
        self.assertEqual((pixels, better), ("pixels: 0.0 to 1.0", "True"))


if __name__ == "__main__":
    unittest.main()
