"""The command `python -m npir.import_onnx`: an ONNX model to an npir module."""

import argparse
import sys

from .command import Parser, fail, is_same_file, parse_batch, run_command

DESCRIPTION = """Imports an ONNX model as an npir module at station 'float', a quantized one at 'qdq'.

Nodes keep their names as layer names, weights keep their values bit by bit. The
first dimension of every input becomes the free batch. What cannot be imported
is reported as a whole: every node with its name, its op and the reason."""


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


def _parse_arguments(arguments):
    parser = Parser("python -m npir.import_onnx", DESCRIPTION)
    parser.add_files("MODEL.onnx")
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
        type=parse_batch("free", "fixed"),
        default="free",
        metavar="free|fixed|N",
        help="whether a first dimension that is a number becomes the free batch "
        "(default: free); a number is the size of a free one",
    )
    parser.add_argument(
        "--end-at",
        action="append",
        default=[],
        metavar="TENSOR",
        help="a tensor that the network ends at, instead of the model's outputs; may be "
        "given more than once. What no such tensor needs is left out",
    )
    return parser.parse_args(arguments)


def _run(arguments):
    try:
        from .importers import onnx as importer
        from .errors import NPIRError
    except ImportError as error:
        return fail(
            f"cannot load a part of NPIR: {error}; build the target npir-python and "
            "install tools/scripts/requirements.txt"
        )
    options = importer.Options(dict(arguments.shape), arguments.batch, arguments.end_at)
    report = importer.Report()
    try:
        if is_same_file(arguments.model, arguments.output):
            raise importer.ModelError(
                f"{arguments.output}: expected an output other than the model"
            )
        builder, model = importer.import_model(arguments.model, options, report)
        for path in model.external_files():
            if is_same_file(path, arguments.output):
                raise importer.ModelError(
                    f"{arguments.output}: expected an output other than the model's "
                    "external data"
                )
        for remark in report.remarks:
            print(f"remark: {remark}", file=sys.stderr)
        builder.finish().save(arguments.output)
    except (importer.ModelError, NPIRError) as error:
        return fail(str(error))
    except importer.ImportFailure:
        return fail(report.describe(arguments.model))
    return 0


def main(arguments=None):
    """Run the command; its exit code."""
    return run_command(_run, _parse_arguments(arguments))


if __name__ == "__main__":
    sys.exit(main())
