"""Tests of tensors of more dimensions than XNNPACK has: from ONNX to a program, in float and in integers."""

import os
import pathlib
import sys
import tempfile
import unittest
import warnings

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("NPIR_BUILD", ROOT / "build"))
sys.path.insert(0, str(BUILD / "python"))

import npir  # noqa: E402


class Net:
    """A network from `x`, built op by op."""

    def __init__(self, shape):
        self.shape, self.nodes, self.constants = shape, [], []
        self.random = np.random.default_rng(0)

    def constant(self, array):
        name = f"constant{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def weights(self, *shape):
        return self.constant(self.random.normal(0, 0.5, shape).astype(np.float32))

    def op(self, kind, *inputs, **attributes):
        name = f"{kind.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def model(self, *outputs):
        graph = helper.make_graph(
            self.nodes,
            "many_dims",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", *self.shape])],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
            self.constants,
        )
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)

    def samples(self, count):
        return self.random.normal(size=(count, *self.shape)).astype(np.float32)


def blocks(rank):
    """Linear layers around what a block of a window transformer or a pixel shuffle does, in `rank` dimensions."""
    inner = [2] * (rank - 2) + [3]
    size = int(np.prod(inner))
    net = Net([size])
    x = net.op("MatMul", "x", net.weights(size, size))
    x = net.op("Reshape", x, net.constant(np.array([-1, *inner])))
    x = net.op("Add", x, net.weights(*inner))
    x = net.op("Relu", x)
    x = net.op("Transpose", x, perm=[0, *range(2, rank, 2), *range(1, rank, 2)])
    x = net.op("Mul", x, net.weights(inner[-1] if rank % 2 == 0 else 2))
    x = net.op("Reshape", x, net.constant(np.array([-1, size])))
    x = net.op("MatMul", x, net.weights(size, size))
    return net, [x]


def everything():
    """One of each kind of op, in eight dimensions; operands repeat along every other one, and a mean is over every other one."""
    net = Net([2, 3, 2, 2, 2, 2, 4])
    a = net.op("Add", "x", net.weights(1, 3, 1, 2, 1, 1, 4))
    b = net.op("Transpose", a, perm=[0, 4, 2, 1, 7, 3, 6, 5])
    b = net.op("Transpose", net.op("Relu", b), perm=[0, 3, 2, 5, 1, 7, 6, 4])
    c = net.op("Sigmoid", net.op("MatMul", b, net.weights(4, 4)))
    c = net.op("Mul", c, a)
    c = net.op("Sub", c, net.op("ReduceMean", c, axes=[1, 3, 5, 7], keepdims=1))
    softmax = net.op("Softmax", c, axis=-1)
    product = net.op("MatMul", softmax, net.op("Transpose", c, perm=[0, 1, 2, 3, 4, 5, 7, 6]))
    d = net.op("Concat", net.op("Max", c, softmax), c, axis=3)
    d = net.op("Slice", d, net.constant(np.array([0, 1])), net.constant(np.array([2, 3])), net.constant(np.array([2, 3])))
    d = net.op("Pad", d, net.constant(np.array([0] * 12 + [1, 0, 0, 0])))
    d = net.op("Gather", d, net.constant(np.array([1, 0])), axis=3)
    d = net.op("Div", d, net.constant(np.array([1, 2, 3, 1.5], np.float32)))
    e = net.op("Erf", d)
    e = net.op("Where", net.op("Less", e, net.constant(np.array(0.1, np.float32))), e, d)
    largest = net.op("ReduceMax", e, axes=[1, 4], keepdims=0)
    normal = net.op("LayerNormalization", e, net.weights(4), net.weights(4), axis=-1)
    return net, [product, softmax, largest, normal]


class ManyDims(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)

    def check(self, net, outputs, tolerance=1e-5):
        """Float as onnx's own evaluator; int8 near to it, and on every road to the bit."""
        source = net.model(*outputs)
        onnx.save(source, self.folder / "model.onnx")
        samples = net.samples(32)
        expected = dict(zip(outputs, ReferenceEvaluator(source).run(None, {"x": samples})))
        model = npir.from_onnx(self.folder / "model.onnx")
        for backend in ("xnnpack", "interpreter"):
            found = npir.run(model, samples, backend=backend, batch=5)
            for name in outputs:
                self.assertEqual(found[name].shape, expected[name].shape)
                error = np.abs(found[name] - expected[name]).max() / np.abs(expected[name]).max()
                self.assertLess(error, tolerance, (backend, name))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", npir.NPIRWarning)
            integer = npir.quantize(model, "preset:minmax", samples, stop_at="integer")
            target = npir.quantize(model, "preset:minmax", samples)
        for name, values in npir.run(target, samples, batch=7).items():
            noise = ((values.astype(np.float64) - expected[name]) ** 2).sum()
            self.assertGreater(10 * np.log10((expected[name].astype(np.float64) ** 2).sum() / noise), 20, name)
        target.save(self.folder / "target.mlirbc")
        integer.save(self.folder / "integer.mlirbc")
        return integer, target, samples

    def test_blocks_of_each_rank(self):
        for rank in (6, 7, 8, 9, 12):
            with self.subTest(rank=rank):
                integer, target, samples = self.check(*blocks(rank))
                found = npir.run(target, samples)
                for name, values in npir.run(integer, samples, backend="interpreter").items():
                    np.testing.assert_array_equal(values, found[name])

    def test_everything(self):
        self.check(*everything())

    def test_names_that_are_taken(self):
        nodes = [helper.make_node("Sigmoid", ["x"], ["a"], "l"), helper.make_node("Relu", ["a"], ["b"], "l.joined"),
                 helper.make_node("Softmax", ["b"], ["y"], "s", axis=-1)]
        graph = helper.make_graph(nodes, "names", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", *[2] * 7])],
                                  [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        x = np.random.default_rng(0).normal(size=(3, *[2] * 7)).astype(np.float32)
        expected = ReferenceEvaluator(model).run(None, {"x": x})[0]
        result = npir.run(npir.from_onnx(model), {"x": x})
        np.testing.assert_allclose(next(iter(result.values())), expected, rtol=1e-4)

    def test_more_than_kernels_take(self):
        net = Net([6])
        x = net.op("Reshape", "x", net.constant(np.array([-1] + [1] * 14 + [2, 3])))
        x = net.op("Relu", x)
        onnx.save(net.model(x), self.folder / "model.onnx")
        model = npir.from_onnx(self.folder / "model.onnx")
        with self.assertRaisesRegex(npir.NPIRError, "layer 'reshape0': .* expected at most 16 dimensions, got 17"):
            npir.quantize(model, "preset:minmax", net.samples(2))


if __name__ == "__main__":
    unittest.main()
