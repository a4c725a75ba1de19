#!/usr/bin/env python3
"""Writes the reference pages of the dialects and interfaces from their ODS definitions.

With --check, fails where a page differs from what would be written.
"""
import argparse
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LLVM = pathlib.Path("/usr/lib/llvm-22")
# page, title, then the definitions that it shows: file and generator's flags
PAGES = (
    ("Dialects/NPIR.md", "The npir dialect", (("Dialect/NPIR/IR/NPIROps.td", "-gen-dialect-doc", "-dialect=npir"),
                                              ("Dialect/NPIR/IR/NPIRDynamicOps.td", "-gen-op-doc"))),
    ("Dialects/XNN.md", "The xnn dialect", (("Dialect/XNN/IR/XNNOps.td", "-gen-dialect-doc", "-dialect=xnn"),
                                            ("Dialect/XNN/IR/XNNHybridOps.td", "-gen-op-doc"))),
    ("Interfaces.md", "Interfaces", (("Dialect/NPIR/IR/NPIRInterfaces.td", "-gen-op-interface-docs"),
                                     ("Dialect/NPIR/IR/NPIRAttrs.td", "-gen-attr-interface-docs"))),
)
NOTE = "Written by `tools/scripts/reference_docs.py` from the definitions; a test compares it with them."


def generate(definition, *flags):
    """The generator's Markdown, without its comment, its title and what only its own site understands."""
    text = subprocess.run([LLVM / "bin" / "mlir-tblgen", *flags, f"-I{ROOT / 'include'}", f"-I{LLVM / 'include'}",
                           ROOT / "include" / "npir" / definition], check=True, capture_output=True, text=True).stdout
    text = re.sub(r"^<!--.*?-->\n", "", text)
    text = re.sub(r"^\s*# .*\n", "", text)
    return re.sub(r"\n{3,}", "\n\n", text.replace("[TOC]\n", "")).strip()


def make_page(title, definitions):
    parts = [f"# {title}", NOTE] + [generate(*definition) for definition in definitions]
    return "\n\n".join(parts) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    for name, title, definitions in PAGES:
        path = ROOT / "docs" / name
        page = make_page(title, definitions)
        if not arguments.check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(page)
        elif not path.is_file() or path.read_text() != page:
            sys.exit(f"docs/{name} differs from the definitions; run tools/scripts/reference_docs.py")


if __name__ == "__main__":
    main()
