"""Functions of one number and of two, which take any order of dimensions."""

from .registry import exports
from .values import identity

# Functions without attributes that ONNX has, and since when if that is after opset 17.
_UNARY = {
    "relu": "Relu",
    "sigmoid": "Sigmoid",
    "tanh": "Tanh",
    "abs": "Abs",
    "hardswish": "HardSwish",
    "erf": "Erf",
    "sqrt": "Sqrt",
    "exp": "Exp",
    "log": "Log",
    "softplus": "Softplus",
    "reciprocal": "Reciprocal",
    "neg": "Neg",
    "floor": "Floor",
    "ceil": "Ceil",
    "round": "Round",
    "sign": "Sign",
    "sin": "Sin",
    "cos": "Cos",
}
_BINARY = {
    "add": "Add",
    "sub": "Sub",
    "mul": "Mul",
    "div": "Div",
    "pow": "Pow",
    "maximum": "Max",
    "minimum": "Min",
}


def _map(context, function):
    """Set the result to `function` of operand 0's name."""
    x = context.operand(0)
    order = x.order or identity(x.rank)
    context.set(function(context.form(x, order)), order)


def _register_unary(name, op_type):
    @exports(name)
    def export_unary(context):
        _map(context, lambda x: context.node(op_type, [x]))


for _names in _UNARY.items():
    _register_unary(*_names)


@exports("hardsigmoid")
def export_hardsigmoid(context):
    _map(context, lambda x: context.node("HardSigmoid", [x], alpha=1 / 6, beta=0.5))


@exports("gelu", opset=20)
def export_gelu(context):
    _map(context, lambda x: context.node("Gelu", [x]))


@exports("gelu_tanh", opset=20)
def export_gelu_tanh(context):
    _map(context, lambda x: context.node("Gelu", [x], approximate="tanh"))


@exports("mish", opset=18)
def export_mish(context):
    _map(context, lambda x: context.node("Mish", [x]))


@exports("leaky_relu")
def export_leaky_relu(context):
    alpha = context.op.get("alpha")
    _map(context, lambda x: context.node("LeakyRelu", [x], alpha=alpha))


@exports("elu")
def export_elu(context):
    alpha = context.op.get("alpha")
    _map(context, lambda x: context.node("Elu", [x], alpha=alpha))


@exports("clamp")
def export_clamp(context):
    low, high = context.op.get("min"), context.op.get("max")
    _map(context, lambda x: context.clip(x, low, high, ""))


@exports("square")
def export_square(context):
    _map(context, lambda x: context.node("Mul", [x, x]))


@exports("silu")
def export_silu(context):
    def silu(x):
        return context.node("Mul", [x, context.node("Sigmoid", [x], ".sigmoid")])

    _map(context, silu)


@exports("rsqrt")
def export_rsqrt(context):
    def rsqrt(x):
        return context.node("Reciprocal", [context.node("Sqrt", [x], ".sqrt")])

    _map(context, rsqrt)


def broadcast(context, op_type, values, suffix=""):
    """A node of `op_type` over operands with numpy's broadcasting; its output and order."""
    rank = max(value.rank for value in values)
    order = context.common_order(values, rank)
    inputs = [context.aligned(value, order) for value in values]
    return context.node(op_type, inputs, suffix), order


def _register_binary(name, op_type):
    @exports(name)
    def export_binary(context):
        output, order = broadcast(context, op_type, context.operands)
        context.set(context.clamp(output), order)


for _names in _BINARY.items():
    _register_binary(*_names)


@exports("prelu")
def export_prelu(context):
    output, order = broadcast(context, "PRelu", context.operands)
    context.set(output, order)
