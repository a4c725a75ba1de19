"""`tools/scripts/fidelity.sh` over small forms of the zoo's networks, and its own parts.

The comparison needs build/venv-torch and build/venv-onnxruntime, which fidelity.sh makes, and is skipped without them.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("NPIR_BUILD", ROOT / "build"))
SCRIPTS = ROOT / "tools" / "scripts"
sys.path.insert(0, str(SCRIPTS / "fidelity"))

import measure  # noqa: E402

# Those with something that the others lack.
NETWORKS = ("vit_s16", "mobilenet_v3", "efficientnet", "unet", "bert")
MISSING = [f"build/{name}" for name in ("venv-torch", "venv-onnxruntime") if not (BUILD / name / "bin/python").exists()]


class PartsTest(unittest.TestCase):
    def test_relative_error(self):
        expected = np.float32([[1, -4], [2, 3]])
        self.assertEqual(measure.relative_error(expected, expected), 0)
        self.assertEqual(measure.relative_error(expected + np.float32([0, 2]), expected), 0.5)
        for wrong in (expected[:1], expected * np.float32(np.nan), expected * np.float32(np.inf)):
            self.assertEqual(measure.relative_error(wrong, expected), float("inf"))

    def test_unknown_network(self):
        done = subprocess.run([sys.executable, SCRIPTS / "fidelity/measure.py", "--only=vgg"], capture_output=True, text=True,
                              check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("invalid choice: 'vgg'", done.stderr)


@unittest.skipIf(MISSING, f"no {' and no '.join(MISSING)}: tools/scripts/fidelity.sh makes them")
class NetworksTest(unittest.TestCase):
    def test_small_forms(self):
        with tempfile.TemporaryDirectory() as folder:
            # The tools of the build, and a place of its own for what is made.
            build = pathlib.Path(folder)
            for name in ("python", "venv", "venv-torch", "venv-onnxruntime"):
                (build / name).symlink_to(BUILD.resolve() / name)
            command = [sys.executable, SCRIPTS / "fidelity/measure.py", "--build", build, "--tiny"]
            command += [f"--only={name}" for name in NETWORKS]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            report = json.loads((build / "fidelity/tiny.json").read_text())
        self.assertEqual(len(report["entries"]), len(NETWORKS) * len(measure.FORMS) * len(measure.BATCHES))
        for entry in report["entries"]:
            self.assertTrue(entry["met"], entry)
            # Another way to compute rounds otherwise: what is equal in every bit was compared with itself.
            self.assertGreater(entry["value"], 0, entry)


if __name__ == "__main__":
    unittest.main()
