"""The command `python -m npir.import_torch`: a torch.export program to an npir module."""

import sys

from .command import Parser, fail, is_same_file, parse_batch, run_command

DESCRIPTION = """Imports a program of torch.export, a file that torch.export.save wrote, as an
npir module at station 'float'.

Layers are named after their modules (layer1.0.conv1), weights keep their values
bit by bit. A dynamic first dimension (torch.export.Dim) is the free batch. What
cannot be imported is reported as a whole: every layer with its op and the reason.

It needs PyTorch; nothing else of NPIR does."""

MISSING = "it needs PyTorch: {}; pip install torch, or tools/scripts/requirements-torch.txt"


def _parse_arguments(arguments):
    parser = Parser("python -m npir.import_torch", DESCRIPTION)
    parser.add_files("MODEL.pt2")
    parser.add_argument(
        "--batch",
        type=parse_batch("free"),
        default="free",
        metavar="free|N",
        help="the size of a free batch (default: it stays free)",
    )
    return parser.parse_args(arguments)


def _run(arguments):
    try:
        import torch  # noqa: F401
    except ImportError as error:
        return fail(f"cannot import a program of torch.export: {MISSING.format(error)}")
    try:
        from .errors import NPIRError
        from .importers import torch as importer
        from .importers.onnx import ImportFailure, ModelError, Report
    except ImportError as error:
        return fail(
            f"cannot load a part of NPIR: {error}; build the target npir-python and "
            "install tools/scripts/requirements-torch.txt"
        )
    report = Report()
    try:
        if is_same_file(arguments.model, arguments.output):
            raise ModelError(f"{arguments.output}: expected an output other than the model")
        program = importer.load_program(arguments.model)
        builder = importer.import_program(program, report, batch=arguments.batch)
        for remark in report.remarks:
            print(f"remark: {remark}", file=sys.stderr)
        builder.finish().save(arguments.output)
    except (ModelError, NPIRError) as error:
        return fail(str(error))
    except ImportFailure:
        return fail(report.describe(arguments.model))
    return 0


def main(arguments=None):
    """Run the command; its exit code."""
    return run_command(_run, _parse_arguments(arguments))


if __name__ == "__main__":
    sys.exit(main())
