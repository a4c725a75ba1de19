#!/usr/bin/env python3
"""Measures calibration on three networks of real size; docs/Benchmarks.md says what and why.

Makes networks and pictures where they are missing, prints the numbers with their bounds, and writes them to
BUILD/benchmark/calibration.json.
"""
import argparse
import dataclasses
import pathlib
import shlex
import sys

from calibration import costs, quality, thresholds
from calibration.commands import Commands, Failure
from calibration.networks import NAMES, ROOT, Networks
from calibration.results import Results

PARTS = ("ratios", "throughput", "onnxruntime", "memory", "thresholds", "order")


@dataclasses.dataclass(frozen=True)
class Plan:
    """How much is measured."""

    names: tuple
    counts: dict
    repetitions: int
    threads: tuple
    throughput: int
    against: int
    memory: tuple  # Few and many images; batches and images in each.
    order: tuple  # Images for calibration, for the output, for inner tensors and roles.

    def pictures(self):
        few, many, batches, batch = self.memory
        return max(*self.counts.values(), self.throughput, self.against, few, many, batches * batch, self.order[0])


FULL = Plan(NAMES, dict.fromkeys(NAMES, 128), 5, (1, 2), 512, 128, (64, 1024, 100, 8), (128, 64, 16))
SMOKE = Plan(NAMES, dict.fromkeys(NAMES, 4), 1, (2,), 8, 8, (16, 32, 4, 2), (8, 4, 2))


def parse_arguments():
    parser = argparse.ArgumentParser(prog="tools/scripts/bench.sh calibration", description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build", help="the build folder (default: build)")
    parser.add_argument("--smoke", action="store_true", help="tiny versions of everything, for a test that it works")
    parser.add_argument("--threads", type=int, help="threads of every part, instead of 1 and 2; 1 on a machine that is busy")
    parser.add_argument("--only", action="append", choices=PARTS, help="measure this part; may be given more than once")
    return parser.parse_args()


def measure(plan, parts, networks, results):
    """A part that fails is told and does not stop the others; returns how many failed."""
    steps = {
        "ratios": lambda: costs.measure_ratios(networks, results, plan.names, plan.counts, plan.repetitions, plan.threads),
        "throughput": lambda: costs.measure_throughput(networks, results, plan.throughput, plan.threads[-1]),
        "onnxruntime": lambda: costs.compare_with_onnxruntime(networks, results, plan.against, min(plan.repetitions, 3),
                                                                plan.threads[-1]),
        "memory": lambda: costs.measure_memory(networks, results, *plan.memory, plan.threads[-1]),
        "thresholds": lambda: (thresholds.measure_searches(networks, results, plan.repetitions),
                               thresholds.measure_attach(networks, results, "resnet50", plan.counts["resnet50"],
                                                         plan.repetitions)),
        "order": lambda: quality.measure_order(networks, results, "vit_s16", *plan.order),
    }
    failed = 0
    for part in parts:
        print(f"{part}:", flush=True)
        try:
            steps[part]()
        except Failure as failure:
            results.skip(part, str(failure))
            failed += 1
    return failed


def main():
    options = parse_arguments()
    plan = SMOKE if options.smoke else FULL
    if options.threads:
        plan = dataclasses.replace(plan, threads=(options.threads,))
    commands = Commands(options.build.resolve())
    command = shlex.join(["tools/scripts/bench.sh", "calibration", *sys.argv[1:]])
    results = Results(ROOT, command, "smoke" if options.smoke else "full")
    networks = Networks(commands)
    try:
        networks.make_models(plan.names)
        networks.make_pictures(plan.pictures(), max(plan.order[1], 4))
        networks.import_all(plan.names, results)
        failed = measure(plan, options.only or PARTS, networks, results)
    except Failure as failure:
        sys.exit(f"error: {failure}")
    path = commands.build / "benchmark/calibration.json"
    results.save(path)
    results.save_markdown(path.with_suffix(".md"))
    missed = results.failures()
    # A smoke run is too short for its numbers to be held against the bounds.
    print(f"written: {path}; {len(results.entries)} numbers, {len(missed)} bounds not met, {failed} parts failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
