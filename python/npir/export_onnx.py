"""The command `python -m npir.export_onnx`: an npir module to an ONNX model."""

import argparse
import os
import sys

DESCRIPTION = """Exports an npir module as ONNX: from station 'qdq' with QuantizeLinear and
DequantizeLinear around floats, from 'float' and 'prepared' in floats.

Layer names become node names. The opset is 17, or a later one that an op or
integers of 4 or 16 bits need. What ONNX has no form for is reported as a
whole: every layer with its name, its op and the reason."""

EPILOG = """exit codes: 0 the model was written, 1 the module or the command line is at
fault, 2 an internal error."""


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        # argparse's own exit code, 2, stands for an internal error here.
        self.exit(1, f"error: {message}; see --help\n")


def _parse_arguments(arguments):
    parser = _Parser(
        prog="python -m npir.export_onnx",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("model", metavar="MODEL.mlirbc", help="the module to export")
    parser.add_argument(
        "-o",
        "--output",
        required=True,
        metavar="OUT.onnx",
        help="the file to write",
    )
    parser.add_argument(
        "--external-data",
        action="store_true",
        help="keep the weights in a file of their own, OUT.onnx.data; always done where "
        "one file cannot hold them",
    )
    return parser.parse_args(arguments)


def _run(arguments):
    try:
        from .errors import NPIRError
        from .model import Program, load
    except ImportError as error:
        print(
            f"error: cannot load a part of NPIR: {error}; build the target npir-python "
            "and install tools/scripts/requirements.txt",
            file=sys.stderr,
        )
        return 1
    try:
        model = load(arguments.model)
        if isinstance(model, Program):
            raise NPIRError(
                f"{arguments.model}: expected a module, got a program, which is finished"
            )
        if os.path.realpath(arguments.model) == os.path.realpath(arguments.output):
            raise NPIRError(f"{arguments.output}: expected an output other than the model")
        model.to_onnx(arguments.output, arguments.external_data)
    except (NPIRError, ImportError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def main(arguments=None):
    """Run the command; its exit code."""
    arguments = _parse_arguments(arguments)
    try:
        return _run(arguments)
    except MemoryError:
        print(f"error: {arguments.model}: out of memory", file=sys.stderr)
        return 1
    except Exception as error:  # pylint: disable=broad-except
        if os.environ.get("NPIR_DEBUG") == "1":
            raise
        print(
            f"error: {arguments.model}: internal error: {type(error).__name__}: "
            f"{error}; please report it (NPIR_DEBUG=1 shows where it comes from)",
            file=sys.stderr,
        )
        return 2


if __name__ == "__main__":
    sys.exit(main())
