"""The table of ops: what ATen calls them, and how each is imported. The ops_*.py
files fill it."""

OPS = {}
# Those whose result is their first operand; such a node is no layer.
IDENTITIES = set()


def aten(*names, namespace="aten"):
    """Register the decorated `handler(node)` for these overloads, such as
    "conv2d.default"."""

    def register(function):
        for name in names:
            assert f"{namespace}.{name}" not in OPS, name
            OPS[f"{namespace}.{name}"] = function
        return function

    return register


def base_name(op):
    """`aten._softmax.default` -> `softmax`."""
    return op.split(".")[1].strip("_")
