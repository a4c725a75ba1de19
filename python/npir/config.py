"""Quantization configs: docs/Config.md describes what they say."""

from __future__ import annotations

import json
import numbers
import os
import re
from typing import Any, Dict, List, Mapping, Optional, Sequence, Union

from ._native import native
from .errors import NPIRError
from .paths import resolve_path


class Config:
    """How every tensor of a network is quantized.

    Made by `load`, `parse` or `from_dict`; functions that take a config take a
    path, `preset:NAME` or a dict, too.
    """

    def __init__(self, impl: Any, name: str, places: Sequence[str] = ()):
        self._impl = impl
        self._name = name
        # Of a dict: which of its keys stands in each line of its text.
        self._places = places

    @classmethod
    def load(cls, path: Union[str, os.PathLike]) -> Config:
        """Read a YAML file, or a config that comes with NPIR: `preset:NAME`."""
        name = path if isinstance(path, str) and path.startswith("preset:") else resolve_path(path)
        return cls(native.Config.load(name), name)

    @classmethod
    def parse(cls, text: str, name: str = "<text>") -> Config:
        """Read YAML text; `name` stands for the file in messages."""
        if not isinstance(text, str):
            raise TypeError(f"expected the YAML text as str, got {type(text).__name__}")
        return cls(native.Config.parse(text, name), name)

    @classmethod
    def from_dict(cls, config: Mapping[str, Any]) -> Config:
        """The YAML file's structure as nested dicts and lists."""
        if not isinstance(config, Mapping):
            raise TypeError(f"expected a dict, got {type(config).__name__}")
        printer = _Printer()
        printer.value(config, "", _DICT, 0)
        try:
            impl = native.Config.parse("".join(line + "\n" for line in printer.lines), _DICT)
        except NPIRError as error:
            raise NPIRError(_translate(str(error), printer.places)) from None
        return cls(impl, _DICT, printer.places)

    def to_dict(self) -> Dict[str, Any]:
        """The file's structure as nested dicts and lists; `from_dict` reads it."""
        return json.loads(self._impl.to_json())

    def translate(self, text: str) -> str:
        """`text` with keys of the dict in place of lines of what it became."""
        return _translate(text, self._places)

    def __repr__(self) -> str:
        return f"<npir.Config {self._name}>"


# What stands for the file in messages about a dict.
_DICT = "<dict>"


def _translate(text: str, places: Sequence[str]) -> str:
    def place(match: re.Match) -> str:
        return places[min(int(match[1]), len(places)) - 1]

    return re.sub(_DICT + r":(\d+):\d+", place, text) if places else text


class _Printer:
    """A dict as YAML with one key or item a line."""

    def __init__(self) -> None:
        self.lines: List[str] = []
        self.places: List[str] = []

    def line(self, text: str, place: str) -> None:
        self.lines.append(text)
        self.places.append(place)

    def value(self, value: Any, before: str, place: str, depth: int) -> None:
        """Print `value` behind `before`, the start of a line."""
        indent = "  " * depth
        if isinstance(value, Mapping):
            if not value:
                self.line(before + "{}", place)
            elif before:
                self.line(before, place)
            for key, item in value.items():
                if not isinstance(key, str):
                    raise TypeError(f"{place}: expected keys of str, got {key!r}")
                inner = f"{place}[{key!r}]"
                self.value(item, f"{indent}{json.dumps(key)}: ", inner, depth + 1)
        elif isinstance(value, (list, tuple)):
            if not value:
                self.line(before + "[]", place)
            elif before:
                self.line(before, place)
            for i, item in enumerate(value):
                self.value(item, f"{indent}- ", f"{place}[{i}]", depth + 1)
        else:
            self.line(before + _scalar(value, place), place)


def _scalar(value: Any, place: str) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool) or type(value).__name__ == "bool_":
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value)
    if isinstance(value, numbers.Integral):
        return str(int(value))
    if isinstance(value, numbers.Real):
        return repr(float(value))
    raise TypeError(f"{place}: expected a dict, list, str, number, bool or None, got {type(value).__name__}")


def presets() -> Dict[str, str]:
    """What each config that comes with NPIR is for, by name; `Config.load("preset:NAME")` reads one."""
    return dict(native.presets())


ConfigLike = Union[str, os.PathLike, Mapping[str, Any], Config]


def resolve_config(config: Optional[ConfigLike]) -> Optional[Config]:
    """What functions take as a config; None is NPIR's default."""
    if config is None or isinstance(config, Config):
        return config
    if isinstance(config, Mapping):
        return Config.from_dict(config)
    if isinstance(config, (str, os.PathLike)):
        return Config.load(config)
    raise TypeError(f"expected a config as a path, dict or npir.Config, got {type(config).__name__}")
