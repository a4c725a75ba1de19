"""Runs commands and says how long they took and how much memory they had.

This file knows the tools' names and the two Python environments of the
benchmark.
"""
import dataclasses
import os
import re
import resource
import subprocess
import tempfile
import time


class Failure(Exception):
    """A command that the benchmark needs went wrong."""


@dataclasses.dataclass(frozen=True)
class Cost:
    """Of one process: seconds of wall time, peak memory in bytes, output."""

    seconds: float
    peak: int
    stdout: str
    stderr: str


class Commands:
    """The tools of one build folder."""

    def __init__(self, build):
        self.build = build
        self.python = build / "venv/bin/python"
        self.torch_python = build / "venv-torch/bin/python"
        self.onnxruntime_python = build / "venv-onnxruntime/bin/python"
        self.env = dict(os.environ, PYTHONPATH=str(build / "python"), PYTHONDONTWRITEBYTECODE="1")

    def tool(self, name):
        return self.build / "bin" / name

    def run(self, *command, memory_limit=None):
        """Runs a command to its end; a Failure unless it succeeds.

        `memory_limit` is what it may map, in bytes. The peak is never less than
        what this process has, which Linux counts as the child's before it starts.
        """
        words = [str(word) for word in command]

        def limit():
            if memory_limit:
                resource.setrlimit(resource.RLIMIT_AS, (memory_limit, memory_limit))

        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            begin = time.monotonic()
            try:
                process = subprocess.Popen(words, env=self.env, stdout=out, stderr=err, preexec_fn=limit)
            except OSError as error:
                raise Failure(f"cannot run {words[0]}: {error.strerror}") from None
            # The usage of this very child; Linux counts in KiB.
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.monotonic() - begin
            process.returncode = os.waitstatus_to_exitcode(status)
            texts = []
            for file in (out, err):
                file.seek(0)
                texts.append(file.read().decode(errors="replace"))
        if process.returncode != 0:
            tail = "\n".join((texts[1] or texts[0]).splitlines()[-12:])
            raise Failure(f"exit code {process.returncode} from: {' '.join(words)}\n{tail}")
        return Cost(seconds, usage.ru_maxrss * 1024, *texts)

    def opt(self, source, result, *flags):
        return self.run(self.tool("npir-opt"), source, *flags, "-o", result)

    def pass_seconds(self, source, name, *flags):
        """Wall seconds that npir-opt says the pass `name` took."""
        cost = self.opt(source, "/dev/null", "--mlir-timing", "--mlir-timing-display=list", *flags)
        total = sum(float(seconds) for seconds in
                    re.findall(rf"^\s*([0-9.]+) \([^)]*\)\s+{name}\s*$", cost.stderr, re.MULTILINE))
        if not total:
            raise Failure(f"npir-opt reports no time of pass {name}:\n{cost.stderr}")
        return total


def available_memory():
    """Bytes that a new process can have without swapping."""
    with open("/proc/meminfo", encoding="ascii") as file:
        for line in file:
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return 0
