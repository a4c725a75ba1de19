"""What the package `npir` does with memory and threads: no copies of weights and samples, no lock held, no races."""

import gc
import os
import pathlib
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnx
from onnx import TensorProto, helper

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("NPIR_BUILD", ROOT / "build"))
sys.path.insert(0, str(BUILD / "python"))

import npir  # noqa: E402

DIGITS = ROOT / "tools" / "networks" / "digits_cnn" / "model.onnx"
SIDE = 4096
MEBIBYTE = 1 << 20
WEIGHT_BYTES = SIDE * SIDE * 4  # 64 MiB

# What the measured processes share: resident memory that is their own, after the allocator has given back what it can.
MEASURE = """
import ctypes, gc, sys
import numpy as np, onnx, npir
from npir.importers import onnx as importer
from npir._native import native

def resident():
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    with open("/proc/self/smaps_rollup") as file:
        return sum(int(line.split()[1]) for line in file if line.startswith("Anonymous:")) / 1024
"""


def write_model(path, side=SIDE, external=False):
    weight = np.random.RandomState(0).rand(side, side).astype(np.float32)
    tensor = onnx.numpy_helper.from_array(weight, "w")
    graph = helper.make_graph(
        [helper.make_node("Gemm", ["x", "w"], ["y"], "fc", transB=1)], "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ("n", side))],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)], [tensor])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, path, save_as_external_data=external, location="weights.bin", size_threshold=0)


class Memory(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = pathlib.Path(temporary.name)
        write_model(cls.folder / "big.onnx")
        write_model(cls.folder / "external.onnx", external=True)

    def measure(self, code):
        """The numbers that `code`, run in a process of its own, prints, in MiB."""
        environment = dict(os.environ, PYTHONPATH=str(BUILD / "python"), MALLOC_ARENA_MAX="1")
        done = subprocess.run([sys.executable, "-c", MEASURE + textwrap.dedent(code)], cwd=self.folder, env=environment,
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return [float(number) for number in done.stdout.split()]

    def test_import_holds_the_weights_once(self):
        (from_path, from_bytes) = self.measure("""
            before = resident()
            model = npir.from_onnx("big.onnx")
            after = resident()
            print(after - before)
            del model
            gc.collect()
            content = open("big.onnx", "rb").read()
            before = resident()
            model = npir.from_onnx(content)
            print(resident() - before)
        """)
        weight = WEIGHT_BYTES / MEBIBYTE
        for grown in (from_path, from_bytes):
            self.assertGreater(grown, 0.5 * weight)
            self.assertLess(grown, 1.2 * weight)

    def test_mapped_weights_are_not_held(self):
        grown = self.measure("""
            before = resident()
            model = npir.from_onnx("external.onnx")
            print(resident() - before)
            model.save("external.mlirbc")
            del model
            before = resident()
            model = npir.load("external.mlirbc")
            text, ports = str(model), model.inputs
            print(resident() - before)
        """)
        for mebibytes in grown:
            self.assertLess(mebibytes, 8)

    def test_models_share_their_weights(self):
        (prepared, released) = self.measure("""
            model = npir.from_onnx("big.onnx")
            before = resident()
            copies = [model.run_pipeline("cse") for _ in range(10)]
            copies = [copy.run_pipeline("cse") for copy in copies]
            print(resident() - before)
            before = resident()
            del model, copies
            print(before - resident())
        """)
        self.assertLess(prepared, 8)
        # The weights go with the last one that has them.
        self.assertGreater(released, 0.9 * WEIGHT_BYTES / MEBIBYTE)

    def test_quantizing_again_leaves_nothing(self):
        write_model(self.folder / "small.onnx", side=1024)
        (grown,) = self.measure("""
            model = npir.from_onnx("small.onnx")
            samples = np.ones((4, 1024), np.float32)
            statistics = npir.calibrate(model, samples)
            npir.quantize(model, statistics=statistics)
            before = resident()
            for _ in range(20):
                npir.run(npir.quantize(model, statistics=statistics), samples)
                npir.calibrate(model, samples)
            print(resident() - before)
        """)
        # 20 weights of 1 MiB in integers, packed ones beside them.
        self.assertLess(grown, 8)

    def test_weights_outlive_what_they_came_from(self):
        model = npir.from_onnx((self.folder / "big.onnx").read_bytes())
        small = model.run_pipeline("cse")
        del model
        gc.collect()
        samples = np.ones((1, SIDE), np.float32)
        weight = np.random.RandomState(0).rand(SIDE, SIDE).astype(np.float32)
        np.testing.assert_allclose(npir.run(small, samples)["y"][0], weight.sum(axis=1), rtol=1e-3)

    def test_samples_are_not_copied(self):
        rows = 4 * WEIGHT_BYTES // (4 * 64)
        np.lib.format.open_memmap(self.folder / "samples.npy", "w+", np.float32, (rows, 1, 8, 8)).flush()
        (grown,) = self.measure(f"""
            model = npir.from_onnx({str(DIGITS)!r})
            samples = np.load("samples.npy", mmap_mode="r")
            npir.run(model, samples, samples="0:64")
            before = resident()
            npir.run(model, samples, samples="1000:5000")
            npir.calibrate(model, samples, samples="1000:5000", batch=64)
            print(resident() - before)
        """)
        self.assertLess(grown, 16)


class Threads(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.model = npir.from_onnx(DIGITS)
        cls.images = np.random.RandomState(0).rand(4000, 1, 8, 8).astype(np.float32)

    def progress(self, function):
        """How often another thread ran while `function` did, and how long that took."""
        count, done = 0, threading.Event()

        def work():
            nonlocal count
            while not done.is_set():
                count += 1
                time.sleep(0.001)

        thread = threading.Thread(target=work)
        thread.start()
        begin, before = time.monotonic(), count
        function()
        seconds, counted = time.monotonic() - begin, count - before
        done.set()
        thread.join()
        return counted, seconds

    def test_lock_is_not_held(self):
        statistics = npir.calibrate(self.model, self.images)
        program = npir.quantize(self.model, statistics=statistics)
        for name, function in (
            ("calibrate", lambda: npir.calibrate(self.model, self.images)),
            ("quantize", lambda: npir.quantize(self.model, data=self.images)),
            ("run", lambda: npir.run(program, self.images, backend="auto")),
            ("interpreter", lambda: npir.run(self.model.run_pipeline("npir-prepare"), self.images[:100], backend="interpreter")),
            ("compare", lambda: npir.compare(program, self.model, self.images)),
        ):
            with self.subTest(name):
                # With the lock held it would be one or two.
                for _ in range(5):
                    counted, seconds = self.progress(function)
                    if counted >= 5 and counted >= seconds * 20:
                        break
                self.assertGreaterEqual(counted, 5, (name, seconds))

    def test_one_model_in_many_threads(self):
        images = self.images[:200]
        int8 = npir.quantize(self.model, data=images)
        expected = npir.run(int8, images)["logits"]
        text = str(int8)
        reference = npir.run(self.model, images)["logits"]

        def work(i):
            kind = i % 6
            if kind == 0:
                np.testing.assert_array_equal(npir.run(int8, images, batch=1 + i)["logits"], expected)
            elif kind == 1:
                self.assertEqual(npir.quantize(self.model, data=images).station, "target")
            elif kind == 2:
                self.assertEqual(str(int8), text)
            elif kind == 3:
                np.testing.assert_array_equal(npir.run(self.model, images, taps=["pool:0"])["logits"], reference)
            elif kind == 4:
                # In both directions, so that locks are taken in both orders.
                pair = (int8, self.model) if i % 4 else (self.model, int8)
                npir.compare(*pair, images)
            else:
                with self.assertRaises(npir.NPIRError):
                    npir.run_pipeline(self.model, "npir-calibrate{batch=many}")

        with ThreadPoolExecutor(8) as pool:
            for _ in pool.map(work, range(48)):
                pass

    def test_models_die_in_other_threads(self):
        models = [self.model.run_pipeline("npir-prepare") for _ in range(16)]

        def drop(_):
            npir.run(models.pop(), self.images[:1])

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(drop, range(16)))
        self.assertEqual(models, [])

    def test_at_exit(self):
        """A model that lives to the interpreter's end, weights and all."""
        code = f"""
            import builtins, threading, npir
            builtins.model = npir.from_onnx({str(DIGITS)!r})
            builtins.copy = model.run_pipeline("npir-prepare")
            threading.Thread(target=lambda: str(copy)).start()
        """
        environment = dict(os.environ, PYTHONPATH=str(BUILD / "python"))
        done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], env=environment, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
