"""LSTM, GRU and RNN: one step behind the other, each a linear layer of the state and a few
functions of its result. What is made of the inputs is one layer for all the steps.

In between the batch comes first: inputs and states of all steps are [N, steps, size].
"""

import numpy as np


from .moved import Moved
from .ops_microsoft import given
from .recipe import Recipe
from .registry import onnx_op
from .report import NodeProblem
from .values import Batch, Host, format_shape

# The activations: ONNX's op for each, and what alpha and beta are in it.
_FUNCTIONS = {
    "Affine": None,
    "Elu": ("Elu", {"alpha": 1.0}),
    "HardSigmoid": ("HardSigmoid", {"alpha": 0.2, "beta": 0.5}),
    "LeakyRelu": ("LeakyRelu", {"alpha": 0.01}),
    "Relu": ("Relu", {}),
    "ScaledTanh": None,
    "Sigmoid": ("Sigmoid", {}),
    "Softplus": ("Softplus", {}),
    "Softsign": ("Softsign", {}),
    "Tanh": ("Tanh", {}),
    "ThresholdedRelu": ("ThresholdedRelu", {"alpha": 1.0}),
}
# Steps that a graph gets for each node: it grows with them.
_MAX_STEPS = 4096


class Recurrence:
    """A node of `gates` gates. Subclasses say what one step makes of them."""

    gates = 1
    functions = ("Tanh",)
    # Whether there is a second state, with an initial value as operand 6.
    has_cell = False

    def __init__(self, node):
        self.node = node
        self.r = Recipe(node)
        self.hidden = node.int("hidden_size")
        self.direction = node.text("direction", "forward")
        self.layout = node.int("layout", 0)
        self.clip = node.float("clip") if node.has("clip") else None
        self.reads_attributes(node)
        if self.direction not in ("forward", "reverse", "bidirectional"):
            raise NodeProblem(f"unknown direction '{self.direction}'")
        self.directions = 2 if self.direction == "bidirectional" else 1
        self.activations = self._activations(node)
        self.weights = [
            self._weight(i, name, rank)
            for i, name, rank in ((1, "W", 3), (2, "R", 3), (3, "B", 2))
        ]
        if self.weights[0].shape[1] != self.gates * (self.hidden or 0):
            raise NodeProblem(
                f"expected W of {self.gates} * hidden_size rows, got "
                f"{format_shape(self.weights[0].shape)} and hidden_size {self.hidden}"
            )

    def reads_attributes(self, node):
        pass

    def _weight(self, index, name, rank):
        node = self.node
        if index == 3 and not node.is_given(3):
            return np.zeros((self.directions, 2 * self.gates * self.hidden), np.float32)
        array = node.weight(index, name, rank).array
        if array.shape[0] != self.directions:
            raise NodeProblem(
                f"expected {name} of {self.directions} directions, got "
                f"{format_shape(array.shape)}"
            )
        return array

    def _activations(self, node):
        """Functions of a name, for each direction."""
        names = node.copy_attributes(["activations"]).get("activations") or [
            name.encode() for name in self.functions * self.directions
        ]
        names = [name.decode("utf-8", "replace") for name in names]
        # With numbers for those activations that have some, in their order.
        alphas = node.floats("activation_alpha")
        betas = node.floats("activation_beta")
        if len(names) != len(self.functions) * self.directions:
            raise NodeProblem(
                f"expected {len(self.functions) * self.directions} activations, got "
                f"{len(names)}"
            )
        made = [self._function(name, alphas, betas) for name in names]
        count = len(self.functions)
        return [made[i * count : (i + 1) * count] for i in range(self.directions)]

    def _function(self, name, alphas, betas):
        found = {n.lower(): n for n in _FUNCTIONS}.get(name.lower())
        if found is None:
            raise NodeProblem(f"unsupported activation '{name}'")
        r = self.r
        if _FUNCTIONS[found] is None:
            alpha = alphas.pop(0) if alphas else 1.0
            beta = betas.pop(0) if betas else (0.0 if found == "Affine" else 1.0)
            if found == "Affine":
                return lambda x: r(".Add", r(".Mul", x, alpha), beta)
            return lambda x: r(".Mul", r(".Tanh", r(".Mul", x, beta)), alpha)
        op, defaults = _FUNCTIONS[found]
        attributes = dict(defaults)
        for key, values in (("alpha", alphas), ("beta", betas)):
            if key in attributes and values:
                attributes[key] = values.pop(0)
        return lambda x: r("." + op, x, **attributes)

    def run(self):
        node, r = self.node, self.r
        x = self._first(node.inputs[0], [1, 0, 2])
        shape = r.shape(x)
        if len(shape) != 3 or isinstance(shape[1], Batch):
            raise NodeProblem(
                "expected a constant number of steps, and the batch behind it, got "
                f"{format_shape(r.shape(node.inputs[0]))}; --batch=fixed or --shape "
                "tells which size is which"
            )
        if shape[1] > _MAX_STEPS:
            raise NodeProblem(f"expected at most {_MAX_STEPS} steps, got {shape[1]}")
        self.steps = shape[1]
        self.masks = self._masks()
        runs = [self._run_direction(x, d) for d in range(self.directions)]
        if r.wants(0):
            all_steps = self._stack([states[0] for states in runs], 2)
            self._back(all_steps, [1, 2, 0, 3], 0)
        for index in (1, 2)[: 1 + self.has_cell]:
            if r.wants(index):
                self._back(self._stack([s[index] for s in runs], 1), [1, 0, 2], index)

    def _first(self, x, perm):
        """`x` with the batch first, as `layout` has it or not."""
        return x if self.layout else self.r(".Transpose", x, perm=perm)

    def _back(self, x, perm, index):
        if self.layout:
            self.r.set(x, index)
        else:
            self.r("Transpose", x, perm=perm, index=index)

    def _stack(self, parts, axis):
        r = self.r
        parts = [r(".Unsqueeze", part, [axis]) for part in parts]
        return parts[0] if len(parts) == 1 else r(".Concat", *parts, axis=axis)

    def _masks(self):
        """For each step which samples have it, or None where all have all."""
        lengths = given(self.node, 4)
        if lengths is None:
            return None
        value, r = self.r.value(lengths), self.r
        if isinstance(value, Host) and np.all(value.array == self.steps):
            return None
        lengths = r(".Reshape", lengths, [-1, 1])
        return [
            r(".Greater", lengths, np.array([[step]], np.int32))
            for step in range(self.steps)
        ]

    def _initial(self, index, direction):
        """A state [N, hidden] of before the first step; None where it is 0."""
        name, r = given(self.node, index), self.r
        if name is None:
            return None
        value = r.value(name)
        if isinstance(value, Host) and not np.any(value.array):
            return None
        if isinstance(value, Moved) and value.is_zero:
            return None
        state = self._first(name, [1, 0, 2])
        state = r(".Slice", state, [direction], [direction + 1], [1])
        return r(".Squeeze", state, [1])

    def _run_direction(self, x, direction):
        """All states as [N, steps, hidden], and the last ones."""
        r, size = self.r, self.gates * self.hidden
        w, recurrence, bias = (weight[direction] for weight in self.weights)
        self.act = self.activations[direction]
        self.recurrence = r.bind(Host(np.ascontiguousarray(recurrence.T), self._named("R")))
        inputs = r(".MatMul", x, np.ascontiguousarray(w.T))
        inputs = r(".Add", inputs, self.input_bias(bias, size))
        self.set_biases(bias, size, direction)
        backwards = direction == 1 or self.direction == "reverse"
        order = list(range(self.steps))
        parts = [
            r(".Squeeze", r(".Slice", inputs, [t], [t + 1], [1]), [1]) for t in order
        ]
        states = [self._initial(5, direction)]
        if self.has_cell:
            states.append(self._initial(6, direction))
        outputs = [None] * self.steps
        for t in reversed(order) if backwards else order:
            made = self.step(parts[t], *states)
            outputs[t] = made[0]
            if self.masks is not None:
                outputs[t] = r(".Where", self.masks[t], made[0], 0)
                made = [
                    r(".Where", self.masks[t], new, 0 if old is None else old)
                    for new, old in zip(made, states)
                ]
            states = made
        return [self._stack(outputs, 1) if r.wants(0) else None, *states]

    def _named(self, name):
        return f"{self.node.layer}.{name}"

    def input_bias(self, bias, size):
        return bias[:size] + bias[size:]

    def set_biases(self, bias, size, direction):
        pass

    def with_state(self, x, h):
        """x + h * R, where there is a state."""
        return x if h is None else self.r(".Add", x, self.r(".MatMul", h, self.recurrence))

    def part(self, x, index, count=1):
        """`count` gates of [N, gates * hidden] from gate `index` on."""
        start = index * self.hidden
        return self.r(".Slice", x, [start], [start + count * self.hidden], [1])

    def clipped(self, x):
        return x if self.clip is None else self.r(".Clip", x, -self.clip, self.clip)


class Plain(Recurrence):
    def step(self, x, h):
        return [self.act[0](self.clipped(self.with_state(x, h)))]


class Gru(Recurrence):
    """z, r, h; z is how much of the old state stays."""

    gates = 3
    functions = ("Sigmoid", "Tanh")

    def reads_attributes(self, node):
        self.is_linear_first = node.int("linear_before_reset", 0)

    def input_bias(self, bias, size):
        if not self.is_linear_first:
            return bias[:size] + bias[size:]
        both = bias[:size].copy()
        both[: 2 * self.hidden] += bias[size : size + 2 * self.hidden]
        return both

    def set_biases(self, bias, size, direction):
        recurrence, hidden, r = self.weights[1][direction], self.hidden, self.r
        self.late_bias = bias[size + 2 * hidden :]
        if not self.is_linear_first:
            gates = np.ascontiguousarray(recurrence[: 2 * hidden].T)
            self.gate_recurrence = r.bind(Host(gates, self._named("Rzr")))
            new = np.ascontiguousarray(recurrence[2 * hidden :].T)
            self.new_recurrence = r.bind(Host(new, self._named("Rh")))

    def step(self, x, h):
        r = self.r
        gates, new = self.part(x, 0, 2), self.part(x, 2)
        if h is not None and self.is_linear_first:
            product = r(".MatMul", h, self.recurrence)
            gates = r(".Add", gates, self.part(product, 0, 2))
            late = r(".Add", self.part(product, 2), self.late_bias)
        elif h is not None:
            gates = r(".Add", gates, r(".MatMul", h, self.gate_recurrence))
        gates = self.act[0](self.clipped(gates))
        z, reset = self.part(gates, 0), self.part(gates, 1)
        if self.is_linear_first:
            if h is None:
                late = self.late_bias
            new = r(".Add", new, r(".Mul", reset, late))
        elif h is not None:
            rest = r(".Mul", reset, h)
            new = r(".Add", new, r(".MatMul", rest, self.new_recurrence))
        new = self.act[1](self.clipped(new))
        kept = r(".Mul", r(".Sub", 1, z), new)
        return [kept if h is None else r(".Add", kept, r(".Mul", z, h))]


class Lstm(Recurrence):
    """i, o, f, c: input, output, forget gate, and what gets into the cell."""

    gates = 4
    functions = ("Sigmoid", "Tanh", "Tanh")
    has_cell = True

    def reads_attributes(self, node):
        self.is_coupled = node.int("input_forget", 0)
        self.peepholes = None

    def set_biases(self, bias, size, direction):
        if self.node.is_given(7):
            array = self.node.weight(7, "P", 2).array
            if array.shape != (self.directions, 3 * self.hidden):
                raise NodeProblem(
                    f"expected P of [{self.directions}, {3 * self.hidden}], got "
                    f"{format_shape(array.shape)}"
                )
            self.peepholes = array[direction]

    def _peep(self, x, index, c):
        """A gate that sees the cell, too."""
        if self.peepholes is None or c is None:
            return x
        weights = self.peepholes[index * self.hidden : (index + 1) * self.hidden]
        return self.r(".Add", x, self.r(".Mul", c, weights))

    def step(self, x, h, c):
        r = self.r
        x = self.with_state(x, h)
        if self.peepholes is None:
            # All gates at once.
            gates = self.act[0](self.clipped(self.part(x, 0, 3)))
            i, o, f = (self.part(gates, index) for index in range(3))
        else:
            i = self.act[0](self.clipped(self._peep(self.part(x, 0), 0, c)))
            f = self.act[0](self.clipped(self._peep(self.part(x, 2), 2, c)))
        if self.is_coupled:
            f = r(".Sub", 1, i)
        cell = r(".Mul", i, self.act[1](self.clipped(self.part(x, 3))))
        if c is not None:
            cell = r(".Add", r(".Mul", f, c), cell)
        if self.peepholes is not None:
            o = self.act[0](self.clipped(self._peep(self.part(x, 1), 1, cell)))
        return [r(".Mul", o, self.act[2](cell)), cell]


@onnx_op("RNN", inputs=(3, 6), outputs=2)
def import_rnn(node):
    Plain(node).run()


@onnx_op("GRU", inputs=(3, 6), outputs=2)
def import_gru(node):
    Gru(node).run()


@onnx_op("LSTM", inputs=(3, 8), outputs=3)
def import_lstm(node):
    Lstm(node).run()
