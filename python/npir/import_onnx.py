"""The command `python -m npir.import_onnx`: an ONNX model to an npir module."""

import argparse
import os
import sys

DESCRIPTION = """Imports an ONNX model as an npir module at station 'float', a quantized one at 'qdq'.

Nodes keep their names as layer names, weights keep their values bit by bit. The
first dimension of every input becomes the free batch. What cannot be imported
is reported as a whole: every node with its name, its op and the reason."""

EPILOG = """exit codes: 0 the module was written, 1 the model or the command line is at
fault, 2 an internal error."""


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        # argparse's own exit code, 2, stands for an internal error here.
        self.exit(1, f"error: {message}; see --help\n")


def _parse_shape(text):
    """`input=?,3,8,8` as a name and sizes, None for `?`."""
    name, equals, dims = text.rpartition("=")
    try:
        if not equals or not name:
            raise ValueError
        shape = [None if d.strip() == "?" else int(d) for d in dims.split(",")]
        if any(d is None for d in shape[1:]) or any(d is not None and d < 1 for d in shape):
            raise ValueError
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"expected NAME=N,C,H,W with sizes of at least 1 (? for a free batch), "
            f"got '{text}'"
        ) from None
    return name, shape


def _parse_batch(text):
    if text in ("free", "fixed"):
        return text
    if not text.isdecimal() or not 0 < int(text) < 2**31:
        raise argparse.ArgumentTypeError(
            f"expected free, fixed or a number of at least 1, got '{text}'"
        )
    return int(text)


def _parse_arguments(arguments):
    parser = _Parser(
        prog="python -m npir.import_onnx",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("model", metavar="MODEL.onnx", help="the model to import")
    parser.add_argument(
        "-o",
        "--output",
        required=True,
        metavar="OUT.mlirbc",
        help="the file to write: bytecode for *.mlirbc, else text",
    )
    parser.add_argument(
        "--shape",
        action="append",
        default=[],
        type=_parse_shape,
        metavar="NAME=N,C,H,W",
        help="the shape of an input whose sizes the model leaves open; ? is a free "
        "batch. Once for each such input",
    )
    parser.add_argument(
        "--batch",
        type=_parse_batch,
        default="free",
        metavar="free|fixed|N",
        help="whether a first dimension that is a number becomes the free batch "
        "(default: free); a number is the size of a free one",
    )
    return parser.parse_args(arguments)


def _is_same_file(path, other):
    try:
        return os.path.samefile(path, other)
    except (OSError, ValueError):
        return False


def _run(arguments):
    try:
        from .importers import onnx as importer
        from .errors import NPIRError
    except ImportError as error:
        print(
            f"error: cannot load a part of NPIR: {error}; build the target npir-python "
            "and install tools/scripts/requirements.txt",
            file=sys.stderr,
        )
        return 1
    options = importer.Options(dict(arguments.shape), arguments.batch)
    report = importer.Report()
    try:
        if _is_same_file(arguments.model, arguments.output):
            raise importer.ModelError(
                f"{arguments.output}: expected an output other than the model"
            )
        builder, model = importer.import_model(arguments.model, options, report)
        for path in model.external_files():
            if _is_same_file(path, arguments.output):
                raise importer.ModelError(
                    f"{arguments.output}: expected an output other than the model's "
                    "external data"
                )
        for remark in report.remarks:
            print(f"remark: {remark}", file=sys.stderr)
        builder.finish().save(arguments.output)
    except (importer.ModelError, NPIRError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except importer.ImportFailure:
        print(f"error: {report.describe(arguments.model)}", file=sys.stderr)
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
