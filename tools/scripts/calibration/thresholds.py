"""How long ranges take once the statistics are there.

This file times the pass that attaches them, as npir-opt does with --mlir-timing,
and the searches alone, by the benchmark of Observers.
"""
import json

from .commands import Failure
from .networks import TITLES

PASS = "AttachCalibrationPass"
# Activation specs whose ranges are derived; weights stay float.
ACTIVATIONS = {
    "minmax": "{observer: minmax}",
    "percentile": "{observer: percentile}",
    "omse": "{observer: omse}",
    "kl": "{observer: kl, scheme: symmetric}",
    "auto": "{observer: auto}",
}


def _write_config(networks, name, weight, activation):
    path = networks.modules / f"{name}.yaml"
    path.write_text(f"version: 1\ndefault:\n  weight: {weight}\n  activation: {activation}\n")
    return path


def _seconds(networks, network, config, stats, repetitions):
    observed = networks.observed(network, str(config))
    flag = f"--npir-attach-calibration=stats={networks.modules / stats}"
    return min(networks.commands.pass_seconds(observed, PASS, flag) for _ in range(repetitions))


def measure_attach(networks, results, network, count, repetitions):
    """The pass over all activations by each observer, and over all weights by
    OMSE per channel."""
    stats = f"{network}.npirstats"
    networks.commands.opt(networks.observed(network), "/dev/null",
                          f"--npir-calibrate=data={networks.folder / 'calib'} stats={networks.modules / stats} "
                          f"samples=0:{count} quiet")
    for observer, spec in ACTIVATIONS.items():
        config = _write_config(networks, f"activations-{observer}", "none", spec)
        seconds = _seconds(networks, network, config, stats, repetitions)
        results.add(f"{TITLES[network]}: attach all activations by {observer}", seconds, "s", ("<", 0.1))
    config = _write_config(networks, "weights-omse", "{observer: omse}", "none")
    seconds = _seconds(networks, network, config, stats, repetitions)
    results.add(f"{TITLES[network]}: attach all weights by OMSE per channel", seconds, "s", ("<", 1))


def measure_searches(networks, results, repetitions):
    """Of 200 tensors with 2048 bins and more, by all observers one after another."""
    program = networks.commands.build / "test/benchmark/ObserversBenchmark"
    name = "tensors/200/all/symmetric"
    cost = networks.commands.run(program, f"--benchmark_filter=^{name}", f"--benchmark_repetitions={max(3, repetitions)}",
                                 "--benchmark_report_aggregates_only=true", "--benchmark_format=json")
    for found in json.loads(cost.stdout)["benchmarks"]:
        if found.get("aggregate_name") == "median":
            scale = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1}[found["time_unit"]]
            results.add("threshold search of 200 tensors, all observers", found["real_time"] * scale, "s", ("<", 0.2))
            return
    raise Failure(f"ObserversBenchmark has no '{name}'")
