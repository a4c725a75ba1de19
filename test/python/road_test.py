"""The benchmark of the passes and the check of whole networks, in their smoke forms, on the tools of the build."""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import types
import unittest
from unittest import mock

from onnx_import_helpers import BUILD, ROOT

sys.path.insert(0, str(ROOT / "tools" / "scripts"))

import check_networks  # noqa: E402
from passes.graphs import SHAPES, write_graph  # noqa: E402


class ScriptTest(unittest.TestCase):
    def run_script(self, name, *options):
        """The process and the JSON that it has written, in a build folder of its own."""
        with tempfile.TemporaryDirectory() as folder:
            for part in ("python", "bin", "venv"):
                os.symlink(BUILD / part, pathlib.Path(folder) / part)
            done = subprocess.run([sys.executable, ROOT / "tools/scripts" / name, "--build", folder, *options], text=True, capture_output=True)
            found = list(pathlib.Path(folder).glob("benchmark/*.json"))
            return done, json.loads(found[0].read_text()) if found else None


class PassesTest(ScriptTest):
    def test_smoke(self):
        done, data = self.run_script("bench_passes.py", "--smoke")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(set(data["scaling"]), set(SHAPES))
        for row in data["scaling"].values():
            self.assertIn("npx loading, one run", row["steps"])
            self.assertEqual([size["ops"] for size in row["steps"]["parse"]["sizes"]], [200, 2000])
        self.assertLessEqual(data["weights"]["the chain"]["peak"], data["weights"]["the chain"]["bound"])

    def test_graphs(self):
        """They have about the ops that are asked for, which have names of their own."""
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "graph.mlir"
            for shape in SHAPES:
                write_graph(path, shape, 3000)
                text = path.read_text()
                names = re.findall('loc\\("([^"]*)"\\)', text)
                self.assertEqual(len(set(names)), len(names), shape)
                ops = text.count("npir.") - text.count("npir.constant")
                self.assertTrue(1000 <= ops <= 4000, f"{shape}: {ops}")


    def convert(self, shape, ops):
        """The text of a graph's program."""
        with tempfile.TemporaryDirectory() as folder:
            graph, result = (pathlib.Path(folder) / name for name in ("graph.mlir", "result.mlir"))
            write_graph(graph, shape, ops)
            subprocess.run([BUILD / "bin/npir-opt", graph, "--npir-prepare", "--convert-npir-to-xnn", "-o", result], check=True)
            return result.read_text()

    def test_subgraphs_are_bounded(self):
        """XNNPACK plans the memory of one in quadratic time."""
        bodies = re.findall("xnn.subgraph.*?xnn.yield", self.convert("chain", 2000), re.DOTALL)
        sizes = [len(re.findall("= xnn\\.(?!subgraph)", body)) for body in bodies]
        self.assertEqual(sum(sizes), 2000)
        self.assertEqual(max(sizes), 512)

    def test_fused_locations_are_bounded(self):
        """A layer that takes up a thousand others has not all their names."""
        fused = re.findall("fused\\[([^]]*)\\]", self.convert("affine", 1000))
        self.assertEqual(max(text.count(",") + 1 for text in fused), 64)


class NetworksTest(ScriptTest):
    def test_smoke(self):
        done, data = self.run_script("check_networks.py", "--smoke")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("no bit differs", done.stdout)
        rows = data["tables"]["interpreter against runtime"]["rows"]
        self.assertEqual(len(rows), 4)
        self.assertTrue(all(row[3] > 10 and row[4] == 0 and row[5] == 0 for row in rows))

    def test_difference_is_told(self):
        ops = [{"id": "a:0", "integer": True, "checked": True, "differing": 3}, {"id": "b:0", "integer": True, "checked": False}]
        reports = [{"ops": ops, "samples": 2}, {"outputs": [{"differing": 1}], "bit_exact_samples": 1}]
        case = types.SimpleNamespace(name="resnet50", title="ResNet-50")
        check = check_networks.Check(None, case, "preset:auto", 1, None)
        results = check_networks.Results(ROOT, "the command", "full")
        with mock.patch.object(check, "quantize", return_value=("integer", "program")), mock.patch.object(check, "run", side_effect=reports), \
                mock.patch("builtins.print"):
            row = check.measure(results)
        self.assertEqual(row[3:], [2, 1, 1, 0, 1])
        self.assertEqual(len(results.failures()), 3)


if __name__ == "__main__":
    unittest.main()
