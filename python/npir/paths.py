"""Paths as the compiled module takes them."""

import os


def resolve_path(path) -> str:
    """`path`, a str, bytes or os.PathLike, as text."""
    text = os.fsdecode(path)
    if "\0" in text:
        raise ValueError("expected a path without null characters")
    # To the tools it is the standard input or output.
    return "./-" if text == "-" else text
