"""The version, as CMakeLists.txt tells it."""

from ._native import native

__version__: str = native.__version__
