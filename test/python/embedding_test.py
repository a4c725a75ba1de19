"""NPIR as a package: installed, moved, and used by projects that are no part of its build (test/embedding)."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("NPIR_BUILD", ROOT / "build")).resolve()
# Kept, so that a second run compiles only what changed.
WORK = BUILD / "test" / "embedding"
PACKAGE = WORK / "npir"
CACHE = dict(re.findall(r"^(\w+):\w+=(.*)$", (BUILD / "CMakeCache.txt").read_text(), re.M))
CMAKE = CACHE["CMAKE_COMMAND"]


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


def install(folder, *arguments):
    """Install to one folder and move the result to another."""
    staged = WORK / "staged"
    for old in (staged, folder):
        shutil.rmtree(old, ignore_errors=True)
    run(CMAKE, "--install", BUILD, "--prefix", staged, *arguments)
    staged.rename(folder)


def configure(source, build, *arguments, package=PACKAGE):
    launcher = [f"-DCMAKE_{language}_COMPILER_LAUNCHER={CACHE['NPIR_CCACHE']}" for language in ("C", "CXX")
                if CACHE.get("NPIR_CCACHE", "").startswith("/")]
    run(CMAKE, "-G", "Ninja", "-S", source, "-B", build, f"-DCMAKE_PREFIX_PATH={package}", "-DCMAKE_BUILD_TYPE=Release",
        f"-DCMAKE_C_COMPILER={CACHE['CMAKE_C_COMPILER']}", f"-DCMAKE_CXX_COMPILER={CACHE['CMAKE_CXX_COMPILER']}",
        f"-DCMAKE_MAKE_PROGRAM={CACHE['CMAKE_MAKE_PROGRAM']}", *launcher, *arguments)


class EmbeddingTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        WORK.mkdir(parents=True, exist_ok=True)
        install(PACKAGE)

    def test_package_knows_no_folder(self):
        private = [str(ROOT).encode(), str(BUILD).encode()]
        loaded = []
        for file in PACKAGE.rglob("*"):
            if not file.is_file():
                continue
            data = file.read_bytes()
            if data.startswith(b"\x7fELF"):
                dynamic = run("readelf", "-d", file)
                paths = re.search(r"\(RUNPATH\).*\[(.*)\]", dynamic)
                loaded += paths.group(1).split(":") if paths else []
            elif not data.startswith(b"!<arch>"):
                self.assertFalse([path for path in private if path in data], file)
        self.assertIn("$ORIGIN/../lib/npir", loaded)
        for path in loaded:
            self.assertRegex(path, r"^\$ORIGIN/|/llvm-?\d*/lib$|^/usr/lib")
        for tool in ("npir-opt", "npir-config", "npir-run", "npir-translate", "npir-lsp-server", "npx-run"):
            run(PACKAGE / "bin" / tool, "--help", env={})

    def test_embedding_compiler(self):
        build = WORK / "acme"
        configure(ROOT / "test" / "embedding", build, f"-DPython3_EXECUTABLE={sys.executable}")
        run(CMAKE, "--build", build)
        run(shutil.which("ctest", path=str(pathlib.Path(CMAKE).parent)), "--test-dir", build, "--output-on-failure",
            "--no-tests=error")

    def test_runtime_alone(self):
        package, build = WORK / "npir-runtime", WORK / "device"
        install(package, "--component", "runtime")
        configure(ROOT / "test" / "embedding" / "runtime", build, "-DCMAKE_DISABLE_FIND_PACKAGE_MLIR=ON",
                  "-DCMAKE_DISABLE_FIND_PACKAGE_LLVM=ON", package=package)
        run(CMAKE, "--build", build)
        self.assertNotIn("LLVM", run("ldd", build / "device") + run("ldd", package / "bin" / "npx-run"))

        run(BUILD / "bin" / "npir-opt", ROOT / "test" / "Docs" / "road.mlir", "--npir-prepare", "--convert-npir-to-xnn",
            "-o", WORK / "road.mlirbc")
        run(BUILD / "bin" / "npir-translate", "--npir-to-npx", WORK / "road.mlirbc", "-o", WORK / "road.npx")
        np.save(WORK / "image.npy", np.full((3, 1, 2, 2), 0.5, np.float32))
        run(package / "bin" / "npx-run", WORK / "road.npx", "--input", f"image={WORK / 'image.npy'}", "--output-dir", WORK)
        printed = np.array(run(build / "device", WORK / "road.npx", 3).split(), np.float32)
        np.testing.assert_array_equal(printed, np.load(WORK / "score.npy").ravel())

        # Without the compiler's part, whoever asks for it is told.
        project = WORK / "too-much"
        project.mkdir(exist_ok=True)
        (project / "CMakeLists.txt").write_text("cmake_minimum_required(VERSION 3.20)\nproject(p)\n"
                                                "find_package(NPIR REQUIRED CONFIG COMPONENTS compiler)\n")
        with self.assertRaisesRegex(AssertionError, "NPIR"):
            configure(project, project / "build", package=package)

    def test_as_a_subdirectory(self):
        project = WORK / "subdirectory"
        project.mkdir(exist_ok=True)
        (project / "CMakeLists.txt").write_text(
            f"cmake_minimum_required(VERSION 3.20)\nproject(p LANGUAGES C CXX)\n"
            f"add_subdirectory({ROOT} npir EXCLUDE_FROM_ALL)\n"
            "add_executable(p main.cpp)\ntarget_link_libraries(p PRIVATE NPIRSupport)\n")
        (project / "main.cpp").write_text('#include "npir/Support/NearestName.h"\nint main() {\n'
                                          '  return !mlir::npir::nearestName("ad", {"add"});\n}\n')
        configure(project, project / "build", f"-DNPIR_XNNPACK_DIR={CACHE['NPIR_XNNPACK_DIR']}")
        run(CMAKE, "--build", project / "build")
        run(project / "build" / "p")
        self.assertFalse((project / "build" / "bin").exists())

    def test_document(self):
        text = (ROOT / "docs" / "Embedding.md").read_text()
        quoted = re.findall(r"\(test/embedding/([\w./-]+)\)\n\n```\w+\n(.*?)```\n", text, re.S)
        self.assertGreaterEqual(len(quoted), 4)
        for name, block in quoted:
            # A block may leave out the beginning or the end of its file.
            self.assertIn(block, (ROOT / "test" / "embedding" / name).read_text(), name)


if __name__ == "__main__":
    unittest.main()
