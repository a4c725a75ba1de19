"""How good each observer is: the SQNR of the quantized network's output.

This file quantizes one network with the same statistics under many configs, runs
it in integers, and compares its logits with the float network's.
"""
import json
import math
import statistics

import numpy as np

from .networks import TITLES

PRESETS = ("minmax", "percentile", "omse", "kl", "auto", "recommended")
OBSERVERS = ("minmax", "ema", "percentile", "omse", "kl", "auto")
# The observers' guide has them in this order.
GUIDE = ("omse", "kl", "percentile", "minmax")
# Only the activations' observer differs; all is symmetric, as KL has to be.
CONTROLLED = """version: 1
default:
  weight: {{observer: omse}}
  activation: {{observer: {observer}, scheme: symmetric}}
"""
# The activations of transformer blocks, each of which is asked for with some
# observer while all else keeps OMSE's.
ROLES = ("attn_qkv_output", "kv_act", "intSoft", "sv_attn", "residual1", "norm1", "norm2", "mlp_act", "mlp_act2", "residual2")
ROAD = ("--npir-insert-qdq", "--npir-canonicalize-qdq", "--npir-partition=targets=xnnpack", "--npir-fold-qdq")


class Quality:
    """One network, its statistics, and how it answers pictures for testing."""

    def __init__(self, networks, network, count, tests):
        self.networks, self.network, self.tests = networks, network, tests
        self.stats = networks.modules / f"{network}.npirstats"
        # One thread, here and below: the numbers are the same, and another
        # program on a second core does not hold them up.
        networks.commands.opt(networks.observed(network), "/dev/null",
                              f"--npir-calibrate=data={networks.folder / 'calib'} stats={self.stats} samples=0:{count} quiet")
        self.expected = self._logits(networks.prepared(network))

    def take_fewer(self, tests):
        """Only the first of the pictures from here on."""
        self.tests, self.expected = tests, self.expected[:tests]

    def quantize(self, config):
        """The integer network under a config."""
        module = self.networks.modules / f"{self.network}.integer.mlirbc"
        self.networks.commands.opt(self.networks.prepared(self.network), module, f"--npir-insert-observers=config={config}",
                                   f"--npir-attach-calibration=stats={self.stats}", *ROAD)
        return module

    def output_sqnr(self, module):
        """Of the logits, in dB."""
        noise = self._logits(module) - self.expected
        return 10 * math.log10((self.expected**2).sum() / (noise**2).sum())

    def inner_sqnr(self, module, tests):
        """The least and the median of all tensors, in dB."""
        report = self.networks.modules / f"{self.network}.report.json"
        self._run(module, tests, "--compare", self.networks.prepared(self.network), "--report", report)
        values = [float(tensor["sqnr_db"]) for tensor in json.loads(report.read_text())["tensors"]]
        return min(values), statistics.median(values)

    def _logits(self, module):
        outputs = self.networks.modules / f"{self.network}.outputs"
        outputs.mkdir(exist_ok=True)
        self._run(module, self.tests, "--output-dir", outputs)
        return np.load(outputs / "logits.npy").astype(np.float64)

    def _run(self, module, tests, *flags):
        self.networks.commands.run(self.networks.commands.tool("npir-run"), module, "--data", self.networks.folder / "test",
                                   "--samples", f"0:{tests}", "--batch", 4, "--quiet", *flags)


def _write_config(networks, label, text):
    path = networks.modules / f"{label}.yaml"
    path.write_text(text)
    return path


def _measure_roles(quality, results):
    """What the output gains or loses when a role is asked for with an observer.

    What is asked for is rounded even where the target computes in float, as round
    a softmax.
    """

    def output(role, observer):
        text = CONTROLLED.format(observer="omse")
        if role:
            text += f"rules:\n  - match: {{role: {role}}}\n    activation: {{observer: {observer}}}\n"
        return quality.output_sqnr(quality.quantize(_write_config(quality.networks, f"role-{role}-{observer}", text)))

    whole = output(None, None)
    observers = ("omse", "minmax", "percentile", "kl")
    rows = [[role, *(output(role, observer) - whole for observer in observers)] for role in ROLES]
    results.table(f"{TITLES[quality.network]}, change of the output ({whole:.2f} dB) when a role is asked for with an observer",
                  ["", *observers], rows)


def measure_order(networks, results, network, count, tests, few):
    """The presets, the observers with all else equal, and single roles, in tables;
    the order that the guide gives them. `tests` pictures for the output, `few`
    for inner tensors and single roles."""
    quality = Quality(networks, network, count, tests)

    def row(label, config):
        module = quality.quantize(config)
        return [label, quality.output_sqnr(module), *quality.inner_sqnr(module, few)]

    columns = ["", "output dB", "least dB", "median dB"]
    results.table(f"{TITLES[network]}, presets", columns, [row(preset, f"preset:{preset}") for preset in PRESETS])
    rows = [row(observer, _write_config(networks, f"controlled-{observer}", CONTROLLED.format(observer=observer)))
            for observer in OBSERVERS]
    results.table(f"{TITLES[network]}, activations' observer (all symmetric, weights omse)", columns, rows)
    output = {cells[0]: cells[1] for cells in rows}
    for better, worse in zip(GUIDE, GUIDE[1:]):
        results.add(f"{TITLES[network]}: {better} over {worse}, activations", output[better] - output[worse], "dB", (">=", 0))
    quality.take_fewer(few)
    _measure_roles(quality, results)
