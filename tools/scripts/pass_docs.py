#!/usr/bin/env python3
"""Writes docs/Passes.md: what each pass does, and a small network before and after it.

The descriptions come from the passes' own definitions, the IR from running them: each pass takes what the one before it
printed. With --check, fails where the page differs from what would be written.
"""
import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
TBLGEN = "/usr/lib/llvm-22/bin/mlir-tblgen"
DEFINITIONS = ("Dialect/NPIR/Transforms/Passes.td", "Pipelines/Passes.td", "Conversion/Passes.td",
               "Conversion/TosaToNPIR/Passes.td")
# pass, its options
ROAD = (("npir-prepare", ""), ("npir-insert-observers", ""), ("npir-calibrate", "data=data stats=road.npirstats"),
        ("npir-attach-calibration", "stats=road.npirstats"), ("npir-insert-qdq", ""), ("npir-canonicalize-qdq", ""),
        ("npir-partition", "targets=xnnpack"), ("npir-fold-qdq", ""), ("npir-report-coverage", ""),
        ("convert-npir-to-xnn", ""))
HEAD = """# Passes

Written by `tools/scripts/pass_docs.py`; a test compares it with the passes.

In the order of the road, with one small network on it: a convolution on a 2x2 image, batch norm, ReLU. Each pass takes what
the one before it printed (locations, where the layers' names live, are left out here).

```mlir
"""


def descriptions():
    """Flag -> Markdown, from the passes' definitions."""
    found = {}
    for name in DEFINITIONS:
        text = subprocess.run([TBLGEN, "-gen-pass-doc", f"-I{ROOT / 'include'}", "-I/usr/lib/llvm-22/include",
                               ROOT / "include/npir" / name], check=True, capture_output=True, text=True).stdout
        for section in re.split(r"^### ", text, flags=re.M)[1:]:
            title, body = section.split("\n", 1)
            found[title.strip("` -")] = body.replace("#### Options", "**Options**").strip()
    return found


def make_page(build):
    page = [HEAD]
    documented = descriptions()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "data").mkdir()
        image = np.array([[1, 2, 0.5, -1], [0, 1, 1, 2], [2, -2, 1.5, 1]], np.float32).reshape(3, 1, 2, 2)
        np.save(folder / "data" / "image.npy", image)
        source = ROOT / "test" / "Docs" / "road.mlir"

        def opt(path, *flags):
            command = [build / "bin" / "npir-opt", path, "--mlir-print-debuginfo=false", *flags]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
            if done.returncode:
                sys.exit(f"pass_docs: {done.stderr}")
            return done.stdout

        current = folder / "current.mlir"
        page.append(opt(source).strip() + "\n```\n")
        # The next pass reads the file with its locations: names live there.
        opt(source, "-o", current, "--mlir-print-debuginfo=true")
        for flag, options in ROAD:
            argument = f"--{flag}={options}" if options else f"--{flag}"
            page.append(f"\n## `--{flag}`\n\n{documented.pop(flag)}\n")
            output = opt(current, argument)
            if flag == "npir-report-coverage":
                page.append(f"\nOn the network:\n\n```\n{opt(current, argument, '-o', '/dev/null').strip()}\n```\n")
                continue
            if flag == "npir-calibrate":
                text = (folder / "road.npirstats").read_text()
                text = re.sub(r'"xnnpack-[^"]*"', '"<XNNPACK build> <instruction set>"', text)
                page.append(f"\nOn the network, with three images:\n\n```\n{text.strip()}\n```\n")
                continue
            page.append(f"\nThe network after it:\n\n```mlir\n{output.strip()}\n```\n")
            following = folder / "following.mlir"
            opt(current, argument, "-o", following, "--mlir-print-debuginfo=true")
            opt(following, "--npir-verify-contract", "-o", "/dev/null")
            following.replace(current)
    for flag, text in documented.items():
        page.append(f"\n## `--{flag}`\n\n{text}\n")
    return "".join(page)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    path = ROOT / "docs" / "Passes.md"
    page = make_page(arguments.build.resolve())
    if not arguments.check:
        path.write_text(page)
    elif path.read_text() != page:
        sys.exit("docs/Passes.md differs from what the passes do; run tools/scripts/pass_docs.py")


if __name__ == "__main__":
    main()
