#!/usr/bin/env python3
"""Checks that interpreter and runtime agree in every bit on quantized networks of real size.

A network whose ops XNNPACK all computes in integers is compared whole; of every network each op is computed by the
interpreter on the runtime's own tensors. Makes networks and samples where they are missing, prints a table, and writes
the counts to BUILD/benchmark/networks.json.
"""
import argparse
import dataclasses
import json
import pathlib
import shlex
import sys
import tempfile

from calibration.commands import Commands, Failure
from calibration.networks import NAMES, ROOT, TITLES, Networks
from calibration.results import Results

DIGITS = {"digits_cnn": "digits CNN", "digits_vit": "digits ViT"}
# Compared whole, too: nothing in them is in float between input and output.
WHOLE = ("digits_cnn", "mobilenet_v2", "resnet50")
CONFIGS = ("preset:minmax", "preset:auto")
COLUMNS = ["network", "config", "samples", "integer ops", "differ", "unchecked", "float ops", "outputs' bits off, whole"]
# Of pictures; of the texts of the encoder; of digits.
CALIBRATIONS, TESTS, DIGITS_TESTS = 16, 3, 50


@dataclasses.dataclass(frozen=True)
class Case:
    """A network, and folders (or files) with samples that calibrate and test it."""

    name: str
    title: str
    model: pathlib.Path
    calib: pathlib.Path
    calibrations: str
    test: pathlib.Path
    tests: str


class Cases:
    """Makes what is missing."""

    def __init__(self, commands):
        self.commands = commands
        self.folder = commands.build / "benchmark"

    def digits(self, name):
        folder = self.folder / "digits"
        if not (folder / "test/input.npy").exists():
            self.commands.run(self.commands.python, ROOT / "tools/networks/digits_data.py", "--out", folder, "--input-name", "input")
        return Case(name, DIGITS[name], ROOT / "tools/networks" / name / "model.onnx", folder / "calib", "0:100",
                    folder / "test", f"0:{DIGITS_TESTS}")

    def pictured(self, name):
        networks = Networks(self.commands)
        networks.make_models([name])
        networks.make_pictures(CALIBRATIONS, TESTS)
        return Case(name, TITLES[name], networks.model(name), self.folder / "calib", f"0:{CALIBRATIONS}",
                    self.folder / "test", f"0:{TESTS}")

    def encoder(self, name):
        """The zoo's; its own samples are for both."""
        folder = self.commands.build / "fidelity/models"
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / f"{name}.traced.onnx").exists():
            print(f"making {name} ...", flush=True)
            self.commands.run(self.commands.torch_python, ROOT / "tools/networks/zoo/make.py", "--out", folder, name)
        samples = folder / f"{name}.npz"
        return Case(name, "BERT-size encoder", folder / f"{name}.traced.onnx", samples, "0:2", samples, "0:2")

    def make(self, name):
        if name in DIGITS:
            return self.digits(name)
        return self.encoder(name) if name == "bert" else self.pictured(name)


class Check:
    """One network under one configuration."""

    def __init__(self, commands, case, config, threads, folder):
        self.commands, self.case, self.config, self.threads, self.folder = commands, case, config, threads, folder

    def quantize(self):
        """The integers and the program made from them."""
        case, path = self.case, self.folder
        prepared, integer, program = (path / name for name in ("prepared.mlirbc", "integer.mlirbc", "model.npx"))
        if not prepared.exists():
            self.commands.run(self.commands.python, "-m", "npir.import_onnx", case.model, "-o", path / "float.mlirbc")
            self.commands.opt(path / "float.mlirbc", prepared, "--npir-prepare")
        self.commands.opt(prepared, integer, f"--npir-insert-observers=config={self.config}",
                          f"--npir-calibrate=data={case.calib} stats={path / 'stats.npirstats'} samples={case.calibrations} "
                          f"threads={self.threads} quiet attach",
                          "--npir-insert-qdq", "--npir-canonicalize-qdq", "--npir-partition=targets=xnnpack", "--npir-fold-qdq")
        self.commands.opt(integer, path / "target.mlirbc", "--convert-npir-to-xnn")
        self.commands.run(self.commands.tool("npir-translate"), "--npir-to-npx", path / "target.mlirbc", "-o", program)
        return integer, program

    def run(self, *options):
        """What npir-run says of the program in its report."""
        report = self.folder / "report.json"
        self.commands.run(self.commands.tool("npir-run"), self.folder / "model.npx", "--data", self.case.test, "--samples",
                          self.case.tests, "--batch", 1, "--threads", self.threads, "--quiet", "--report", report, *options)
        return json.loads(report.read_text())

    def measure(self, results):
        """Adds the counts; the row of the table."""
        integer, _ = self.quantize()
        title = f"{self.case.title}, {self.config}"
        ops = self.run("--check-ops", integer)
        integers = [op for op in ops["ops"] if op["integer"]]
        differing = [op["id"] for op in integers if op["checked"] and op["differing"]]
        unchecked = [op["id"] for op in integers if not op["checked"]]
        floats = len(ops["ops"]) - len(integers)
        facts = {"samples": ops["samples"], "integer_ops": len(integers), "float_ops": floats}
        results.add(f"{title}: ops that differ", len(differing), "", ("<=", 0), ops=differing, **facts)
        results.add(f"{title}: ops that could not be checked", len(unchecked), "", ("<=", 0), ops=unchecked)
        whole = None
        if self.case.name in WHOLE:
            outputs = self.run("--compare", integer, "--compare-backend=interpreter")
            whole = sum(output["differing"] for output in outputs["outputs"])
            results.add(f"{title}: elements of the outputs that differ", whole, "", ("<=", 0), exact=outputs["bit_exact_samples"])
        return [self.case.title, self.config, ops["samples"], len(integers), len(differing), len(unchecked), floats, whole]


def parse_arguments():
    parser = argparse.ArgumentParser(prog="tools/scripts/check_networks.sh", description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build", help="the build folder (default: build)")
    parser.add_argument("--smoke", action="store_true", help="the two networks of 8x8 digits alone, which take a minute")
    parser.add_argument("--threads", type=int, default=2, help="threads of the runtime (default: 2)")
    parser.add_argument("--only", action="append", choices=[*DIGITS, *NAMES, "bert"], help="check this network; may be given more than once")
    parser.add_argument("--config", action="append", help=f"quantize by this configuration; may be given more than once (default: {', '.join(CONFIGS)})")
    return parser.parse_args()


def main():
    options = parse_arguments()
    commands = Commands(options.build.resolve())
    results = Results(ROOT, shlex.join(["tools/scripts/check_networks.sh", *sys.argv[1:]]), "smoke" if options.smoke else "full")
    rows = []
    for name in options.only or [*DIGITS, *(() if options.smoke else (*NAMES, "bert"))]:
        print(f"{name}:", flush=True)
        try:
            case = Cases(commands).make(name)
            with tempfile.TemporaryDirectory(dir=commands.build, prefix="npir-check-") as folder:
                for config in options.config or CONFIGS:
                    rows.append(Check(commands, case, config, options.threads, pathlib.Path(folder)).measure(results))
        except Failure as failure:
            results.fail(name, str(failure))
    results.table("interpreter against runtime", COLUMNS, [["-" if cell is None else cell for cell in row] for row in rows])
    path = commands.build / "benchmark/networks.json"
    results.save(path)
    missed = results.failures()
    print(f"written: {path}" + (f"; not as they should be: {len(missed)}" if missed else "; no bit differs"))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
