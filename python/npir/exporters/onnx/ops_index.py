"""Indices and truth values, and what selects elements by them."""

from .ops_elementwise import broadcast
from .registry import exports
from .values import identity
from .writer import element_type

_RELATIONS = {
    "eq": "Equal",
    "ne": "Equal",
    "lt": "Less",
    "le": "LessOrEqual",
    "gt": "Greater",
    "ge": "GreaterOrEqual",
}


@exports("gather")
def export_gather(context):
    data, indices = context.operands
    inputs = [context.form(data), context.form(indices)]
    context.set(context.node("Gather", inputs, axis=context.op.get("axis")))


@exports("where")
def export_where(context):
    context.set(*broadcast(context, "Where", context.operands))


@exports("compare")
def export_compare(context):
    kind = context.op.get("kind")
    if kind != "ne":
        context.set(*broadcast(context, _RELATIONS[kind], context.operands))
        return
    equal, order = broadcast(context, "Equal", context.operands, ".equal")
    context.set(context.node("Not", [equal]), order)


@exports("logical")
def export_logical(context):
    op_type = context.op.get("kind").capitalize()
    context.set(*broadcast(context, op_type, context.operands))


@exports("not")
def export_not(context):
    context.set(*broadcast(context, "Not", context.operands))


@exports("argmax")
def export_argmax(context):
    x, axis = context.operand(0), context.op.get("axis")
    attributes = {
        "axis": axis,
        "keepdims": int(bool(context.op.get("keep_dims"))),
        "select_last_index": int(bool(context.op.get("last"))),
    }
    context.set(context.node("ArgMax", [context.form(x)], **attributes))


@exports("cast")
def export_cast(context):
    x = context.operand(0)
    order = x.order or identity(x.rank)
    to = element_type(context.result.dtype)
    context.set(context.node("Cast", [context.form(x, order)], to=to), order)
