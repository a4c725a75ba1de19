"""What the commands share: their options, exit codes and errors."""

import argparse
import os
import sys

EPILOG = """exit codes: 0 the {result} was written, 1 the {source} or the command line is at
fault, 2 an internal error."""


class Parser(argparse.ArgumentParser):
    """A command that reads a `source` and writes a `result`, by default an importer."""

    def __init__(self, prog, description, source="model", result="module"):
        super().__init__(
            prog=prog,
            description=description,
            epilog=EPILOG.format(source=source, result=result),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )

    def add_files(self, model):
        """The arguments that every importer has; `model` is what it imports."""
        self.add_argument("model", metavar=model, help="the model to import")
        self.add_argument(
            "-o",
            "--output",
            required=True,
            metavar="OUT.mlirbc",
            help="the file to write: bytecode for *.mlirbc, else text",
        )

    def print_help(self, file=None):
        file = file or sys.stdout
        if file is None:  # It is closed.
            self.exit(1, "error: standard output: cannot write: bad file descriptor\n")
        try:
            super().print_help(file)
            file.flush()
        except OSError as error:
            # Python flushes once more at the end, and would complain again.
            sys.stdout = None
            self.exit(1, f"error: standard output: cannot write: {error.strerror.lower()}\n")

    def error(self, message):
        # argparse's own exit code, 2, stands for an internal error here.
        self.exit(1, f"error: {message}; see --help\n")


def parse_batch(*words):
    """A type of option: one of these words, or a number of at least 1."""

    def parse(text):
        if text in words:
            return text
        if not text.isdecimal() or not 0 < int(text) < 2**31:
            raise argparse.ArgumentTypeError(
                f"expected {', '.join(words)} or a number of at least 1, got '{text}'"
            )
        return int(text)

    return parse


def is_same_file(path, other):
    try:
        return os.path.samefile(path, other)
    except (OSError, ValueError):
        return False


def fail(text):
    """Print an error; the exit code for it."""
    print(f"error: {text}", file=sys.stderr)
    return 1


def run_command(run, arguments):
    """The exit code of `run(arguments)`, which handles what is wrong with the model."""
    try:
        return run(arguments)
    except MemoryError:
        return fail(f"{arguments.model}: out of memory")
    except Exception as error:  # pylint: disable=broad-except
        if os.environ.get("NPIR_DEBUG") == "1":
            raise
        fail(
            f"{arguments.model}: internal error: {type(error).__name__}: {error}; "
            "please report it (NPIR_DEBUG=1 shows where it comes from)"
        )
        return 2
