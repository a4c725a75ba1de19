#!/usr/bin/env python3
"""Checks that no include of this project goes up in the layers (docs/Architecture.md, "Layers")."""
import pathlib
import re
import sys

# folder below include/npir or lib -> folders that it may include, beside itself. Longest prefix first.
L0 = ["Support", "Config", "Observers", "Report", "Kernels"]
L1 = L0 + ["Dialect/NPIR/IR", "Dialect/XNN/IR"]
L2 = L1 + ["Analysis", "Targets", "Interpreter"]
RUN = L2 + ["Runtime", "Serialization", "Serialization/NPX", "Conversion", "Dialect/NPIR/Transforms"]
MAY_INCLUDE = {
    "Kernels": [],
    "Support": [],
    "Observers": ["Support"],
    "Config": ["Support", "Observers"],
    "Report": ["Support"],
    "Runtime": ["Kernels"],
    "Serialization/Program": ["Runtime", "Kernels"],
    "Dialect/NPIR/IR": L0,
    "Dialect/XNN/IR": L0 + ["Dialect/NPIR/IR"],
    "Analysis": L1 + ["Targets"],
    "Targets": L1,
    "Interpreter": L1,
    "Dialect/NPIR/Transforms": L2,
    "Conversion": L2 + ["Dialect/NPIR/Transforms"],
    "Serialization/NPX": L2 + ["Runtime", "Serialization/Program"],
    "Serialization": L1,
    "Execution": RUN,
    "Calibration": RUN + ["Execution"],
    "Pipelines": RUN + ["Execution", "Calibration"],
    "Tools": L1 + ["Serialization"],
    "": RUN + ["Execution", "Calibration", "Pipelines"],  # InitAll
}
NO_LLVM = ["Kernels", "Runtime", "Serialization/Program"]
INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^">]+)[">]', re.M)


def folder_of(path):
    """The longest known folder that holds `path` (relative to include/npir or lib)."""
    found = [f for f in MAY_INCLUDE if f and path.startswith(f + "/")]
    return max(found, key=len) if found else ""


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    problems, files = [], 0
    for base in ("include/npir", "lib"):
        for source in sorted((root / base).rglob("*")):
            if source.suffix not in (".h", ".cpp", ".def", ".fbs"):
                continue
            files += 1
            folder = folder_of(source.relative_to(root / base).as_posix())
            for target in INCLUDE.findall(source.read_text()):
                where = f"{source.relative_to(root)}: includes {target}"
                if target.startswith(("mlir/", "llvm/")) and folder in NO_LLVM:
                    problems.append(f"{where}, but {folder} knows no LLVM")
                if not target.startswith("npir/"):
                    continue
                other = folder_of(target[len("npir/"):])
                if other != folder and other not in MAY_INCLUDE[folder]:
                    problems.append(f"{where}, but {folder or 'InitAll'} may not know {other or 'InitAll'}")
    for problem in problems:
        print(problem)
    if files == 0:
        problems.append("no files")
        print("found no files to check")
    print(f"{files} files, {len(problems)} includes that go up")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
