"""Makes the zoo's networks, each by three exporters, with samples.

    python tools/networks/zoo/make.py --out DIR [--tiny] [NAME...]

This file writes for every network DIR/NAME.traced.onnx (the exporter that traces,
opset 17), DIR/NAME.dynamo.onnx (the one of torch.export), DIR/NAME.pt2
(torch.export.save), and DIR/NAME.npz with samples, all with a free batch.
It needs torch, onnx and onnxscript.
"""

import argparse
import contextlib
import io
import logging
import os
import sys
import time
import warnings

import numpy as np
import torch

from networks import NETWORKS, make


def _axes(made):
    return {name: {0: "batch"} for name in (*made.samples, *made.outputs)}


def export_traced(made, path):
    torch.onnx.export(
        made.network,
        made.inputs,
        path,
        dynamo=False,
        opset_version=17,
        # Else the exporter folds batch norms, which is NPIR's to do.
        training=torch.onnx.TrainingMode.PRESERVE,
        input_names=list(made.samples),
        output_names=list(made.outputs),
        dynamic_axes=_axes(made),
    )


def export_dynamo(made, path):
    batch = torch.export.Dim("batch")
    with contextlib.redirect_stdout(io.StringIO()):
        torch.onnx.export(
            made.network,
            made.inputs,
            path,
            dynamo=True,
            opset_version=18,
            external_data=False,
            input_names=list(made.samples),
            output_names=list(made.outputs),
            dynamic_shapes=tuple({0: batch} for _ in made.samples),
        )


def export_program(made, path):
    batch = torch.export.Dim("batch")
    shapes = tuple({0: batch} for _ in made.samples)
    torch.export.save(torch.export.export(made.network, made.inputs, dynamic_shapes=shapes), path)


EXPORTERS = {
    "traced.onnx": export_traced,
    "dynamo.onnx": export_dynamo,
    "pt2": export_program,
}


def export(name, folder, tiny=False):
    """Write all forms of the network; the paths."""
    made = make(name, tiny)
    np.savez(os.path.join(folder, f"{name}.npz"), **{k: v.numpy() for k, v in made.samples.items()})
    paths = []
    for suffix, exporter in EXPORTERS.items():
        path = os.path.join(folder, f"{name}.{suffix}")
        partial = os.path.join(folder, f"partial.{name}.{suffix}")
        with warnings.catch_warnings(), torch.no_grad():
            # The exporter that traces is the older of two, and says so.
            warnings.simplefilter("ignore")
            exporter(made, partial)
        os.replace(partial, path)
        paths.append(path)
    return paths


def main():
    parser = argparse.ArgumentParser(description="make the zoo's networks")
    parser.add_argument("--out", required=True, help="folder of the files")
    parser.add_argument("--tiny", action="store_true", help="small forms, for a test")
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: all")
    options = parser.parse_args()
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    for name in options.names or NETWORKS:
        if name not in NETWORKS:
            sys.exit(f"error: expected one of {', '.join(NETWORKS)}, got '{name}'")
    os.makedirs(options.out, exist_ok=True)
    for name in options.names or NETWORKS:
        begin = time.monotonic()
        for path in export(name, options.out, options.tiny):
            print(f"{path}: {os.path.getsize(path)} bytes", flush=True)
        print(f"{name}: {time.monotonic() - begin:.0f} s", flush=True)


if __name__ == "__main__":
    main()
