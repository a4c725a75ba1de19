#!/usr/bin/env python3
"""Measures the quantization schemes: SQNR of the outputs, size of the program, speed; docs/Benchmarks.md says what and why.

Makes networks and samples where they are missing, prints a table for each network, and writes the numbers to
BUILD/benchmark/schemes.json.
"""
import argparse
import dataclasses
import json
import pathlib
import shlex
import sys
import tempfile

import numpy as np
from accuracy.measure import TOLERANCE
from accuracy.sqnr import sqnr
from calibration.commands import Commands, Failure
from calibration.networks import ROOT, Networks
from calibration.results import Results
from check_networks import Cases

# By title: the configuration. The first takes data.
SCHEMES = {
    "static W8A8": "preset:auto",
    "W8A8 dynamic": "preset:dynamic",
    "W8 alone": "preset:w8a16",
    "W4A8 dynamic": "preset:w4a8-dynamic",
    "W4A8 dynamic, groups of 32": "preset:w4a8-group",
    "W4 alone": "preset:w4a16",
}
COLUMNS = ["scheme", "SQNR, dB", "in onnxruntime", "MiB", "of float's", "ms", "times float's speed", "static's"]
# Of each network: samples to calibrate and to test with, and samples of one run that is timed.
COUNTS = {"digits_vit": (100, 400, 16), "vit_s16": (32, 16, 1), "bert": (8, 32, 1)}
MEBI = 2**20


def make_texts(samples, count, folder):
    """A folder with `count` texts of the tokens that those of the file `samples` are made of, shuffled, and as long as these."""
    random = np.random.default_rng(count if folder.name == "calib" else count + 1)
    folder.mkdir()
    with np.load(samples) as file:
        arrays = {name: np.resize(file[name], (count, *file[name].shape[1:])) for name in file}
    arrays["input_ids"] = random.permuted(arrays["input_ids"].reshape(-1)).reshape(count, -1)
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)
    return folder


class Network:
    """A network, imported, and its float program; files go to `folder`."""

    def __init__(self, commands, name, threads, folder):
        self.commands, self.threads, self.folder = commands, threads, folder
        self.calibrations, self.tests, self.batch = COUNTS[name]
        case = Cases(commands).make(name)
        if name == "vit_s16":
            Networks(commands).make_pictures(self.calibrations, self.tests)
        if name == "bert":
            calib, test = (make_texts(case.test, count, folder / part) for part, count in (("calib", self.calibrations), ("test", self.tests)))
            case = dataclasses.replace(case, calib=calib, test=test)
        self.case = dataclasses.replace(case, calibrations=f"0:{self.calibrations}", tests=f"0:{self.tests}")
        commands.run(commands.python, "-m", "npir.import_onnx", self.case.model, "-o", folder / "imported.mlirbc")
        commands.opt(folder / "imported.mlirbc", folder / "prepared.mlirbc", "--npir-prepare")
        self.float = self.translate(folder / "prepared.mlirbc", "float")
        self.reference = self.outputs(self.float)

    def translate(self, module, name):
        """The program of a module that is ready to be lowered."""
        target, program = self.folder / f"{name}.target.mlirbc", self.folder / f"{name}.npx"
        self.commands.opt(module, target, "--convert-npir-to-xnn")
        self.commands.run(self.commands.tool("npir-translate"), "--npir-to-npx", target, "-o", program)
        return program

    def outputs(self, program):
        """All outputs of all samples in a row."""
        path = self.folder / f"{program.stem}.outputs"
        path.mkdir()
        self.commands.run(self.commands.tool("npir-run"), program, "--data", self.case.test, "--samples", self.case.tests, "--batch",
                          self.batch, "--threads", self.threads, "--output-dir", path, "--quiet")
        return np.concatenate([np.load(file).astype(np.float64).reshape(-1) for file in sorted(path.glob("*.npy"))])

    def time(self, program, other):
        """The least milliseconds of a run, and how many times the other's speed that is; both are timed in turn. The least, since what else
        the machine does only adds to it."""
        cost = self.commands.run(self.commands.tool("npir-run"), program, "--benchmark", f"--benchmark-against={other}", "--data",
                                 self.case.test, "--samples", f"0:{self.batch}", "--batch", self.batch, "--threads", self.threads)
        times = json.loads(cost.stdout)
        return times["min_us"] / 1000, times["against"]["min_us"] / times["min_us"]

    def samples(self):
        """The test samples as one file, and how many they are."""
        path = self.folder / "samples.npz"
        if not path.exists():
            test = self.case.test
            arrays = dict(np.load(test)) if test.is_file() else {file.stem: np.load(file, mmap_mode="r") for file in test.glob("*.npy")}
            np.savez(path, **{name: array[: self.tests] for name, array in arrays.items()})
        return path

    def exported(self, module):
        """All outputs of all samples, by onnxruntime, of the module's export."""
        model, found = self.folder / "export.onnx", self.folder / "export.npz"
        self.commands.run(self.commands.python, "-m", "npir.export_onnx", module, "-o", model)
        self.commands.run(self.commands.onnxruntime_python, ROOT / "tools/scripts/fidelity/onnxruntime_outputs.py", model, self.samples(),
                          found, self.tests)
        with np.load(found) as file:
            return np.concatenate([file[name].astype(np.float64).reshape(-1) for name in file])


def measure(network, title, config, static, results):
    """Adds the numbers of a scheme; its row and its program. `static` is the program to be timed against, too."""
    module = network.folder / "integer.mlirbc"
    data = f"data={network.case.calib} samples={network.case.calibrations} threads={network.threads}" if static is None else ""
    network.commands.opt(network.folder / "imported.mlirbc", module, f"--npir-quantize-pipeline=config={config} stop-at=integer {data}")
    program = network.translate(module, title)
    # All outputs count as one.
    reference = {"": network.reference}
    ours = sqnr(reference, {"": network.outputs(program)})
    theirs = sqnr(reference, {"": network.exported(module)})
    least, speed = network.time(program, network.float)
    ratio = network.time(program, static)[1] if static else 1.0
    size, whole = program.stat().st_size, network.float.stat().st_size
    name = f"{network.case.title}, {title}"
    results.add(f"{name}: SQNR", ours, "dB", config=config, samples=network.tests)
    results.add(f"{name}: export in onnxruntime against here", abs(theirs - ours), "dB", ("<=", TOLERANCE), there=theirs)
    results.add(f"{name}: program", size / MEBI, "MiB", of_float=size / whole)
    results.add(f"{name}: least time", least, "ms", times_float=speed, times_static=ratio, batch=network.batch)
    return [title, ours, theirs, size / MEBI, size / whole, least, speed, ratio], program


def parse_arguments():
    parser = argparse.ArgumentParser(prog="tools/scripts/bench.sh schemes", description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build", help="the build folder (default: build)")
    parser.add_argument("--smoke", action="store_true", help="the network of 8x8 digits alone, which takes a minute")
    parser.add_argument("--threads", type=int, default=1, help="threads of every part (default: 1)")
    parser.add_argument("--only", action="append", choices=list(COUNTS), help="measure this network; may be given more than once")
    parser.add_argument("--out", type=pathlib.Path, help="the file to write (default: benchmark/schemes.json in the build folder)")
    return parser.parse_args()


def main():
    options = parse_arguments()
    commands = Commands(options.build.resolve())
    results = Results(ROOT, shlex.join(["tools/scripts/bench.sh", "schemes", *sys.argv[1:]]), "smoke" if options.smoke else "full")
    for name in options.only or (["digits_vit"] if options.smoke else COUNTS):
        print(f"{name}:", flush=True)
        rows, static = [], None
        try:
            with tempfile.TemporaryDirectory(dir=commands.build, prefix="npir-schemes-") as folder:
                network = Network(commands, name, options.threads, pathlib.Path(folder))
                for title, config in SCHEMES.items():
                    row, program = measure(network, title, config, static, results)
                    static = static or program
                    rows.append(row)
        except Failure as failure:
            results.fail(name, str(failure))
        results.table(name, COLUMNS, rows)
    path = options.out or commands.build / "benchmark/schemes.json"
    results.save(path)
    results.save_markdown(path.with_suffix(".md"))
    missed = results.failures()
    print(f"written: {path}; {len(results.entries)} numbers, {len(missed)} bounds not met")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
