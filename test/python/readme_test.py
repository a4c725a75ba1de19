"""Runs the README's worked example as it is written."""
import pathlib
import re
import subprocess
import tempfile
import unittest

import onnx_import_helpers  # noqa: F401 (finds npir)
from npir.importers.onnx.importer import OPS

ROOT = pathlib.Path(__file__).resolve().parents[2]


class ReadmeTest(unittest.TestCase):
    def test_worked_example(self):
        blocks = re.findall(r"^```sh\n(.*?)^```", (ROOT / "README.md").read_text(), re.M | re.S)
        self.assertEqual(len(blocks), 1)
        with tempfile.TemporaryDirectory() as folder:
            # The example's files go to a folder of the test's own.
            script = blocks[0].replace("out=build/example", f"out={folder}/example")
            done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=ROOT, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            self.assertEqual(done.returncode, 0, done.stdout)
            self.assertRegex(done.stdout, r"(?m)^logits .*\(output\)$")
            self.assertTrue((pathlib.Path(folder) / "example" / "logits.npy").exists())

    def test_models_names_every_imported_op(self):
        (row,) = re.findall(r"^\| models \|(.*)\|$", (ROOT / "README.md").read_text(), re.M)
        self.assertEqual(set(OPS) - set(re.findall(r"\w+", row)), set())


if __name__ == "__main__":
    unittest.main()
