"""Loads the compiled module, or says what it lacks."""

try:
    from . import _npir as native
except ImportError as error:
    raise ImportError(
        f"cannot load NPIR's compiled part: {error}; it needs Debian's packages libmlir-22 and "
        "libyaml-cpp0.7 or newer, and a build for this Python"
    ) from error

__all__ = ["native"]
