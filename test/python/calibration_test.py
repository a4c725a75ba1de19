"""Calibration as a service: shards, kills, Ctrl-C, memory. Whatever happens on the way, the bytes are those of one run."""

import itertools
import json
import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("NPIR_BUILD", ROOT / "build"))
sys.path.insert(0, str(BUILD / "python"))
sys.path.insert(0, str(ROOT / "tools" / "networks"))

import digits_data  # noqa: E402
import npir  # noqa: E402

DIGITS = ROOT / "tools" / "networks" / "digits_cnn" / "model.onnx"
VIT = ROOT / "tools" / "networks" / "digits_vit" / "model.onnx"
MEBIBYTE = 1 << 20

# One sample is 256 KiB.
WIDE = """
func.func @main(%x: tensor<?x65536xf32> {npir.name = "x"} loc("x")) -> (tensor<?x65536xf32> {npir.name = "y"})
    attributes {npir.station = #npir.station<float>} {
  %0 = npir.abs %x : tensor<?x65536xf32> -> tensor<?x65536xf32> loc("abs")
  return %0 : tensor<?x65536xf32>
}
"""


class CalibrationTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = pathlib.Path(temporary.name)
        digits_data.write_folders(str(cls.folder), "input")
        cls.images = np.load(cls.folder / "calib" / "input.npy")
        cls.write_samples("many", 1600)

    @classmethod
    def write_samples(cls, name, count):
        (cls.folder / name).mkdir()
        np.save(cls.folder / name / "input.npy", np.resize(cls.images, (count, *cls.images.shape[1:])))

    def observe(self, name, network):
        path = self.folder / name
        if not path.exists():
            npir.quantize(npir.from_onnx(network), stop_at="observed").save(path)
        return path

    def command(self, model, options):
        return [BUILD / "bin" / "npir-opt", model, f"--npir-calibrate={options}", "-o", os.devnull]

    def calibrate(self, model, options, code=0):
        done = subprocess.run(self.command(model, options), cwd=self.folder, text=True, capture_output=True)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def read(self, name):
        return (self.folder / name).read_bytes()


class Shards(CalibrationTest):
    def test_shards_in_any_order_and_way(self):
        """Borders lie within batches."""
        model = npir.from_onnx(DIGITS)
        whole = npir.calibrate(model, self.images, batch=16)
        whole.save(self.folder / "whole.npirstats")
        npir.quantize(model, statistics=whole).save(self.folder / "whole.mlirbc")
        generator = random.Random(4)
        for count, threads in itertools.product((1, 2, 7), (1, 2)):
            with self.subTest(shards=count, threads=threads):
                borders = [0, *sorted(generator.sample(range(1, 200), count - 1)), 200]
                shards = list(zip(borders, borders[1:]))
                generator.shuffle(shards)
                merged = None
                for begin, end in shards:
                    path = self.folder / "shard.npirstats"
                    npir.calibrate(model, self.images, samples=(begin, end), batch=16, threads=threads,
                                   run_batch=generator.randrange(17)).save(path)
                    shard = npir.load_statistics(path)
                    merged = merged.merge(shard) if merged else shard
                merged.save(self.folder / "merged.npirstats")
                self.assertEqual(self.read("merged.npirstats"), self.read("whole.npirstats"))
                npir.quantize(model, statistics=merged).save(self.folder / "merged.mlirbc")
                self.assertEqual(self.read("merged.mlirbc"), self.read("whole.mlirbc"))

    def test_samples_are_appended(self):
        model = npir.from_onnx(DIGITS)
        npir.calibrate(model, self.images).save(self.folder / "whole.npirstats")
        path = self.folder / "grown.npirstats"
        for end in (50, 70, 200):
            statistics = npir.calibrate(model, self.images, samples=(0, end), stats=path, resume=True)
            self.assertEqual(statistics.samples, [(0, end)])
        self.assertEqual(self.read("grown.npirstats"), self.read("whole.npirstats"))


class RunBatches(CalibrationTest):
    def test_any_number_of_samples_a_run(self):
        model = self.observe("vit.mlirbc", VIT)
        self.calibrate(model, "data=calib stats=whole.npirstats samples=0:40 batch=16 run-batch=16 quiet")
        for size in range(9):
            with self.subTest(size=size):
                options = f"samples=0:40 batch=16 run-batch={size} threads={1 + size % 2} quiet"
                self.calibrate(model, f"data=calib stats=part.npirstats {options}")
                self.assertEqual(self.read("part.npirstats"), self.read("whole.npirstats"))

    def test_moved_tensors_have_the_statistics_of_their_source(self):
        model = self.observe("vit.mlirbc", VIT)
        self.calibrate(model, "data=calib stats=moved.npirstats samples=0:40 quiet")
        tensors = {tensor["id"]: tensor for tensor in json.loads(self.read("moved.npirstats"))["tensors"]}
        taps = ["/patch_embed/proj/Conv:0", "/patch_embed/Reshape:0"]
        made, moved = (tensors[name] for name in taps)
        self.assertIn("channel_min", made)
        self.assertEqual(moved, {**{key: made[key] for key in made if not key.startswith("channel")}, "id": taps[1]})
        values = npir.run(npir.load(model), self.images[:40], taps=taps)[taps[1]]
        self.assertEqual((moved["count"], moved["min"], moved["max"]), (values.size, values.min(), values.max()))


class Interruptions(CalibrationTest):
    def setUp(self):
        for path in self.folder.glob("killed*"):
            path.unlink()

    def start(self, model, options):
        process = subprocess.Popen(self.command(model, options), cwd=self.folder, text=True, stderr=subprocess.PIPE)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def wait_for_checkpoint(self, process, seconds):
        """Let `process` run on for some time once it has written a checkpoint; false where it ends before."""
        partial = self.folder / "killed.npirstats.partial"
        before = partial.stat().st_mtime_ns if partial.exists() else 0
        while process.poll() is None:
            if partial.exists() and partial.stat().st_mtime_ns != before:
                time.sleep(seconds)
                return process.poll() is None
            time.sleep(0.001)
        return False

    def test_killed_and_resumed(self):
        """SIGKILL at random times, again and again."""
        model = self.observe("vit.mlirbc", VIT)
        self.calibrate(model, "data=many stats=whole.npirstats batch=16 quiet")
        generator = random.Random(5)
        kills = 0
        for attempt in range(40):
            process = self.start(model, f"data=many stats=killed.npirstats batch=16 threads={1 + attempt % 2} "
                                        f"run-batch={attempt % 5} checkpoint=0.05 resume quiet")
            # A few kills show it; then it may come to its end.
            if kills < 4 and self.wait_for_checkpoint(process, generator.uniform(0, 0.1)):
                process.kill()
                kills += process.wait() == -signal.SIGKILL
                self.assertFalse((self.folder / "killed.npirstats").exists())
                continue
            self.assertEqual(process.wait(), 0)
            break
        self.assertGreaterEqual(kills, 2)
        self.assertEqual(self.read("killed.npirstats"), self.read("whole.npirstats"))
        self.assertFalse((self.folder / "killed.npirstats.partial").exists())

    def test_interrupted_and_resumed(self):
        model = self.observe("vit.mlirbc", VIT)
        process = self.start(model, "data=many stats=killed.npirstats batch=16 checkpoint=0.02 quiet")
        self.assertTrue(self.wait_for_checkpoint(process, 0))
        process.send_signal(signal.SIGINT)
        error = process.stderr.read()
        self.assertEqual(process.wait(), 1)
        self.assertRegex(error, r"^error: interrupted after \d+ of 1600 samples; killed.npirstats.partial has them: "
                                r"calibrate with resume to go on\s*$")
        self.calibrate(model, "data=many stats=whole.npirstats batch=16 quiet")
        self.calibrate(model, "data=many stats=killed.npirstats batch=16 quiet resume")
        self.assertEqual(self.read("killed.npirstats"), self.read("whole.npirstats"))

    def test_interrupted_in_python(self):
        model = npir.from_onnx(VIT)
        samples = np.load(self.folder / "many" / "input.npy")
        path = self.folder / "killed.npirstats"
        threading.Timer(0.6, os.kill, (os.getpid(), signal.SIGINT)).start()
        with self.assertRaises(KeyboardInterrupt):
            npir.calibrate(model, np.concatenate([samples] * 80), stats=path)
        self.assertFalse(path.exists())
        self.assertTrue(pathlib.Path(f"{path}.partial").exists())


class Memory(CalibrationTest):
    def measure(self, model, options):
        """The plan's line, and what it cost."""
        path = self.folder / "timing.json"
        done = self.calibrate(model, f"{options} stats=x.npirstats timing={path}")
        return done.stderr, json.loads(path.read_text())

    def test_the_plan_is_honest(self):
        """Not below the peak, and what it adds is not more than twice what is added."""
        for name, network in (("cnn.mlirbc", DIGITS), ("vit.mlirbc", VIT)):
            for options in ("batch=32", "batch=32 run-batch=1", "batch=256 run-batch=256 channel-histograms"):
                with self.subTest(network=name, options=options):
                    text, cost = self.measure(self.observe(name, network), f"data=many samples=0:1024 {options}")
                    line = re.search(r"^calibrating with \d+ samples? a run; memory peaks at about ([\d.]+) MiB: .* process and "
                                     r"weights, .* live tensors, .* statistics of \d+ tensors, .* samples$", text, re.M)
                    self.assertAlmostEqual(float(line[1]), cost["predicted_bytes"] / MEBIBYTE, delta=0.1)
                    self.assertGreaterEqual(cost["predicted_bytes"], cost["peak_bytes"])
                    grown = cost["peak_bytes"] - cost["held_bytes"]
                    predicted = cost["predicted_bytes"] - cost["held_bytes"]
                    self.assertLess(predicted, 2 * grown + 4 * MEBIBYTE)

    def test_samples_leave_memory(self):
        """16 times the samples, 240 MiB more of them, in the same memory; infinity in one of them is seen first."""
        (self.folder / "wide.mlir").write_text(WIDE)
        npir.quantize(npir.load(self.folder / "wide.mlir"), stop_at="observed").save(self.folder / "wide.mlirbc")
        (self.folder / "wide").mkdir()
        array = np.lib.format.open_memmap(self.folder / "wide" / "x.npy", "w+", np.float32, (1024, 65536))
        array[::100, ::100] = 1
        array.flush()
        few = self.measure("wide.mlirbc", "data=wide samples=0:64")[1]["peak_bytes"]
        many = self.measure("wide.mlirbc", "data=wide")[1]["peak_bytes"]
        self.assertLessEqual(many, 1.05 * few)
        array[1000, 65535] = np.inf
        array.flush()
        done = self.calibrate("wide.mlirbc", "data=wide stats=never.npirstats", code=1)
        self.assertRegex(done.stderr, "^error: wide/x.npy: sample 1000, element 65535 is inf; expected finite numbers")
        self.assertFalse((self.folder / "never.npirstats").exists())

    def test_the_limit_lowers_the_samples_per_run(self):
        model = self.observe("vit.mlirbc", VIT)
        text, cost = self.measure(model, "data=many samples=0:512 batch=512 run-batch=512 quiet")
        self.assertEqual((text, cost["run_batch"]), ("", 512))
        limit = cost["predicted_bytes"] // MEBIBYTE - 4
        _, lower = self.measure(model, f"data=many samples=0:512 batch=512 run-batch=512 max-memory={limit}M")
        self.assertLess(lower["run_batch"], 512)
        self.assertLessEqual(lower["peak_bytes"], limit * MEBIBYTE)
        done = self.calibrate(model, "data=many stats=never.npirstats max-memory=20m quiet", code=1)
        self.assertRegex(done.stderr, r"^error: expected max-memory of at least \d+\.\d MiB, got 20.0 MiB; raise it, or record less")
        done = self.calibrate(model, "data=many stats=never.npirstats max-memory=many", code=1)
        self.assertEqual(done.stderr, "error: expected max-memory=SIZE such as 512M or 2G, got 'many'\n")


if __name__ == "__main__":
    unittest.main()
