#!/usr/bin/env python3
"""Runs the onnx package's backend node tests through importer, interpreter and runtime; writes what came of each.

Tests of ops that the importer takes count; one is left out only for a reason that its model tells. docs/Importing.md says more.
"""
import argparse
import dataclasses
import faulthandler
import fnmatch
import json
import pathlib
import shlex
import sys
import time
import warnings

ROOT = pathlib.Path(__file__).resolve().parents[2]
BOUND = 0.98
# The smoke form takes every so manieth test.
SMOKE_STEP = 6


def parse_arguments():
    parser = argparse.ArgumentParser(prog="tools/scripts/conformance.sh", description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build", help="the build folder (default: build)")
    parser.add_argument("--smoke", action="store_true", help=f"every {SMOKE_STEP}th test only")
    parser.add_argument("--only", metavar="GLOB", help="tests whose name matches, such as 'test_resize_*'")
    parser.add_argument("--list", action="store_true", help="print every test that failed, and every one that was left out")
    return parser.parse_args()


def summarize(outcomes, seconds):
    """The totals of a run as the JSON holds them."""
    from node_tests import BACKENDS, count_by

    covered = [outcome for outcome in outcomes if outcome.status in ("passed", "failed")]
    totals = {
        "tests": len(outcomes),
        "covered": len(covered),
        "folded_at_import": sum(not outcome.fed for outcome in covered if outcome.status == "passed"),
        "excluded": count_by([o for o in outcomes if o.status == "excluded"], lambda o: o.reason),
        "not_covered": count_by([o for o in outcomes if o.status == "not covered"], lambda o: o.reason),
        "seconds": round(seconds, 1),
    }
    for backend in BACKENDS:
        passed = sum(outcome.results[backend] == "passed" for outcome in covered)
        totals[backend] = {"passed": passed, "rate": passed / len(covered) if covered else 0.0}
    return totals


def print_totals(totals, outcomes):
    from node_tests import BACKENDS

    for backend in BACKENDS:
        entry = totals[backend]
        verdict = "" if entry["rate"] >= BOUND else f"  NOT MET: expected {BOUND:.0%}"
        print(f"importer + {backend:12} {entry['passed']:5} of {totals['covered']} covered tests, {entry['rate']:7.2%}{verdict}")
    print(f"of these, folded at import {totals['folded_at_import']:5}")
    print(f"left out                   {sum(totals['excluded'].values()):5}: "
          + ", ".join(f"{reason} {count}" for reason, count in totals["excluded"].items()))
    print(f"op not covered             {sum(totals['not_covered'].values()):5}: "
          + ", ".join(f"{ops} {count}" for ops, count in totals["not_covered"].items()))
    failed = [outcome for outcome in outcomes if outcome.status == "failed"]
    for outcome in failed:
        where = " and ".join(backend for backend in BACKENDS if outcome.results[backend] != "passed")
        print(f"  failed: {outcome.name} ({where}): {outcome.reason}")


def main():
    options = parse_arguments()
    faulthandler.enable()
    sys.path.insert(0, str(options.build / "python"))
    from node_tests import load_cases, run_case

    import npir
    from calibration.results import Results

    # What is no number is part of the tests.
    warnings.simplefilter("ignore", npir.NPIRWarning)
    cases = load_cases()
    if options.only:
        cases = [case for case in cases if fnmatch.fnmatch(case.name, options.only)]
        if not cases:
            print(f"error: no node test matches '{options.only}'", file=sys.stderr)
            return 1
    if options.smoke:
        cases = cases[::SMOKE_STEP]
    start = time.monotonic()
    outcomes = [run_case(case) for case in cases]
    totals = summarize(outcomes, time.monotonic() - start)
    command = shlex.join(["tools/scripts/conformance.sh", *sys.argv[1:]])
    mode = "smoke" if options.smoke else "full"
    data = Results(ROOT, command, mode).head | {
        "bound": BOUND,
        "totals": totals,
        "tests": [dataclasses.asdict(outcome) for outcome in outcomes],
    }
    path = options.build / "conformance" / f"onnx-node{'-smoke' if options.smoke else ''}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, indent=1) + "\n")
    print_totals(totals, outcomes)
    if options.list:
        for outcome in outcomes:
            if outcome.status in ("excluded", "not covered"):
                print(f"  {outcome.status}: {outcome.name}: {outcome.reason}")
    print(f"written: {path.relative_to(ROOT) if path.is_relative_to(ROOT) else path}")
    return 0 if all(totals[name]["rate"] >= BOUND for name in ("interpreter", "runtime")) else 1


if __name__ == "__main__":
    sys.exit(main())
