#!/usr/bin/env python3
"""Compares imported networks with onnxruntime on the same samples.

Makes the networks of tools/networks/zoo where they are missing, imports each from what three exporters wrote, runs it at
several batch sizes, prints max|a-b| / max|b| with its bound, and writes all to BUILD/fidelity/fidelity.json.
"""
import argparse
import hashlib
import pathlib
import shlex
import sys

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tools" / "scripts"))

from calibration.commands import Commands, Failure  # noqa: E402
from calibration.results import Results  # noqa: E402

ZOO = ROOT / "tools" / "networks" / "zoo"
NAMES = ("mobilenet_v2", "resnet50", "vit_s16", "mobilenet_v3", "efficientnet", "unet", "bert")
# What an exporter writes, and the importer of it.
FORMS = {"traced.onnx": "import_onnx", "dynamo.onnx": "import_onnx", "pt2": "import_torch"}
BATCHES = (1, 2)
BOUND = 1e-4


def parse_arguments():
    parser = argparse.ArgumentParser(prog="tools/scripts/fidelity.sh", description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build", help="the build folder (default: build)")
    parser.add_argument("--tiny", action="store_true", help="small forms of the networks, for a test that it works")
    parser.add_argument("--only", action="append", choices=NAMES, help="measure this network; may be given more than once")
    return parser.parse_args()


def relative_error(actual, expected):
    """max|a-b| / max|b|; infinite where the shapes differ or a number is none."""
    if actual.shape != expected.shape or not np.isfinite(actual).all():
        return float("inf")
    return float(np.abs(actual - expected).max() / np.abs(expected).max())


class Measurement:
    """Networks in `folder`, of the tools of one build."""

    def __init__(self, commands, folder, tiny, results):
        self.commands, self.folder, self.tiny, self.results = commands, folder, tiny, results
        self.rows = []

    def make(self, name):
        """Export a network, unless it was made by the same program."""
        stamp = self.folder / f"{name}.stamp"
        sources = sorted([*ZOO.glob("*.py"), *(ZOO.parent / "benchmark").glob("*.py")])
        digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
        if stamp.exists() and stamp.read_text() == digest:
            return
        options = ["--tiny"] if self.tiny else []
        self.commands.run(self.commands.torch_python, ZOO / "make.py", "--out", self.folder, *options, name)
        stamp.write_text(digest)

    def expect(self, name):
        """onnxruntime's outputs by batch and index."""
        outputs = self.folder / f"{name}.outputs.npz"
        self.commands.run(self.commands.onnxruntime_python, pathlib.Path(__file__).with_name("onnxruntime_outputs.py"),
                          self.folder / f"{name}.traced.onnx", self.folder / f"{name}.npz", outputs, *BATCHES)
        with np.load(outputs) as file:
            return dict(file)

    def import_model(self, name, form):
        """The imported model's path."""
        source, target = self.folder / f"{name}.{form}", self.folder / f"{name}.mlirbc"
        python = self.commands.torch_python if form == "pt2" else self.commands.python
        self.commands.run(python, "-m", f"npir.{FORMS[form]}", source, "-o", target)
        return target

    def errors(self, path, samples, expected, backend):
        """The largest error over all outputs, by batch."""
        import npir

        model = npir.load(str(path))
        errors = {}
        for batch in BATCHES:
            inputs = {port.name: samples[port.name][:batch] for port in model.inputs}
            actual = list(npir.run(model, inputs, batch=batch, backend=backend).values())
            wanted = [expected[f"{batch}/{i}"] for i in range(len(actual))]
            errors[batch] = max(relative_error(*pair) for pair in zip(actual, wanted))
        return errors

    def measure(self, name, backend="xnnpack"):
        """Every form of a network; what fails is told and does not stop the others."""
        self.make(name)
        expected = self.expect(name)
        with np.load(self.folder / f"{name}.npz") as file:
            samples = dict(file)
        for form in FORMS:
            try:
                path = self.import_model(name, form)
                errors = self.errors(path, samples, expected, backend)
                path.unlink()
            except Exception as failure:  # pylint: disable=broad-except
                self.results.fail(f"{name} from {form}", str(failure))
                self.rows.append([name, form, *["failed"] * len(BATCHES)])
                continue
            for batch, error in errors.items():
                self.results.add(f"{name} from {form}, batch {batch}", error, "", ("<=", BOUND))
            self.rows.append([name, form, *errors.values()])


def main():
    options = parse_arguments()
    command = "tools/scripts/fidelity.sh " + shlex.join(sys.argv[1:])
    results = Results(ROOT, command.strip(), "tiny" if options.tiny else "full")
    base = options.build / "fidelity"
    folder = base / ("tiny" if options.tiny else "models")
    folder.mkdir(parents=True, exist_ok=True)
    measurement = Measurement(Commands(options.build.resolve()), folder, options.tiny, results)
    for name in options.only or NAMES:
        print(f"{name}:", flush=True)
        try:
            measurement.measure(name)
        except Failure as failure:
            results.fail(name, str(failure))
    results.table("max|a-b| / max|b| against onnxruntime", ["network", "from", *(f"batch {b}" for b in BATCHES)],
                  measurement.rows)
    path = base / ("tiny.json" if options.tiny else "fidelity.json")
    results.save(path)
    failures = results.failures()
    print(f"written: {path}" + (f"; not met: {len(failures)}" if failures else ""))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
