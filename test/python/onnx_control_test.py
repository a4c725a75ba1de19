"""Branches, loops and sequences compute what they compute in onnxruntime."""
import unittest

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from onnx_import_helpers import ImporterTest, floats, ints, make_model, node
from onnxruntime_helpers import CaseTest

FLOAT, INT, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL


def body(name, nodes, inputs, outputs, weights=()):
    """A graph of (name, type) inputs and outputs, floats of any shape, and single values."""
    ports = [[helper.make_tensor_value_info(n, kind, None if kind == FLOAT else []) for n, kind in side] for side in (inputs, outputs)]
    return helper.make_graph(nodes, name, *ports, [numpy_helper.from_array(w, n) for n, w in dict(weights).items()])


def branch(name, *nodes, **weights):
    return body(name, list(nodes), [], [(nodes[-1].output[0], FLOAT)], weights)


def loop_body(nodes, states=("s",), scans=(), keep="c", weights=()):
    inputs = [("i", INT), ("c", BOOL), *((name, FLOAT) for name in states)]
    outputs = [(keep, BOOL), *((f"{name}_out", FLOAT) for name in states), *((name, FLOAT) for name in scans)]
    return body("body", nodes, inputs, outputs, weights)


class ControlTest(CaseTest):
    def test_if(self):
        branches = {"then_branch": branch("t", node("Add", ["x", "w"], ["a"]), w=floats(5)),
                    "else_branch": branch("e", node("Sub", ["x", "w"], ["b"]), node("Relu", ["b"], ["d"]), w=floats(5) * 2)}
        for condition in (True, False):
            self.add(f"constant {condition}", [node("If", ["cond"], ["y"], "f", **branches)], {"cond": np.array(condition)})
        shape = [node("Shape", ["x"], ["s"]), node("Gather", ["s", "one"], ["rows"]), node("Equal", ["rows", "three"], ["cond"])]
        self.add("computed", [*shape, node("If", ["cond"], ["y"], "f", **branches)], {"one": np.array(1), "three": np.array(3)})

    def test_nested_if(self):
        inner = node("If", ["inside"], ["z"], "g", then_branch=branch("t", node("Mul", ["h", "x"], ["z1"])),
                     else_branch=branch("e", node("Neg", ["h"], ["z2"])))
        outer = node("If", ["cond"], ["r"], "f", then_branch=branch("t2", node("Abs", ["x"], ["h"]), inner),
                     else_branch=branch("e2", node("Identity", ["x"], ["h3"])))
        # The node that the branch needs comes last: it is not an operand by name.
        self.add("nested", [node("Add", ["x", "k"], ["late"]), outer, node("Add", ["r", "late"], ["y"])],
                 {"cond": np.array(True), "inside": np.array(True), "k": floats(5)})

    def test_loop(self):
        nodes = [node("Cast", ["i"], ["f"], to=1), node("Exp", ["w"], ["ew"]), node("Mul", ["s", "ew"], ["m"]), node("Add", ["m", "f"], ["s_out"]),
                 node("Mul", ["s_out", "x"], ["scan"])]
        weights = {"w": floats(5) / 3}
        plain = loop_body(nodes, scans=["scan"], weights=weights)
        start = {"n": np.array(4), "yes": np.array(True)}
        self.add("states", [node("Loop", ["n", "yes", "x"], ["y", "unused"], "f", body=plain)], start)
        for after in ([node("ReduceSum", ["all", "zero"], ["y"], keepdims=0)], [node("Transpose", ["all"], ["y"], perm=[1, 0, 2, 3, 4])]):
            self.add(f"scans {after[0].op_type}", [node("Loop", ["n", "yes", "x"], ["last", "all"], "f", body=plain), *after],
                     {**start, "zero": ints(0)})
        ends = loop_body([node("Mul", ["s", "s"], ["q"]), node("Sin", ["q"], ["s_out"]), node("Less", ["i", "two"], ["keep"])], keep="keep",
                         weights={"two": np.array(2)})
        self.add("ends early", [node("Loop", ["n", "yes", "x"], ["y"], "f", body=ends)], {**start, "n": np.array(100)})
        self.add("without a number", [node("Loop", ["", "yes", "x"], ["y"], "f", body=ends)], start)
        self.add("no run", [node("Loop", ["none", "yes", "x"], ["z"], "f", body=ends), node("Neg", ["z"], ["y"])], {**start, "none": np.array(0)})

    def test_scan(self):
        scan = body("body", [node("Add", ["p", "v"], ["q"]), node("Tanh", ["q"], ["p_out"]), node("Mul", ["q", "v"], ["r"])],
                    [("p", FLOAT), ("v", FLOAT)], [("p_out", FLOAT), ("r", FLOAT)])
        before = [node("Transpose", ["x"], ["t"], perm=[1, 0, 2, 3]), node("Slice", ["x", "zero", "one", "one"], ["h"]),
                  node("Squeeze", ["h", "one"], ["start"])]
        weights = {"zero": ints(0), "one": ints(1)}
        for directions in (0, 1):
            for names, tail in ((["y", "all"], []), (["s", "all"], [node("Transpose", ["all"], ["y"], perm=[1, 0, 2, 3])])):
                attributes = {"num_scan_inputs": 1, "scan_input_directions": [directions], "scan_output_directions": [directions]}
                self.add(f"{directions} {names}", [*before, node("Scan", ["start", "t"], names, "f", body=scan, **attributes), *tail],
                         weights)

    def test_sequences(self):
        grow = [node("SequenceEmpty", [], ["s0"]), node("SequenceInsert", ["s0", "x"], ["s1"]), node("Relu", ["x"], ["r"]),
                node("SequenceInsert", ["s1", "r", "zero"], ["s2"]), node("Neg", ["x"], ["n"]),
                node("SequenceInsert", ["s2", "n", "minus"], ["s3"])]
        weights = {"zero": np.array(0), "minus": np.array(-1), "one": np.array(1)}
        self.add("insert", [*grow, node("ConcatFromSequence", ["s3"], ["y"], axis=1)], weights)
        self.add("erase", [*grow, node("SequenceErase", ["s3", "one"], ["s4"]), node("SequenceErase", ["s4"], ["s5"]),
                           node("ConcatFromSequence", ["s5"], ["y"], axis=1)], weights)
        self.add("length", [*grow, node("SequenceLength", ["s3"], ["k"]), node("Cast", ["k"], ["f"], to=1), node("Mul", ["x", "f"], ["y"])],
                 weights)


class RefusedControl(ImporterTest):
    def test_if(self):
        branches = {"then_branch": branch("t", node("Relu", ["x"], ["a"])), "else_branch": branch("e", node("Det", ["x"], ["b"]))}
        bad = make_model([node("If", ["cond"], ["y"], "bad", **branches)], {"cond": np.array(False)})
        self.refuse(bad, "  node 'Det_0' (Det): unsupported op\n", count=1)
        branches["else_branch"] = branch("e", node("Flatten", ["x"], ["b"]))
        condition = [node("ReduceMax", ["x"], ["m"], axes=[1, 2, 3], keepdims=0), node("Greater", ["m", "zero"], ["cond"])]
        self.refuse(make_model([*condition, node("If", ["cond"], ["y"], "bad", **branches)], {"zero": np.float32(0)}),
                    "node 'bad' (If): expected a condition known at import, or branches with results of the same shape, got 'cond'")
        self.refuse(make_model([node("If", ["two"], ["y"], "bad", **branches)], {"two": np.array([True, False])}),
                    "node 'bad' (If): expected one condition, got [2]")
        self.refuse(make_model([node("If", ["one"], ["y"], "bad", then_branch=branches["then_branch"])], {"one": np.array(True)}),
                    "node 'bad' (If): attribute 'else_branch' is missing")
        branches["then_branch"] = branch("t", node("Relu", ["nowhere"], ["a"]))
        self.refuse(make_model([node("If", ["one"], ["y"], "bad", **branches)], {"one": np.array(True)}), "node 'bad' (If): its input 'nowhere' is not defined")

    def test_loop(self):
        start = {"n": np.array(4), "yes": np.array(True)}
        nodes = [node("Neg", ["s"], ["s_out"])]
        by_data = [*nodes, node("ReduceMax", ["s"], ["m"], axes=[1, 2, 3], keepdims=0), node("Greater", ["m", "m"], ["keep"])]
        self.refuse(make_model([node("Loop", ["n", "yes", "x"], ["y"], "bad", body=loop_body(by_data, keep="keep"))], start),
                    "node 'bad' (Loop): expected a condition that is known at import in each run of the body, got 'keep': a loop that "
                    "ends by its data cannot be unrolled")
        self.refuse(make_model([node("Loop", ["", "yes", "x"], ["y"], "bad", body=loop_body(nodes))], start),
                    "node 'bad' (Loop): expected at most 16384 runs of the body, got more")
        self.refuse(make_model([node("Loop", ["n", "yes", "x", "x"], ["y"], "bad", body=loop_body(nodes))], start),
                    "node 'bad' (Loop): expected a body of 4 inputs, and more outputs than 2, got 3 and 2")
        scans = loop_body([*nodes, node("Abs", ["s"], ["o"])], scans=["o"])
        self.refuse(make_model([node("Loop", ["none", "yes", "x"], ["", "y"], "bad", body=scans)], {**start, "none": np.array(0)}),
                    "node 'bad' (Loop): expected at least one run of the body, got none")
        # The same node of every run is told once.
        bad = loop_body([node("Det", ["s"], ["s_out"], "inner")])
        self.refuse(make_model([node("Loop", ["n", "yes", "x"], ["y"], "bad", body=bad)], start), "node 'inner.0' (Det): unsupported op", count=1)

    def test_scan(self):
        scan = body("body", [node("Neg", ["v"], ["o"])], [("v", FLOAT)], [("o", FLOAT)])
        self.refuse(make_model([node("Scan", ["x"], ["y"], "bad", body=scan, num_scan_inputs=1)]),
                    "node 'bad' (Scan): expected operands of one constant length up to 16384, got [batch]")
        self.refuse(make_model([node("Scan", ["x"], ["y"], "bad", body=scan, num_scan_inputs=2)]),
                    "node 'bad' (Scan): expected num_scan_inputs, and a body with as many inputs as the node, got 2 and 1 for 1")


if __name__ == "__main__":
    unittest.main()
