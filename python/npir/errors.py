"""What can go wrong, as exceptions and warnings."""

from __future__ import annotations

import logging
import sys
import warnings
from typing import Iterable, NoReturn, Sequence, Tuple

_log = logging.getLogger("npir")


class NPIRError(Exception):
    """The input or the request is wrong.

    The text is what the command-line tools print: each error on a line of its
    own, its notes on lines behind it.
    """


class NPIRInternalError(NPIRError):
    """NPIR itself is wrong: please report it."""


class NPIRWarning(UserWarning):
    """Something that the result should not be used without knowing."""


def warn(text: str) -> None:
    """Warn at the line outside of this package that led here."""
    level, frame = 1, sys._getframe()
    while frame is not None and frame.f_globals.get("__name__", "").startswith("npir."):
        level, frame = level + 1, frame.f_back
    warnings.warn(text, NPIRWarning, stacklevel=level)


def remark(text: str) -> None:
    """Something worth to know: in the log of logger `npir`."""
    _log.info(text)


def report(diagnostics: Iterable[Tuple[str, str]]) -> None:
    """Tell warnings and remarks among diagnostics, pairs of severity and text."""
    for severity, text in diagnostics:
        if severity == "warning":
            warn(text)
        elif severity == "remark":
            remark(text)


def fail(diagnostics: Sequence[Tuple[str, str]]) -> NoReturn:
    """The same, and raise the errors."""
    report(diagnostics)
    text = "\n".join(text for severity, text in diagnostics if severity == "error")
    if not text or "internal error" in text:
        raise NPIRInternalError(text or "internal error: failed without a reason; please report")
    raise NPIRError(text)
