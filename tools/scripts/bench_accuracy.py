#!/usr/bin/env python3
"""Measures what 8 bits cost, against onnxruntime's static quantization; docs/QuantizedONNX.md says what and why.

Makes networks and pictures where they are missing, prints the numbers with their bounds, and writes them to
BUILD/benchmark/accuracy.json.
"""
import argparse
import pathlib
import shlex
import sys

from accuracy import zoo
from accuracy.measure import Accuracy, Case
from calibration.commands import Commands, Failure
from calibration.networks import NAMES, ROOT, TITLES, Networks
from calibration.results import Results

# Pictures for calibration and for testing.
COUNTS = {"mobilenet_v2": (64, 64), "resnet50": (32, 32), "vit_s16": (32, 32)}
DIGITS = {"digits_cnn": "digits CNN", "digits_vit": "digits ViT"}
COLUMNS = ["SQNR of the output, dB", "NPIR int8, auto", "minmax", "onnxruntime", "its best", "NPIR qdq, auto", "export of qdq", "export of integer"]


def parse_arguments():
    parser = argparse.ArgumentParser(prog="tools/scripts/bench.sh accuracy", description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build", help="the build folder (default: build)")
    parser.add_argument("--smoke", action="store_true", help="the two networks of 8x8 digits alone, which take a minute")
    parser.add_argument("--threads", type=int, default=2, help="threads of every part (default: 2)")
    parser.add_argument("--only", action="append", choices=[*DIGITS, *NAMES, *zoo.NAMES],
                        help="measure this network; may be given more than once")
    parser.add_argument("--seed", action="append", type=int,
                        help="measure networks with parameters of this seed, the digits' not among them; may be given more than once")
    return parser.parse_args()


def make_digits(commands, names):
    """Cases of the bundled networks, whose 200 and 400 samples are all used."""
    folder = commands.build / "benchmark/digits"
    if names and not (folder / "test/input.npy").exists():
        commands.run(commands.python, ROOT / "tools/networks/digits_data.py", "--out", folder, "--input-name", "input")
    return [Case(DIGITS[name], ROOT / "tools/networks" / name / "model.onnx", folder / "calib", folder / "test", 200, 400)
            for name in names]


def make_pictured(commands, names):
    if not names:
        return []
    networks = Networks(commands)
    networks.make_models(names)
    networks.make_pictures(*(max(counts) for counts in zip(*(COUNTS[name] for name in names))))
    return [Case(TITLES[name], networks.model(name), networks.folder / "calib", networks.folder / "test", *COUNTS[name]) for name in names]


def main():
    options = parse_arguments()
    commands = Commands(options.build.resolve())
    command = shlex.join(["tools/scripts/bench.sh", "accuracy", *sys.argv[1:]])
    results = Results(ROOT, command, "smoke" if options.smoke else "full")
    every = [*NAMES, *zoo.NAMES]
    wanted = options.only or [*DIGITS, *(() if options.smoke else every)]
    rows, failed = [], 0
    try:
        if options.seed is None:
            cases = make_digits(commands, [name for name in DIGITS if name in wanted])
            cases += make_pictured(commands, [name for name in NAMES if name in wanted])
            cases += zoo.make_zoo(commands, [name for name in zoo.NAMES if name in wanted], zoo.SEED)
        else:
            names = [name for name in every if name in wanted]
            cases = [case for seed in options.seed for case in zoo.make_zoo(commands, names, seed)]
    except Failure as failure:
        sys.exit(f"error: {failure}")
    for case in cases:
        print(f"{case.title}:", flush=True)
        try:
            rows.append(Accuracy(commands, case, options.threads).measure(results))
        except Failure as failure:
            results.skip(case.title, str(failure))
            failed += 1
    results.table("accuracy", COLUMNS, rows)
    path = commands.build / "benchmark/accuracy.json"
    results.save(path)
    results.save_markdown(path.with_suffix(".md"))
    missed = results.failures()
    print(f"written: {path}; {len(results.entries)} numbers, {len(missed)} bounds not met, {failed} parts failed")
    return 1 if failed or missed else 0


if __name__ == "__main__":
    sys.exit(main())
