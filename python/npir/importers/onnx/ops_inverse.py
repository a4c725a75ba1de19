"""Inverse functions of the trigonometric and hyperbolic ones, by polynomials.

Each argument is led to a short interval first, where a polynomial in its square has a
relative error below 1e-7 (least squares, weighted until the errors are even).
"""

import math

from .ops_elementwise import set_formula
from .registry import onnx_op

# f(x) = x * P(x * x), from the lowest power on: up to tan(pi / 8), and up to 1/2.
_ATAN = (1.0, -0.33332798, 0.1997447, -0.13852088, 0.07986737)
_ASIN = (1.0, 0.16666791, 0.07494435, 0.04555018, 0.023858173, 0.04263564)
_ASINH = (1.0, -0.16666141, 0.07482577, -0.042580776, 0.019908598)
_ATANH = (1.0, 0.33333284, 0.20003018, 0.14215799, 0.1187057, 0.04985039, 0.17855486)


def _odd(f, x, coefficients):
    square = f(".square", x)
    y = f(".mul", square, coefficients[-1])
    for coefficient in coefficients[-2:0:-1]:
        y = f(".mul", f(".add", y, coefficient), square)
    return f(".add", x, f(".mul", x, y))


def _above(f, x, limit):
    return f(".compare", x, limit, kind="#npir.compare_kind<gt>")


def _with_sign(f, x, y):
    return f("mul", f(".sign", x), y)


def _atan(f, x):
    a = f(".abs", x)
    far, middle = _above(f, a, 1 + math.sqrt(2)), _above(f, a, math.sqrt(2) - 1)
    ratio = f(".div", f(".sub", a, 1), f(".add", a, 1))
    inverse = f(".neg", f(".reciprocal", a))
    t = f(".where", far, inverse, f(".where", middle, ratio, a))
    one = f(".mul", f(".abs", f(".sign", a)), math.pi / 4)
    base = f(".where", far, f(".mul", one, 2), f(".where", middle, one, 0))
    return _with_sign(f, x, f(".add", base, _odd(f, t, _ATAN)))


def _asin_parts(f, x):
    """Whether |x| is above 1/2; then the arc sine of sqrt((1 - |x|) / 2), else that of
    |x|."""
    a = f(".abs", x)
    far = _above(f, a, 0.5)
    root = f(".sqrt", f(".mul", f(".sub", 1, a), 0.5))
    return far, _odd(f, f(".where", far, root, a), _ASIN)


def _asin(f, x):
    far, y = _asin_parts(f, x)
    rest = f(".sub", math.pi / 2, f(".mul", y, 2))
    return _with_sign(f, x, f(".where", far, rest, y))


def _acos(f, x):
    far, y = _asin_parts(f, x)
    twice = f(".mul", y, 2)
    at_ends = f(".where", _above(f, x, 0), twice, f(".sub", math.pi, twice))
    between = f(".sub", math.pi / 2, f(".mul", f(".sign", x), y))
    return f("where", far, at_ends, between)


def _asinh_above_0(f, a):
    # The logarithm of a + sqrt(a * a + 1), without a square that overflows.
    root = f(".sqrt", f(".add", f(".reciprocal", f(".square", a)), 1))
    large = f(".add", f(".log", a), f(".log", f(".add", root, 1)))
    return f(".where", _above(f, a, 0.5), large, _odd(f, a, _ASINH))


def _asinh(f, x):
    return _with_sign(f, x, _asinh_above_0(f, f(".abs", x)))


def _acosh(f, x):
    half = f(".sqrt", f(".mul", f(".sub", x, 1), 0.5))
    return f("mul", _asinh_above_0(f, half), 2)


def _atanh(f, x):
    a = f(".abs", x)
    ratio = f(".div", f(".add", a, 1), f(".sub", 1, a))
    large = f(".mul", f(".log", ratio), 0.5)
    y = f(".where", _above(f, a, 0.5), large, _odd(f, a, _ATANH))
    return _with_sign(f, x, y)


FUNCTIONS = {
    "Acos": _acos,
    "Acosh": _acosh,
    "Asin": _asin,
    "Asinh": _asinh,
    "Atan": _atan,
    "Atanh": _atanh,
}


def _register(name, function):
    @onnx_op(name)
    def import_inverse(node):
        set_formula(node, function)


for _names in FUNCTIONS.items():
    _register(*_names)
