#!/usr/bin/env python3
"""Measures the passes that run no network: how they scale with the number of ops, and what memory big weights take.

Writes BUILD/benchmark/passes.json. Times are CPU seconds of whole processes, so that other work on the machine counts little;
exponents are the slopes between the two largest graphs, behind what a process costs that does nothing.
"""
import argparse
import json
import math
import os
import pathlib
import resource
import shlex
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXPONENT = 1.1
MEMORY_FACTOR, MEMORY_EXTRA = 1.3, 128 << 20
RESNET_SECONDS = 1.0
RESNET_BLOCKS = (3, 4, 6, 3)


class Tool:
    """npir-opt of one build folder."""

    def __init__(self, build):
        self.path = build / "bin/npir-opt"

    def run(self, *arguments):
        """CPU seconds and peak memory in bytes of one run."""
        command = [str(self.path), *map(str, arguments)]
        with tempfile.TemporaryFile() as errors:
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors)
            _, status, usage = os.wait4(process.pid, 0)
            errors.seek(0)
            text = errors.read().decode()
        if status:
            sys.exit(f"error: {shlex.join(command)} failed: {text[-2000:]}")
        return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024

    def best(self, repetitions, *arguments):
        costs = [self.run(*arguments) for _ in range(repetitions)]
        return min(seconds for seconds, _ in costs), max(peak for _, peak in costs)


def write_graph(path, ops):
    """Linear layers, functions and sums, `ops` in all; small weights."""
    with path.open("w") as file:
        file.write('func.func @main(%x: tensor<?x4xf32> loc("x")) -> tensor<?x4xf32> {\n')
        last, older = "%x", "%x"
        type_of = "tensor<?x4xf32>"
        for i in range(ops // 4):
            bend = (i % 97) / 97 - 0.5
            file.write(
                f"  %w{i} = npir.constant dense<[[1.0, 0.1, 0.2, {bend:.4f}], [0.1, 1.0, 0.0, 0.1], [0.3, 0.2, -1.0, 0.1], "
                f'[0.0, 0.5, 0.1, 1.0]]> : tensor<4x4xf32> loc("w{i}")\n'
                f'  %a{i} = npir.linear {last}, %w{i} : ({type_of}, tensor<4x4xf32>) -> {type_of} loc("fc{i}")\n'
                f'  %b{i} = npir.sigmoid %a{i} : {type_of} -> {type_of} loc("gate{i}")\n'
                f'  %c{i} = npir.add %b{i}, {older} : ({type_of}, {type_of}) -> {type_of} loc("sum{i}")\n'
                f'  %d{i} = npir.tanh %c{i} : {type_of} -> {type_of} loc("act{i}")\n')
            older, last = f"%b{i}", f"%d{i}"
        file.write(f"  return {last} : {type_of}\n}}\n")


def road(statistics):
    """The passes in their order, without the one that runs the network."""
    return ["--npir-prepare", "--npir-insert-observers=config=preset:int8"], [
        f"--npir-attach-calibration=stats={statistics}", "--npir-insert-qdq", "--npir-canonicalize-qdq",
        "--npir-partition=targets=xnnpack", "--npir-fold-qdq", "--convert-npir-to-xnn"]


def write_samples(folder, shapes):
    import numpy
    folder.mkdir(exist_ok=True)
    random = numpy.random.default_rng(0)
    for name, shape in shapes.items():
        numpy.save(folder / f"{name}.npy", random.standard_normal(shape, dtype=numpy.float32))
    return folder


def write_statistics(tool, folder, observed, data, path):
    tool.run(observed, f"--npir-calibrate=data={data} stats={path}", "-o", os.devnull)


def repeat_statistics(source, path, ops):
    """Statistics of a graph of `ops` ops from those of a smaller one: calibration itself is not what is measured."""
    content = json.loads(source.read_text())
    tensors = {tensor["id"]: tensor for tensor in content["tensors"]}
    content["tensors"] = [tensors["x:0"]]
    for i in range(ops // 4):
        for name in ("fc", "gate", "sum", "act"):
            content["tensors"].append(dict(tensors[f"{name}{i % 8}:0"], id=f"{name}{i}:0"))
    content["tensors"].sort(key=lambda tensor: tensor["id"])
    path.write_text(json.dumps(content))


def hash_of(tool, module, folder):
    text = folder / "hash.mlir"
    tool.run(module, "-o", text)
    line = next(line for line in text.read_text().splitlines() if "npir.model_hash" in line)
    return line.split('npir.model_hash = "')[1].split('"')[0]


def measure_scaling(tool, folder, sizes, repetitions):
    """CPU seconds of each pass for each size, and the exponent between the last two."""
    write_graph(folder / "base.mlir", 32)
    begin, rest = road(folder / "base.npirstats")
    tool.run(folder / "base.mlir", *begin, "-o", folder / "base.mlirbc")
    data = write_samples(folder / "data", {"x": (2, 4)})
    write_statistics(tool, folder, folder / "base.mlirbc", data, folder / "base.npirstats")
    idle = tool.best(3, folder / "base.mlirbc", "-o", os.devnull)[0]
    rows = {}
    for ops in sizes:
        graph = folder / "graph.mlir"
        write_graph(graph, ops)
        statistics = folder / "graph.npirstats"
        begin, rest = road(statistics)
        source = graph
        for option in begin + rest:
            if option.startswith("--npir-attach"):
                repeat_statistics(folder / "base.npirstats", statistics, ops)
                content = statistics.read_text()
                old = json.loads(content)["model"]
                statistics.write_text(content.replace(old, hash_of(tool, source, folder), 1))
            target = folder / f"graph.{option.split('=')[0].strip('-')}.mlirbc"
            seconds, peak = tool.best(repetitions, source, option, "-o", target)
            name = option.split("=")[0].strip("-")
            rows.setdefault(name, []).append({"ops": ops, "seconds": seconds, "peak": peak})
            source = target
    for name, row in rows.items():
        small, large = (max(entry["seconds"] - idle, 1e-3) for entry in row[-2:])
        exponent = math.log(large / small) / math.log(sizes[-1] / sizes[-2])
        rows[name] = {"sizes": row, "exponent": exponent, "bound": EXPONENT}
        print(f"  {name:28} " + "  ".join(f"{e['ops']}: {e['seconds']:.2f} s" for e in row) + f"  exponent {exponent:.2f}",
              flush=True)
    total = [sum(row["sizes"][i]["seconds"] for row in rows.values()) - idle * len(rows) for i in (-2, -1)]
    exponent = math.log(total[1] / total[0]) / math.log(sizes[-1] / sizes[-2])
    print(f"  {'all':28} exponent {exponent:.2f} (at most {EXPONENT})")
    return {"passes": rows, "exponent": exponent, "bound": EXPONENT}


def build_linear_chain(npir, path, layers, width):
    import numpy
    builder = npir.ModuleBuilder("chain")
    random = numpy.random.default_rng(1)
    value = builder.add_input("x", [None, width])
    arrays = []
    for i in range(layers):
        weight = (random.standard_normal((width, width), dtype=numpy.float32) / math.sqrt(width)).astype(numpy.float32)
        arrays.append(weight)
        value = builder.op("npir.linear", [value, builder.constant(f"w{i}", weight)], {}, f"fc{i}")
        value = builder.op("npir.tanh", [value], {}, f"act{i}")
    builder.set_outputs([("y", value)])
    builder.finish().save(str(path))
    return layers * width * width * 4


def build_resnet(npir, path):
    """A ResNet-50 of random weights: what passes cost does not depend on the values."""
    import numpy
    builder = npir.ModuleBuilder("resnet50")
    random = numpy.random.default_rng(2)
    count = 0

    def convolution(value, inputs, outputs, kernel, stride, name, clamp=True):
        nonlocal count
        weight = random.standard_normal((outputs, kernel, kernel, inputs), dtype=numpy.float32)
        weight /= math.sqrt(kernel * kernel * inputs)
        bias = numpy.zeros(outputs, numpy.float32)
        count += weight.nbytes
        pad = kernel // 2
        attributes = {"strides": [stride] * 2, "pads": [pad] * 4}
        operands = [value, builder.constant(f"{name}.weight", weight), builder.constant(f"{name}.bias", bias)]
        value = builder.op("npir.conv2d", operands, attributes, name)
        return builder.op("npir.relu", [value], {}, f"{name}.relu") if clamp else value

    value = convolution(builder.add_input("x", [None, 224, 224, 3]), 3, 64, 7, 2, "stem")
    value = builder.op("npir.max_pool2d", [value], {"kernel": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1]}, "pool")
    inputs = 64
    for stage, blocks in enumerate(RESNET_BLOCKS):
        width = 64 << stage
        for block in range(blocks):
            name = f"layer{stage + 1}.{block}"
            stride = 2 if block == 0 and stage else 1
            residual = value
            value = convolution(value, inputs, width, 1, 1, f"{name}.conv1")
            value = convolution(value, width, width, 3, stride, f"{name}.conv2")
            value = convolution(value, width, 4 * width, 1, 1, f"{name}.conv3", clamp=False)
            if block == 0:
                residual = convolution(residual, inputs, 4 * width, 1, stride, f"{name}.downsample", clamp=False)
            value = builder.op("npir.add", [value, residual], {}, f"{name}.add")
            value = builder.op("npir.relu", [value], {}, f"{name}.relu")
            inputs = 4 * width
    value = builder.op("npir.reduce", [value], {"kind": "#npir.reduce_kind<mean>", "axes": [1, 2]}, "mean")
    weight = random.standard_normal((1000, inputs), dtype=numpy.float32) / math.sqrt(inputs)
    value = builder.op("npir.linear", [value, builder.constant("fc.weight", weight.astype(numpy.float32))], {}, "fc")
    builder.set_outputs([("y", value)])
    builder.finish().save(str(path))
    return count + weight.nbytes


def measure_weights(tool, folder, name, build, shape, repetitions):
    """Time and peak memory of the passes on a model with big weights."""
    model, observed, statistics = (folder / f"{name}.{kind}" for kind in ("mlirbc", "observed.mlirbc", "npirstats"))
    weights = build(model)
    begin, rest = road(statistics)
    data = write_samples(folder / f"{name}.data", {"x": shape})
    first = tool.best(repetitions, model, *begin, "-o", observed)
    write_statistics(tool, folder, observed, data, statistics)
    second = tool.best(repetitions, observed, *rest, "-o", folder / f"{name}.xnn.mlirbc")
    bound = MEMORY_FACTOR * weights + MEMORY_EXTRA
    row = {"weights": weights, "seconds": first[0] + second[0], "peak": max(first[1], second[1]), "bound": bound}
    print(f"  {name}: weights {weights / 2**20:.0f} MiB, {row['seconds']:.2f} CPU s, peak {row['peak'] / 2**20:.0f} MiB "
          f"(at most {bound / 2**20:.0f})", flush=True)
    for path in folder.glob(f"{name}.*mlirbc"):
        path.unlink()
    return row


def main():
    parser = argparse.ArgumentParser(prog="tools/scripts/bench.sh passes", description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build", help="the build folder (default: build)")
    parser.add_argument("--smoke", action="store_true", help="small versions of everything, for a test that it works")
    options = parser.parse_args()
    sys.path.insert(0, str(options.build / "python"))
    from npir import _npir as npir
    tool = Tool(options.build.resolve())
    sizes = (200, 2000) if options.smoke else (1000, 10000, 100000)
    repetitions = 1 if options.smoke else 3
    chain = (4, 256) if options.smoke else (128, 2048)
    results = {"command": shlex.join(["tools/scripts/bench.sh", "passes", *sys.argv[1:]]),
               "commit": subprocess.run(["git", "-C", str(ROOT), "rev-parse", "HEAD"], capture_output=True, text=True,
                                        check=False).stdout.strip()}
    with tempfile.TemporaryDirectory(prefix="npir-passes-", dir=options.build) as name:
        folder = pathlib.Path(name)
        print("scaling:", flush=True)
        results["scaling"] = measure_scaling(tool, folder, sizes, repetitions)
        print("weights:", flush=True)
        # A child's peak starts at what this process has: the weights are made in one of their own.
        results["resnet50"] = measure_weights(tool, folder, "resnet50", lambda path: in_child(build_resnet, npir, path),
                                              (1, 224, 224, 3), repetitions)
        results["resnet50"]["seconds_bound"] = RESNET_SECONDS
        results["chain"] = measure_weights(tool, folder, "chain", lambda path: in_child(build_linear_chain, npir, path, *chain),
                                           (1, chain[1]), 1)
    output = options.build / "benchmark/passes.json"
    output.parent.mkdir(exist_ok=True)
    temporary = output.with_suffix(".json.tmp")
    temporary.write_text(json.dumps(results, indent=1) + "\n")
    temporary.replace(output)
    print(f"written: {output}")
    if options.smoke:
        return 0
    bad = [what for what, holds in (
        ("scaling", results["scaling"]["exponent"] <= EXPONENT),
        ("time of ResNet-50", results["resnet50"]["seconds"] <= RESNET_SECONDS),
        ("memory of ResNet-50", results["resnet50"]["peak"] <= results["resnet50"]["bound"]),
        ("memory of the chain", results["chain"]["peak"] <= results["chain"]["bound"])) if not holds]
    for what in bad:
        print(f"above its bound: {what}", file=sys.stderr)
    return 1 if bad else 0


def in_child(function, *arguments):
    """What `function` returns, an integer, from a process that is gone with its memory."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.write(write, str(function(*arguments)).encode())
            code = 0
        finally:
            os._exit(code)
    os.close(write)
    text = os.read(read, 64).decode()
    os.close(read)
    if os.waitpid(child, 0)[1]:
        sys.exit("error: the model could not be made")
    return int(text)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.exit(main())
