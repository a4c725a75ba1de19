"""The ONNX form of digits-cnn.

This file builds the graph node by node from the trained parameters, instead of
tracing it: the names are then ours, the batch norms stay nodes of their own, and
nothing but numpy and onnx is needed. Nodes are named after the PyTorch modules,
a node's output is the tensor of the same name, and initializers are named after
the parameters.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
IMAGE = (1, 8, 8)
CLASSES = 10


class _Graph:
    """Collects nodes and initializers; every node has one output."""

    def __init__(self, state):
        self.state = state
        self.nodes = []
        self.initializers = []

    def constant(self, name, value):
        value = np.ascontiguousarray(value, dtype=np.float32)
        self.initializers.append(numpy_helper.from_array(value, name))
        return name

    def parameter(self, name):
        return self.constant(name, self.state[name])

    def node(self, name, op, inputs, **attributes):
        self.nodes.append(
            helper.make_node(op, inputs, [name], name=name, **attributes)
        )
        return name

    def conv_norm(self, name, x, groups=1):
        """A convolution that keeps the map's size, then a batch norm."""
        kernel = list(self.state[f"{name}.conv.weight"].shape[2:])
        x = self.node(
            f"{name}.conv",
            "Conv",
            [x, self.parameter(f"{name}.conv.weight")],
            kernel_shape=kernel,
            pads=[size // 2 for size in kernel] * 2,
            strides=[1, 1],
            dilations=[1, 1],
            group=groups,
        )
        fields = ("weight", "bias", "running_mean", "running_var")
        return self.node(
            f"{name}.norm",
            "BatchNormalization",
            [x] + [self.parameter(f"{name}.norm.{field}") for field in fields],
            epsilon=1e-5,
        )

    def relu6(self, name, x):
        bounds = [
            self.constant(f"{name}.min", 0.0),
            self.constant(f"{name}.max", 6.0),
        ]
        return self.node(name, "Clip", [x] + bounds)


def build_onnx(state):
    """Returns the bytes of the ONNX file for a state_dict of numpy arrays."""
    graph = _Graph(state)
    channels = state["depthwise.conv.weight"].shape[0]
    stem = graph.node("stem.relu", "Relu", [graph.conv_norm("stem", "input")])
    x = graph.relu6("expand.relu6", graph.conv_norm("expand", stem))
    x = graph.relu6("depthwise.relu6", graph.conv_norm("depthwise", x, channels))
    x = graph.conv_norm("project", x)
    x = graph.node("residual.add", "Add", [stem, x])
    x = graph.node("residual.relu", "Relu", [x])
    x = graph.node("pool", "MaxPool", [x], kernel_shape=[2, 2], strides=[2, 2])
    x = graph.relu6("middle.relu6", graph.conv_norm("middle", x))
    x = graph.node("top.relu", "Relu", [graph.conv_norm("top", x)])
    x = graph.node("head.pool", "GlobalAveragePool", [x])
    x = graph.node("head.flatten", "Flatten", [x], axis=1)
    x = graph.node(
        "linear",
        "Gemm",
        [x, graph.parameter("linear.weight"), graph.parameter("linear.bias")],
        transB=1,
    )
    # The graph's output carries its own name, not the node's.
    graph.nodes[-1].output[0] = "logits"

    def value(name, *shape):
        return helper.make_tensor_value_info(
            name, TensorProto.FLOAT, ["batch", *shape]
        )

    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "digits-cnn",
            [value("input", *IMAGE)],
            [value("logits", CLASSES)],
            graph.initializers,
        ),
        producer_name="npir digits-cnn",
        opset_imports=[helper.make_opsetid("", OPSET)],
        # The first IR version that knows opset 17; newer ones add nothing here.
        ir_version=8,
    )
    onnx.checker.check_model(model, full_check=True)
    # Deterministic, so that the same parameters give the same file.
    return model.SerializeToString(deterministic=True)
