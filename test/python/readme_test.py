"""Runs the worked examples of the README and of docs/Calibration.md as they are written; docs/Importing.md names every op."""
import json
import pathlib
import re
import subprocess
import tempfile
import unittest

import onnx_import_helpers  # noqa: F401 (finds npir)
from npir.importers.onnx.importer import OPS

ROOT = pathlib.Path(__file__).resolve().parents[2]


class ReadmeTest(unittest.TestCase):
    def run_example(self, page, folder):
        """What the page's commands print."""
        blocks = re.findall(r"^```sh\n(.*?)^```", (ROOT / page).read_text(), re.M | re.S)
        self.assertTrue(blocks)
        # The example's files go to a folder of the test's own.
        script = "".join(blocks).replace("out=build/example", f"out={folder}/example")
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=ROOT, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout

    def test_worked_example(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertRegex(self.run_example("README.md", folder), r"(?m)^logits .*\(output\)$")
            self.assertTrue((pathlib.Path(folder) / "example" / "logits.npy").exists())

    def test_calibration(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertIn("memory peaks at about", self.run_example("docs/Calibration.md", folder))
            cost = json.loads((pathlib.Path(folder) / "example" / "timing.json").read_text())
            page = (ROOT / "docs" / "Calibration.md").read_text()
            for key in ("plain_s", "run_s", "record_s", "ratio", "load_s", "check_s", "write_s", "predicted_bytes",
                        "peak_bytes"):
                self.assertIn(f"`{key}`", page)
                self.assertGreaterEqual(cost[key], 0)

    def test_every_imported_op_is_named(self):
        rows = re.findall(r"^\|(.*)\|$", (ROOT / "docs" / "Importing.md").read_text(), re.M)
        self.assertEqual({op.split(".")[-1] for op in OPS} - set(re.findall(r"\w+", " ".join(rows))), set())


if __name__ == "__main__":
    unittest.main()
