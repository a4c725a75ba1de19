"""The generated pages of docs/ are what the code says and does."""
import os
import pathlib
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


class DocsTest(unittest.TestCase):
    def check(self, script, *flags):
        done = subprocess.run([sys.executable, ROOT / "tools" / "scripts" / script, "--check", *flags],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_passes(self):
        self.check("pass_docs.py", "--build", os.environ.get("NPIR_BUILD", ROOT / "build"))

    def test_tutorial(self):
        self.check("tutorial_docs.py", "--build", os.environ.get("NPIR_BUILD", ROOT / "build"))

    def test_dialects_and_interfaces(self):
        self.check("reference_docs.py")


if __name__ == "__main__":
    unittest.main()
