"""Tests of `pip install .`: into an environment of its own, and from there the whole road without a path to the build.

Installs twice, and the second time compiles nothing. The package index is asked for the build's and the package's needs.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("NPIR_BUILD", ROOT / "build"))
DIGITS = ROOT / "tools" / "networks" / "digits_cnn"
PYTHON = "/usr/bin/python3"

ROAD = f"""
import numpy, npir
images = numpy.load("calib/input.npy", mmap_mode="r")
model = npir.from_onnx({str(DIGITS / "model.onnx")!r})
statistics = npir.calibrate(model, images, config={str(DIGITS / "config.yaml")!r})
statistics.save("python.npirstats")
int8 = npir.quantize(model, {str(DIGITS / "config.yaml")!r}, statistics=statistics)
int8.save("python.mlirbc")
int8.to_npx("python.npx")
outputs = npir.run(npir.load("python.npx"), numpy.load("test/input.npy"))
numpy.save("python.npy", outputs["logits"])
print(npir.__version__, npir.__file__)
"""


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    if done.returncode:
        raise AssertionError(f"{command}: exit code {done.returncode}\n{done.stdout[-8000:]}")
    return done.stdout


class Wheel(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = pathlib.Path(temporary.name)
        cls.venv = cls.folder / "venv"
        # As a user has it: the system's tools, and no path of ours.
        cls.environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "NPIR"))}
        cls.environment["PATH"] = "/usr/bin:/bin"
        run(PYTHON, "-m", "venv", cls.venv)
        cls.log = cls.install()

    @classmethod
    def install(cls, *options):
        return run(cls.venv / "bin" / "python", "-m", "pip", "install", "--disable-pip-version-check", "-v", *options, ROOT,
                   f"--config-settings=cmake.define.NPIR_BUILD_DIR={BUILD}", cwd=cls.folder, env=cls.environment)

    def test_road(self):
        run(sys.executable, ROOT / "tools/networks/digits_data.py", "--out", self.folder, "--input-name", "input")
        tools = BUILD / "bin"
        run(self.venv / "bin" / "python", "-m", "npir.import_onnx", DIGITS / "model.onnx", "-o", "tools.mlirbc",
            cwd=self.folder, env=self.environment)
        run(tools / "npir-opt", "tools.mlirbc", "-o", "int8.mlirbc",
            f"--npir-quantize-pipeline=config={DIGITS}/config.yaml data=calib stats=tools.npirstats", cwd=self.folder)
        run(tools / "npir-translate", "--npir-to-npx", "int8.mlirbc", "-o", "tools.npx", cwd=self.folder)
        run(tools / "npx-run", "tools.npx", "--data", "test", "--output-dir", ".", "--quiet", cwd=self.folder)
        version, path = run(self.venv / "bin" / "python", "-c", ROAD, cwd=self.folder, env=self.environment).split()
        project = (ROOT / "CMakeLists.txt").read_text()
        self.assertEqual(version, re.search(r"project\(npir VERSION ([0-9.]+)", project)[1])
        self.assertTrue(path.startswith(str(self.venv)), path)
        for ours, theirs in (("python.npirstats", "tools.npirstats"), ("python.mlirbc", "int8.mlirbc"),
                             ("python.npx", "tools.npx"), ("python.npy", "logits.npy")):
            self.assertEqual((self.folder / ours).read_bytes(), (self.folder / theirs).read_bytes(), ours)

    def test_what_it_carries(self):
        package = next((self.venv / "lib").glob("python*/site-packages/npir"))
        names = {path.name for path in package.iterdir()}
        for name in ("libpthreadpool.so.0", "libcpuinfo.so.0", "LICENSE.xnnpack", "py.typed", "model.py"):
            self.assertIn(name, names)
        module = next(package.glob("_npir*.so"))
        libraries = run("ldd", module, env=self.environment)
        self.assertNotIn("not found", libraries)
        self.assertIn(f"libpthreadpool.so.0 => {package}/", libraries)
        # Nothing of it leads into this checkout.
        self.assertNotIn(str(ROOT), run("readelf", "-d", module))

    def test_second_time(self):
        log = self.install("--no-deps", "--force-reinstall")
        self.assertIn("Successfully installed npir", log)
        self.assertNotIn("Building CXX", log)

    def test_missing_library(self):
        """Where libMLIR is missing the import tells what to install."""
        package = next((self.venv / "lib").glob("python*/site-packages/npir"))
        copy = self.folder / "broken" / "npir"
        shutil.copytree(package, copy)
        module = next(copy.glob("_npir*.so"))
        content = module.read_bytes()
        self.assertIn(b"libMLIR.so.22.1", content)
        module.write_bytes(content.replace(b"libMLIR.so.22.1", b"libNone.so.22.1"))
        code = textwrap.dedent("""
            import npir
            try:
                npir.load("x")
            except ImportError as error:
                print(error)
        """)
        text = run(self.venv / "bin" / "python", "-c", code, cwd=copy.parent, env=dict(self.environment, PYTHONPATH=str(copy.parent)))
        self.assertIn("cannot load NPIR's compiled part", text)
        self.assertIn("libNone.so.22.1", text)
        self.assertIn("libmlir-22", text)


if __name__ == "__main__":
    unittest.main()
