#!/usr/bin/env python3
"""The main job on the bundled networks: ONNX to an int8 program, step by step and in one flag, and what came of it.

Leaves every station's file in BUILD/demo/<network>/ and the figures in BUILD/demo/result.json.
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
BATCH = 64


class Failure(Exception):
    pass


class Road:
    """One network's way through the tools; every file lies in one folder."""

    def __init__(self, build, folder, python):
        self.bin = build / "bin"
        self.folder = folder
        self.python = python
        self.env = dict(os.environ, PYTHONPATH=str(build / "python"), PYTHONDONTWRITEBYTECODE="1")

    def run(self, *command):
        """Runs a command in the network's folder and returns its output."""
        done = subprocess.run([str(part) for part in command], cwd=self.folder, env=self.env, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.stderr:
            sys.stderr.write(done.stderr)
        if done.returncode != 0:
            raise Failure(f"exit code {done.returncode} from: {' '.join(str(part) for part in command)}")
        return done.stdout

    def opt(self, source, result, *flags):
        return self.run(self.bin / "npir-opt", source, *flags, "-o", result)

    def read(self, name):
        return (self.folder / name).read_bytes()

    def load(self, name):
        return json.loads((self.folder / name).read_text())


def quantize(road):
    """Each step from the file before it; then all of them in one flag, which must give the same bytes."""
    road.run(road.python, "-m", "npir.import_onnx", "model.onnx", "-o", "float.mlirbc")
    road.opt("float.mlirbc", "prepared.mlirbc", "--npir-prepare")
    road.opt("prepared.mlirbc", "observed.mlirbc", "--npir-insert-observers=config=config.yaml")
    road.opt("observed.mlirbc", "/dev/null", "--npir-calibrate=data=calib stats=model.npirstats")
    road.opt("observed.mlirbc", "calibrated.mlirbc", "--npir-attach-calibration=stats=model.npirstats")
    road.opt("calibrated.mlirbc", "qdq.mlirbc", "--npir-insert-qdq", "--npir-canonicalize-qdq",
             "--npir-partition=targets=xnnpack")
    road.opt("qdq.mlirbc", "integer.mlirbc", "--npir-fold-qdq")
    road.opt("integer.mlirbc", "xnn.mlirbc", "--convert-npir-to-xnn")
    road.run(road.bin / "npir-translate", "--npir-to-npx", "xnn.mlirbc", "-o", "model.npx")

    road.opt("float.mlirbc", "pipeline.mlirbc",
             "--npir-quantize-pipeline=config=config.yaml data=calib stats=pipeline.npirstats target=xnnpack")
    road.run(road.bin / "npir-translate", "--npir-to-npx", "pipeline.mlirbc", "-o", "pipeline.npx")
    for by_hand, in_one in (("model.npirstats", "pipeline.npirstats"), ("xnn.mlirbc", "pipeline.mlirbc"),
                            ("model.npx", "pipeline.npx")):
        if road.read(by_hand) != road.read(in_one):
            raise Failure(f"{by_hand}, made step by step, differs from {in_one}, made by the pipeline")

    # The float program, to compare with.
    road.opt("prepared.mlirbc", "float-xnn.mlirbc", "--convert-npir-to-xnn")
    road.run(road.bin / "npir-translate", "--npir-to-npx", "float-xnn.mlirbc", "-o", "float.npx")


def measure(road, output):
    labels = np.load(road.folder / "test" / "labels.npy")

    def top1(model, folder):
        (road.folder / folder).mkdir(exist_ok=True)
        road.run(road.bin / "npx-run", model, "--data", "test", "--output-dir", folder, "--quiet")
        logits = np.load(road.folder / folder / f"{output}.npy")
        return float(np.mean(np.argmax(logits, axis=1) == labels))

    run = road.bin / "npir-run"
    road.run(run, "model.npx", "--data", "test", "--compare", "prepared.mlirbc", "--report", "sqnr.json", "--quiet")
    road.run(run, "model.npx", "--data", "test", "--compare", "integer.mlirbc", "--compare-backend=interpreter",
             "--report", "bits.json", "--quiet")
    road.run(run, "model.npx", "--data", "test", "--check-ops", "integer.mlirbc", "--report", "ops.json", "--quiet")
    timing = json.loads(road.run(run, "model.npx", "--data", "test", f"--batch={BATCH}", "--benchmark-against",
                                 "float.npx"))
    road.opt("integer.mlirbc", "/dev/null", "--npir-report-coverage=report=coverage.json")
    sqnr, bits, ops = road.load("sqnr.json"), road.load("bits.json"), road.load("ops.json")
    coverage = road.load("coverage.json")["main"]
    result = {
        "float_top1": top1("float.npx", "float-outputs"),
        "int8_top1": top1("model.npx", "int8-outputs"),
        "sqnr_db": sqnr["outputs"][0]["sqnr_db"],
        "float_us": timing["against"]["median_us"],
        "int8_us": timing["median_us"],
        "batch": timing["batch"],
        "float_bytes": (road.folder / "float.npx").stat().st_size,
        "int8_bytes": (road.folder / "model.npx").stat().st_size,
        # The whole network in the runtime and in the interpreter. XNNPACK's float islands round in another order.
        "bit_exact_images": bits["bit_exact_samples"],
        "interpreter_sqnr_db": bits["outputs"][0]["sqnr_db"],
        "interpreter_max_error": bits["outputs"][0]["max_error"],
        # Every integer op by itself, in the interpreter on the runtime's own tensors.
        "op_exact": ops["op_exact"],
        "op_exact_images": ops["exact_samples"],
        "int8_mac_share": coverage["mac_share"],
        "int8_weight_share": coverage["weight_share"],
    }
    lowest = sorted((t for t in sqnr["tensors"] if not isinstance(t["sqnr_db"], str)), key=lambda t: t["sqnr_db"])[:3]
    integer = [op for op in ops["ops"] if op["integer"]]
    return result, lowest, {"samples": ops["samples"], "ratio": timing["ratio"], "integer_ops": len(integer),
                            "float_ops": len(ops["ops"]) - len(integer)}


def show(name, result, lowest, facts):
    samples, ratio = facts["samples"], facts["ratio"]
    rows = [
        ("top-1", f"{result['float_top1']:.4f}", f"{result['int8_top1']:.4f}",
         f"{result['int8_top1'] - result['float_top1']:+.4f}"),
        ("program, bytes", result["float_bytes"], result["int8_bytes"],
         f"x {result['int8_bytes'] / result['float_bytes']:.2f}"),
        (f"time, us (batch {result['batch']})", f"{result['float_us']:.0f}", f"{result['int8_us']:.0f}",
         f"{ratio:.2f} times faster"),
    ]
    print(f"\n{name}, {samples} test images")
    print(f"  {'':24} {'float':>10} {'int8':>10}")
    for title, a, b, c in rows:
        print(f"  {title:24} {a:>10} {b:>10}   {c}")
    print(f"  output SQNR              {result['sqnr_db']:.2f} dB")
    print(f"  in int8                  {100 * result['int8_weight_share']:.2f} % of the weights, "
          f"{100 * result['int8_mac_share']:.2f} % of the MACs")
    print(f"  runtime = interpreter    {facts['integer_ops']} integer ops in every bit of {result['op_exact_images']} images, "
          f"each op by itself")
    if facts["float_ops"]:
        print(f"                           the logits of the whole network to {result['interpreter_max_error']:.2g} "
              f"({result['interpreter_sqnr_db']:.2f} dB): {facts['float_ops']} ops compute in f32")
    else:
        print(f"                           every tensor of the whole network on {result['bit_exact_images']} images")
    print("  lowest SQNR              " + ", ".join(f"{t['id']} {t['sqnr_db']:.2f} dB" for t in lowest))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build", help="build folder")
    parser.add_argument("--demo", type=pathlib.Path, help="where the files go (default: BUILD/demo)")
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    demo = (arguments.demo or build / "demo").resolve()
    results = {}
    # network, its folder, the data script, input and output
    for name, source, data, output in (("digits-cnn", "digits_cnn", "digits_data.py", "logits"),
                                       ("digits-vit", "digits_vit", "digits_data.py", "logits")):
        folder = demo / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        networks = ROOT / "tools" / "networks"
        for file in ("model.onnx", "config.yaml"):
            shutil.copyfile(networks / source / file, folder / file)
        road = Road(build, folder, sys.executable)
        road.run(sys.executable, networks / data, "--out", folder, "--input-name", "input")
        quantize(road)
        result, lowest, facts = measure(road, output)
        show(name, result, lowest, facts)
        results[name] = result
    temporary = demo / "result.json.tmp"
    temporary.write_text(json.dumps({"networks": results}, indent=2) + "\n")
    temporary.replace(demo / "result.json")
    print(f"\nall files: {os.path.relpath(demo)}/, figures: {os.path.relpath(demo / 'result.json')}")


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        print(f"demo: {failure}", file=sys.stderr)
        sys.exit(1)
