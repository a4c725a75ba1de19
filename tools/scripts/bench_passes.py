#!/usr/bin/env python3
"""Measures the passes that run no network: how they scale with the number of ops, and what memory big weights take.

Writes BUILD/benchmark/passes.json. Times are CPU seconds of whole processes, the least of some runs, so that other work on the
machine counts little; exponents are the slopes between the two largest graphs, behind what a process costs that does nothing.
"""
import argparse
import json
import pathlib
import resource
import shlex
import subprocess
import sys
import tempfile

from passes.graphs import SHAPES
from passes.scaling import EXPONENT, measure_scaling
from passes.tools import CountingTools, Tools
from passes.weights import build_linear_chain, build_resnet, in_child, measure_weights

ROOT = pathlib.Path(__file__).resolve().parents[2]
RESNET_SECONDS = 1.0


def main():
    parser = argparse.ArgumentParser(prog="tools/scripts/bench.sh passes", description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build", help="the build folder (default: build)")
    parser.add_argument("--smoke", action="store_true", help="small versions of everything, for a test that it works")
    parser.add_argument("--only", action="append", choices=[*SHAPES, "weights"], help="measure this part; may be given more than once")
    parser.add_argument("--instructions", action="store_true", help="count instructions under valgrind in place of CPU seconds")
    options = parser.parse_args()
    sys.path.insert(0, str(options.build / "python"))
    from npir import _npir as npir
    tools = (CountingTools if options.instructions else Tools)(options.build.resolve())
    shapes = [shape for shape in SHAPES if shape in (options.only or SHAPES)]
    sizes = (200, 2000) if options.smoke else (1000, 10000) if options.instructions else (1000, 10000, 100000)
    repetitions = 1 if options.smoke else 3
    chain = (4, 256) if options.smoke else (128, 2048)
    results = {"command": shlex.join(["tools/scripts/bench.sh", "passes", *sys.argv[1:]]),
               "commit": subprocess.run(["git", "-C", str(ROOT), "rev-parse", "HEAD"], capture_output=True, text=True,
                                        check=False).stdout.strip()}
    bad = []
    with tempfile.TemporaryDirectory(prefix="npir-passes-", dir=options.build) as name:
        folder = pathlib.Path(name)
        if not options.instructions and (not options.only or "weights" in options.only):
            print("weights:", flush=True)
            # First, and with the weights made in a process of their own: a child's peak starts at what this one has.
            rows = results["weights"] = {
                "ResNet-50": measure_weights(tools, folder, "resnet50", lambda path: in_child(build_resnet, npir, path),
                                             (1, 224, 224, 3), repetitions),
                "the chain": measure_weights(tools, folder, "chain", lambda path: in_child(build_linear_chain, npir, path, *chain),
                                             (1, chain[1]), 1)}
            rows["ResNet-50"]["seconds_bound"] = RESNET_SECONDS
            bad += [f"memory of {what}" for what, row in rows.items() if row["peak"] > row["bound"]]
            if rows["ResNet-50"]["seconds"] > RESNET_SECONDS:
                bad.append("time of ResNet-50")
        print("scaling:", flush=True)
        results["scaling"] = measure_scaling(tools, folder, shapes, sizes, repetitions)
        bad += [f"scaling of {shape}" for shape, row in results["scaling"].items() if row["exponent"] > EXPONENT]
    output = options.build / "benchmark/passes.json"
    output.parent.mkdir(exist_ok=True)
    temporary = output.with_suffix(".json.tmp")
    temporary.write_text(json.dumps(results, indent=1) + "\n")
    temporary.replace(output)
    print(f"written: {output}")
    if options.smoke:
        return 0
    for what in bad:
        print(f"above its bound: {what}", file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.exit(main())
