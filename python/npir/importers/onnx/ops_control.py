"""Branches and loops whose course is known at import: what they do, in their place."""

import numpy as np

from .body import Body
from .recipe import Recipe
from .registry import onnx_op
from .report import NodeProblem
from .values import Batch, Host, Sequence, format_shape

# More runs of a body are not imported.
_MAX_RUNS = 2**14


@onnx_op("If", outputs=None, hosts=True)
def import_if(node):
    """The branch that is taken; where that is not known, both, and a choice."""
    branches = [node.graph(name) for name in ("then_branch", "else_branch")]
    condition = node.value(0)
    r = Recipe(node)
    if isinstance(condition, Host):
        if condition.array.size != 1:
            raise NodeProblem(
                f"expected one condition, got {format_shape(condition.shape)}"
            )
        taken = branches[0 if condition.array.reshape(())[()] else 1]
        for index, name in enumerate(Body(node, taken).run([])):
            r.set(name, index)
        return
    results = [Body(node, branch).run([]) for branch in branches]
    for index, pair in enumerate(zip(*results)):
        if not r.wants(index):
            continue
        values = [r.value(name) for name in pair]
        if any(isinstance(value, Sequence) for value in values) or (
            values[0].shape != values[1].shape
        ):
            raise NodeProblem(
                "expected a condition known at import, or branches with results of the "
                f"same shape, got '{node.inputs[0]}'"
            )
        r("Where", node.inputs[0], *pair, index=index)


def _is_true(value, name):
    if not isinstance(value, Host) or value.holds_batch or value.array.size != 1:
        raise NodeProblem(
            "expected a condition that is known at import in each run of the body, got "
            f"'{name}': a loop that ends by its data cannot be unrolled"
        )
    return bool(value.array.reshape(()))


@onnx_op("Loop", inputs=(2, None), outputs=None, hosts=True)
def import_loop(node):
    proto = node.graph("body")
    r = Recipe(node)
    count = node.static_integers(0, "number of runs")[0] if node.is_given(0) else None
    goes_on = not node.is_given(1) or _is_true(node.value(1), node.inputs[1])
    body = Body(node, proto)
    states = list(node.inputs[2:])
    if len(body.inputs) != 2 + len(states) or len(body.outputs) <= len(states):
        raise NodeProblem(
            f"expected a body of {2 + len(states)} inputs, and more outputs than "
            f"{len(states)}, got {len(body.inputs)} and {len(body.outputs)}"
        )
    stacks = [[] for _ in body.outputs[1 + len(states) :]]
    condition = r.bind(Host(np.array(True), f"{node.layer}.condition"))
    index = 0
    while goes_on and (count is None or index < count):
        if index == _MAX_RUNS:
            raise NodeProblem(f"expected at most {_MAX_RUNS} runs of the body, got more")
        number = r.bind(Host(np.array(index, np.int64), f"{node.layer}.number"))
        results = body.run([number, condition, *states], f".{index}")
        goes_on = _is_true(r.value(results[0]), body.outputs[0])
        states = results[1 : 1 + len(states)]
        for stack, name in zip(stacks, results[1 + len(states) :]):
            stack.append(name)
        index += 1
    for i, name in enumerate(states):
        r.set(name, i)
    for i, stack in enumerate(stacks, len(states)):
        if r.wants(i):
            r.set(_stack(r, stack, 0), i)


def _stack(r, names, axis):
    """One behind the other along a new axis."""
    if not names:
        raise NodeProblem("expected at least one run of the body, got none")
    shape = r.shape(names[0])
    axis %= len(shape) + 1
    inner = max(axis, 1) if shape and isinstance(shape[0], Batch) else axis
    parts = [r(".Unsqueeze", name, [inner]) for name in names]
    y = parts[0] if len(parts) == 1 else r(".Concat", *parts, axis=inner)
    if inner == axis:
        return y
    return r(".Transpose", y, perm=[1, 0, *range(2, len(shape) + 1)])


@onnx_op("Scan", inputs=(1, None), outputs=None, hosts=True)
def import_scan(node):
    proto, count = node.graph("body"), node.int("num_scan_inputs")
    names = ("scan_input_directions", "scan_output_directions")
    backwards = [node.ints(name, []) for name in names]
    axes = [node.ints(f"scan_{side}_axes", []) for side in ("input", "output")]
    body = Body(node, proto)
    if not count or not 0 < count <= len(node.inputs) == len(body.inputs):
        raise NodeProblem(
            "expected num_scan_inputs, and a body with as many inputs as the node, got "
            f"{count} and {len(body.inputs)} for {len(node.inputs)}"
        )
    r = Recipe(node)
    first = len(node.inputs) - count
    states, scanned = node.inputs[:first], node.inputs[first:]
    axes_in = [a % len(r.shape(x)) for a, x in zip(axes[0] or [0] * count, scanned)]
    lengths = [r.shape(x)[axis] for x, axis in zip(scanned, axes_in)]
    if len(set(lengths)) != 1 or isinstance(lengths[0], Batch) or lengths[0] > _MAX_RUNS:
        raise NodeProblem(
            f"expected operands of one constant length up to {_MAX_RUNS}, got "
            f"{format_shape(lengths)}"
        )
    stacks = [[] for _ in body.outputs[first:]]
    for step in range(lengths[0]):
        parts = []
        for i, (x, axis) in enumerate(zip(scanned, axes_in)):
            at = lengths[0] - 1 - step if backwards[0] and backwards[0][i] else step
            part = r(".Slice", x, [at], [at + 1], [axis])
            parts.append(r(".Squeeze", part, [axis]))
        results = body.run([*states, *parts], f".{step}")
        states = results[:first]
        for stack, name in zip(stacks, results[first:]):
            stack.append(name)
    for i, name in enumerate(states):
        r.set(name, i)
    for i, stack in enumerate(stacks):
        if backwards[1] and backwards[1][i]:
            stack.reverse()
        if r.wants(first + i):
            r.set(_stack(r, stack, axes[1][i] if axes[1] else 0), first + i)
