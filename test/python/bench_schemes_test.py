"""`bench.sh schemes --smoke`: that it measures, and that its numbers are what they say."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("NPIR_BUILD", ROOT / "build"))


@unittest.skipUnless((BUILD / "venv-onnxruntime").exists(), "no build/venv-onnxruntime: tools/scripts/test.sh makes it")
class SchemesTest(unittest.TestCase):
    def test_smoke(self):
        with tempfile.TemporaryDirectory() as folder:
            out = pathlib.Path(folder) / "schemes.json"
            command = [sys.executable, ROOT / "tools/scripts/bench_schemes.py", "--smoke", "--build", BUILD, "--out", out]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            found = json.loads(out.read_text())
            self.assertTrue(out.with_suffix(".md").read_text().startswith("|"))
        self.assertEqual((found["mode"], list(found["tables"])), ("smoke", ["digits_vit"]))
        rows = {row[0]: dict(zip(found["tables"]["digits_vit"]["columns"], row)) for row in found["tables"]["digits_vit"]["rows"]}
        self.assertEqual(len(rows), 6)
        # More bits are closer, fewer are smaller; no number of speed is certain on a busy machine.
        order = ["W8 alone", "W8A8 dynamic", "static W8A8", "W4A8 dynamic"]
        values = [rows[name]["SQNR, dB"] for name in order]
        self.assertEqual(values, sorted(values, reverse=True))
        for name, row in rows.items():
            self.assertLess(row["of float's"], 0.25 if "W4" in name else 0.4, name)
            self.assertGreater(row["times float's speed"], 0, name)


if __name__ == "__main__":
    unittest.main()
