"""The ONNX form of digits-vit.

This file has PyTorch's own exporter trace the module, so that the graph is the
one that users bring: the batch is computed from shapes, the class token is
expanded to it, and linear layers are a product and a sum. Only two things are
changed afterwards. The exporter transposes the linear layers' weights and then
numbers them; they get the names of their parameters back, with `_t`. And what
depends on the machine, such as paths in doc strings, is taken out.
"""

import io
import warnings

import numpy as np
import onnx
import torch
from onnx import numpy_helper

OPSET = 17


def _trace(network):
    """Returns the exporter's model, with a free batch."""
    file = io.BytesIO()
    batch = {0: "batch"}
    with warnings.catch_warnings():
        # The exporter that traces is the older of two, and says so.
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            network,
            (torch.zeros(2, 1, 8, 8),),
            file,
            dynamo=False,
            opset_version=OPSET,
            input_names=["input"],
            output_names=["logits"],
            dynamic_axes={"input": batch, "logits": batch},
        )
    return onnx.load_from_string(file.getvalue())


def _name_weights(graph, state):
    """Renames every transposed weight after the parameter it comes from, which
    its node's name tells: /blocks.0/attn/qkv/MatMul."""
    initializers = {tensor.name: tensor for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type != "MatMul" or node.input[1] not in initializers:
            continue
        tensor = initializers[node.input[1]]
        parameter = ".".join(node.name.split("/")[1:-1]) + ".weight"
        expected = state[parameter].numpy().T
        if not np.array_equal(numpy_helper.to_array(tensor), expected):
            raise ValueError(f"'{node.name}' does not multiply by '{parameter}'")
        tensor.name = node.input[1] = f"{parameter}_t"


def build_onnx(network):
    """Returns the bytes of the ONNX file for a trained DigitsViT."""
    model = _trace(network)
    model.graph.name = "digits-vit"
    model.graph.doc_string = ""
    for node in model.graph.node:
        node.doc_string = ""
    _name_weights(model.graph, network.state_dict())
    onnx.checker.check_model(model, full_check=True)
    # Deterministic, so that the same parameters give the same file.
    return model.SerializeToString(deterministic=True)
