"""What a calibration costs: time beside the plain network, onnxruntime, memory.

This file measures; numbers to compare are taken in one run, in turn.
"""
import json
import statistics

from .commands import Failure, available_memory
from .networks import ROOT, TITLES

GIB = 2**30
# Time / plain run by network: every element counted, and a quarter of the rows.
RATIO_BOUNDS = {"mobilenet_v2": (1.7, 1.35), "resnet50": (1.2, 1.1), "vit_s16": (1.25, 1.1)}
# Memory on top of a plain run, in bytes, as the observers' guide says them. NPIR's
# statistics serve all observers, so that one calibration stands beside each.
MEMORY_BOUNDS = {"minmax": 100e6, "percentile": 150e6, "omse": 500e6, "kl": 300e6}


def _calibrate(networks, name, options, stats="calibration.npirstats"):
    """Calibrates a network under preset:minmax, which only says what is observed."""
    flags = f"data={networks.folder / 'calib'} stats={networks.modules / stats} checkpoint=0 quiet {options}"
    return networks.commands.opt(networks.observed(name), "/dev/null", f"--npir-calibrate={flags}")


def _measure_ratio(networks, results, name, count, repetitions, row_sample, threads, bound):
    """The median of the ratios of some runs."""
    timing = networks.modules / "timing.json"
    rows = "every row" if row_sample == 1 else f"1/{row_sample} of the rows"
    sampling = "" if row_sample == 1 else f"row-sample={row_sample} "
    label = f"{TITLES[name]}, {rows}, {threads} thread{'s' * (threads > 1)}: time / plain run"
    runs = []
    try:
        for _ in range(repetitions):
            _calibrate(networks, name, f"samples=0:{count} threads={threads} {sampling}timing={timing}")
            runs.append(json.loads(timing.read_text()))
    except Failure as failure:
        results.skip(label, str(failure))
        return

    def per_image(key):
        return 1000 * statistics.median(run[key] for run in runs) / count

    results.add(label, statistics.median(run["ratio"] for run in runs), "", ("<=", bound),
                ratios=[run["ratio"] for run in runs], samples=count, run_batch=runs[0]["run_batch"],
                plain_ms_per_image=per_image("plain_s"), calibration_ms_per_image=per_image("run_s"))


def measure_ratios(networks, results, names, counts, repetitions, threads):
    """Calibration / plain network over the same samples, run by run in turn."""
    for name in names:
        for row_sample, bound in zip((1, 4), RATIO_BOUNDS[name]):
            for number in threads:
                _measure_ratio(networks, results, name, counts[name], repetitions, row_sample, number, bound)


def measure_throughput(networks, results, count, threads):
    """The whole process: loading, running, writing."""
    cost = _calibrate(networks, "mobilenet_v2", f"samples=0:{count} threads={threads}")
    bound = ("<", 5) if (count, threads) == (512, 2) else None
    results.add(f"{count} images of MobileNetV2, {threads} threads, whole process", cost.seconds, "s", bound, peak_bytes=cost.peak)


def compare_with_onnxruntime(networks, results, count, repetitions, threads):
    """Each method in a process of its own; NPIR's time is that of the whole
    process and of the one that derives the ranges."""
    commands, name = networks.commands, "mobilenet_v2"
    script = ROOT / "tools/scripts/calibration/onnxruntime_calibrate.py"
    presets = {"MinMax": "minmax", "Percentile": "percentile", "Entropy": "kl"}
    for method, preset in presets.items():
        label = f"onnxruntime's {method} / NPIR's {preset}, {count} images"
        # It keeps every tensor of every image.
        need = 0 if method == "MinMax" else count * GIB // 10 + 2 * GIB
        if available_memory() < need + GIB:
            results.skip(label, f"it takes up to {need / GIB:.0f} GiB of memory, which is not free")
            continue
        observed = networks.observed(name, f"preset:{preset}")
        times, peaks, facts = [], [], {}
        for _ in range(repetitions):
            try:
                cost = commands.run(commands.onnxruntime_python, script, method, networks.model(name),
                                    networks.folder / "calib/input.npy", count, threads, memory_limit=need + 16 * GIB)
                theirs = json.loads(cost.stdout.splitlines()[-1])
            except (Failure, ValueError, IndexError) as error:
                results.skip(label, str(error).splitlines()[-1])
                break
            ours = _calibrate(networks, name, f"samples=0:{count} threads={threads}")
            derive = commands.opt(observed, "/dev/null",
                                  f"--npir-attach-calibration=stats={networks.modules / 'calibration.npirstats'}")
            seconds, peak = ours.seconds + derive.seconds, max(ours.peak, derive.peak)
            times.append(theirs["seconds"] / seconds)
            peaks.append(peak / theirs["peak_bytes"])
            facts = dict(onnxruntime_s=theirs["seconds"], npir_s=seconds, onnxruntime_bytes=theirs["peak_bytes"],
                         npir_bytes=peak, onnxruntime_tensors=theirs["tensors"])
        if times:
            results.add(f"{label}: time", statistics.median(times), "times", (">=", 1 if method == "MinMax" else 5), **facts)
            results.add(f"NPIR's {preset} / onnxruntime's {method}, {count} images: memory", statistics.median(peaks), "",
                        None if method == "MinMax" else ("<=", 0.1), **facts)


def measure_memory(networks, results, few, many, batches, batch, threads):
    """Peak memory: whether it grows with the samples, and what recording adds."""
    peaks = [_calibrate(networks, "mobilenet_v2", f"samples=0:{count} batch=16 threads={threads}").peak for count in (few, many)]
    results.add(f"MobileNetV2, peak memory of {many} images / {few} images", peaks[1] / peaks[0], "", ("<=", 1.05),
                peak_bytes=peaks)
    calibrated = _calibrate(networks, "vit_s16", f"samples=0:{batches * batch} batch={batch} threads={threads} run-batch=1").peak
    plain = networks.commands.run(
        networks.commands.tool("npir-run"), networks.prepared("vit_s16"), "--data", networks.folder / "calib", "--samples",
        f"0:{batches * batch}", "--batch", 1, "--threads", threads, "--output-dir", networks.modules / "vit_s16.outputs", "--quiet").peak
    for preset, bound in MEMORY_BOUNDS.items():
        results.add(f"ViT-S/16, {batches} batches: memory on top of a plain run, {preset}", (calibrated - plain) / 1e6, "MB",
                    ("<=", bound / 1e6), plain_bytes=plain, calibration_bytes=calibrated, images_per_batch=batch)
