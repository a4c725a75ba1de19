"""What the passes cost on networks with big weights: time and peak memory."""
import math
import os
import sys

from .scaling import write_samples

MEMORY_FACTOR, MEMORY_EXTRA = 1.3, 128 << 20
RESNET_BLOCKS = (3, 4, 6, 3)
BEGIN = ("--npir-prepare", "--npir-insert-observers=config=preset:int8")
REST = ("--npir-insert-qdq", "--npir-canonicalize-qdq", "--npir-partition=targets=xnnpack", "--npir-fold-qdq", "--convert-npir-to-xnn")


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


def measure_weights(tools, folder, name, build, shape, repetitions):
    """Time and peak memory of the passes on a model with big weights."""
    model, observed, statistics = (folder / f"{name}.{kind}" for kind in ("mlirbc", "observed.mlirbc", "npirstats"))
    weights = build(model)
    data = write_samples(folder / f"{name}.data", {"x": shape})
    first = tools.best(repetitions, "npir-opt", model, *BEGIN, "-o", observed)
    tools.opt(observed, f"--npir-calibrate=data={data} stats={statistics} quiet=true", "-o", os.devnull)
    second = tools.best(repetitions, "npir-opt", observed, f"--npir-attach-calibration=stats={statistics}", *REST,
                        "-o", folder / f"{name}.xnn.mlirbc")
    bound = MEMORY_FACTOR * weights + MEMORY_EXTRA
    row = {"weights": weights, "seconds": first[0] + second[0], "peak": max(first[1], second[1]), "bound": bound}
    print(f"  {name}: weights {weights / 2**20:.0f} MiB, {row['seconds']:.2f} CPU s, peak {row['peak'] / 2**20:.0f} MiB "
          f"(at most {bound / 2**20:.0f})", flush=True)
    for path in folder.glob(f"{name}.*mlirbc"):
        path.unlink()
    return row


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
