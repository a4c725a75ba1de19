"""The onnx package's backend node tests: which of them concern NPIR, and running one.

A node test is a model of one node, or of a few, with inputs and the outputs to expect. Networks keep weights, shapes and axes
in the model, node tests have them among the inputs: those that the importer wants to know are bound to the test's own
values. At least one input is fed when the model runs, wherever one is a number that NPIR computes with at run time.
"""
import collections
import dataclasses
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper
from onnx.backend.test.loader import load_model_tests

import npir
from npir.importers.onnx.model import MIN_OPSET
from npir.importers.onnx.registry import covers

BACKENDS = ("interpreter", "runtime")
# As npir.run calls them.
_NAMES = {"interpreter": "interpreter", "runtime": "xnnpack"}
# The input of a model that needs none.
UNUSED = "unused"
# What a module's inputs and outputs may hold.
_TYPES = (TensorProto.FLOAT, TensorProto.INT32, TensorProto.INT64, TensorProto.BOOL)


@dataclasses.dataclass
class Outcome:
    """What became of a test. `status`: passed, failed, excluded, or not covered. `results`: for each backend passed, or why
    not. `fed` and `bound`: names of inputs."""

    name: str
    ops: list
    status: str
    reason: str = ""
    results: dict = dataclasses.field(default_factory=dict)
    fed: list = dataclasses.field(default_factory=list)
    bound: list = dataclasses.field(default_factory=list)


def load_cases():
    """All node tests by name."""
    return sorted(load_model_tests(kind="node"), key=lambda case: case.name)


def _read_tensors(folder, kind, values):
    """The arrays of `kind`_0.pb... by the names of `values`; None in place of what is no tensor."""
    arrays = {}
    for i, value in enumerate(values):
        if value.type.WhichOneof("value") != "tensor_type":
            arrays[value.name] = None
            continue
        tensor = TensorProto()
        tensor.ParseFromString((folder / f"{kind}_{i}.pb").read_bytes())
        arrays[value.name] = numpy_helper.to_array(tensor)
    return arrays


class Case:
    """A test that was read: the model, and its sets of inputs and outputs."""

    def __init__(self, case):
        self.case = case
        folder = pathlib.Path(case.model_dir)
        self.model = onnx.load(folder / "model.onnx")
        graph = self.model.graph
        self.ops = sorted({node.op_type for node in graph.node})
        self.sets = [
            (_read_tensors(data, "input", graph.input), _read_tensors(data, "output", graph.output))
            for data in sorted(folder.glob("test_data_set_*"))
        ]

    @property
    def inputs(self):
        return self.sets[0][0]

    def find_exclusion(self):
        """Why the test is outside of what NPIR is for, told by its model and data alone; or None."""
        graph = self.model.graph
        for node in graph.node:
            if node.domain not in ("", "ai.onnx"):
                return f"domain: {node.domain}"
            if any(attribute.name == "training_mode" and attribute.i for attribute in node.attribute):
                return "training"
        if self._feeds_training_mode():
            return "training"
        for value in [*graph.input, *graph.output]:
            if value.type.WhichOneof("value") != "tensor_type":
                return f"type: {value.type.WhichOneof('value').removesuffix('_type')}"
            kind = value.type.tensor_type.elem_type
            if kind not in _TYPES:
                return f"type: {TensorProto.DataType.Name(kind).lower()}"
        inputs, outputs = self.sets[0]
        # An empty list of axes or sizes is no tensor of the network.
        empty = [array for array in inputs.values() if array.size == 0 and (array.dtype.kind == "f" or array.ndim > 1)]
        if empty or any(array.size == 0 for array in outputs.values()):
            return "tensors without elements"
        # Data that is no number is refused before anything runs.
        if any(array.ndim and array.dtype.kind == "f" and not np.isfinite(array).all() for array in inputs.values()):
            return "inputs that are not finite"
        return None

    def _feeds_training_mode(self):
        for node in self.model.graph.node:
            if node.op_type == "Dropout" and len(node.input) > 2 and node.input[2] in self.inputs:
                return bool(self.inputs[node.input[2]])
        return False

    def bind(self, bound):
        """The model with the inputs `bound` as weights, at an operator set that NPIR reads."""
        model = onnx.ModelProto()
        model.CopyFrom(self.model)
        graph = model.graph
        kept = [value for value in graph.input if value.name not in bound]
        if not kept:
            # Something has to say how often the network runs.
            kept = [onnx.helper.make_tensor_value_info(UNUSED, TensorProto.FLOAT, [1])]
        del graph.input[:]
        graph.input.extend(kept)
        graph.initializer.extend(numpy_helper.from_array(self.inputs[name], name) for name in bound)
        for opset in model.opset_import:
            if opset.version < MIN_OPSET and self._is_same_at(MIN_OPSET):
                opset.version = MIN_OPSET
        return model

    def _is_same_at(self, version):
        """Whether operator set `version` defines all ops as the model's own does."""
        own = next(opset.version for opset in self.model.opset_import if opset.domain in ("", "ai.onnx"))
        return all(
            onnx.defs.get_schema(op, own).since_version == onnx.defs.get_schema(op, version).since_version
            for op in self.ops
        )

    def choices(self):
        """Which inputs to feed, from all to as few as need be."""
        arrays = self.inputs
        feedable = [name for name, array in arrays.items() if array.ndim and array.size]
        floats = [name for name in feedable if arrays[name].dtype.kind == "f"]
        others = [name for name in feedable if name not in floats]
        choices = [choice for choice in (feedable, floats, floats[:1], others, others[:1]) if choice]
        if not floats:
            # Arithmetic on shapes, which is done at import.
            choices.append([])
        return [choice for i, choice in enumerate(choices) if choice not in choices[:i]]


def _import(case):
    """The imported model with the names of the inputs to feed; or None with the refusal of what feeds least."""
    reason = ""
    for fed in case.choices():
        bound = [name for name in case.inputs if name not in fed]
        try:
            return npir.from_onnx(case.bind(bound), batch="fixed"), fed, ""
        except npir.NPIRError as error:
            reason = " / ".join(line.strip() for line in str(error).splitlines()[1:]) or str(error)
        except Exception as error:  # pylint: disable=broad-except
            # A bug, which the other tests need not suffer from.
            return None, [], f"import: internal error: {type(error).__name__}: {error}"
    return None, [], f"import: {reason}"


def _check(actual, expected, case):
    """Why the outputs differ, or passed."""
    for name, array in expected.items():
        if name not in actual:
            return f"output '{name}' is missing"
        if actual[name].dtype != array.dtype:
            return f"output '{name}': expected {array.dtype}, got {actual[name].dtype}"
        if actual[name].shape != array.shape:
            return f"output '{name}': expected shape {list(array.shape)}, got {list(actual[name].shape)}"
        if not np.allclose(actual[name], array, case.rtol, case.atol, equal_nan=True):
            with np.errstate(all="ignore"):
                error = np.nanmax(np.abs(actual[name].astype(np.float64) - array.astype(np.float64)))
            return f"output '{name}': differs by up to {error:.3g}"
    return "passed"


def _run(model, case, fed, backend):
    for inputs, outputs in case.sets:
        try:
            feeds = {name: inputs[name] for name in fed} or {UNUSED: np.zeros(1, np.float32)}
            actual = npir.run(model, feeds, backend=_NAMES[backend])
        except (npir.NPIRError, ValueError) as error:
            return "run: " + str(error).splitlines()[0]
        result = _check(actual, outputs, case.case)
        if result != "passed":
            return result
    return "passed"


def run_case(case):
    """The Outcome of a test."""
    case = Case(case)
    outcome = Outcome(case.case.name, case.ops, "excluded")
    outcome.reason = case.find_exclusion() or ""
    if outcome.reason:
        return outcome
    missing = [op for op in case.ops if not covers(op)]
    if missing:
        outcome.status, outcome.reason = "not covered", ", ".join(missing)
        return outcome
    model, outcome.fed, outcome.reason = _import(case)
    outcome.bound = [name for name in case.inputs if name not in outcome.fed]
    if model is None:
        outcome.results = dict.fromkeys(BACKENDS, outcome.reason)
    else:
        outcome.results = {backend: _run(model, case, outcome.fed, backend) for backend in BACKENDS}
    passed = all(result == "passed" for result in outcome.results.values())
    outcome.status = "passed" if passed else "failed"
    outcome.reason = next((result for result in outcome.results.values() if result != "passed"), "")
    return outcome


def count_by(outcomes, key):
    """How many outcomes have each `key(outcome)`, most first."""
    return dict(collections.Counter(map(key, outcomes)).most_common())
