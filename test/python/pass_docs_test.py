"""docs/Passes.md is what the passes say and do."""
import os
import pathlib
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


class PassDocsTest(unittest.TestCase):
    def test_page_is_up_to_date(self):
        done = subprocess.run([sys.executable, ROOT / "tools" / "scripts" / "pass_docs.py", "--check", "--build",
                               os.environ.get("NPIR_BUILD", ROOT / "build")], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
