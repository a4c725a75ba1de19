"""The networks and pictures that the benchmark runs on, made where missing.

This file leaves them in BUILD/benchmark: models/NAME.onnx, the module at each
station in modules/, pictures in calib/ and test/.
"""
import hashlib
import json
import pathlib

from .commands import Failure

ROOT = pathlib.Path(__file__).resolve().parents[3]
SOURCES = ROOT / "tools/networks/benchmark"
NAMES = ("mobilenet_v2", "resnet50", "vit_s16")
TITLES = {"mobilenet_v2": "MobileNetV2", "resnet50": "ResNet-50", "vit_s16": "ViT-S/16"}
# Index of the first picture for testing; calibration starts at 0.
FIRST_TEST = 500_000
TOLERANCE = 1e-4


class Networks:
    """Files by name."""

    def __init__(self, commands):
        self.commands = commands
        self.folder = commands.build / "benchmark"
        self.modules = self.folder / "modules"
        self.modules.mkdir(parents=True, exist_ok=True)

    def model(self, name):
        return self.folder / "models" / f"{name}.onnx"

    def prepared(self, name):
        return self.modules / f"{name}.mlirbc"

    def observed(self, name, config="preset:minmax"):
        """The module at station `observed` under a config; made anew."""
        path = self.modules / f"{name}.{config.rpartition(':')[2].rpartition('/')[2]}.observed.mlirbc"
        self.commands.opt(self.prepared(name), path, f"--npir-insert-observers=config={config}")
        return path

    def make_models(self, names):
        """Makes ONNX files that are missing or of other sources; takes some
        20 seconds for each."""
        digest = hashlib.sha256()
        for source in sorted(SOURCES.glob("*.py")):
            digest.update(source.read_bytes())
        stamp = self.folder / "models/stamp.json"
        made = json.loads(stamp.read_text()) if stamp.exists() else {}
        stale = [name for name in names if made.get(name) != digest.hexdigest() or not self.model(name).exists()]
        if stale:
            print(f"making {', '.join(stale)} ...", flush=True)
            self.commands.run(self.commands.torch_python, SOURCES / "make.py", "--out", self.folder / "models", *stale)
            made.update({name: digest.hexdigest() for name in stale})
            stamp.write_text(json.dumps(made))

    def make_pictures(self, count, tests):
        """Makes folders calib/ and test/ with at least so many pictures."""
        digest = hashlib.sha256((SOURCES / "images.py").read_bytes()).hexdigest()
        for folder, first, wanted in (("calib", 0, count), ("test", FIRST_TEST, tests)):
            stamp = self.folder / folder / "stamp.json"
            made = json.loads(stamp.read_text()) if stamp.exists() else {}
            if made.get("source") != digest or made.get("count", 0) < wanted:
                print(f"making {wanted} pictures ...", flush=True)
                self.commands.run(self.commands.python, SOURCES / "images.py", "--out", self.folder / folder,
                                  "--count", wanted, "--first", first)
                stamp.write_text(json.dumps({"source": digest, "count": wanted}))

    def import_all(self, names, results):
        """ONNX to station `prepared`; each module is compared with onnxruntime."""
        for name in names:
            imported = self.modules / f"{name}.float.mlirbc"
            cost = self.commands.run(self.commands.python, "-m", "npir.import_onnx", self.model(name), "-o", imported)
            results.add(f"import of {TITLES[name]}", cost.seconds, "s", peak_bytes=cost.peak)
            cost = self.commands.opt(imported, self.prepared(name), "--npir-prepare")
            results.add(f"preparation of {TITLES[name]}", cost.seconds, "s", peak_bytes=cost.peak)
            self._compare(name, results)

    def _compare(self, name, results):
        outputs = self.modules / f"{name}.outputs"
        outputs.mkdir(exist_ok=True)
        self.commands.run(self.commands.tool("npir-run"), self.prepared(name), "--data", self.folder / "test",
                          "--samples", "0:4", "--output-dir", outputs, "--batch", 4, "--quiet")
        cost = self.commands.run(self.commands.onnxruntime_python, ROOT / "tools/scripts/calibration/onnxruntime_run.py",
                                 self.model(name), self.folder / "test/input.npy", outputs / "logits.npy")
        try:
            difference = json.loads(cost.stdout)["relative_error"]
        except (ValueError, KeyError):
            raise Failure(f"no difference from onnxruntime_run.py:\n{cost.stdout}") from None
        results.add(f"{TITLES[name]} against onnxruntime, max|a-b| / max|b|", difference, "", ("<=", TOLERANCE))
