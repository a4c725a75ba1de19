"""Constants, and the conversions between real numbers and integers."""

import numpy as np

from .context import quantize
from .registry import exports
from .values import identity


@exports("constant")
def export_constant(context):
    context.set_constant(context.op.array)


def _round(array, tensor):
    """The integers of an array, by npir's rule."""
    shape = [1] * array.ndim
    if tensor.elements.axis is not None:
        shape[tensor.elements.axis] = -1
    scales = np.array(tensor.elements.scales, np.float32).reshape(shape)
    zero_points = np.array(tensor.elements.zero_points, np.float64).reshape(shape)
    rounded = np.rint(array * (np.float32(1) / scales)) + zero_points
    rounded = np.where(np.isnan(rounded), zero_points, rounded)
    return np.asarray(np.clip(rounded, tensor.min, tensor.max)).astype(tensor.dtype)


@exports("quantize")
def export_quantize(context):
    x = context.operand(0)
    if x.is_constant:
        context.set_constant(_round(x.floats(), context.result))
        return
    order = x.order or identity(x.rank)
    context.set(context.form(x, order), order)


@exports("dequantize")
def export_dequantize(context):
    context.set_value(context.operand(0))
