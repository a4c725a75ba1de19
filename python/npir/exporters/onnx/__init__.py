"""The ONNX exporter: onnx, numpy, the standard library, `_npir`.

`export_model` is the entry. The parts, from the module to the file:

    graph.py      the module's ops, as `_npir` reads them out
    values.py     a tensor of the module, and the forms that it has in ONNX
    context.py    what an op's handler works with: operands, nodes, results
    registry.py   the table of ops
    ops_*.py      the ops, one function each
    exporter.py   walks the graph
    writer.py     names, nodes, constants, the file
"""

from .exporter import export_model

__all__ = ["export_model"]
