"""Makes the benchmark networks as ONNX files.

    python tools/networks/benchmark/make.py --out DIR [NAME...]

This file exports the networks mobilenet_v2, resnet50 and vit_s16 (default: all) to
DIR/NAME.onnx with a free batch. It needs torch, numpy and onnx, and runs on one
CPU thread with fixed seeds: the same build of PyTorch on the same kind of CPU
writes the same bytes.
"""

import argparse
import io
import os
import sys
import time
import warnings

import onnx
import torch

import images
from mobilenet_v2 import MobileNetV2
from realism import Draws, fill_convolutional
from resnet50 import ResNet50
from transformer import fill_transformer
from vit_s16 import ViTS16

OPSET = 17
# Images that the statistics are measured with; no other set holds them.
MEASURED = 24
FIRST = 1_000_000


def _make_mobilenet_v2(pixels, draws):
    network = MobileNetV2().eval()

    def style(name):
        # A linear bottleneck has no activation beside its norm.
        beside = network.get_submodule(name.rpartition(".")[0])
        is_bottleneck = not any(isinstance(m, torch.nn.ReLU6) for m in beside)
        return (1.0, 0.0, 0.3) if is_bottleneck else (1.0, 0.4, 0.6)

    fill_convolutional(network, network.classifier, pixels, draws, style)
    return network


def _make_resnet50(pixels, draws):
    network = ResNet50().eval()

    def style(name):
        if name.endswith("bn3"):
            return 0.5, -0.1, 0.2
        return (1.0, 0.0, 0.3) if "downsample" in name else (0.8, -0.2, 0.4)

    fill_convolutional(network, network.fc, pixels, draws, style)
    return network


def _make_vit_s16(pixels, draws):
    network = ViTS16().eval()
    fill_transformer(network, pixels, draws)
    return network


NETWORKS = {
    "mobilenet_v2": _make_mobilenet_v2,
    "resnet50": _make_resnet50,
    "vit_s16": _make_vit_s16,
}


def make_network(name, count=MEASURED, seed=images.SEED):
    """A seeded network in eval mode, measured with `count` images."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    pixels = torch.from_numpy(images.make_images(count, FIRST))
    # One stream of random numbers for each network.
    draws = Draws([seed, list(NETWORKS).index(name)])
    with torch.no_grad():
        return NETWORKS[name](pixels, draws).requires_grad_(False)


def export(network, name):
    """The bytes of the ONNX file, batch norms and parameters' names kept."""
    file = io.BytesIO()
    batch = {0: "batch"}
    with warnings.catch_warnings():
        # The exporter that traces is the older of two, and says so.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            (torch.zeros(2, 3, images.SIZE, images.SIZE),),
            file,
            dynamo=False,
            opset_version=OPSET,
            # Else the exporter folds batch norms, which is NPIR's to do.
            training=torch.onnx.TrainingMode.PRESERVE,
            input_names=["input"],
            output_names=["logits"],
            dynamic_axes={"input": batch, "logits": batch},
        )
    model = onnx.load_from_string(file.getvalue())
    model.graph.name = name
    model.graph.doc_string = ""
    for node in model.graph.node:
        node.doc_string = ""  # Holds paths of this machine.
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString(deterministic=True)


def main():
    parser = argparse.ArgumentParser(description="make the benchmark networks")
    parser.add_argument("--out", required=True, help="folder of the ONNX files")
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: all")
    options = parser.parse_args()
    for name in options.names or NETWORKS:
        if name not in NETWORKS:
            sys.exit(f"error: expected one of {', '.join(NETWORKS)}, got '{name}'")
    os.makedirs(options.out, exist_ok=True)
    for name in options.names or NETWORKS:
        begin = time.monotonic()
        data = export(make_network(name), name)
        path = os.path.join(options.out, name + ".onnx")
        with open(path + ".partial", "wb") as file:
            file.write(data)
        os.replace(path + ".partial", path)
        print(f"{path}: {len(data)} bytes in {time.monotonic() - begin:.0f} s", flush=True)


if __name__ == "__main__":
    main()
