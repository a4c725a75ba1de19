"""The importer of torch.export programs. Needs torch, numpy and `_npir`.

`import_program` is the entry. The parts, from the program to the module:

    program.py    the program: reading, exporting, decomposing
    layers.py     the layers' names, from the modules' paths
    importer.py   walks the graph
    node.py       a node as its handler sees it: arguments, results
    fold.py       what is computed at import, with torch itself
    registry.py   the table of ops
    ops_*.py      the ops, one function each; maps.py helps those over maps
"""

from .importer import import_program
from .program import export_module, load_program

__all__ = ["export_module", "import_program", "load_program"]
