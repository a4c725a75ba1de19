"""Recurrent layers compute what they compute in onnxruntime."""
import itertools
import unittest

import numpy as np

from onnx_import_helpers import ints, make_model, node
from onnxruntime_helpers import CaseTest, run_onnxruntime
import npir

GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}
STEPS, SIZE, HIDDEN = 5, 3, 4


class RecurrentTest(CaseTest):
    def weights(self, op, directions):
        rows = GATES[op] * HIDDEN
        shapes = {"w": (directions, rows, SIZE), "r": (directions, rows, HIDDEN), "b": (directions, 2 * rows),
                  "p": (directions, 3 * HIDDEN)}
        weights = {name: self.rng.uniform(-1, 1, shape).astype(np.float32) for name, shape in shapes.items()}
        return weights | {"h": self.rng.uniform(-1, 1, (directions, 1, HIDDEN)).astype(np.float32), "zero": ints(0)}

    def recurrent(self, op, operands=("t", "w", "r", "b"), direction="forward", output="Y", before=(), **attributes):
        """A layer of batch-first inputs, as torch exports it, whose result is batch-first again."""
        weights = self.weights(op, 2 if direction == "bidirectional" else 1)
        names = {"Y": ["z"], "Y_h": ["", "z"], "Y_c": ["", "", "z"]}[output]
        perm = [2, 0, 1, 3] if output == "Y" else [1, 0, 2]
        nodes = [node("Transpose", ["x"], ["t"], perm=[1, 0, 2]), *before,
                 node(op, list(operands), names, "f", direction=direction, hidden_size=HIDDEN, **attributes),
                 node("Transpose", ["z"], ["y"], perm=perm)]
        self.add(f"{op} {operands} {direction} {output} {attributes}", nodes, weights, (STEPS, SIZE))

    def test_directions_and_outputs(self):
        for op, direction in itertools.product(GATES, ("forward", "reverse", "bidirectional")):
            for output in ("Y", "Y_h", "Y_c")[: 3 if op == "LSTM" else 2]:
                self.recurrent(op, direction=direction, output=output)
        self.recurrent("GRU", direction="bidirectional", linear_before_reset=1)
        self.recurrent("GRU", linear_before_reset=1)
        self.recurrent("LSTM", ("t", "w", "r"))

    def test_states(self):
        """Initial states that are made of the input, for a batch of any size."""
        state = [node("ReduceMean", ["x"], ["m"], axes=[1, 2], keepdims=1), node("Mul", ["m", "h"], ["mh"]),
                 node("Transpose", ["mh"], ["s"], perm=[1, 0, 2])]
        for op in GATES:
            operands = ("t", "w", "r", "b", "", "s") + (("s",) if op == "LSTM" else ())
            self.recurrent(op, operands, before=state)
        self.recurrent("GRU", ("t", "w", "r", "b", "", "s"), before=state, linear_before_reset=1)
        peepholes = ("t", "w", "r", "b", "", "s", "s", "p")
        self.recurrent("LSTM", peepholes, before=state)
        self.recurrent("LSTM", ("t", "w", "r", "b", "", "", "", "p"), direction="bidirectional")

    def test_lengths(self):
        """Samples with steps of their own number."""
        lengths = [node("ReduceMean", ["x"], ["m"], axes=[1, 2], keepdims=0), node("Abs", ["m"], ["a"]), node("Ceil", ["a"], ["c"]),
                   node("Cast", ["c"], ["n"], to=6)]
        for op, direction in itertools.product(GATES, ("forward", "reverse", "bidirectional")):
            for output in ("Y", "Y_h"):
                self.recurrent(op, ("t", "w", "r", "b", "n"), direction, output, lengths)

    def test_attributes(self):
        for name in ("Relu", "HardSigmoid", "LeakyRelu", "Elu", "Softsign", "Softplus", "Affine", "ScaledTanh"):
            numbers = {"activation_alpha": [0.3]} if name != "Relu" else {}
            if name in ("HardSigmoid", "Affine", "ScaledTanh"):
                numbers["activation_beta"] = [0.4]
            if name in ("Softsign", "Softplus"):
                numbers = {}
            self.recurrent("RNN", activations=[name], **numbers)
        self.recurrent("LSTM", activations=["Sigmoid", "Relu", "Tanh"])
        self.recurrent("LSTM", clip=0.5)
        self.recurrent("GRU", clip=0.5)

    def test_fixed(self):
        """Steps first, as inputs, too: the batch is a size like others."""
        weights = self.weights("LSTM", 1)
        model = make_model([node("LSTM", ["x", "w", "r", "b"], ["y"], "f", hidden_size=HIDDEN)], weights, (STEPS, 2, SIZE))
        samples = self.rng.standard_normal((STEPS, 2, SIZE)).astype(np.float32)
        (expected,) = run_onnxruntime([(model, samples)])
        imported = npir.from_onnx(model, batch="fixed")
        np.testing.assert_allclose(npir.run(imported, {"x": samples})["y"], expected, atol=1e-6)
        with self.assertRaisesRegex(npir.NPIRError, "expected a constant number of steps, and the batch behind it, got "
                                                    r"\[batch, 2, 3\]; --batch=fixed or --shape tells"):
            npir.from_onnx(model)

    def test_size(self):
        """The graph grows with the steps, and no faster."""
        counts = []
        for steps in (8, 16, 32):
            nodes = [node("Transpose", ["x"], ["t"], perm=[1, 0, 2]), node("LSTM", ["t", "w", "r", "b"], ["", "y"], "f", hidden_size=HIDDEN)]
            model = npir.from_onnx(make_model(nodes, self.weights("LSTM", 1), ("n", steps, SIZE)), outputs=None, batch=1)
            counts.append(len(str(model).splitlines()))
        self.assertEqual(counts[2] - counts[1], 2 * (counts[1] - counts[0]))


if __name__ == "__main__":
    unittest.main()
