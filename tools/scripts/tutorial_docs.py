#!/usr/bin/env python3
"""Runs the commands of docs/Tutorial.md and writes what they print below them.

In a `console` block a line that starts with `$ ` is a command, and lines with `> ` behind it continue it; what follows
is its output. All commands run one after the other in one empty folder, with the build's tools on the path. With --check,
fails where an output differs from the page: in its words, or in a number by more than 2 %, since another CPU rounds
floats in another order.
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "Tutorial.md"
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
TOLERANCE = 0.02


def commands_of(block):
    """The block's commands as (lines as written, expected output)."""
    found = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append(([line], []))
        elif not found:
            sys.exit(f"tutorial: expected a console block to start with a command, got: {line}")
        elif line.startswith("> ") and not found[-1][1]:
            found[-1][0].append(line)
        else:
            found[-1][1].append(line)
    return found


def run(lines, folder, environment):
    command = "\n".join(line[len("$ "):] for line in lines)
    done = subprocess.run(["bash", "-eo", "pipefail", "-c", command], cwd=folder, env=environment, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        sys.exit(f"tutorial: exit code {done.returncode} from: {command}\n{done.stdout}")
    return [line.rstrip() for line in done.stdout.splitlines()]


def is_same(expected, actual):
    if NUMBER.sub("#", expected) != NUMBER.sub("#", actual):
        return False
    pairs = zip(NUMBER.findall(expected), NUMBER.findall(actual))
    return all(abs(float(a) - float(b)) <= TOLERANCE * max(abs(float(a)), abs(float(b))) for a, b in pairs)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    environment = dict(os.environ, NPIR=str(ROOT), PYTHONPATH=str(build / "python"), PYTHONDONTWRITEBYTECODE="1",
                       PATH=f"{build / 'venv' / 'bin'}:{build / 'bin'}:{os.environ['PATH']}")
    text = PAGE.read_text()
    with tempfile.TemporaryDirectory() as folder:

        def replace(match):
            lines = []
            for command, expected in commands_of(match[1]):
                actual = run(command, folder, environment)
                if arguments.check and (len(expected) != len(actual) or
                                        not all(map(is_same, expected, actual))):
                    sys.exit("docs/Tutorial.md differs from what the commands print; run tools/scripts/tutorial_docs.py\n"
                             + "\n".join(command + ["expected:"] + expected + ["got:"] + actual))
                lines += command + actual
            return "```console\n" + "\n".join(lines) + "\n```"

        page, count = re.subn(r"^```console\n(.*?)\n```$", replace, text, flags=re.M | re.S)
    if not count:
        sys.exit("tutorial: found no console block")
    if not arguments.check:
        PAGE.write_text(page)


if __name__ == "__main__":
    main()
