"""The zoo's networks with samples, and all networks from other seeds, made where missing.

This file leaves them in BUILD/benchmark/zoo/SEED.
"""
import hashlib
import json

from calibration.networks import ROOT, TITLES

from .measure import Case

SOURCE = ROOT / "tools/networks/zoo"
TITLES = {**TITLES, "mobilenet_v3": "MobileNetV3-like", "efficientnet": "EfficientNet-like", "unet": "U-Net-like",
          "bert": "BERT-size encoder"}
NAMES = ("mobilenet_v3", "efficientnet", "unet", "bert")
# Samples for calibration and for testing; pixels or tokens of a sample.
COUNTS = {"mobilenet_v2": (64, 64), "bert": (16, 16)}
COUNT = (32, 32)
SIZES = {"unet": 112, "bert": 64}
SEED = 4711


def make_zoo(commands, names, seed):
    """Cases; each network is made unless it was by the same program."""
    folder = commands.build / "benchmark/zoo" / str(seed)
    sources = sorted([*SOURCE.glob("*.py"), *(SOURCE.parent / "benchmark").glob("*.py")])
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    cases = []
    for name in names:
        calibrations, tests = COUNTS.get(name, COUNT)
        wanted = {"source": digest, "samples": [calibrations, tests], "size": SIZES.get(name)}
        stamp = folder / f"{name}.json"
        if not stamp.exists() or json.loads(stamp.read_text()) != wanted:
            print(f"making {name} of seed {seed} ...", flush=True)
            size = ["--size", SIZES[name]] if name in SIZES else []
            commands.run(commands.torch_python, SOURCE / "make.py", "--out", folder, "--seed", seed, "--form", "traced.onnx",
                         "--calib", calibrations, "--test", tests, *size, name)
            stamp.write_text(json.dumps(wanted))
        title = TITLES[name] + ("" if seed == SEED else f", seed {seed}")
        cases.append(Case(title, folder / f"{name}.traced.onnx", folder / f"{name}.calib", folder / f"{name}.test", calibrations, tests))
    return cases
