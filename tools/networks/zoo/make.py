"""Makes the zoo's networks, each by three exporters, with samples.

    python tools/networks/zoo/make.py --out DIR [--tiny] [--seed S] [--size N]
        [--form traced.onnx]... [--calib N --test N] [NAME...]

This file writes for every network, in all forms or those asked for, DIR/NAME.traced.onnx (the exporter that traces,
opset 17), DIR/NAME.dynamo.onnx (the one of torch.export), DIR/NAME.pt2
(torch.export.save), and DIR/NAME.npz with samples, all with a free batch.
With --calib and --test, DIR/NAME.calib and DIR/NAME.test hold so many samples, an
.npy file for each input. Other seeds make other parameters. It needs torch, onnx and onnxscript.
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

from networks import NETWORKS, SEED, make, make_samples

# Index of the first sample for testing; calibration starts at 0.
FIRST_TEST = 500_000


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


def export(name, folder, options):
    """Write the forms of the network that are asked for; the paths."""
    made = make(name, options.tiny, seed=options.seed, size=options.size)
    np.savez(os.path.join(folder, f"{name}.npz"), **{k: v.numpy() for k, v in made.samples.items()})
    paths = []
    for suffix in options.form or EXPORTERS:
        path = os.path.join(folder, f"{name}.{suffix}")
        partial = os.path.join(folder, f"partial.{name}.{suffix}")
        with warnings.catch_warnings(), torch.no_grad():
            # The exporter that traces is the older of two, and says so.
            warnings.simplefilter("ignore")
            EXPORTERS[suffix](made, partial)
        os.replace(partial, path)
        paths.append(path)
    return paths


def write_samples(name, folder, options):
    """The folders of samples that are asked for."""
    for kind, first in (("calib", 0), ("test", FIRST_TEST)):
        count = getattr(options, kind)
        if not count:
            continue
        target = os.path.join(folder, f"{name}.{kind}")
        os.makedirs(target, exist_ok=True)
        samples = make_samples(name, count, first, options.tiny, options.seed, options.size)
        for key, values in samples.items():
            np.save(os.path.join(target, f"{key}.npy"), values.numpy())


def parse_arguments():
    parser = argparse.ArgumentParser(description="make the zoo's networks")
    parser.add_argument("--out", required=True, help="folder of the files")
    parser.add_argument("--tiny", action="store_true", help="small forms, for a test")
    parser.add_argument("--seed", type=int, default=SEED, help=f"of the parameters (default: {SEED})")
    parser.add_argument("--size", type=int, help="pixels or tokens of a sample (default: the network's)")
    parser.add_argument("--form", action="append", choices=[*EXPORTERS], help="default: all")
    parser.add_argument("--calib", type=int, default=0, help="samples to calibrate with")
    parser.add_argument("--test", type=int, default=0, help="samples to test with")
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: all")
    return parser.parse_args()


def main():
    options = parse_arguments()
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    for name in options.names or NETWORKS:
        if name not in NETWORKS:
            sys.exit(f"error: expected one of {', '.join(NETWORKS)}, got '{name}'")
    os.makedirs(options.out, exist_ok=True)
    for name in options.names or NETWORKS:
        begin = time.monotonic()
        for path in export(name, options.out, options):
            print(f"{path}: {os.path.getsize(path)} bytes", flush=True)
        write_samples(name, options.out, options)
        print(f"{name}: {time.monotonic() - begin:.0f} s", flush=True)


if __name__ == "__main__":
    main()
