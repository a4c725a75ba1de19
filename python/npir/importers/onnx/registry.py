"""The table of ops: what ONNX calls them, how many operands they take, how each
is imported. The ops_*.py files fill it."""

import onnx

from .report import NodeProblem


class Handler:
    def __init__(self, function, inputs, outputs, hosts):
        self.function = function
        self.takes_hosts = hosts
        self.inputs = inputs
        self.outputs = outputs

    def check_counts(self, node):
        """The numbers of operands and results, the latter without unused ones."""
        least, most = self.inputs
        count = len(node.inputs)
        if count < least or (most is not None and count > most):
            expected = f"at least {least}" if most is None else f"{least} to {most}"
            if least == most:
                expected = str(least)
            raise NodeProblem(f"expected {expected} inputs, got {count}")
        if not any(node.outputs[: self.outputs]):
            raise NodeProblem("expected an output, got none")
        used = [i for i, name in enumerate(node.outputs) if name]
        if self.outputs is not None and used[-1] >= self.outputs:
            raise NodeProblem(f"its output {used[-1]} is not supported")


OPS = {}


MICROSOFT = "com.microsoft"


def key_of(name, domain=""):
    """What OPS calls op `name` of `domain`."""
    return f"{domain}.{name}" if domain else name


def covers(op):
    """Whether ONNX's op of this name can be imported: by a handler, or since ONNX defines it
    by other ops."""
    return op in OPS or (onnx.defs.has(op) and onnx.defs.get_schema(op).has_function)


def onnx_op(name, inputs=(1, 1), outputs=1, hosts=False, domain=""):
    """Register the decorated `handler(node)` for op `name` of `domain`, which is ONNX's
    own where it is empty.

    `inputs` is the least and the greatest number of operands (None: no bound);
    optional ones come last. `outputs` is how many results are supported (None: all).
    `hosts`: the handler computes at import what it can where all operands are known;
    else fold.py does, and the handler is not called. The handler reads attributes
    before operands, so that a node behind an unsupported one is checked, too, as far
    as that goes.
    """

    def register(function):
        key = key_of(name, domain)
        assert key not in OPS, key
        OPS[key] = Handler(function, inputs, outputs, hosts)
        return function

    return register
