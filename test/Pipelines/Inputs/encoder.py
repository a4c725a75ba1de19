"""Writes a small transformer encoder over token ids: `encoder.py OUT.mlirbc DATA_FOLDER`.

The embedding of the ids and of positions, one block of attention and MLP with a mask over padding (id 0), the mean over the tokens
that are none, and the index of the best class. The folder gets `ids.npy` with 24 samples.
"""
import sys

import numpy as np

from npir._npir import ModuleBuilder

WORDS, LENGTH, DIM, HEADS, CLASSES = 50, 8, 16, 2, 4


class Encoder:
    def __init__(self):
        self.builder = ModuleBuilder("encoder")
        self.random = np.random.RandomState(1)

    def op(self, name, operands, attributes=None, layer="", **options):
        return self.builder.op(f"npir.{name}", operands, attributes or {}, layer, **options)

    def constant(self, name, array):
        return self.builder.constant(name, array)

    def floats(self, name, *shape, scale=1.0):
        return self.constant(name, (scale * self.random.randn(*shape)).astype(np.float32))

    def linear(self, x, outputs, layer):
        weight = self.floats(f"{layer}.weight", outputs, x.shape[-1], scale=x.shape[-1] ** -0.5)
        return self.op("linear", [x, weight, self.floats(f"{layer}.bias", outputs, scale=0.1)], layer=layer)

    def norm(self, x, layer):
        scale = self.constant(f"{layer}.scale", np.linspace(0.5, 1.5, DIM).astype(np.float32))
        return self.op("layer_norm", [x, scale, self.floats(f"{layer}.offset", DIM, scale=0.1)], {"epsilon": 1e-5}, layer)

    def heads(self, x, layer):
        split = self.op("reshape", [x], layer=f"{layer}.split", result_shape=[None, LENGTH, HEADS, DIM // HEADS])
        return self.op("transpose", [split], {"perm": [0, 2, 1, 3]}, f"{layer}.heads")

    def attention(self, x, keep):
        q, k, v = (self.heads(self.linear(x, DIM, name), name) for name in ("q", "k", "v"))
        scores = self.op("matmul", [q, k], {"transpose_rhs": True}, "scores")
        factor = self.constant("factor", np.array([(DIM // HEADS) ** -0.5], np.float32))
        scaled = self.op("mul", [scores, factor], layer="scaled")
        nothing = self.constant("nothing", np.array([-1e9], np.float32))
        mask = self.op("reshape", [keep], layer="mask", result_shape=[None, 1, 1, LENGTH])
        masked = self.op("where", [mask, scaled, nothing], layer="masked")
        mixed = self.op("matmul", [self.op("softmax", [masked], layer="softmax"), v], layer="mixed")
        merged = self.op("transpose", [mixed], {"perm": [0, 2, 1, 3]}, "merged.tokens")
        return self.linear(self.op("reshape", [merged], layer="merged", result_shape=[None, LENGTH, DIM]), DIM, "projection")

    def build(self):
        ids = self.builder.add_input("ids", [None, LENGTH], "int64")
        words = self.op("gather", [self.floats("words", WORDS, DIM), ids], {"axis": 0}, "embedding")
        x = self.op("add", [words, self.floats("positions", 1, LENGTH, DIM, scale=0.5)], layer="embedded")
        padding = self.constant("padding", np.array([0], np.int64))
        keep = self.op("compare", [ids, padding], {"kind": "#npir.compare_kind<ne>"}, "keep")
        x = self.norm(x, "norm0")
        x = self.norm(self.op("add", [x, self.attention(x, keep)], layer="sum1"), "norm1")
        mlp = self.linear(self.op("gelu", [self.linear(x, 2 * DIM, "up")], layer="act"), DIM, "down")
        x = self.norm(self.op("add", [x, mlp], layer="sum2"), "norm2")
        column = self.op("reshape", [keep], layer="column", result_shape=[None, LENGTH, 1])
        kept = self.op("mul", [x, self.op("cast", [column], layer="weights", result_shape=[None, LENGTH, 1],
                                               result_dtype="float32")], layer="kept")
        pooled = self.op("reduce", [kept], {"kind": "#npir.reduce_kind<mean>", "axes": [1]}, "pooled")
        scores = self.linear(pooled, CLASSES, "classifier")
        label = self.op("argmax", [scores], {"axis": 1}, "label")
        self.builder.set_outputs([("label", label), ("scores", scores), ("keep", keep)])
        return self.builder.finish()


def main():
    output, folder = sys.argv[1:]
    Encoder().build().save(output)
    ids = np.random.RandomState(2).randint(1, WORDS, (24, LENGTH)).astype(np.int64)
    for i, row in enumerate(ids):
        row[LENGTH - i % 5:] = 0
    ids[3, 0] = -1  # the last word
    np.save(f"{folder}/ids.npy", ids)


if __name__ == "__main__":
    main()
