// This file declares the arithmetic of resizing an image: which elements of the
// operand an element of the result comes from, and how much of each. Height and
// width are treated alike and apart; `Reference` and `Fast` share it. The order
// of evaluation of `bilinearTaps` and the integers of `interpolate` are those
// of XNNPACK 20241108, to the bit.
#ifndef NPIR_KERNELS_RESIZE_H
#define NPIR_KERNELS_RESIZE_H

#include <algorithm>
#include <cstdint>
#include <vector>

namespace npir_kernels {

enum class ResizeCoordinates { HalfPixel, Asymmetric, AlignCorners };
enum class ResizeRounding { Floor, Ceil, RoundPreferFloor, RoundPreferCeil };

/// One dimension of a resize. Sizes are at least 1.
struct ResizeAxis {
  int64_t inputSize = 1, outputSize = 1;
  ResizeCoordinates coordinates = ResizeCoordinates::HalfPixel;
  /// Result elements per operand element, positive and finite; 0: the ratio of
  /// the sizes.
  float scale = 0;
};

/// For each element of the result the nearest element of the operand.
std::vector<int64_t> nearestIndices(const ResizeAxis &axis,
                                    ResizeRounding rounding);

/// A point between two neighbours, or upon `low`.
struct ResizeTap {
  int64_t low = 0, high = 0; ///< indices; equal at the far edge
  float fraction = 0;        ///< the weight of `high`, 0 to 1
  int32_t weight = 0;        ///< rne(fraction * 2^11)
};

/// For each element of the result its point in the operand.
std::vector<ResizeTap> bilinearTaps(const ResizeAxis &axis);

/// XNNPACK knows no scales: whether it finds the same points without them.
bool hasScaleOfSizes(const ResizeAxis &axis);

/// The weighted mean of four neighbours (top left, top right, ...) by weights
/// with 11 fractional bits, rounded half up. Within the neighbours' range.
inline int8_t interpolate(int32_t tl, int32_t tr, int32_t bl, int32_t br,
                          int32_t wx, int32_t wy) {
  const int32_t top = tl * 2048 + wx * (tr - tl);
  const int32_t bottom = bl * 2048 + wx * (br - bl);
  return static_cast<int8_t>(
      (top * 2048 + wy * (bottom - top) + (int32_t(1) << 21)) >> 22);
}

} // namespace npir_kernels

#endif // NPIR_KERNELS_RESIZE_H
