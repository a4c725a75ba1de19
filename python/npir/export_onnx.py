"""The command `python -m npir.export_onnx`: an npir module to an ONNX model."""

import sys

from .command import Parser, fail, is_same_file, run_command

DESCRIPTION = """Exports an npir module as ONNX: from station 'qdq' with QuantizeLinear and
DequantizeLinear around floats, from 'float' and 'prepared' in floats.

Layer names become node names. The opset is 17, or a later one that an op or
integers of 4 or 16 bits need. What ONNX has no form for is reported as a
whole: every layer with its name, its op and the reason."""


def _parse_arguments(arguments):
    parser = Parser("python -m npir.export_onnx", DESCRIPTION, source="module", result="model")
    parser.add_argument("model", metavar="MODEL.mlirbc", help="the module to export")
    parser.add_argument(
        "-o",
        "--output",
        required=True,
        metavar="OUT.onnx",
        help="the file to write; - is the standard output",
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
        return fail(
            f"cannot load a part of NPIR: {error}; build the target npir-python and "
            "install tools/scripts/requirements.txt"
        )
    try:
        model = load(arguments.model)
        if isinstance(model, Program):
            raise NPIRError(
                f"{arguments.model}: expected a module, got a program, which is finished"
            )
        if is_same_file(arguments.model, arguments.output):
            raise NPIRError(f"{arguments.output}: expected an output other than the model")
        model._export_onnx(arguments.output, arguments.external_data)
    except (NPIRError, ImportError) as error:
        return fail(str(error))
    return 0


def main(arguments=None):
    """Run the command; its exit code."""
    return run_command(_run, _parse_arguments(arguments))


if __name__ == "__main__":
    sys.exit(main())
