"""How close a network's 8-bit outputs are to its float ones: NPIR's, onnxruntime's, and onnxruntime's of what NPIR exports.

This file takes one network through both.
"""
import dataclasses
import json
import pathlib
import tempfile

import numpy as np

from .sqnr import sqnr

HERE = pathlib.Path(__file__).resolve().parent
# dB by which onnxruntime may be off on an exported network.
TOLERANCE = 0.5
CONFIG = "preset:auto"
# What auto's choice can be held against.
PLAIN = "preset:minmax"
ROAD = ("--npir-insert-qdq", "--npir-canonicalize-qdq", "--npir-partition=targets=xnnpack", "--npir-fold-qdq")


@dataclasses.dataclass(frozen=True)
class Case:
    """A network, its title, and folders with an .npy file for each input: how many samples calibrate and test it."""

    title: str
    model: pathlib.Path
    calib: pathlib.Path
    test: pathlib.Path
    calibrations: int
    tests: int


def load(folder):
    """A network's outputs by name."""
    return {path.stem: np.load(path) for path in sorted(folder.glob("*.npy"))}


class Accuracy:
    """One network; files go to a folder that is gone afterwards."""

    def __init__(self, commands, case, threads):
        self.commands, self.case, self.threads = commands, case, threads

    def measure(self, results):
        """Adds the network's numbers; its row of the table."""
        with tempfile.TemporaryDirectory(dir=self.commands.build) as name:
            self.folder = pathlib.Path(name)
            reference, ours = self._quantize()
            exported = self._run_exports(ours)
            plain = sqnr(reference, self._quantize_plainly())
            found = self._run_onnxruntime()
        case = self.case
        ours = {station: sqnr(reference, outputs) for station, outputs in ours.items()}
        exported = {station: sqnr(reference, outputs) for station, outputs in exported.items()}
        best = max(found, key=lambda name: float(found[name]))
        facts = {"calibration_samples": case.calibrations, "test_samples": case.tests}
        results.add(f"{case.title}: NPIR, int8, {CONFIG}", ours["integer"], "dB", **facts)
        results.add(f"{case.title}: NPIR, int8, {PLAIN}", plain, "dB", **facts)
        results.add(f"{case.title}: onnxruntime, best of its calibrators", float(found[best]), "dB", calibrator=best, all=found, **facts)
        results.add(f"{case.title}: NPIR above onnxruntime", ours["integer"] - float(found[best]), "dB", (">=", 0))
        for station in ours:
            results.add(f"{case.title}: export of '{station}' in onnxruntime against here", abs(exported[station] - ours[station]), "dB",
                        ("<=", TOLERANCE), here=ours[station], there=exported[station])
        return [case.title, ours["integer"], plain, float(found[best]), best, ours["qdq"], exported["qdq"], exported["integer"]]

    def _quantize(self):
        """The float outputs, and those of the QDQ network and of the integers."""
        path = self.folder
        self.commands.run(self.commands.python, "-m", "npir.import_onnx", self.case.model, "-o", path / "float.mlirbc")
        self.commands.opt(path / "float.mlirbc", path / "prepared.mlirbc", "--npir-prepare")
        self.commands.opt(path / "prepared.mlirbc", path / "qdq.mlirbc", f"--npir-insert-observers=config={CONFIG}",
                          f"--npir-calibrate=data={self.case.calib} stats={path / 'stats.npirstats'} samples=0:{self.case.calibrations} "
                          "quiet attach", *ROAD[:2])
        self.commands.opt(path / "qdq.mlirbc", path / "integer.mlirbc", *ROAD[2:])
        return self._outputs("float"), {station: self._outputs(station) for station in ("qdq", "integer")}

    def _quantize_plainly(self):
        """The outputs of the same integers with every observed range whole."""
        path = self.folder
        self.commands.opt(path / "prepared.mlirbc", path / "plain.mlirbc", f"--npir-insert-observers=config={PLAIN}",
                          f"--npir-attach-calibration=stats={path / 'stats.npirstats'}", *ROAD)
        return self._outputs("plain")

    def _outputs(self, station):
        target = self.folder / f"{station}.outputs"
        target.mkdir()
        self.commands.run(self.commands.tool("npir-run"), self.folder / f"{station}.mlirbc", "--data", self.case.test, "--samples",
                          f"0:{self.case.tests}", "--batch", 4, "--threads", self.threads, "--output-dir", target, "--quiet")
        return load(target)

    def _run_exports(self, stations):
        files = []
        for station in stations:
            model = self.folder / f"{station}.onnx"
            self.commands.run(self.commands.python, "-m", "npir.export_onnx", self.folder / f"{station}.mlirbc", "-o", model)
            files += [model, self.folder / f"{station}.exported"]
        self.commands.run(self.commands.onnxruntime_python, HERE / "onnxruntime_run.py", self.case.test, self.case.tests, self.threads,
                          *files)
        return {station: load(self.folder / f"{station}.exported") for station in stations}

    def _run_onnxruntime(self):
        """SQNR by calibrator and types."""
        cost = self.commands.run(
            self.commands.onnxruntime_python, HERE / "onnxruntime_quantize.py", self.case.model, self.case.calib,
            self.case.calibrations, self.case.test, self.case.tests, self.folder, self.threads)
        return json.loads(cost.stdout.splitlines()[-1])["sqnr_db"]
