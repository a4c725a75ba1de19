"""The tools of one build folder, each run as a process of its own whose CPU time and peak memory are taken."""
import os
import re
import shlex
import subprocess
import sys
import tempfile


class Tools:
    """Runs npir-opt and its kin."""

    def __init__(self, build):
        self.folder = build / "bin"

    def run(self, tool, *arguments):
        """CPU seconds and peak memory in bytes of one run."""
        command = [str(self.folder / tool), *map(str, arguments)]
        with tempfile.TemporaryFile() as errors:
            with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors) as process:
                _, status, usage = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
            errors.seek(0)
            text = errors.read().decode()
        if status:
            sys.exit(f"error: {shlex.join(command)} failed: {text[-2000:]}")
        return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024

    def opt(self, *arguments):
        return self.run("npir-opt", *arguments)

    def best(self, repetitions, tool, *arguments):
        """The least time of some runs: what else the machine does only adds to it."""
        costs = [self.run(tool, *arguments) for _ in range(repetitions)]
        return min(seconds for seconds, _ in costs), max(peak for _, peak in costs)


class CountingTools(Tools):
    """The same with instructions, in units of 2^30, for seconds. Valgrind counts them, some fifty times slower: nothing
    else on the machine matters, and caches do not."""

    def best(self, repetitions, tool, *arguments):
        with tempfile.NamedTemporaryFile() as counts:
            command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={counts.name}", str(self.folder / tool), *map(str, arguments)]
            done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            sys.exit(f"error: {shlex.join(command)} failed: {done.stderr[-2000:]}")
        return int(re.search("Collected : ([0-9]+)", done.stderr).group(1)) / 2**30, 0
