"""How good each observer is: the SQNR of the quantized network's output.

This file quantizes one network with the same statistics under many configs, runs
it in integers, and compares its logits with the float network's.
"""
import json
import statistics

from .networks import TITLES

PRESETS = ("minmax", "percentile", "omse", "kl", "auto", "recommended")
# The observers' guide has them in this order.
GUIDE = ("omse", "kl", "percentile", "minmax")
# Only the activations' observer differs; all is symmetric, as KL has to be.
CONTROLLED = """version: 1
default:
  weight: {{observer: omse}}
  activation: {{observer: {observer}, scheme: symmetric}}
"""
# The activations of transformer blocks, each of which gets another observer while
# the others keep OMSE's.
ROLES = ("attn_qkv_output", "kv_act", "intSoft", "sv_attn", "residual1", "norm1", "norm2", "mlp_act", "mlp_act2", "residual2")
ROAD = ("--npir-insert-qdq", "--npir-canonicalize-qdq", "--npir-partition=targets=xnnpack", "--npir-fold-qdq")


def _output_sqnr(networks, network, label, config, tests):
    """The integer network's, in dB: of the output, then least and median of all
    tensors."""
    integer = networks.modules / f"{network}.{label}.integer.mlirbc"
    report = networks.modules / f"{network}.{label}.json"
    networks.commands.opt(networks.prepared(network), integer, f"--npir-insert-observers=config={config}",
                          f"--npir-attach-calibration=stats={networks.modules / network}.npirstats", *ROAD)
    networks.commands.run(networks.commands.tool("npir-run"), integer, "--compare", networks.prepared(network), "--data",
                          networks.folder / "test", "--samples", f"0:{tests}", "--batch", 4, "--report", report,
                          "--quiet")
    integer.unlink()
    found = json.loads(report.read_text())
    inner = [float(tensor["sqnr_db"]) for tensor in found["tensors"]]
    return float(found["outputs"][0]["sqnr_db"]), min(inner), statistics.median(inner)


def _write_config(networks, label, text):
    path = networks.modules / f"{label}.yaml"
    path.write_text(text)
    return path


def _with_roles(observers):
    """A config that asks for every role, so that configs differ in nothing else."""
    rules = "".join(f"  - match: {{role: {role}}}\n    activation: {{observer: {observers.get(role, 'omse')}}}\n"
                    for role in ROLES)
    return CONTROLLED.format(observer="omse") + "rules:\n" + rules


def measure_roles(networks, results, network, tests):
    """What the output loses when one role has another observer than OMSE."""
    whole = _output_sqnr(networks, network, "roles", _write_config(networks, "roles", _with_roles({})), tests)[0]
    rows = []
    for role in ROLES:
        row = [role]
        for observer in ("minmax", "percentile", "kl"):
            label = f"roles-{role}-{observer}"
            config = _write_config(networks, label, _with_roles({role: observer}))
            row.append(_output_sqnr(networks, network, label, config, tests)[0] - whole)
        rows.append(row)
    results.table(f"{TITLES[network]}, change of output dB when one role leaves OMSE ({whole:.2f} dB)",
                  ["", "minmax", "percentile", "kl"], rows)


def measure_order(networks, results, network, count, tests, role_tests):
    """The presets, the observers with all else equal, and single roles, in tables;
    the order that the guide gives them."""
    networks.commands.opt(networks.observed(network), "/dev/null",
                          f"--npir-calibrate=data={networks.folder / 'calib'} "
                          f"stats={networks.modules / network}.npirstats samples=0:{count} threads=2 quiet")
    columns = ["", "output dB", "least dB", "median dB"]
    rows = [[preset, *_output_sqnr(networks, network, preset, f"preset:{preset}", tests)] for preset in PRESETS]
    results.table(f"{TITLES[network]}, presets", columns, rows)
    rows = []
    for observer in ("minmax", "ema", "percentile", "omse", "kl", "auto"):
        config = _write_config(networks, f"controlled-{observer}", CONTROLLED.format(observer=observer))
        rows.append([observer, *_output_sqnr(networks, network, f"controlled-{observer}", config, tests)])
    results.table(f"{TITLES[network]}, activations' observer (all symmetric, weights omse)", columns, rows)
    output = {row[0]: row[1] for row in rows}
    for better, worse in zip(GUIDE, GUIDE[1:]):
        results.add(f"{TITLES[network]}: {better} over {worse}, activations", output[better] - output[worse], "dB", (">=", 0))
    measure_roles(networks, results, network, role_tests)
