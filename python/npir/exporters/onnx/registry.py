"""The table of ops: how each op of npir becomes nodes of ONNX. The ops_*.py files fill
it."""


class ExportProblem(Exception):
    """Why an op has no form in ONNX."""


class Handler:
    def __init__(self, function, opset):
        self.function = function
        self._opset = opset

    def get_opset(self, op, tensors):
        """Since when there are the nodes of `op`, whose operands are indices of `tensors`."""
        return self._opset(op, tensors) if callable(self._opset) else self._opset


HANDLERS = {}


def exports(name, opset=17):
    """Register the decorated `handler(context)` for the op `npir.<name>`, whose nodes
    exist since `opset`: a number, or what `opset(op, tensors)` says."""

    def register(function):
        assert name not in HANDLERS, name
        HANDLERS[f"npir.{name}"] = Handler(function, opset)
        return function

    return register
