"""Tests of the calibration benchmark's own parts; `bench.sh calibration` itself
takes too long.

This file needs numpy only:

    python test/python/bench_test.py
"""

import contextlib
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
IMAGES = ROOT / "tools/networks/benchmark/images.py"
sys.path.insert(0, str(IMAGES.parent))
sys.path.insert(0, str(ROOT / "tools/scripts"))

import images  # noqa: E402
from calibration import commands, results  # noqa: E402


class PicturesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pictures = images.make_images(24)

    def test_depend_on_seed_and_index_only(self):
        np.testing.assert_array_equal(images.make_image(5), self.pictures[5])
        np.testing.assert_array_equal(images.make_images(2, first=4), self.pictures[4:6])
        self.assertFalse(np.array_equal(images.make_image(5, seed=1), self.pictures[5]))

    def test_are_normalized_pixels_of_8_bits(self):
        self.assertEqual(self.pictures.dtype, np.float32)
        mean, deviation = images.MEAN[:, None, None], images.DEVIATION[:, None, None]
        pixels = (self.pictures * deviation + mean) * 255
        np.testing.assert_allclose(pixels, np.round(pixels), atol=1e-3)
        self.assertGreater(pixels.max(), 250)
        self.assertLess(abs(self.pictures.mean()), 0.3)
        self.assertLess(abs(np.log(self.pictures.std())), 0.3)

    def test_power_falls_with_the_square_of_the_frequency(self):
        gray = self.pictures.mean(1)
        gray -= gray.mean((1, 2), keepdims=True)
        power = (abs(np.fft.fft2(gray)) ** 2).mean(0)
        frequencies = np.arange(4, 64)
        along = (power[frequencies, 0] + power[0, frequencies]) / 2
        slope = np.polyfit(np.log(frequencies), np.log(along), 1)[0]
        # White noise has 0; photographs are near -2, along the axes up to -3.
        self.assertLess(slope, -1.7)
        self.assertGreater(slope, -3.2)

    def test_colours_go_together(self):
        red, green, blue = self.pictures.transpose(1, 0, 2, 3).reshape(3, -1)
        self.assertGreater(np.corrcoef(red, green)[0, 1], 0.7)
        self.assertGreater(np.corrcoef(red, blue)[0, 1], 0.6)
        self.assertLess(np.corrcoef(red, green)[0, 1], 0.995)

    def test_program(self):
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, IMAGES, "--out", folder, "--count", "2", "--first", "7"]
            subprocess.run(command, check=True, capture_output=True)
            self.assertEqual(os.listdir(folder), ["input.npy"])
            written = np.load(os.path.join(folder, "input.npy"))
        np.testing.assert_array_equal(written, self.pictures[7:9])

    def test_program_refuses(self):
        for count, out, text in (("0", "x", "--count of at least 1"), ("1", "/dev/null/x", "cannot write to")):
            command = [sys.executable, IMAGES, "--out", out, "--count", count]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn(text, done.stderr)
            self.assertEqual(done.stderr.count("\n"), 1)


class ResultsTest(unittest.TestCase):
    def setUp(self):
        self.out = io.StringIO()
        self.results = results.Results(ROOT, "the command", "smoke")

    def add(self, *arguments, **facts):
        with contextlib.redirect_stdout(self.out):
            self.results.add(*arguments, **facts)

    def test_bounds(self):
        self.add("below", 1.7, "", ("<=", 1.7))
        self.add("above", 1.71, "", ("<=", 1.7))
        self.add("equal", 5.0, "s", ("<", 5))
        self.add("faster", 5.0, "times", (">=", 5))
        self.add("free", 3.0, "s")
        self.assertEqual([e.get("met") for e in self.results.entries], [True, False, False, True, None])
        self.assertEqual(self.results.failures(), ["above", "equal"])
        self.assertIn("NOT MET", self.out.getvalue())

    def test_file(self):
        self.add("one", 0.5, "s", ("<", 1), samples=3)
        with contextlib.redirect_stdout(self.out):
            self.results.skip("two", "no memory")
            self.results.fail("three", "exit code 1\nwhy")
            self.results.table("order", ["", "dB"], [["omse", 20.5], ["kl", float("inf")]])
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "sub" / "calibration.json"
            self.results.save(path)
            self.assertEqual(os.listdir(path.parent), ["calibration.json"])
            read = json.loads(path.read_text())
        self.assertEqual(read["command"], "the command")
        self.assertRegex(read["commit"], "^[0-9a-f]{40}(-dirty)?$")
        self.assertGreater(read["machine"]["memory_gib"], 0)
        self.assertEqual(read["entries"][0], {"name": "one", "value": 0.5, "unit": "s", "bound": "< 1", "met": True,
                                              "samples": 3})
        self.assertEqual(read["entries"][1]["reason"], "no memory")
        self.assertEqual(read["entries"][2], {"name": "three", "value": None, "met": False, "reason": "exit code 1\nwhy"})
        self.assertEqual(self.results.failures(), ["three"])
        self.assertIn("failed: exit code 1\n    why\n", self.out.getvalue())
        self.assertEqual(read["tables"]["order"]["rows"], [["omse", 20.5], ["kl", "inf"]])


class CommandsTest(unittest.TestCase):
    def setUp(self):
        self.commands = commands.Commands(pathlib.Path("/nowhere"))

    def test_cost_is_of_the_child(self):
        small = self.commands.run(sys.executable, "-c", "print(1)")
        big = self.commands.run(sys.executable, "-c", "x = bytearray(b'1') * 400_000_000; import time; time.sleep(0.2)")
        self.assertEqual(small.stdout, "1\n")
        self.assertLess(small.peak, 300_000_000)
        self.assertGreater(big.peak, 400_000_000)
        self.assertLess(big.peak, 450_000_000)
        self.assertGreaterEqual(big.seconds, 0.2)

    def test_failure_names_command_and_reason(self):
        with self.assertRaisesRegex(commands.Failure, "(?s)exit code 3 from: .*why"):
            self.commands.run(sys.executable, "-c", "import sys; print('why', file=sys.stderr); sys.exit(3)")
        with self.assertRaisesRegex(commands.Failure, "cannot run"):
            self.commands.run("/nowhere/bin/npir-opt")

    def test_memory_limit(self):
        with self.assertRaisesRegex(commands.Failure, "MemoryError"):
            self.commands.run(sys.executable, "-c", "bytearray(2_000_000_000)", memory_limit=10**9)


class ScriptTest(unittest.TestCase):
    def test_unknown_benchmark(self):
        done = subprocess.run([ROOT / "tools/scripts/bench.sh", "speed"], capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr),
                         (1, "error: expected kernels, recorder, passes, calibration, accuracy or schemes, got 'speed'\n"))


if __name__ == "__main__":
    unittest.main()
