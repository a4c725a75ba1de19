"""What a benchmark found: numbers, their bounds, and whether they are met.

This file makes the JSON of `bench.sh calibration` and prints it as tables.
"""
import json
import math
import operator
import os
import pathlib
import platform
import subprocess

VERSION = 1
_COMPARE = {"<=": operator.le, "<": operator.lt, ">=": operator.ge}


def describe_machine():
    """Class of machine, without its name."""
    facts = {}
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        key, _, value = line.partition(":")
        facts.setdefault(key.strip(), value.strip())
    flags = facts.get("flags", facts.get("Features", "")).split()
    return {
        "architecture": platform.machine(),
        "cpu": facts.get("model name", "unknown"),
        "cpus": len(os.sched_getaffinity(0)),
        "simd": [flag for flag in ("avx2", "avx512f", "asimd", "sve") if flag in flags],
        "memory_gib": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30, 1),
        "load_at_start": os.getloadavg()[0],
    }


def _commit(root):
    def git(*arguments):
        done = subprocess.run(["git", *arguments], cwd=root, text=True, capture_output=True)
        return done.stdout.strip() if done.returncode == 0 else ""

    return git("rev-parse", "HEAD") + ("-dirty" if git("status", "--porcelain", "-uno") else "")


def _write(path, text):
    """The whole file or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text)
    partial.replace(path)


def _markdown(rows):
    head, *body = (["" if cell is None else _format(cell) for cell in row] for row in rows)
    lines = [head, ["---"] * len(head), *body]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _format(value):
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 1000 else f"{value:.0f}"
    return str(value)


def _finite(data):
    """`data` as JSON has it: infinite numbers as text."""
    if isinstance(data, dict):
        return {key: _finite(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_finite(value) for value in data]
    return str(data) if data in (math.inf, -math.inf) else data


class Results:
    """Entries in the order of their coming."""

    def __init__(self, root, command, mode):
        self.head = {"version": VERSION, "command": command, "commit": _commit(root), "mode": mode,
                     "machine": describe_machine()}
        self.entries = []
        self.tables = {}

    def add(self, name, value, unit="", bound=None, **facts):
        """A number; `bound` is a pair such as ("<=", 1.7). `facts` say what it
        was made from."""
        entry = {"name": name, "value": value, "unit": unit}
        if bound:
            entry["bound"] = f"{bound[0]} {bound[1]}"
            entry["met"] = bool(_COMPARE[bound[0]](value, bound[1]))
        entry.update(facts)
        self.entries.append(entry)
        verdict = "" if not bound else f"  {entry['bound']:>9}  {'met' if entry['met'] else 'NOT MET'}"
        print(f"  {name:62} {_format(value):>9} {unit:6}{verdict}", flush=True)

    def skip(self, name, reason):
        """A number that could not be had here."""
        self.entries.append({"name": name, "value": None, "met": None, "reason": reason})
        print(f"  {name:62} not measured: {reason}", flush=True)

    def fail(self, name, reason):
        """A number that should have been had, but was not."""
        self.entries.append({"name": name, "value": None, "met": False, "reason": reason})
        lines = reason.strip().splitlines() or [""]
        print(f"  {name:62} failed: {lines[0]}", *lines[1:], sep="\n    ", flush=True)

    def table(self, name, columns, rows):
        """Rows of text and numbers under `columns`."""
        self.tables[name] = {"columns": columns, "rows": rows}
        text = [[_format(cell) for cell in row] for row in [columns, *rows]]
        widths = [max(len(row[i]) for row in text) for i in range(len(columns))]
        print(f"  {name}:")
        for row in text:
            cells = [row[0].ljust(widths[0])]
            cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
            print("    " + "  ".join(cells).rstrip(), flush=True)

    def failures(self):
        return [entry["name"] for entry in self.entries if entry.get("met") is False]

    def save(self, path):
        data = dict(self.head, entries=self.entries, tables=self.tables)
        _write(path, json.dumps(_finite(data), indent=1) + "\n")

    def save_markdown(self, path):
        """The same as tables for a page of documentation."""
        verdict = {True: "met", False: "not met", None: ""}
        rows = [["", "measured", "unit", "bound", ""]]
        rows += [[e["name"], e["value"], e.get("unit"), e.get("bound"), verdict[e.get("met")]] for e in self.entries]
        text = _markdown(rows)
        for name, table in self.tables.items():
            text += f"\n{name}:\n\n" + _markdown([table["columns"], *table["rows"]])
        _write(path, text)
