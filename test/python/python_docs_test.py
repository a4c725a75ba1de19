"""Runs the worked example of docs/Python.md, and looks at what it prints."""

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
    def test_example(self):
        text = (ROOT / "docs" / "Python.md").read_text()
        (code,) = re.findall(r"```python\n(.*?)```", text, re.S)
        command = re.search(r"build/venv/bin/python (tools/networks/digits_data.py .*)", text)[1].split()
        with tempfile.TemporaryDirectory() as folder:
            # As in a checkout, without writing to this one.
            shutil.copytree(ROOT / "tools" / "networks", pathlib.Path(folder) / "tools" / "networks")
            environment = dict(os.environ, PYTHONPATH=str(BUILD / "python"))
            subprocess.run([sys.executable, *command], cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
            done = subprocess.run([sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        top1, worst, pixels, better = done.stdout.splitlines()
        quantized, trained = map(float, re.findall(r"[0-9.]+", top1.replace("top-1", "")))
        self.assertGreater(quantized, 0.9)
        self.assertLess(abs(quantized - trained), 0.02)
        self.assertRegex(worst, r"^\S+:0: [0-9.]+ dB$")
        self.assertEqual((pixels, better), ("pixels: 0.0 to 1.0", "True"))


if __name__ == "__main__":
    unittest.main()
