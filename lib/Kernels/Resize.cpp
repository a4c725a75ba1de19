// This file defines where the elements of a resized image come from. It is
// compiled without floating-point contraction.
#include "npir/Kernels/Resize.h"
#include <cassert>
#include <cmath>

using namespace npir_kernels;

/// From one element of the result to the next, in elements of the operand.
static float getStep(const ResizeAxis &axis, float scale) {
  // With one element there is no way to go.
  const int64_t ends = axis.coordinates == ResizeCoordinates::AlignCorners &&
                       axis.outputSize != 1;
  if (scale != 0 && axis.coordinates != ResizeCoordinates::AlignCorners)
    return 1.0f / scale;
  return static_cast<float>(axis.inputSize - ends) /
         static_cast<float>(axis.outputSize - ends);
}

static float getNearestPoint(const ResizeAxis &axis, int64_t i) {
  const auto position = static_cast<float>(i);
  const float ratio = axis.scale != 0 ? axis.scale
                                      : static_cast<float>(axis.outputSize) /
                                            static_cast<float>(axis.inputSize);
  switch (axis.coordinates) {
  case ResizeCoordinates::HalfPixel:
    return (position + 0.5f) / ratio - 0.5f;
  case ResizeCoordinates::Asymmetric:
    return position / ratio;
  case ResizeCoordinates::AlignCorners:
    break;
  }
  if (axis.outputSize == 1)
    return 0;
  return position * static_cast<float>(axis.inputSize - 1) /
         static_cast<float>(axis.outputSize - 1);
}

static float roundPoint(float point, ResizeRounding rounding) {
  switch (rounding) {
  case ResizeRounding::Floor:
    return std::floor(point);
  case ResizeRounding::Ceil:
    return std::ceil(point);
  case ResizeRounding::RoundPreferFloor:
    return std::ceil(point - 0.5f);
  case ResizeRounding::RoundPreferCeil:
    return std::floor(point + 0.5f);
  }
  return point;
}

static float clampToAxis(const ResizeAxis &axis, float point) {
  return std::min(std::max(point, 0.0f),
                  static_cast<float>(axis.inputSize - 1));
}

std::vector<int64_t> npir_kernels::nearestIndices(const ResizeAxis &axis,
                                                  ResizeRounding rounding) {
  assert(axis.inputSize > 0 && axis.outputSize > 0 && "nothing to resize");
  std::vector<int64_t> indices;
  for (int64_t i = 0; i < axis.outputSize; ++i) {
    const float point =
        clampToAxis(axis, roundPoint(getNearestPoint(axis, i), rounding));
    // A size beyond 2^24 may round up.
    indices.push_back(
        std::min(static_cast<int64_t>(point), axis.inputSize - 1));
  }
  return indices;
}

std::vector<ResizeTap> npir_kernels::bilinearTaps(const ResizeAxis &axis) {
  assert(axis.inputSize > 0 && axis.outputSize > 0 && "nothing to resize");
  const float step = getStep(axis, axis.scale);
  const float offset = axis.coordinates == ResizeCoordinates::HalfPixel
                           ? 0.5f * step - 0.5f
                           : 0.0f;
  const int64_t last = axis.inputSize - 1;
  std::vector<ResizeTap> taps;
  for (int64_t i = 0; i < axis.outputSize; ++i) {
    const float point =
        clampToAxis(axis, static_cast<float>(i) * step + offset);
    ResizeTap tap;
    tap.low = std::min(static_cast<int64_t>(point), last);
    tap.high = std::min(tap.low + 1, last);
    tap.fraction = point - static_cast<float>(tap.low);
    tap.weight = static_cast<int32_t>(std::lrintf(tap.fraction * 0x1.0p+11f));
    taps.push_back(tap);
  }
  return taps;
}

bool npir_kernels::hasScaleOfSizes(const ResizeAxis &axis) {
  return getStep(axis, axis.scale) == getStep(axis, 0);
}
