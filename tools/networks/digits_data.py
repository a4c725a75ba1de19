"""The UCI handwritten digits, split once and for all.

This file turns the 1797 real 8x8 images inside the scikit-learn package into
the three sets that every network here uses: `train` (1197 images,
seen by the training alone), `calib` (200, seen by the calibration alone) and
`test` (400, seen by the measurements alone).

The split is stratified: each set holds every digit in proportion to the whole.
For each digit, in order, its images are shuffled with one seeded generator; the
first ones become `test`, the next ones `calib`, the rest `train`. How many is
the largest-remainder share of the set's size. Inside a set the images keep the
order they have in scikit-learn, which mixes the digits.

As a program it writes the data folders that NPIR's tools read:

    digits_data.py --out DIR --input-name input
      DIR/calib/input.npy   float32 [200, 1, 8, 8]
      DIR/test/input.npy    float32 [400, 1, 8, 8]
      DIR/test/labels.npy   int64   [400]
"""

import argparse
import hashlib
import io
import os
import sys
import tempfile

import numpy as np

SETS = ("train", "calib", "test")
SIZES = {"train": 1197, "calib": 200, "test": 400}
CLASSES = 10
SPLIT_SEED = 2

# sha256 over the pixels (uint8, 1797x8x8) followed by the labels (uint8). The
# split is only as fixed as the order of the images, so that is checked too.
_DATA_SHA256 = "87ff0c9e40dc7e2c0e34e7257799c2e3f3aec1a016363bb11cad869ec428a826"


class DataError(Exception):
    """The installed data set is not the one the split was made for."""


def _load_all():
    """Returns (pixels uint8 [1797, 8, 8] in 0..16, labels int64 [1797])."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    pixels = digits.images.astype(np.uint8)
    labels = digits.target.astype(np.int64)
    digest = hashlib.sha256(pixels.tobytes())
    digest.update(labels.astype(np.uint8).tobytes())
    if digest.hexdigest() != _DATA_SHA256:
        raise DataError(
            "scikit-learn's digits have changed: expected sha256 "
            f"{_DATA_SHA256}, got {digest.hexdigest()}; install a scikit-learn "
            "whose load_digits() returns the original 1797 images"
        )
    return pixels, labels


def _shares(counts, size):
    """Splits `size` over the classes by largest remainder; ties go to the
    smaller digit. `counts` are the class sizes of the whole data set."""
    total = int(counts.sum())
    shares = counts * size // total
    # Stable, so that equal remainders keep the order of the digits.
    order = np.argsort(-(counts * size % total), kind="stable")
    shares[order[: size - int(shares.sum())]] += 1
    return shares


def split_indices(labels):
    """Maps each set's name to its sorted indices into the data set.

    `RandomState` is used because numpy guarantees its stream for ever, which
    it does not for `Generator`.
    """
    random = np.random.RandomState(SPLIT_SEED)
    counts = np.bincount(labels, minlength=CLASSES)
    test, calib = _shares(counts, SIZES["test"]), _shares(counts, SIZES["calib"])
    parts = {name: [] for name in SETS}
    for digit in range(CLASSES):
        order = random.permutation(np.flatnonzero(labels == digit))
        cuts = [test[digit], test[digit] + calib[digit]]
        for name, part in zip(("test", "calib", "train"), np.split(order, cuts)):
            parts[name].append(part)
    return {name: np.sort(np.concatenate(parts[name])) for name in SETS}


def load_split(name):
    """Returns (images float32 [N, 1, 8, 8] in 0..1, labels int64 [N]) of the
    set `name`: "train", "calib" or "test"."""
    if name not in SETS:
        raise ValueError(f"unknown set '{name}', expected one of {', '.join(SETS)}")
    pixels, labels = _load_all()
    indices = split_indices(labels)[name]
    # x/16 is exact in float32, so the bytes are the same everywhere.
    images = pixels[indices].astype(np.float32) / np.float32(16)
    return np.ascontiguousarray(images[:, None, :, :]), labels[indices]


def _save_atomically(path, array):
    """Writes `path` whole or not at all, whatever was there before."""
    # Through memory, because numpy's own write to a file hides why it failed.
    content = io.BytesIO()
    np.save(content, array, allow_pickle=False)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    handle, temporary = tempfile.mkstemp(
        dir=os.path.dirname(path), prefix=f".{os.path.basename(path)}."
    )
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content.getbuffer())
        # mkstemp makes the file private; give it the permissions of any other.
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def write_folders(out, input_name):
    """Writes the data folders under `out` and returns the files' paths."""
    files = {}
    for name in ("calib", "test"):
        images, labels = load_split(name)
        files[os.path.join(out, name, f"{input_name}.npy")] = images
        if name == "test":
            files[os.path.join(out, name, "labels.npy")] = labels
    for path, array in files.items():
        _save_atomically(path, array)
    return list(files)


def main(arguments=None):
    parser = argparse.ArgumentParser(
        description="write the digits' calibration and test sets as data folders"
    )
    parser.add_argument("--out", required=True, metavar="DIR")
    parser.add_argument(
        "--input-name", required=True, help="name of the network's input"
    )
    options = parser.parse_args(arguments)
    name = options.input_name
    if not name or "/" in name or name in (".", "..", "labels"):
        parser.error(
            f"--input-name '{name}' cannot name a data file; expected a graph "
            "input's name without '/', other than 'labels'"
        )
    try:
        for path in write_folders(options.out, name):
            print(path)
    except ImportError as error:
        sys.exit(f"error: {error}; install scikit-learn and numpy")
    except DataError as error:
        sys.exit(f"error: {error}")
    except OSError as error:
        sys.exit(
            f"error: cannot write the data folder '{options.out}': "
            f"{error.strerror}; choose another --out or free some space"
        )


if __name__ == "__main__":
    main()
