"""The ONNX importer. Stands alone: onnx, numpy, the standard library, `_npir`.

`import_model` is the entry. The parts, from the file to the module:

    report.py     problems and remarks, collected
    model.py      the file: protobuf, weights, external data
    functions.py  the functions that a model defines itself
    graph.py      nodes: names, definitions, cycles, order
    values.py     what a tensor's name stands for while the graph is walked
    moved.py      tensors whose batch is not the first dimension
    node.py       a node as its handler sees it: attributes, operands, results
    fold.py       nodes that are computed at import
    registry.py   the table of ops
    ops_*.py      the ops, one function each; axes.py, formula.py, integers.py,
                  resampling.py, shape_arithmetic.py and windows.py help them
    importer.py   walks the graph
"""

from .importer import Options, import_model
from .model import MemoryModel
from .report import ImportFailure, ModelError, Report

__all__ = ["ImportFailure", "MemoryModel", "ModelError", "Options", "Report", "import_model"]
