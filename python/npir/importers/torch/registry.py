"""The table of ops: what ATen calls them, and how each is imported. The ops_*.py
files fill it."""

OPS = {}
# Those whose result is their first operand; such a node is no layer.
IDENTITIES = set()
# Those that are imported, not computed, where all operands are known.
TAKES_HOSTS = set()


def aten(*names, namespace="aten", takes_hosts=False):
    """Register the decorated `handler(node)` for these overloads, such as
    "conv2d.default". `takes_hosts`: it wants constants, too."""

    def register(function):
        for name in names:
            assert f"{namespace}.{name}" not in OPS, name
            OPS[f"{namespace}.{name}"] = function
            if takes_hosts:
                TAKES_HOSTS.add(f"{namespace}.{name}")
        return function

    return register


def base_name(op):
    """`aten._softmax.default` -> `softmax`."""
    return op.split(".")[1].strip("_")
