"""Feeds the tools what is damaged, wrong, or cannot be written. Whatever it is: one clear diagnostic, exit code 1, nothing
lost, no partial file."""
import contextlib
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import unittest

import numpy as np
from onnx import TensorProto, helper

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("NPIR_BUILD", ROOT / "build"))
NETWORK = ROOT / "tools" / "networks"
ENV = dict(os.environ, PYTHONPATH=str(BUILD / "python"))
CRASH_WORDS = ("Stack dump", "PLEASE submit", "Traceback", "terminate called", "Assertion", "LLVM ERROR")


def tool(name):
    return str(BUILD / "bin" / name)


@contextlib.contextmanager
def small_disk(folder):
    """A file system of 64 KiB; nothing where mounting is not allowed."""
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], capture_output=True).returncode:
        yield None
        return
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


class DamageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.home = pathlib.Path(cls.temporary.name)
        shutil.copyfile(NETWORK / "digits_cnn" / "model.onnx", cls.home / "model.onnx")
        shutil.copyfile(NETWORK / "digits_cnn" / "config.yaml", cls.home / "config.yaml")
        for command in (
            [sys.executable, NETWORK / "digits_data.py", "--out", ".", "--input-name", "input"],
            [sys.executable, "-m", "npir.import_onnx", "model.onnx", "-o", "float.mlirbc"],
            [tool("npir-opt"), "float.mlirbc", "--npir-prepare", "--npir-insert-observers=config=config.yaml", "-o",
             "observed.mlirbc"],
            [tool("npir-opt"), "float.mlirbc", "-o", "xnn.mlirbc",
             "--npir-quantize-pipeline=config=config.yaml data=calib stats=model.npirstats"],
            [tool("npir-translate"), "--npir-to-npx", "xnn.mlirbc", "-o", "model.npx"],
        ):
            subprocess.run(command, cwd=cls.home, env=ENV, check=True, capture_output=True)

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(dir=self.home))
        self.before = None

    def run_tool(self, *command, folder=None):
        folder = folder or self.folder
        before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
        done = subprocess.run([str(c) for c in command], cwd=folder, env=ENV, capture_output=True, timeout=120)
        done.text = done.stderr.decode(errors="replace")
        after = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
        done.changed = {p.name for p in after.keys() | before.keys() if after.get(p) != before.get(p)}
        return done

    def assertRefused(self, done, *words):
        """Exit code 1, one error, nothing written."""
        self.assertEqual(done.returncode, 1, done.text)
        for word in CRASH_WORDS:
            self.assertNotIn(word, done.text)
        for word in words:
            self.assertIn(word, done.text)
        self.assertEqual(done.text.count("error:"), 1, done.text)
        self.assertEqual(done.changed, set(), "files were changed or left behind")

    # --- files that are damaged ---

    def check_truncated(self, source, command, suffix):
        data = (self.home / source).read_bytes()
        broken = self.folder / f"broken{suffix}"
        for size in (0, 1, 3, 17, 64, 200, len(data) // 2, len(data) - 1):
            broken.write_bytes(data[:size])
            done = self.run_tool(*command(broken))
            self.assertRefused(done, "broken")
            broken.unlink()

    def check_flipped(self, source, command, suffix, count):
        data = (self.home / source).read_bytes()
        broken = self.folder / f"broken{suffix}"
        generator = random.Random(7)
        # Everywhere, and more of it where the structure is.
        places = [generator.randrange(len(data)) for _ in range(count)]
        places += [generator.randrange(min(4096, len(data))) for _ in range(count)]
        for place in places:
            flipped = bytearray(data)
            flipped[place] ^= 1 << generator.randrange(8)
            broken.write_bytes(flipped)
            with self.subTest(place=place):
                self.assertRefused(self.run_tool(*command(broken)))
            broken.unlink()

    def npx_command(self, path):
        return (tool("npx-run"), path, "--data", self.home / "test", "--output-dir", self.folder)

    def opt_command(self, path):
        return (tool("npir-opt"), path, "-o", self.folder / "out.mlirbc")

    def test_truncated_program(self):
        self.check_truncated("model.npx", self.npx_command, ".npx")

    def test_flipped_program(self):
        self.check_flipped("model.npx", self.npx_command, ".npx", 100)

    def test_truncated_bytecode(self):
        self.check_truncated("xnn.mlirbc", self.opt_command, ".mlirbc")

    def test_flipped_bytecode(self):
        self.check_flipped("xnn.mlirbc", self.opt_command, ".mlirbc", 40)

    def test_flipped_bytecode_without_checksum(self):
        """A file of another producer is parsed as it is: no crash, and either an error or a valid module."""
        plain = self.folder / "plain.mlirbc"
        subprocess.run([tool("npir-opt"), self.home / "observed.mlirbc", "--emit-bytecode",
                        "--emit-bytecode-version=6", "-o", plain], check=True, capture_output=True)
        data = plain.read_bytes()
        plain.unlink()
        self.assertNotIn(b"xxh3", data[:64])
        broken = self.folder / "broken.mlirbc"
        generator = random.Random(11)
        refused = 0
        for _ in range(60):
            flipped = bytearray(data)
            flipped[generator.randrange(4096)] ^= 1 << generator.randrange(8)
            broken.write_bytes(flipped)
            done = self.run_tool(tool("npir-opt"), broken, "-o", "/dev/null")
            self.assertIn(done.returncode, (0, 1), done.text)
            for word in CRASH_WORDS:
                self.assertNotIn(word, done.text)
            refused += done.returncode
        self.assertGreater(refused, 10)

    def test_bytecode_for_the_runner(self):
        (self.folder / "broken.mlirbc").write_bytes((self.home / "xnn.mlirbc").read_bytes()[:500])
        done = self.run_tool(tool("npir-run"), "broken.mlirbc", "--data", self.home / "test")
        self.assertRefused(done, "broken.mlirbc", "checksum")

    def test_damaged_statistics(self):
        (self.folder / "broken.npirstats").write_bytes((self.home / "model.npirstats").read_bytes()[:300])
        done = self.run_tool(tool("npir-opt"), self.home / "observed.mlirbc",
                             "--npir-attach-calibration=stats=broken.npirstats", "-o", "out.mlirbc")
        self.assertRefused(done, "broken.npirstats")

    # --- data that does not fit ---

    def check_data(self, array, *words):
        data = self.folder / "data"
        data.mkdir()
        np.save(data / "input.npy", array)
        for command in (
            (tool("npx-run"), self.home / "model.npx", "--data", data, "--output-dir", self.folder),
            (tool("npir-run"), self.home / "xnn.mlirbc", "--data", data, "--output-dir", self.folder),
            (tool("npir-opt"), self.home / "observed.mlirbc", "-o", "out.mlirbc",
             f"--npir-calibrate=data={data} stats=out.npirstats"),
        ):
            with self.subTest(command=command[0]):
                self.assertRefused(self.run_tool(*command), "input", *words)

    def test_wrong_shape(self):
        self.check_data(np.zeros((4, 1, 8, 7), np.float32), "8, 7", "8, 8")

    def test_wrong_type(self):
        self.check_data(np.zeros((4, 1, 8, 8), np.float64), "float64")

    def test_nan(self):
        array = np.zeros((40, 1, 8, 8), np.float32)
        array[37, 0, 2, 3] = np.nan
        self.check_data(array, "37")

    def test_no_samples(self):
        self.check_data(np.zeros((0, 1, 8, 8), np.float32))

    def test_missing_input(self):
        (self.folder / "data").mkdir()
        done = self.run_tool(*(tool("npx-run"), self.home / "model.npx", "--data", "data"))
        self.assertRefused(done, "input")

    # --- requests that are wrong ---

    def test_misspelt_config_key(self):
        (self.folder / "config.yaml").write_text("version: 1\ndefault:\n  weight: {bits: 8, granularty: per_channel}\n")
        done = self.run_tool(tool("npir-opt"), self.home / "float.mlirbc", "--npir-prepare",
                             "--npir-insert-observers=config=config.yaml", "-o", "out.mlirbc")
        self.assertRefused(done, "config.yaml:3:21", "granularty", "granularity")

    def test_wrong_station(self):
        done = self.run_tool(tool("npir-opt"), self.home / "float.mlirbc", "--npir-fold-qdq", "-o", "out.mlirbc")
        self.assertRefused(done, "expected station 'qdq'", "run --npir-insert-qdq first")

    def test_missing_model(self):
        for name in ("npir-opt", "npir-run", "npx-run"):
            done = self.run_tool(tool(name), "nothing.npx" if name != "npir-opt" else "nothing.mlirbc",
                                 *(() if name == "npir-opt" else ("--data", self.home / "test")))
            self.assertRefused(done, "nothing")

    # --- ONNX ---

    def save_onnx(self, nodes, domains=()):
        image = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 4])
        result = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
        opsets = [helper.make_opsetid("", 17)] + [helper.make_opsetid(d, 1) for d in domains]
        model = helper.make_model(helper.make_graph(nodes, "g", [image], [result]), opset_imports=opsets)
        (self.folder / "bad.onnx").write_bytes(model.SerializeToString())

    def import_onnx(self):
        return self.run_tool(sys.executable, "-m", "npir.import_onnx", "bad.onnx", "-o", "out.mlirbc")

    def test_custom_op(self):
        self.save_onnx([helper.make_node("Relu", ["x"], ["a"], "fine"),
                        helper.make_node("Sparkle", ["a"], ["b"], "odd.one", domain="my.ops"),
                        helper.make_node("Det", ["b"], ["y"], "odd.two")], ["my.ops"])
        done = self.import_onnx()
        self.assertEqual(done.returncode, 1, done.text)
        for word in ("odd.one", "Sparkle", "odd.two", "Det"):
            self.assertIn(word, done.text)
        self.assertNotIn("Traceback", done.text)
        self.assertEqual(done.changed, set())

    def test_cycle(self):
        self.save_onnx([helper.make_node("Add", ["x", "b"], ["a"], "first"),
                        helper.make_node("Relu", ["a"], ["b"], "second"),
                        helper.make_node("Relu", ["b"], ["y"], "last")])
        done = self.import_onnx()
        self.assertEqual(done.returncode, 1, done.text)
        for word in ("cycle", "first", "second"):
            self.assertIn(word, done.text)
        self.assertNotIn("Traceback", done.text)
        self.assertEqual(done.changed, set())

    def test_damaged_onnx(self):
        data = (NETWORK / "digits_cnn" / "model.onnx").read_bytes()
        (self.folder / "bad.onnx").write_bytes(data[:len(data) // 3])
        done = self.import_onnx()
        self.assertEqual(done.returncode, 1, done.text)
        self.assertIn("bad.onnx", done.text)
        self.assertNotIn("Traceback", done.text)
        self.assertEqual(done.changed, set())

    # --- outputs that cannot be written ---

    def writers(self, folder):
        """Every command that writes a file, writing into `folder`."""
        home = self.home
        return [
            (tool("npir-opt"), home / "xnn.mlirbc", "-o", folder / "out.mlirbc"),
            (tool("npir-translate"), "--npir-to-npx", home / "xnn.mlirbc", "-o", folder / "out.npx"),
            (sys.executable, "-m", "npir.import_onnx", home / "model.onnx", "-o", folder / "out.mlirbc"),
            (tool("npir-opt"), home / "observed.mlirbc", "-o", "/dev/null",
             f"--npir-calibrate=data={home / 'calib'} stats={folder / 'out.npirstats'}"),
            (tool("npx-run"), home / "model.npx", "--data", home / "test", "--output-dir", folder),
            (tool("npir-run"), home / "model.npx", "--data", home / "test", "--output-dir", folder),
        ]

    def test_output_folder_is_missing(self):
        for command in self.writers(self.folder / "nowhere"):
            with self.subTest(command=command[:3]):
                self.assertRefused(self.run_tool(*command), "nowhere")

    def test_output_is_a_folder(self):
        for name in ("out.mlirbc", "out.npx", "out.npirstats", "logits.npy"):
            (self.folder / name).mkdir()
        for command in self.writers(self.folder):
            with self.subTest(command=command[:3]):
                self.assertRefused(self.run_tool(*command))

    def test_full_disk(self):
        with small_disk(self.folder / "disk") as disk:
            if disk is None:
                self.skipTest("mounting a small tmpfs needs root with CAP_SYS_ADMIN")
            # The results of 400 samples take 16 KiB: leave less.
            (disk / "old.npy").write_bytes(b"x" * 52 * 1024)
            for command in self.writers(disk):
                if "npirstats" in str(command[-1]):
                    (disk / "old.npy").write_bytes(b"x" * 64 * 1024)
                with self.subTest(command=command[:3]):
                    self.assertRefused(self.run_tool(*command), "space")
                (disk / "old.npy").write_bytes(b"x" * 52 * 1024)

    def test_model_as_input_and_output(self):
        model = self.folder / "model.mlirbc"
        shutil.copyfile(self.home / "float.mlirbc", model)
        link = self.folder / "link.mlirbc"
        link.symlink_to(model)
        for output in (model, link, self.folder / "." / "model.mlirbc"):
            self.assertRefused(self.run_tool(tool("npir-opt"), model, "--npir-prepare", "-o", output), "model.mlirbc")
            self.assertRefused(self.run_tool(tool("npir-translate"), "--npir-to-npx", model, "-o", output),
                               "model.mlirbc")
        onnx_model = self.folder / "model.onnx"
        shutil.copyfile(NETWORK / "digits_cnn" / "model.onnx", onnx_model)
        self.assertRefused(self.run_tool(sys.executable, "-m", "npir.import_onnx", onnx_model, "-o", onnx_model),
                           "model.onnx")


if __name__ == "__main__":
    unittest.main()
