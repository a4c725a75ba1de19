"""How the cost of everything on the road, but for runs of the network, grows with the number of ops."""
import dataclasses
import json
import math
import os
import re

from .graphs import get_input_shape, write_graph

EXPONENT = 1.1
# Seconds; what takes less says nothing about growth.
LEAST = 0.25
# Ops of the graph whose statistics stand for those of the larger ones.
SMALL = 400


@dataclasses.dataclass(frozen=True)
class Step:
    """A run of a tool on what the last step with a file has made."""

    name: str
    tool: str
    options: tuple = ()
    makes: str = ""


def get_steps(statistics):
    def opt(name, option, makes="mlirbc"):
        return Step(name, "npir-opt", (option,), makes)

    return [
        Step("parse", "npir-opt", (), "mlirbc"), Step("print", "npir-opt", (), "mlir"), opt("prepare", "--npir-prepare"),
        opt("insert-observers", "--npir-insert-observers=config=preset:int8"), opt("lint", "--npir-lint=target=xnnpack", ""),
        opt("attach-calibration", f"--npir-attach-calibration=stats={statistics}"), opt("insert-qdq", "--npir-insert-qdq"),
        opt("canonicalize-qdq, rounding", "--npir-canonicalize-qdq=allow-rounding=true", ""),
        opt("canonicalize-qdq", "--npir-canonicalize-qdq"), opt("partition", "--npir-partition=targets=xnnpack"),
        opt("fold-qdq", "--npir-fold-qdq"), opt("report-coverage", "--npir-report-coverage=targets=xnnpack report=/dev/null", ""),
        opt("convert-npir-to-xnn", "--convert-npir-to-xnn"), Step("npx writing", "npir-translate", ("--npir-to-npx",), "npx"),
        Step("npx loading, one run", "npir-run", (), "")]


def write_samples(folder, shapes):
    import numpy

    folder.mkdir(exist_ok=True)
    random = numpy.random.default_rng(0)
    for name, shape in shapes.items():
        numpy.save(folder / f"{name}.npy", random.standard_normal(shape, dtype=numpy.float32))
    return folder


class Scaling:
    """One shape of graphs, at several sizes, in `folder`."""

    def __init__(self, tools, folder, shape, repetitions):
        self.tools, self.folder, self.shape, self.repetitions = tools, folder, shape, repetitions
        self.graph, self.statistics = folder / "graph.mlir", folder / "graph.npirstats"
        self.data = write_samples(folder / "data", {"main.x": get_input_shape(shape)})
        self.kinds = self._calibrate_small()

    def _calibrate_small(self):
        """A small graph's statistics, by the kind of tensor: calibration itself is not what is measured."""
        write_graph(self.graph, self.shape, SMALL)
        self.tools.opt(self.graph, "--npir-prepare", "--npir-insert-observers=config=preset:int8",
                       f"--npir-calibrate=data={self.data} stats={self.statistics} quiet=true", "-o", os.devnull)
        self.header = json.loads(self.statistics.read_text())
        return {self._kind(tensor["id"]): tensor for tensor in self.header["tensors"]}

    @staticmethod
    def _kind(name):
        return re.sub("[0-9]+", "", name)

    def _write_statistics(self, observed):
        """Statistics for every tensor of an observed module."""
        text = self.folder / "observed.mlir"
        self.tools.opt(observed, "-o", text)
        content = text.read_text()
        # A wide concat is the only tensor whose channels grow with the graph, and its statistics need no channels.
        default = self.kinds[self._kind("main.x:0")]
        tensors = [dict(self.kinds.get(self._kind(name), default), id=name) for name in sorted(set(re.findall('id = "([^"]*)"', content)))]
        model = re.search('npir.model_hash = "([^"]*)"', content).group(1)
        self.statistics.write_text(json.dumps(dict(self.header, model=model, tensors=tensors)))

    def run(self, ops):
        """CPU seconds and peak memory by step."""
        write_graph(self.graph, self.shape, ops)
        source, costs = self.graph, {}
        for step in get_steps(self.statistics):
            if step.name == "attach-calibration":
                self._write_statistics(source)
            target = self.folder / f"graph.{step.name.replace(' ', '-')}.{step.makes}" if step.makes else os.devnull
            arguments = [source, *step.options, *(["--data", self.data, "--quiet"] if step.tool == "npir-run" else ["-o", target])]
            costs[step.name] = self.tools.best(self.repetitions, step.tool, *arguments)
            if step.makes and step.name != "print":
                source = target
        return costs

    def measure(self, sizes, idle):
        """Costs at each size; exponents between the last two, behind what a process costs that does nothing."""
        costs = [self.run(ops) for ops in sizes]
        rows, growth = {}, math.log(sizes[-1] / sizes[-2])

        def exponent(small, large):
            return math.log(max(large, 1e-3) / max(small, 1e-3)) / growth

        for name in costs[0]:
            row = {"sizes": [{"ops": ops, "seconds": cost[name][0], "peak": cost[name][1]} for ops, cost in zip(sizes, costs)]}
            small, large = (cost[name][0] - idle for cost in costs[-2:])
            if large >= LEAST:
                row["exponent"] = exponent(small, large)
            rows[name] = row
            told = f"  exponent {row['exponent']:.2f}" if "exponent" in row else ""
            print(f"    {name:28}" + "".join(f"{entry['seconds']:8.2f} s" for entry in row["sizes"]) + told, flush=True)
        total = exponent(*(sum(seconds - idle for seconds, _ in cost.values()) for cost in costs[-2:]))
        peak = max(entry["peak"] for row in rows.values() for entry in row["sizes"])
        print(f"    {'all':28}exponent {total:.2f} (at most {EXPONENT}), peak {peak / 2**20:.0f} MiB", flush=True)
        return {"steps": rows, "exponent": total, "bound": EXPONENT, "peak": peak}


def measure_scaling(tools, folder, shapes, sizes, repetitions):
    """By shape."""
    write_graph(folder / "idle.mlir", "chain", 4)
    idle = tools.best(5, "npir-opt", folder / "idle.mlir", "-o", os.devnull)[0]
    results = {}
    for shape in shapes:
        place = folder / shape
        place.mkdir()
        print(f"  {shape}, {' '.join(map(str, sizes))} ops:", flush=True)
        results[shape] = Scaling(tools, place, shape, repetitions).measure(sizes, idle)
        for path in place.iterdir():
            if path.is_file():
                path.unlink()
    return results
