"""The table of ops: how each op of npir becomes nodes of ONNX. The ops_*.py files fill
it."""


class ExportProblem(Exception):
    """Why an op has no form in ONNX."""


class Handler:
    def __init__(self, function, opset):
        self.function = function
        self.opset = opset


HANDLERS = {}


def exports(name, opset=17):
    """Register the decorated `handler(context)` for the op `npir.<name>`, whose nodes
    exist since `opset`."""

    def register(function):
        assert name not in HANDLERS, name
        HANDLERS[f"npir.{name}"] = Handler(function, opset)
        return function

    return register
