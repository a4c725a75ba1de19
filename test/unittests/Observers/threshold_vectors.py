"""Writes threshold_vectors.json: what EMA, percentile, OMSE, KL and Auto are to find, by the definitions of convention
OBS-1 and nothing else: no prefix sums, no bounds, one candidate after the other.

usage: python3 threshold_vectors.py threshold_vectors.json   (needs numpy; takes about a minute)
"""
import json
import math
import sys

import numpy as np

INF, NAN = math.inf, math.nan
WRITTEN = {
    "v0_constant": [[3.5] * 8],
    "v1_all_zero": [[0.0] * 8],
    "v2_tiny_range": [[1e-12, -2e-12, 5e-13, 0.0]],
    "v3_mixed": [[-1.0, -0.5, 0.0, 0.25, 0.5, 0.75, 1.5, 2.0]],
    "v4_relu_outlier": [[0.0, 0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 20.0]],
    "v5_positive_offset": [[10.0, 10.125, 10.25, 10.375, 10.5, 10.5, 10.25, 10.0]],
    "v6_negative_only": [[-4.0, -3.0, -2.5, -0.125, -1.0, -0.5]],
    "v7_nan_inf": [[NAN, 1.0, -2.0, INF, 0.5, -INF, 3.0, NAN]],
    "v8_four_batches": [[-1.0, 0.0, 1.0, 2.0], [-0.5, 0.5, 4.0, 0.25], [-8.0, 0.0, 0.125, 1.0],
                        [-0.25, 0.25, 0.5, 16.0]],
    "v9_denormal": [[-1e-40, 0.0]],
    # Batches without a finite value have no part in an average.
    "w0_empty_batch": [[NAN], [1.0, -1.0], [INF, -INF], [3.0, -2.0, 0.5], [2.0]],
    "w1_many_zeros": [[0.0] * 50 + [0.25, 0.5, 0.75, 3.0]],
}
GENERATED = {"g1_uniform": "uniform", "g2_cubic": "cubic", "g3_heavy": "heavy", "g4_relu_heavy": "relu_heavy"}
SIZE = 4096
# Bits, signed, narrow, affine.
BASE = [(8, True, False, False), (8, False, False, False), (8, True, False, True), (8, False, False, True),
        (4, True, False, False), (4, False, False, True), (2, True, False, False), (16, True, False, False),
        (16, False, False, True)]
NARROW = [(bits, True, True, False) for bits in (8, 4, 2)]
WIDE = [(9, True, False, False), (10, True, True, False), (12, True, False, False), (12, False, False, True)]


def generate(kind):
    u = np.array([((i * 2654435761 + 12345) % 2**32) / 2**31 - 1 for i in range(SIZE)])
    heavy = u / (1.02 - np.abs(u))
    return {"uniform": u, "cubic": 4 * u * u * u, "heavy": heavy, "relu_heavy": np.maximum(0, heavy)}[kind]


def finite(batch):
    x = np.array(batch, dtype=np.float32)
    x = x[np.isfinite(x)].astype(np.float64)
    x[np.abs(x) < 2.0**-126] = 0.0
    return x


def bounds(bits, signed, narrow):
    half = 2 ** (bits - 1)
    return (-half + narrow, half - 1) if signed else (0, 2 * half - 1)


def quantizer(lo, hi, form):
    bits, signed, narrow, affine = form
    qmin, qmax = bounds(bits, signed, narrow)
    lo, hi = min(lo, 0.0), max(hi, 0.0)
    if lo == hi == 0.0:
        return np.float32(1), 0
    if affine:
        step = max((hi - lo) / (qmax - qmin), 2.0**-32)
        return np.float32(step), int(np.clip(qmin - np.rint(lo / step), qmin, qmax))
    largest = max(-lo, hi)
    whole = not signed and lo == 0.0
    step = largest / (qmax if whole else 2 ** (bits - 1) - 1)
    return np.float32(max(step, 2.0**-32)), 0 if signed or whole else 2 ** (bits - 1)


def error(x, lo, hi, form):
    """Mean squared error of the quantizer as it is deployed."""
    scale, zero = quantizer(lo, hi, form)
    qmin, qmax = bounds(*form[:3])
    q = np.clip(np.rint(x / float(scale)) + zero, qmin, qmax)
    return math.fsum((x - (q - zero) * float(scale)) ** 2) / len(x)


def first_least(errors):
    best = 0
    for i, value in enumerate(errors):
        if value < errors[best] * (1 - 1e-9):
            best = i
    return best


def omse(x, form, two_sided=False):
    lo, hi = min(x.min(), 0.0), max(x.max(), 0.0)
    if lo == hi == 0.0:
        return lo, hi, 100
    shares = [k / 100 for k in range(100, 0, -1)]

    def pick(ranges):
        return ranges[first_least([error(x, a, b, form) for a, b in ranges])]

    ranges = [(a * lo, a * hi) for a in shares]
    best = pick(ranges)
    k = 100 - ranges.index(best)
    if two_sided and lo != 0.0 and hi != 0.0:
        for _ in range(2):
            best = pick([(a * lo, best[1]) for a in shares])
            best = pick([(best[0], a * hi) for a in shares])
    return best[0], best[1], k


def kl(x, form, bins):
    """Threshold and bin, by writing P and Q out for every candidate."""
    size = np.abs(x[x != 0.0])
    if not len(size):
        return 0.0, 0
    greatest = size.max()
    width = 2.0 ** math.frexp(greatest)[1] / (2 * bins)
    count = int(greatest / width) + 1
    levels = 2 ** (form[0] - (0 if not form[1] and x.min() >= 0 else 1))
    if count <= levels:
        return greatest, count
    h = np.bincount((size / width).astype(np.int64), minlength=count).astype(np.float64)
    h[0] = h[1]
    total = h.sum()
    best = None
    for i in range(levels, count + 1):
        kept = h[:i].sum()
        if (h[i - 1] == 0 and kept < total) or kept < 0.9 * total:
            continue
        p = h[:i].copy()
        p[-1] += total - kept
        edges = np.arange(levels) * i // levels
        level_of = np.searchsorted(edges, np.arange(i), side="right") - 1
        used = np.bincount(level_of, weights=h[:i] > 0, minlength=levels)
        mass = np.bincount(level_of, weights=h[:i], minlength=levels)
        q = np.where(h[:i] > 0, mass[level_of] / np.maximum(used[level_of], 1), 0)
        some = p > 0
        p, q = p[some] / total, q[some] / kept
        divergence = float(np.sum(p * np.log(p / q)))
        if best is None or divergence <= best[0] + 1e-12:
            best = divergence, i
    return min(best[1] * width, greatest), best[1]


def quantile(x, share):
    x = np.sort(x)
    position = (len(x) - 1) * share
    k = int(position)
    return x[k] if k + 1 >= len(x) else x[k] + (position - k) * (x[k + 1] - x[k])


def percentiles(x, alpha):
    """Where both would be zero, NPIR takes the extrema."""
    lo, hi = quantile(x, 1 - alpha), quantile(x, alpha)
    return (lo, hi) if (lo, hi) != (0, 0) else (x.min(), x.max())


def fold(ranges, sigma):
    lo, hi = ranges[0]
    for a, b in ranges[1:]:
        lo, hi = lo + sigma * (a - lo), hi + sigma * (b - hi)
    return lo, hi


def entry(observer, form, lo, hi, **more):
    bits, signed, narrow, affine = form
    scale, zero = quantizer(lo, hi, form)
    return {"observer": observer, **more, "bits": bits, "signed": signed, "narrow": narrow,
            "scheme": "Affine" if affine else "Uniform", "lo": float(lo), "hi": float(hi),
            "scale_f32": f"0x{scale.view(np.uint32):08x}", "zero_point": zero}


def omse_entry(x, form, two_sided=False):
    lo, hi, k = omse(x, form, two_sided)
    return entry("omse", form, lo, hi, two_sided=two_sided, k=k, mse=error(x, lo, hi, form))


def kl_entry(x, form, bins):
    threshold, bin = kl(x, form, bins)
    return entry("kl", form, 0.0 if x.min() >= 0 else -threshold, threshold, bins=bins, bin=bin)


def auto_entry(x, form):
    """Of a constant, which is one batch: EMA is minmax."""
    found = {"minmax": (x.min(), x.max()), "percentile": percentiles(x, 0.999),
             "omse": omse(x, form, two_sided=form[3])[:2]}
    if not form[3]:
        bins = 2 ** int(math.log2(min(max(len(x) // 10, 512), 2048)))
        threshold = kl(x, form, bins)[0]
        found["kl"] = (0.0 if x.min() >= 0 else -threshold, threshold)
    names = list(found)
    winner = names[first_least([error(x, *found[name], form) for name in names])]
    return entry("auto", form, *found[winner], winner=winner)


def results(batches, forms, bins):
    parts = [x for x in map(finite, batches) if len(x)]
    x = np.concatenate(parts)
    entries = []
    for sigma in (0.0, 0.01, 0.1, 1.0):
        lo, hi = fold([(p.min(), p.max()) for p in parts], sigma)
        entries += [entry("ema", form, lo, hi, sigma=sigma) for form in (forms if sigma == 0.01 else forms[:1])]
    for sigma in (0.0, 0.1, 1.0):
        for alpha in (0.9, 0.999):
            lo, hi = fold([percentiles(p, alpha) for p in parts], sigma)
            entries.append(entry("percentile", BASE[2], lo, hi, alpha=alpha, sigma=sigma))
    for form in forms + NARROW + WIDE:
        entries.append(omse_entry(x, form))
        if form[3] and form[0] <= 8:
            entries.append(omse_entry(x, form, two_sided=True))
        if not form[3] and form[0] <= 12:
            entries += [kl_entry(x, form, n) for n in bins]
    entries += [auto_entry(x, form) for form in [BASE[0], BASE[2], BASE[5], *NARROW]]
    return entries


def main():
    document = {}
    for name, batches in WRITTEN.items():
        shown = [["nan" if x != x else "inf" if x == INF else "-inf" if x == -INF else x for x in batch]
                 for batch in batches]
        document[name] = {"batches": shown}, results(batches, BASE, (2048,))
    for name, kind in GENERATED.items():
        forms = [BASE[0], BASE[1], BASE[3], BASE[4]]
        document[name] = {"generator": kind, "n": SIZE}, results([generate(kind)], forms, (512, 2048, 8192))
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        file.write("{\n")
        for i, (name, (header, entries)) in enumerate(document.items()):
            text = json.dumps(header)[1:-1]
            lines = ",\n".join("    " + json.dumps(one) for one in entries)
            file.write(f'  "{name}": {{{text}, "results": [\n{lines}]}}{"," if i + 1 < len(document) else ""}\n')
        file.write("}\n")


if __name__ == "__main__":
    main()
