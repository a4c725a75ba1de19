"""Networks of any number of ops, in shapes that ask different things of a pass.

Each is written as text, one line an op, with small weights. `SHAPES` holds
them by name; a function writes about `ops` ops.
"""
import itertools

ROW = "tensor<?x4xf32>"
SQUARE = "tensor<4x4xf32>"


class Writer:
    """Writes a module of straight-line functions."""

    def __init__(self, file):
        self.file = file
        self.numbers = itertools.count()

    def begin(self, name="main", argument=ROW, result=ROW):
        self.result = result
        self.file.write(f'func.func @{name}(%x: {argument} loc("{name}.x")) -> {result} {{\n')
        return "%x"

    def end(self, value):
        self.file.write(f"  return {value} : {self.result}\n}}\n")

    def write(self, text, layer="layer"):
        """One op; its value, whose number makes its layer's name unique."""
        value = next(self.numbers)
        self.file.write(f'  %v{value} = npir.{text} loc("{layer}{value}")\n')
        return f"%v{value}"

    def weight(self):
        bend = (next(self.numbers) % 97) / 97 - 0.5
        return self.write(f"constant dense<[[1.0, 0.1, 0.2, {bend:.4f}], [0.1, 1.0, 0.0, 0.1], [0.3, 0.2, -1.0, 0.1], "
                          f"[0.0, 0.5, 0.1, 1.0]]> : {SQUARE}", "w")

    def linear(self, value, weight=None):
        weight = weight or self.weight()
        return self.write(f"linear {value}, {weight} : ({ROW}, {SQUARE}) -> {ROW}", "fc")

    def unary(self, kind, value, shape=ROW):
        return self.write(f"{kind} {value} : {shape} -> {shape}", kind)

    def add(self, left, right, shape=ROW, other=None):
        return self.write(f"add {left}, {right} : ({shape}, {other or shape}) -> {shape}", "sum")

    def transpose(self, value, shape, perm, result):
        return self.write(f"transpose {value} {{perm = array<i64: {perm}>}} : {shape} -> {result}", "turn")

    def reshape(self, value, shape, result):
        return self.write(f"reshape {value} : {shape} -> {result}", "shape")

    def concat(self, values, width):
        shapes = ", ".join([ROW] * len(values))
        result = f"tensor<?x{4 * len(values)}xf32>"
        value = self.write(f"concat {', '.join(values)} {{axis = 1 : i64}} : ({shapes}) -> {result}", "join")
        return self.slice(value, result, 0) if width == 4 else (value, result)

    def slice(self, value, shape, offset):
        return self.write(f"slice {value} {{offsets = array<i64: 0, {offset}>, sizes = array<i64: -1, 4>}} : "
                          f"{shape} -> {ROW}", "part")

    def sum_of(self, values):
        """A balanced tree of sums."""
        while len(values) > 1:
            pairs = [self.add(left, right) for left, right in zip(values[::2], values[1::2])]
            values = pairs + values[len(values) // 2 * 2:]
        return values[0]


def chain(out, ops):
    """Linear layers, functions and sums one behind the other."""
    last = older = out.begin()
    for _ in range(ops // 4):
        gate = out.unary("sigmoid", out.linear(last))
        last, older = out.unary("tanh", out.add(gate, older)), gate
    out.end(last)


def residual(out, ops):
    """Residual blocks, and sums with what is far behind."""
    value = start = out.begin()
    kept = [start]
    for i in range(ops // 5):
        block = out.linear(out.unary("relu", out.linear(value)))
        value = out.add(value, block)
        if i % 2:
            value = out.unary("tanh", out.add(value, kept[i // 2]))
        kept.append(value)
    out.end(value)


def wide(out, ops):
    """Branches that all read one value, and a tree of sums."""
    value = out.unary("tanh", out.begin())
    out.end(out.sum_of([out.unary("relu", out.linear(value)) for _ in range(ops // 3)]))


def readers(out, ops):
    """One value, quantized, that moves and functions read; sums one behind the other."""
    value = out.linear(out.begin())
    total = value
    for i in range(ops // 2):
        reader = out.unary(("relu", "sigmoid", "tanh")[i % 3], value)
        total = out.add(total, reader)
        if i % 64 == 63:
            total = out.unary("tanh", total)
    out.end(total)


def dense(out, ops):
    """Concats of the last five results, as in a DenseNet."""
    values = [out.begin()] * 5
    for _ in range(ops // 4):
        joined = out.concat(values[-5:], 4)
        values.append(out.unary("tanh", out.linear(joined)))
    out.end(values[-1])


def one_concat(out, ops):
    """A concat with a quarter of all ops as operands, and slices of it."""
    value = out.linear(out.begin())
    joined, shape = out.concat([out.unary("tanh", value) for _ in range(ops // 4)], None)
    out.end(out.sum_of([out.slice(joined, shape, 4 * i) for i in range(ops // 4)]))


def moves(out, ops):
    """Reshapes and transposes in long rows between layers."""
    image = "tensor<?x2x2xf32>"
    value = out.begin()
    for i in range(ops // 4):
        value = out.reshape(value, ROW, image)
        value = out.transpose(value, image, "0, 2, 1", image)
        value = out.reshape(value, image, ROW)
        value = out.linear(value) if i % 16 == 0 else out.unary("relu", value)
    out.end(value)


def layouts(out, ops):
    """Convolutions as importers write them, each between two transposes."""
    outer, inner = "tensor<?x2x4x4xf32>", "tensor<?x4x4x2xf32>"
    kernel = "tensor<2x1x1x2xf32>"
    value = skip = out.begin(argument=outer, result=outer)
    for i in range(ops // 5):
        weight = out.write(f"constant dense<[[[[1.0, 0.{i % 9}]]], [[[-0.5, 0.25]]]]> : {kernel}", "w")
        turned = out.transpose(value, outer, "0, 2, 3, 1", inner)
        turned = out.write(f"conv2d {turned}, {weight} : ({inner}, {kernel}) -> {inner}", "conv")
        value = out.transpose(turned, inner, "0, 3, 1, 2", outer)
        value = out.unary("relu", value, outer)
        if i % 2:
            value = out.add(value, skip, outer)
            skip = value
    out.end(value)


def affine(out, ops):
    """Factors and offsets in one row, which a layer takes up; they cancel, so that numbers stay small."""
    value = out.linear(out.begin())
    vector = "tensor<4xf32>"
    numbers = (("add", "[1.0, 0.5, 2.0, 0.25]"), ("mul", "[2.0, 0.5, 1.0, 4.0]"), ("add", "[-2.0, -0.25, -2.0, -1.0]"),
               ("mul", "[0.5, 2.0, 1.0, 0.25]"))
    for i in range(ops):
        kind, factors = numbers[i % 4]
        number = out.write(f"constant dense<{factors}> : {vector}", "c")
        value = out.write(f"{kind} {value}, {number} : ({ROW}, {vector}) -> {ROW}", kind)
    out.end(value)


def shared(out, ops):
    """Layers that all share one weight."""
    value = out.begin()
    weight = out.weight()
    for _ in range(ops // 2):
        value = out.unary("tanh", out.linear(value, weight))
    out.end(value)


def activations(out, ops):
    """Clamps in a row, and functions whose results nothing rounds."""
    value = out.begin()
    for i in range(ops):
        value = out.linear(value) if i % 100 == 0 else out.unary(("relu", "abs", "relu", "sigmoid")[i % 4], value)
    out.end(value)


SHAPES = {function.__name__: function for function in (
    chain, residual, wide, readers, dense, one_concat, moves, layouts, affine, shared, activations)}


def write_graph(path, shape, ops):
    with path.open("w") as file:
        SHAPES[shape](Writer(file), ops)


def get_input_shape(shape):
    """Of two samples."""
    return (2, 2, 4, 4) if shape == "layouts" else (2, 4)
