"""Random small vision transformers, written by one of the roads on which exporters write them."""
import numpy as np
from onnx import TensorProto, helper, numpy_helper

# What a road decides, and how.
CHOICES = {
    "attention": ("split", "slices", "unbind", "permute", "separate", "heads_in_batch", "sequence_first"),
    "gelu": ("op", "op_tanh", "erf", "erf_reversed", "tanh", "tanh_factored"),
    "norm": ("op", "no_bias", "decomposed", "inverse"),
    "scale": ("query", "scores", "both"),
    "linear": ("matmul", "matmul_left", "gemm"),
    "pool": ("token", "token_slice", "mean"),
    "mask": (False, True),
    "batch": ("free", "free", 1, 2),
    "opset": (13, 17, 18, 20),
}


class Transformer:
    """`model`: from `input` [batch, 2, 8, 8] to `output` [batch, 5]; `choices`: its road. `seed` decides all."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)
        self.choices = {name: options[self.rng.integers(len(options))] for name, options in CHOICES.items()}
        if self.choices["gelu"].startswith("op"):
            self.choices["opset"] = 20
        elif self.choices["opset"] < 17 and self.choices["norm"] in ("op", "no_bias"):
            self.choices["norm"] = "decomposed"
        self.heads = int(self.rng.integers(1, 4))
        self.size = int(self.rng.choice([1, 4, 5]))
        self.width = self.heads * self.size
        self.nodes, self.weights, self.constants = [], [], {}
        self.model = self._make()

    # Nodes.

    def op(self, op, *operands, outputs=1, **attributes):
        """The name of the result of a new node, or of the results."""
        name = f"/n{len(self.nodes)}/{op}"
        results = [f"{name}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(op, list(operands), results, name, **attributes))
        return results[0] if outputs == 1 else results

    def array(self, array):
        """An initializer; equal ones are shared."""
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self.constants:
            self.constants[key] = f"w{len(self.weights)}"
            self.weights.append(numpy_helper.from_array(array, self.constants[key]))
        return self.constants[key]

    def ints(self, *values):
        return self.array(np.array(values, np.int64))

    def number(self, value):
        shape = () if self.rng.integers(2) else (1,)
        return self.array(np.full(shape, value, np.float32))

    def weight(self, *shape):
        scale = 1 / np.sqrt(shape[-1])
        return self.array((self.rng.standard_normal(shape) * scale).astype(np.float32))

    def reduce_mean(self, x, axis, keep_dims):
        if self.choices["opset"] < 18:
            return self.op("ReduceMean", x, axes=[axis], keepdims=keep_dims)
        return self.op("ReduceMean", x, self.ints(axis), keepdims=keep_dims)

    def reshape(self, x, *sizes, batch_is_first=True):
        """`sizes`: numbers, and "b" for the batch, as it is exported. `batch_is_first`: in `x`."""
        batch = self.choices["batch"]
        if batch != "free":
            return self.op("Reshape", x, self.ints(*(batch if size == "b" else size for size in sizes)))
        if sizes[0] == "b" and batch_is_first and self.rng.integers(2):
            return self.op("Reshape", x, self.ints(0, *sizes[1:]))
        parts = [self.batch_size() if size == "b" else self.ints(size) for size in sizes]
        return self.op("Reshape", x, self.op("Concat", *parts, axis=0))

    def batch_size(self):
        shape = self.op("Shape", "input")
        return self.op("Unsqueeze", self.op("Gather", shape, self.array(np.array(0, np.int64))), self.ints(0))

    def times(self, *factors):
        """The product, in a random order."""
        factors = list(factors)
        while len(factors) > 1:
            self.rng.shuffle(factors)
            factors.append(self.op("Mul", factors.pop(), factors.pop()))
        return factors[0]

    # Layers.

    def linear(self, x, inputs, outputs):
        bias = self.weight(outputs)
        if self.choices["linear"] == "gemm":
            rows = self.reshape_rows(x, inputs)
            y = self.op("Gemm", rows[0], self.weight(outputs, inputs), bias, transB=1)
            return self.op("Reshape", y, rows[1](outputs))
        y = self.op("MatMul", x, self.weight(inputs, outputs))
        return self.op("Add", *((bias, y) if self.choices["linear"] == "matmul_left" else (y, bias)))

    def reshape_rows(self, x, inputs):
        """`x` as a matrix, and what makes the shape back from the number of columns."""
        batch = self.choices["batch"]
        rows = self.op("Reshape", x, self.ints(-1, inputs))
        if batch == "free":
            return rows, lambda columns: self.ints(-1, self.tokens, columns)
        return rows, lambda columns: self.ints(batch, self.tokens, columns)

    def norm(self, x):
        kind, width = self.choices["norm"], self.width
        epsilon = 1e-2
        if kind in ("op", "no_bias"):
            bias = [] if kind == "no_bias" else [self.weight(width)]
            return self.op("LayerNormalization", x, self.weight(width), *bias, axis=-1, epsilon=epsilon)
        centered = self.op("Sub", x, self.reduce_mean(x, -1, 1))
        square = self.op("Pow", centered, self.number(2)) if self.rng.integers(2) else self.op("Mul", centered, centered)
        variance = self.reduce_mean(square, -1, 1)
        deviation = self.op("Sqrt", self.op("Add", variance, self.number(epsilon)))
        if kind == "decomposed":
            y = self.op("Div", centered, deviation)
        else:
            y = self.op("Mul", centered, self.op("Reciprocal", deviation))
        return self.op("Add", self.op("Mul", y, self.weight(width)), self.weight(width))

    def gelu(self, x):
        kind = self.choices["gelu"]
        if kind.startswith("op"):
            return self.op("Gelu", x, approximate="tanh" if kind == "op_tanh" else "none")
        one, half = self.number(1), self.number(0.5)
        if kind == "erf":
            gate = self.op("Erf", self.op("Div", x, self.number(np.sqrt(2))))
        elif kind == "erf_reversed":
            gate = self.op("Erf", self.op("Mul", self.number(np.sqrt(0.5)), x))
        else:
            slope, k = self.number(np.sqrt(2 / np.pi)), self.number(0.044715)
            if kind == "tanh":
                cube = self.op("Pow", x, self.number(3))
                argument = self.times(slope, self.op("Add", x, self.times(cube, k)))
            else:
                argument = self.times(slope, x, self.op("Add", one, self.times(x, k, x)))
            gate = self.op("Tanh", argument)
        return self.times(x, half, self.op("Add", gate, one))

    def heads_of(self, x):
        """[batch, tokens, width] -> [batch, heads, tokens, size]."""
        return self.op("Transpose", self.reshape(x, "b", self.tokens, self.heads, self.size), perm=[0, 2, 1, 3])

    def query_key_value(self, x):
        kind, width = self.choices["attention"], self.width
        if kind == "separate":
            return [self.heads_of(self.linear(x, width, width)) for _ in range(3)]
        qkv = self.linear(x, width, 3 * width)
        if kind in ("split", "heads_in_batch"):
            if self.choices["opset"] < 18 or self.rng.integers(2):
                parts = self.op("Split", qkv, self.ints(*[width] * 3), outputs=3, axis=-1)
            else:
                parts = self.op("Split", qkv, outputs=3, axis=2, num_outputs=3)
            return [self.heads_of(part) for part in parts]
        if kind == "slices":
            ends = (width, 2 * width, 2**63 - 1)
            return [self.heads_of(self.op("Slice", qkv, self.ints(start), self.ints(end), self.ints(-1)))
                    for start, end in zip((0, width, -width), ends)]
        five = self.reshape(qkv, "b", self.tokens, 3, self.heads, self.size)
        index = [self.array(np.array(i, np.int64)) for i in (0, 1, -1)]
        if kind == "unbind":
            return [self.op("Transpose", self.op("Gather", five, i, axis=2), perm=[0, 2, 1, 3]) for i in index]
        moved = self.op("Transpose", five, perm=[2, 0, 3, 1, 4])
        if self.rng.integers(2):
            return [self.op("Gather", moved, i) for i in index]
        return [self.op("Squeeze", part, self.ints(0)) for part in self.op("Split", moved, outputs=3, **(
            {"num_outputs": 3} if self.choices["opset"] >= 18 else {}))]

    def scores(self, query, key):
        scale = self.size ** -0.5
        if self.choices["scale"] == "query":
            query = self.op("Mul", query, self.number(scale))
        elif self.choices["scale"] == "both":
            query, key = (self.op("Mul", x, self.number(scale ** 0.5)) for x in (query, key))
        scores = self.op("MatMul", query, key)
        if self.choices["scale"] == "scores":
            scores = self.op("Div", scores, self.number(1 / scale))
        if self.choices["mask"]:
            shape = (1, 1, self.tokens, self.tokens)
            scores = self.op("Add", scores, self.array(np.triu(np.full(shape, -1e4), 1).astype(np.float32)))
        return self.op("Softmax", scores, axis=-1)

    def attention(self, x):
        if self.choices["attention"] == "sequence_first":
            return self.sequence_first(x)
        query, key, value = self.query_key_value(x)
        if self.choices["attention"] == "heads_in_batch":
            query, key, value = (self.op("Reshape", part, self.ints(-1, self.tokens, self.size))
                                 for part in (query, key, value))
            key = self.op("Transpose", key, perm=[0, 2, 1])
            query, key, value = (self.op("Reshape", part, self.ints(-1, self.heads, *last)) for part, last in (
                (query, (self.tokens, self.size)), (key, (self.size, self.tokens)), (value, (self.tokens, self.size))))
        else:
            key = self.op("Transpose", key, perm=[0, 1, 3, 2])
        y = self.op("MatMul", self.scores(query, key), value)
        y = self.reshape(self.op("Transpose", y, perm=[0, 2, 1, 3]), "b", self.tokens, self.width)
        return self.linear(y, self.width, self.width)

    def sequence_first(self, x):
        """As torch.nn.MultiheadAttention: [tokens, batch, width] inside, heads in the batch."""
        width, tokens = self.width, self.tokens
        x = self.op("Transpose", x, perm=[1, 0, 2])
        qkv = self.op("Add", self.op("MatMul", x, self.weight(width, 3 * width)), self.weight(3 * width))
        qkv = self.op("Unsqueeze", self.reshape(qkv, tokens, "b", 3, width), self.ints(0))
        qkv = self.op("Squeeze", self.op("Transpose", qkv, perm=[3, 1, 2, 0, 4]), self.ints(3))
        parts = []
        for i in range(3):
            part = self.op("Gather", qkv, self.array(np.array(i, np.int64)))
            if self.choices["batch"] == "free":
                rows = self.op("Mul", self.batch_size(), self.ints(self.heads))
                shape = self.op("Concat", self.ints(tokens), rows, self.ints(self.size), axis=0)
            else:
                shape = self.ints(tokens, self.choices["batch"] * self.heads, self.size)
            part = self.op("Transpose", self.op("Reshape", part, shape), perm=[1, 0, 2])
            parts.append(self.reshape(part, "b", self.heads, tokens, self.size, batch_is_first=False))
        query, key, value = parts
        y = self.op("MatMul", self.scores(query, self.op("Transpose", key, perm=[0, 1, 3, 2])), value)
        y = self.op("Transpose", y, perm=[2, 0, 1, 3])
        if self.choices["batch"] == "free":
            y = self.op("Reshape", y, self.ints(-1, width))
        else:
            y = self.op("Reshape", y, self.ints(tokens * self.choices["batch"], width))
        y = self.op("Gemm", y, self.weight(width, width), self.weight(width), transB=1)
        return self.op("Transpose", self.reshape(y, tokens, "b", width), perm=[1, 0, 2])

    # The whole.

    def embed(self):
        patch = int(self.rng.choice([4, 8]) if self.choices["pool"] != "mean" else 4)
        count = (8 // patch) ** 2
        x = self.op("Conv", "input", self.weight(self.width, 2, patch, patch), self.weight(self.width),
                    strides=[patch, patch])
        x = self.op("Transpose", self.reshape(x, "b", self.width, count), perm=[0, 2, 1])
        self.tokens = count
        if self.choices["pool"] != "mean":
            self.tokens += 1
            x = self.op("Concat", self.class_token(), x, axis=1)
        return self.op("Add", x, self.weight(1, self.tokens, self.width))

    def class_token(self):
        token = self.rng.standard_normal((1, 1, self.width)).astype(np.float32)
        if self.choices["batch"] != "free":
            # Computed by the exporter.
            return self.array(np.repeat(token, self.choices["batch"], 0))
        # As torch.Tensor.expand is exported.
        shape = self.op("Concat", self.batch_size(), self.ints(-1), self.ints(-1), axis=0)
        ones = self.op("ConstantOfShape", self.op("Shape", shape), value=numpy_helper.from_array(np.array([1], np.int64)))
        stays = self.op("Equal", shape, self.op("Mul", ones, self.array(np.array(-1, np.int64))))
        return self.op("Expand", self.array(token), self.op("Where", stays, ones, shape))

    def _make(self):
        x = self.embed()
        for _ in range(self.rng.integers(1, 3)):
            x = self.op("Add", x, self.attention(self.norm(x)))
            hidden = int(self.rng.integers(3, 9))
            y = self.linear(self.gelu(self.linear(self.norm(x), self.width, hidden)), hidden, self.width)
            x = self.op("Add", x, y)
        x = self.norm(x)
        if self.choices["pool"] == "mean":
            x = self.reduce_mean(x, 1, 0)
        elif self.choices["pool"] == "token":
            x = self.op("Gather", x, self.array(np.array(0, np.int64)), axis=1)
        else:
            x = self.op("Squeeze", self.op("Slice", x, self.ints(0), self.ints(1), self.ints(1)), self.ints(1))
        x = self.op("Gemm", x, self.weight(5, self.width), self.weight(5), transB=1)
        self.nodes[-1].output[0] = "output"
        batch = self.choices["batch"]
        graph = helper.make_graph(
            self.nodes, "transformer",
            [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["n" if batch == "free" else batch, 2, 8, 8])],
            [helper.make_tensor_value_info("output", TensorProto.FLOAT, None)], self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.choices["opset"])])
        model.ir_version = 9
        return model
