"""Seeded pictures with the statistics of photographs.

    python tools/networks/benchmark/images.py --out DIR --count N [--first K]

This file makes the images that the benchmark networks are measured with, and
writes them as DIR/input.npy: float32 [N, 3, 224, 224], normalized as networks
for ImageNet expect it. Image i depends on the seed and i alone, so a longer
set begins with the shorter one. It needs numpy only.

What makes a picture look natural to a network:
- power that falls with the square of the frequency, from layers of objects that
  hide each other (dead leaves) and from textures of 1/f noise;
- edges, and flat regions beside textured ones;
- colours that go together: brightness varies most, opponent colours less;
- light that changes over the picture, contrast that differs between pictures;
- values of 8 bits, with some pixels black or burnt out.
"""

import argparse
import os
import sys

import numpy as np

SIZE = 224
SEED = 2026
# Mean and deviation of ImageNet's pixels, by which inputs are normalized.
MEAN = np.array([0.485, 0.456, 0.406])
DEVIATION = np.array([0.229, 0.224, 0.225])
# Rows: red, green, blue of brightness, blue-yellow and red-green.
COLOURS = np.array([[1.0, 0.45, 0.3], [1.0, 0.0, -0.35], [1.0, -0.55, 0.2]])
SPREAD = np.array([1.0, 0.35, 0.2])

_FREQUENCY = np.hypot(np.fft.fftfreq(SIZE)[:, None], np.fft.rfftfreq(SIZE)[None, :])
_FREQUENCY[0, 0] = np.inf


def _noise(random, falloff):
    """Noise [SIZE, SIZE] of deviation 1 with an amplitude of 1/f^falloff."""
    spectrum = np.fft.rfft2(random.standard_normal((SIZE, SIZE)))
    noise = np.fft.irfft2(spectrum / _FREQUENCY**falloff, s=(SIZE, SIZE))
    return noise / noise.std()


def _colour(random):
    return COLOURS @ (SPREAD * random.standard_normal(3))


def _add_object(random, picture, textures):
    """Paints an ellipse or a box, with a colour, a shade and a texture."""
    # Many small objects and few large ones: the density of sizes is 1/s^3.
    size = 6.0 / np.sqrt(random.uniform(0.004, 1.0))
    aspect = np.exp(0.4 * random.standard_normal())
    angle = random.uniform(0, np.pi)
    middle = random.uniform(0, SIZE, 2)
    reach = size * max(aspect, 1 / aspect) * 1.5
    low = np.clip(np.floor(middle - reach), 0, SIZE - 1).astype(int)
    high = np.clip(np.ceil(middle + reach), 1, SIZE).astype(int)
    region = (slice(low[0], high[0]), slice(low[1], high[1]))
    y = np.arange(low[0], high[0])[:, None] - middle[0]
    x = np.arange(low[1], high[1])[None, :] - middle[1]
    along = (x * np.cos(angle) + y * np.sin(angle)) / (size * aspect)
    across = (y * np.cos(angle) - x * np.sin(angle)) / (size / aspect)
    if random.uniform() < 0.6:
        distance = np.hypot(along, across)
    else:
        distance = np.maximum(abs(along), abs(across))
    # An edge about a pixel wide.
    cover = np.clip((1 - distance) * size + 0.5, 0, 1)[..., None]
    texture = textures[random.integers(len(textures))][region]
    contrast = 0.5 * random.uniform() ** 2
    paint = _colour(random) + (contrast * texture + 0.3 * along)[..., None]
    picture[region] += cover * (paint - picture[region])


def make_image(index, seed=SEED):
    """Picture `index` of the set, [3, SIZE, SIZE] float32, normalized."""
    random = np.random.Generator(np.random.PCG64([seed, index]))
    textures = [_noise(random, falloff) for falloff in (0.6, 1.0, 1.4)]
    ground = np.stack([textures[2], textures[1], _noise(random, 1.2)], axis=-1)
    picture = (ground * SPREAD * [0.6, 0.5, 0.5]) @ COLOURS.T + _colour(random)
    for _ in range(random.integers(20, 120)):
        _add_object(random, picture, textures)
    light = _noise(random, 2.0)[..., None]
    # Brightness and contrast differ between pictures, as with real ones.
    contrast = 0.19 * np.exp(0.25 * random.standard_normal())
    picture = MEAN + 0.08 * random.standard_normal() + contrast * picture
    picture *= 1 + 0.15 * light
    pixels = np.round(np.clip(picture, 0, 1) * 255) / 255
    return ((pixels - MEAN) / DEVIATION).transpose(2, 0, 1).astype(np.float32)


def make_images(count, first=0, seed=SEED):
    """Pictures first .. first + count - 1, [count, 3, SIZE, SIZE]."""
    return np.stack([make_image(first + i, seed) for i in range(count)])


def write_images(folder, name, count, first=0, seed=SEED):
    """Writes `folder`/`name`.npy, one picture at a time."""
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, name + ".npy")
    partial = path + ".partial"
    shape = (count, 3, SIZE, SIZE)
    array = np.lib.format.open_memmap(partial, "w+", np.float32, shape)
    for i in range(count):
        array[i] = make_image(first + i, seed)
    array.flush()
    del array
    os.replace(partial, path)
    return path


def main():
    parser = argparse.ArgumentParser(description="write seeded pictures as .npy")
    parser.add_argument("--out", required=True, help="folder of the .npy file")
    parser.add_argument("--count", type=int, required=True, help="how many")
    parser.add_argument("--first", type=int, default=0, help="index of the first")
    parser.add_argument("--input-name", default="input", help="name of the file")
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    if options.count < 1 or options.first < 0 or options.seed < 0:
        sys.exit("error: expected --count of at least 1, --first and --seed of 0 or more")
    try:
        path = write_images(
            options.out, options.input_name, options.count, options.first, options.seed
        )
    except OSError as error:
        sys.exit(f"error: cannot write to '{options.out}': {error.strerror}")
    print(path)


if __name__ == "__main__":
    main()
