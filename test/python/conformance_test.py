"""The node tests of the onnx package in their smoke form; what is left out, and that a wrong result is told."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

import numpy as np

from onnx_import_helpers import BUILD, ROOT

sys.path.insert(0, str(ROOT / "tools" / "scripts"))

import node_tests  # noqa: E402


class ConformanceTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cases = {case.name: case for case in node_tests.load_cases()}

    def run_script(self, *options):
        with tempfile.TemporaryDirectory() as folder:
            os.symlink(BUILD / "python", pathlib.Path(folder) / "python")
            done = subprocess.run(
                [sys.executable, ROOT / "tools" / "scripts" / "conformance.py", "--build", folder, *options],
                text=True, capture_output=True)
            found = list(pathlib.Path(folder).glob("conformance/*.json"))
            return done, json.loads(found[0].read_text()) if found else None

    def test_smoke(self):
        done, data = self.run_script("--smoke")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        totals = data["totals"]
        self.assertEqual(totals["tests"], len(data["tests"]))
        self.assertGreater(totals["covered"], 100)
        self.assertIn("commit", data)
        for backend in node_tests.BACKENDS:
            self.assertGreaterEqual(totals[backend]["rate"], 0.98)
        fed = [test for test in data["tests"] if test["status"] == "passed" and test["fed"]]
        self.assertGreater(len(fed), 0.9 * totals["covered"])

    def test_no_such_test(self):
        done, data = self.run_script("--only=nonsense")
        self.assertEqual((done.returncode, done.stderr, data), (1, "error: no node test matches 'nonsense'\n", None))

    def test_exclusions(self):
        for name, expected in (("test_cast_FLOAT_to_STRING", "type: string"), ("test_if_opt", "type: optional"),
                               ("test_identity_sequence", "type: sequence"), ("test_add_uint8", "type: uint8"),
                               ("test_adam", "domain: ai.onnx.preview.training"), ("test_triu_zero", "tensors without elements"),
                               ("test_isnan", "inputs that are not finite"),
                               ("test_batchnorm_example_training_mode", "training"), ("test_training_dropout", "training")):
            outcome = node_tests.run_case(self.cases[name])
            self.assertEqual((outcome.status, outcome.reason), ("excluded", expected), name)
        outcome = node_tests.run_case(self.cases["test_det_2d"])
        self.assertEqual((outcome.status, outcome.reason), ("not covered", "Det"))

    def test_what_is_fed(self):
        """As much as the importer lets, and never nothing where there are floats."""
        for name, fed, bound in (("test_add", ["x", "y"], []), ("test_conv_with_strides_padding", ["x"], ["W"]),
                                 ("test_reshape_reordered_all_dims", ["data"], ["shape"])):
            outcome = node_tests.run_case(self.cases[name])
            self.assertEqual((outcome.status, outcome.fed, outcome.bound), ("passed", fed, bound))
        for case in self.cases.values():
            case = node_tests.Case(case)
            if case.find_exclusion() is None and any(a.dtype.kind == "f" and a.ndim for a in case.inputs.values()):
                self.assertTrue(all(case.choices()), case.case.name)

    def test_a_wrong_result_is_told(self):
        with mock.patch.object(node_tests.npir, "run", return_value={"sum": np.zeros((3, 4, 5), np.float32)}):
            outcome = node_tests.run_case(self.cases["test_add"])
        self.assertEqual(outcome.status, "failed")
        self.assertRegex(outcome.reason, "^output 'sum': differs by up to ")
        for wrong, reason in ((np.zeros((3, 4), np.float32), "expected shape"), (np.zeros((3, 4, 5)), "expected float32, got")):
            with mock.patch.object(node_tests.npir, "run", return_value={"sum": wrong}):
                self.assertIn(reason, node_tests.run_case(self.cases["test_add"]).reason)

    def test_a_refused_import_fails(self):
        error = node_tests.npir.NPIRError("model: cannot import the model: 1 problem\n  node 'n' (Add): no")
        with mock.patch.object(node_tests.npir, "from_onnx", side_effect=error):
            outcome = node_tests.run_case(self.cases["test_add"])
        self.assertEqual((outcome.status, outcome.reason), ("failed", "import: node 'n' (Add): no"))
        self.assertEqual(set(outcome.results), set(node_tests.BACKENDS))


if __name__ == "__main__":
    unittest.main()
