"""Networks in TOSA, through --convert-tosa-to-npir, compute what numpy computes of them.

Each op in the interpreter and on the runtime, with a free and with a fixed batch; a small convolutional network and a transformer
block, also quantized to a program of 8-bit integers. This file needs numpy only:

    NPIR_BUILD=build python test/python/tosa_import_test.py
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from tosa_graph import Graph  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("NPIR_BUILD", ROOT / "build")).resolve()


def run(tool, *arguments):
    done = subprocess.run([BUILD / "bin" / tool, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode:
        raise AssertionError(f"{tool}: {done.stderr}")
    return done.stdout


def evaluate(model, folder, data, backend="xnnpack"):
    """The outputs of `model` on the arrays `data`."""
    (folder / "in").mkdir(exist_ok=True)
    (folder / "out").mkdir(exist_ok=True)
    for name, array in data.items():
        np.save(folder / "in" / f"{name}.npy", array)
    run("npir-run", model, "--quiet", f"--data={folder / 'in'}", f"--backend={backend}", f"--output-dir={folder / 'out'}")
    outputs = sorted((folder / "out").glob("*.npy"))
    return [np.load(path) for path in outputs]


def sqnr(reference, value):
    reference = reference.astype(np.float64)
    return 10 * np.log10((reference**2).sum() / ((reference - value)**2).sum())


def numbers(seed, *shape, scale=1.0):
    return (np.random.default_rng(seed).standard_normal(shape) * scale).astype(np.float32)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


IMAGE, ROWS = (4, 6, 5, 3), (4, 5, 6)

# Name -> what is added to a graph with an image x, rows r and positive rows p.
CASES = {
    "conv2d": lambda g, x, r, p: g.conv2d(x, numbers(1, 4, 3, 2, 3), numbers(2, 4), (1, 1, 0, 1), (1, 1)),
    "conv2d strided": lambda g, x, r, p: g.conv2d(x, numbers(1, 4, 3, 3, 3), numbers(2, 1), (1, 0, 1, 1), (2, 1), (1, 2)),
    "conv2d without bias": lambda g, x, r, p: g.conv2d(x, numbers(1, 4, 1, 1, 3), np.zeros(1, np.float32)),
    "depthwise_conv2d": lambda g, x, r, p: g.depthwise_conv2d(x, numbers(1, 3, 3, 3, 2), numbers(2, 6), (1, 1, 1, 1)),
    "transpose_conv2d": lambda g, x, r, p: g.transpose_conv2d(x, numbers(1, 4, 3, 3, 3), numbers(2, 4), (-1, 0, -1, 1), (2, 2)),
    "matmul by weights": lambda g, x, r, p: g.matmul(
        g.reshape(r, (1, -1, 6) if g.free else (1, 20, 6)), g.const(numbers(1, 1, 6, 7))),
    "matmul": lambda g, x, r, p: g.matmul(r, g.transpose(p, (0, 2, 1))),
    "max_pool2d": lambda g, x, r, p: g.max_pool2d(x, (3, 2), (1, 0, 0, 1), (2, 2)),
    "avg_pool2d": lambda g, x, r, p: g.avg_pool2d(x, (3, 2), (1, 0, 0, 1), (2, 2)),
    "avg_pool2d of all": lambda g, x, r, p: g.avg_pool2d(x, (6, 5)),
    "add": lambda g, x, r, p: g.op("add", [r, g.const(numbers(1, 1, 5, 1))], r.array + numbers(1, 1, 5, 1)),
    "sub": lambda g, x, r, p: g.op("sub", [g.const(numbers(1, 1, 1, 6)), r], numbers(1, 1, 1, 6) - r.array),
    "mul": lambda g, x, r, p: g.mul(r, p),
    "maximum": lambda g, x, r, p: g.op("maximum", [r, p], np.maximum(r.array, p.array)),
    "minimum": lambda g, x, r, p: g.op("minimum", [r, p], np.minimum(r.array, p.array), "nan_mode = IGNORE"),
    "maximum with a number": lambda g, x, r, p: g.op("maximum", [r, g.scalar(0.25, 3)], np.maximum(r.array, 0.25)),
    "pow": lambda g, x, r, p: g.op("pow", [p, r], p.array**r.array),
    "square": lambda g, x, r, p: g.op("pow", [r, g.scalar(2, 3)], r.array**2),
    "square root": lambda g, x, r, p: g.op("pow", [p, g.const(np.full((1, 5, 6), 0.5, np.float32))], p.array**0.5),
    "reciprocal": lambda g, x, r, p: g.unary("reciprocal", p, np.reciprocal),
    "rsqrt": lambda g, x, r, p: g.unary("rsqrt", p, lambda v: v**-0.5),
    "exp": lambda g, x, r, p: g.unary("exp", r, np.exp),
    "log": lambda g, x, r, p: g.unary("log", p, np.log),
    "tanh": lambda g, x, r, p: g.unary("tanh", r, np.tanh),
    "sigmoid": lambda g, x, r, p: g.unary("sigmoid", r, sigmoid),
    "erf": lambda g, x, r, p: g.erf(r),
    "abs": lambda g, x, r, p: g.unary("abs", r, np.abs),
    "ceil": lambda g, x, r, p: g.unary("ceil", r, np.ceil),
    "floor": lambda g, x, r, p: g.unary("floor", r, np.floor),
    "sin": lambda g, x, r, p: g.unary("sin", r, np.sin),
    "cos": lambda g, x, r, p: g.unary("cos", r, np.cos),
    "negate": lambda g, x, r, p: g.negate(r),
    "clamp": lambda g, x, r, p: g.clamp(r, -0.5, 0.75),
    "relu": lambda g, x, r, p: g.clamp(r, 0, np.finfo(np.float32).max),
    "identity": lambda g, x, r, p: g.op("identity", [r], r.array),
    "select": lambda g, x, r, p: g.op("select", [greater(g, r, p), r, p], np.where(r.array > p.array, r.array, p.array)),
    "equal": lambda g, x, r, p: g.op("equal", [g.unary("floor", r, np.floor), g.unary("floor", p, np.floor)],
                                     np.floor(r.array) == np.floor(p.array)),
    "greater_equal": lambda g, x, r, p: g.op("greater_equal", [r, p], r.array >= p.array),
    "logical": lambda g, x, r, p: logical(g, r, p),
    "reduce_sum": lambda g, x, r, p: g.reduce("sum", r, 1),
    "reduce_max": lambda g, x, r, p: g.reduce("max", r, 2),
    "reduce_min": lambda g, x, r, p: g.reduce("min", x, 3),
    "reduce_product": lambda g, x, r, p: g.reduce("product", r, 1),
    "reduce_any": lambda g, x, r, p: g.reduce("any", greater(g, r, p), 1),
    "reduce_all": lambda g, x, r, p: g.reduce("all", greater(g, p, r), 2),
    "argmax": lambda g, x, r, p: g.op("argmax", [r], r.array.argmax(1).astype(np.int32), "axis = 1 : i32"),
    "concat": lambda g, x, r, p: g.op("concat", [r, p, r], np.concatenate([r.array, p.array, r.array], 2), "axis = 2 : i32"),
    "pad": lambda g, x, r, p: g.op("pad", [r, g.shape((0, 0, 1, 2, 0, 3)), g.const(np.float32([1.5]))],
                                   np.pad(r.array, ((0, 0), (1, 2), (0, 3)), constant_values=1.5)),
    "reshape": lambda g, x, r, p: g.reshape(r, (-1 if g.free else 20, 3, 2)),
    "slice": lambda g, x, r, p: g.op("slice", [r, g.shape((0, 1, 2)), g.shape((-1 if g.free else 4, 3, 4))],
                                     r.array[:, 1:4, 2:6]),
    "tile": lambda g, x, r, p: g.op("tile", [r, g.shape((1, 2, 3))], np.tile(r.array, (1, 2, 3))),
    "tile of ones": lambda g, x, r, p: g.op("tile", [g.reduce("sum", r, 1), g.shape((1, 3, 1))],
                                            np.tile(r.array.sum(1, keepdims=True), (1, 3, 1))),
    "transpose": lambda g, x, r, p: g.transpose(x, (0, 3, 1, 2)),
    "reverse": lambda g, x, r, p: g.op("reverse", [r], r.array[:, ::-1], "axis = 1 : i32"),
    "gather": lambda g, x, r, p: gather(g, r),
    "cast": lambda g, x, r, p: g.op("cast", [r], np.rint(r.array).astype(np.int32)),
    "cast to truth": lambda g, x, r, p: g.op("cast", [g.clamp(r, 0, 1)], np.clip(r.array, 0, 1) != 0),
    "cast of truth": lambda g, x, r, p: g.op("cast", [greater(g, r, p)], (r.array > p.array).astype(np.float32)),
    "nearest": lambda g, x, r, p: g.resize(x, "NEAREST_NEIGHBOR", (4, 2, 4, 2), (-1, -1), (1, 1)),
    "nearest asymmetric": lambda g, x, r, p: g.resize(x, "NEAREST_NEIGHBOR", (2, 1, 3, 1), (0, 0), (1, 2)),
    "nearest by thirds": lambda g, x, r, p: g.resize(x, "NEAREST_NEIGHBOR", (2, 3, 3, 2), (0, 1), (2, 1)),
    "bilinear": lambda g, x, r, p: g.resize(x, "BILINEAR", (4, 2, 4, 2), (-1, -1), (1, 1)),
    "bilinear of corners": lambda g, x, r, p: g.resize(x, "BILINEAR", (2, 1, 2, 1), (0, 0), (0, 0)),
    "bilinear smaller": lambda g, x, r, p: g.resize(x, "BILINEAR", (1, 2, 1, 1), (0, 0), (-1, 0)),
    "softmax": lambda g, x, r, p: softmax(g, r),
    "silu": lambda g, x, r, p: g.mul(r, g.unary("sigmoid", r, sigmoid)),
    "hard swish": lambda g, x, r, p: hard_swish(g, r),
    "mean": lambda g, x, r, p: g.mul(g.reduce("sum", g.reduce("sum", x, 1), 2), g.scalar(1 / 30, 4)),
    "leaky relu": lambda g, x, r, p: g.op(
        "select", [g.op("greater_equal", [r, g.scalar(0, 3)], r.array >= 0), r, g.mul(r, g.scalar(0.1, 3))],
        np.where(r.array >= 0, r.array, np.float32(0.1) * r.array)),
    "layer norm": lambda g, x, r, p: layer_norm(g, r, numbers(1, 6), numbers(2, 6)),
    "gelu": lambda g, x, r, p: gelu(g, r),
    "batch norm": lambda g, x, r, p: batch_norm(g, x),
}


def greater(g, a, b):
    return g.op("greater", [a, b], a.array > b.array)


def logical(g, r, p):
    a, b = greater(g, r, p), greater(g, p, g.scalar(1, 3))
    both = g.op("logical_and", [a, b], a.array & b.array)
    other = g.op("logical_xor", [both, b], both.array ^ b.array)
    either = g.op("logical_or", [other, a], other.array | a.array)
    return g.op("logical_not", [either], ~either.array)


def gather(g, r):
    """Rows of one table, by what is known of r while it runs."""
    ids = g.op("cast", [g.clamp(r, 0, 4)], np.rint(np.clip(r.array, 0, 4)).astype(np.int32))
    count = ids.array.size
    flat = g.reshape(ids, (1, -1) if g.free else (1, count))
    table = numbers(3, 1, 5, 7)
    return g.op("gather", [g.const(table), flat], table[:, flat.array[0]])


def softmax(g, x):
    shifted = g.op("sub", [x, top := g.reduce("max", x, 2)], x.array - top.array)
    power = g.unary("exp", shifted, np.exp)
    return g.mul(power, g.unary("reciprocal", g.reduce("sum", power, 2), np.reciprocal))


def hard_swish(g, x):
    line = g.op("add", [x, g.scalar(3, 3)], x.array + 3)
    return g.mul(g.mul(x, g.clamp(line, 0, 6)), g.scalar(1 / 6, 3))


def mean(g, x):
    return g.mul(g.reduce("sum", x, 2), g.scalar(1 / x.array.shape[2], 3))


def layer_norm(g, x, scale, offset):
    centered = g.op("sub", [x, m := mean(g, x)], x.array - m.array)
    variance = mean(g, g.mul(centered, centered))
    safe = g.op("add", [variance, g.scalar(1e-5, 3)], variance.array + np.float32(1e-5))
    normal = g.mul(centered, g.unary("rsqrt", safe, lambda v: v**-0.5))
    scaled = g.mul(normal, g.const(scale.reshape(1, 1, -1)))
    offset = offset.reshape(1, 1, -1)
    return g.op("add", [scaled, g.const(offset)], scaled.array + offset)


def gelu(g, x):
    inner = g.erf(g.mul(x, g.scalar(0.5**0.5, 3)))
    gate = g.op("add", [inner, g.scalar(1, 3)], inner.array + 1)
    return g.mul(g.mul(x, gate), g.scalar(0.5, 3))


def batch_norm(g, x):
    """(x - mean) * (rsqrt(variance + epsilon) * scale) + offset, the factor of constants."""
    shape = (1, 1, 1, 3)
    average, offset = numbers(1, *shape), numbers(2, *shape)
    variance = g.const(np.abs(numbers(3, *shape)) + 0.5)
    safe = g.op("add", [variance, g.scalar(1e-3, 4)], variance.array + np.float32(1e-3))
    factor = g.mul(g.unary("rsqrt", safe, lambda v: v**-0.5), g.const(numbers(4, *shape)))
    scaled = g.mul(g.op("sub", [x, g.const(average)], x.array - average), factor)
    return g.op("add", [scaled, g.const(offset)], scaled.array + offset)


def convolutional(g, x):
    """Stem, a residual block of a depthwise and a 1x1 convolution, pools, and a linear layer."""
    def layer(seed, *shape):
        weight = numbers(seed, *shape)
        return weight * np.float32(np.sqrt(2 / np.prod(shape[1:])))

    x = g.clamp(g.conv2d(x, layer(1, 16, 3, 3, 3), numbers(2, 16, scale=0.1), (1, 0, 1, 0), (2, 2), name="stem"), 0, 6, "stem.relu6")
    y = g.depthwise_conv2d(x, numbers(3, 3, 3, 16, 1, scale=0.4), numbers(4, 16, scale=0.1), (1, 1, 1, 1), name="block.depthwise")
    y = g.clamp(y, 0, 6, "block.relu6")
    y = g.conv2d(y, layer(5, 16, 1, 1, 16), numbers(6, 16, scale=0.1), name="block.project")
    x = g.op("add", [x, y], x.array + y.array, "", "block.add")
    x = g.max_pool2d(x, (2, 2), stride=(2, 2), name="pool")
    x = g.conv2d(x, layer(7, 24, 3, 3, 16), numbers(8, 24, scale=0.1), (1, 1, 1, 1), name="head")
    x = g.mul(x, g.unary("sigmoid", x, sigmoid, "head.sigmoid"), "head.silu")
    x = g.avg_pool2d(x, (4, 4), name="global")
    x = g.conv2d(x, layer(9, 10, 1, 1, 24), numbers(10, 10, scale=0.1), name="classifier")
    return g.reshape(x, (-1, 10) if g.free else (x.array.shape[0], 10), "logits")


def transformer(g, x, heads=2):
    """A block of self-attention and one of an MLP, each behind a layer normalization."""
    n, tokens, width = x.array.shape
    batch = -1 if g.free else n

    def linear(x, seed, size, name):
        inner = x.array.shape[2]
        rows = g.reshape(x, (1, -1 if g.free else n * tokens, inner))
        y = g.matmul(rows, g.const(numbers(seed, 1, inner, size, scale=inner**-0.5)), name)
        bias = numbers(seed + 1, 1, 1, size, scale=0.1)
        y = g.op("add", [y, g.const(bias)], y.array + bias)
        return g.reshape(y, (batch, tokens, size))

    def split(x):
        x = g.transpose(g.reshape(x, (batch, tokens, heads, width // heads)), (0, 2, 1, 3))
        return g.reshape(x, (-1 if g.free else n * heads, tokens, width // heads))

    y = layer_norm(g, x, 1 + numbers(1, width, scale=0.1), numbers(2, width, scale=0.1))
    query, key, value = (split(linear(y, 10 + 2 * i, width, name)) for i, name in enumerate(("attn.q", "attn.k", "attn.v")))
    scores = g.matmul(query, g.transpose(key, (0, 2, 1)), "attn.scores")
    weights = softmax(g, g.mul(scores, g.scalar((width // heads)**-0.5, 3)))
    y = g.reshape(g.matmul(weights, value, "attn.mix"), (batch, heads, tokens, width // heads))
    y = linear(g.reshape(g.transpose(y, (0, 2, 1, 3)), (batch, tokens, width)), 20, width, "attn.proj")
    x = g.op("add", [x, y], x.array + y.array, "", "attn.add")
    y = layer_norm(g, x, 1 + numbers(3, width, scale=0.1), numbers(4, width, scale=0.1))
    y = linear(gelu(g, linear(y, 30, 4 * width, "mlp.fc1")), 32, width, "mlp.fc2")
    return g.op("add", [x, y], x.array + y.array, "", "mlp.add")


def make_data():
    """An image, rows, and positive rows."""
    return {"x": numbers(21, *IMAGE, scale=2.0), "r": numbers(20, *ROWS, scale=2.0),
            "p": np.abs(numbers(22, *ROWS)) + np.float32(0.1)}


class TosaTest(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.folder = pathlib.Path(self.temporary.name)

    def convert(self, graph, *results):
        source, model = self.folder / "tosa.mlir", self.folder / "float.mlirbc"
        source.write_text(graph.text(*results))
        run("npir-opt", source, "--convert-tosa-to-npir", "-o", model)
        return model

    def test_page_names_the_ops(self):
        rows = (ROOT / "docs" / "ImportingTosa.md").read_text().split("## Ops")[1].split("## How")[0]
        cells = [row.split("|")[2] for row in rows.splitlines() if row.startswith("|")][2:]
        named = {re.match(r"\s*(\w+)", name)[1] for cell in cells for name in cell.split(",")}
        written = set()
        for case in CASES.values():
            graph = Graph()
            case(graph, *(graph.input(*pair) for pair in make_data().items()))
            written |= set(re.findall(r"(?<!!)tosa\.(\w+)", "\n".join(graph.lines)))
        self.assertEqual(named, written)

    def check_cases(self, free):
        for name, case in CASES.items():
            with self.subTest(name, free=free):
                graph = Graph(free)
                data = make_data()
                arguments = [graph.input(key, array) for key, array in data.items()]
                result = case(graph, *arguments)
                # Every input is read.
                model = self.convert(graph, result, *arguments)
                # Rows that the batch is folded into come out as those of samples.
                for backend in ("interpreter", "xnnpack"):
                    found = evaluate(model, self.folder, data, backend)[0]
                    self.assertEqual(found.dtype, result.array.dtype)
                    expected = result.array.reshape(found.shape)
                    np.testing.assert_allclose(found, expected, rtol=2e-5, atol=2e-5, err_msg=f"{name} on {backend}")

    def test_ops_with_a_free_batch(self):
        self.check_cases(True)

    def test_ops_with_a_fixed_batch(self):
        self.check_cases(False)

    def quantize(self, network, shape, decibel):
        """Float equals numpy; the integers of the whole road stay near."""
        samples = {"calib": numbers(40, *shape), "test": numbers(41, *shape)}
        graph = Graph()
        result = network(graph, graph.input("image", samples["test"]))
        model = self.convert(graph, result)
        data = {"image": samples["test"]}
        found = evaluate(model, self.folder, data)[0]
        np.testing.assert_allclose(found, result.array, rtol=1e-4, atol=1e-4)

        (self.folder / "calib").mkdir()
        np.save(self.folder / "calib" / "image.npy", samples["calib"])
        target, program = self.folder / "target.mlirbc", self.folder / "model.npx"
        run("npir-opt", model, f"--npir-quantize-pipeline=data={self.folder / 'calib'} quiet", "-o", target)
        run("npir-translate", "--npir-to-npx", target, "-o", program)
        quantized = evaluate(program, self.folder, data)[0]
        ratio = sqnr(result.array, quantized)
        print(f"{network.__name__}: {ratio:.1f} dB")
        self.assertGreater(ratio, decibel)
        # Integers are not the floats again.
        self.assertLess(ratio, 60)
        return target

    def test_big_constants(self):
        """They become resources, called after the layer and their bytes; those of the source stay what they are."""
        numbers_of_source = np.full((1, 512), 0.5, np.float32)
        graph = Graph()
        x = graph.input("x", numbers(1, 2, 512))
        big = graph.const(numbers(2, 1, 512), "big")
        y = graph.op("add", [x, big], x.array + big.array)
        given, splat = ("%given", "tensor<1x512xf32>"), ("%splat", "tensor<1x512xf32>")
        graph.lines += [f'{name} = "tosa.const"() {{values = {value} : {kind}}} : () -> {kind} loc("{name[1:]}")'
                        for (name, kind), value in ((given, "dense_resource<mine>"), (splat, "dense<2.5>"))]
        y = graph.op("add", [y, given], y.array + numbers_of_source)
        both = graph.op("concat", [splat, splat], np.full((2, 512), 2.5, np.float32), "axis = 0 : i32", batch=None)
        total = graph.reduce("sum", both, 0)
        y = graph.op("add", [y, total], y.array + total.array)
        source, model = self.folder / "source.mlir", self.folder / "float.mlirbc"
        blob = (16).to_bytes(4, "little") + numbers_of_source.tobytes()
        source.write_text(graph.text(y) + f'{{-#\n dialect_resources: {{ builtin: {{ mine: "0x{blob.hex()}" }} }}\n#-}}\n')
        run("npir-opt", source, "--convert-tosa-to-npir", "-o", model)
        text = run("npir-opt", model, "--mlir-print-local-scope")
        for name, resource in {"big": "big_[0-9a-f]{16}", "given": "mine", "splat": "splat_[0-9a-f]{16}"}.items():
            self.assertRegex(text, rf'npir.constant dense_resource<{resource}> : tensor<1x512xf32> loc\("{name}"\)')
        np.testing.assert_allclose(evaluate(model, self.folder, {"x": x.array})[0], y.array, rtol=1e-6)

    def test_convolutional_network(self):
        target = self.quantize(convolutional, (64, 16, 16, 3), 25)
        # Every convolution computes in integers.
        text = run("npir-opt", target, "--mlir-print-debuginfo=false")
        layers = [line for line in text.splitlines() if re.search(r"xnn\.(depthwise_)?convolution_2d ", line)]
        self.assertEqual(len(layers), 4)
        for line in layers:
            self.assertNotIn("xf32", line)

    def test_transformer_block(self):
        self.quantize(transformer, (64, 8, 16), 25)

    def test_transformer_is_recomposed(self):
        graph = Graph()
        model = self.convert(graph, transformer(graph, graph.input("image", numbers(1, 2, 8, 16))))
        text = run("npir-opt", model, "--npir-prepare")
        for op, count in {"layer_norm": 2, "softmax": 1, "gelu": 1, "linear": 6, "matmul": 2, "add": 2}.items():
            self.assertEqual(text.count(f"npir.{op} "), count, f"{op}\n{text}")
        for op in ("exp", "reduce", "rsqrt", "erf", "mul"):
            self.assertNotIn(f"npir.{op} ", text)


if __name__ == "__main__":
    unittest.main()
