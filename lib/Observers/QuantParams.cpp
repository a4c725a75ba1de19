// This file implements the arithmetic of quantization, convention OBS-1.
#include "npir/Observers/QuantParams.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace mlir::npir {

/// Keeps the product of two scales a normal float, and does not erase small
/// but real signals.
static constexpr double kSmallestScale = 0x1p-32;

/// Rounds half to even. |x| must be below 2^51: adding 1.5 * 2^52 leaves no
/// fraction bits. Unlike std::nearbyint it becomes SIMD code on any target.
/// The result does not depend on anything but the default rounding mode.
static double roundHalfEven(double x) {
  constexpr double magic = 0x1.8p52;
  return (x + magic) - magic;
}

QuantParams computeQuantParams(RealRange range, IntegerGrid grid,
                               QuantScheme scheme) {
  assert(grid.bits >= 2 && grid.bits <= 16 && "2 to 16 bits");
  assert(std::isfinite(range.lo) && std::isfinite(range.hi) && "finite range");
  double lo = std::min(range.lo, 0.0);
  double hi = std::max(range.hi, 0.0);
  if (lo == 0.0 && hi == 0.0)
    return {1.0f, 0};

  int64_t qmin = grid.qmin(), qmax = grid.qmax();
  if (scheme == QuantScheme::Symmetric) {
    double bound = std::max(-lo, hi);
    int64_t half = int64_t(1) << (grid.bits - 1);
    bool wholeGrid = !grid.isSigned && lo == 0.0;
    double scale = bound / double(wholeGrid ? qmax : half - 1);
    int64_t zeroPoint = grid.isSigned || wholeGrid ? 0 : half;
    return {float(std::max(scale, kSmallestScale)), zeroPoint};
  }

  double scale = std::max((hi - lo) / double(qmax - qmin), kSmallestScale);
  // lo / scale is within the number of integers, so it rounds exactly.
  int64_t zeroPoint = qmin - int64_t(roundHalfEven(lo / scale));
  return {float(scale), std::clamp(zeroPoint, qmin, qmax)};
}

/// The one formula of quantizeValue and quantizeTensor. The bounds are
/// integers, so clamping before rounding changes nothing and keeps
/// `roundHalfEven` in its domain.
static int32_t quantizeOne(float x, double scale, double lowest, double highest,
                           int32_t zeroPoint) {
  double value = double(x) / scale;
  value = value < lowest ? lowest : value;
  value = value > highest ? highest : value;
  value = value == value ? value : 0.0; // NaN
  return int32_t(roundHalfEven(value)) + zeroPoint;
}

int64_t quantizeValue(float x, QuantParams params, IntegerGrid grid) {
  return quantizeOne(x, params.scale, double(grid.qmin() - params.zeroPoint),
                     double(grid.qmax() - params.zeroPoint),
                     int32_t(params.zeroPoint));
}

float dequantizeValue(int64_t q, QuantParams params) {
  return float(q - params.zeroPoint) * params.scale;
}

ChannelView ChannelView::get(llvm::ArrayRef<int64_t> shape, int64_t axis) {
  assert(axis >= -1 && axis < int64_t(shape.size()) && "axis out of range");
  ChannelView view;
  for (auto [dim, size] : llvm::enumerate(shape)) {
    assert(size >= 0 && "static shape");
    if (axis < 0 || int64_t(dim) > axis)
      view.inner *= size_t(size);
    else if (int64_t(dim) < axis)
      view.outer *= size_t(size);
    else
      view.channels = size_t(size);
  }
  return view;
}

template <typename T>
void quantizeTensor(const float *data, ChannelView view,
                    llvm::ArrayRef<QuantParams> params, IntegerGrid grid,
                    T *out) {
  assert((params.size() == 1 || params.size() == view.channels) &&
         "one entry, or one per channel");
  assert(int64_t(std::numeric_limits<T>::min()) <= grid.qmin() &&
         grid.qmax() <= int64_t(std::numeric_limits<T>::max()) &&
         "the container must hold the grid");
  // With one entry the whole tensor is one run.
  size_t rows = params.size() == 1 ? 1 : view.outer * view.channels;
  size_t length = params.size() == 1 ? view.size() : view.inner;
  if (params.size() > 1 && view.inner == 1) {
    // Channel last: the inner loop runs over channels, with the parameters
    // spread out so that it needs no look-up.
    llvm::SmallVector<double> scale, lowest, highest;
    llvm::SmallVector<int32_t> zeroPoint;
    for (QuantParams p : params) {
      scale.push_back(p.scale);
      lowest.push_back(double(grid.qmin() - p.zeroPoint));
      highest.push_back(double(grid.qmax() - p.zeroPoint));
      zeroPoint.push_back(int32_t(p.zeroPoint));
    }
    for (size_t row = 0; row < view.outer; ++row) {
      const float *from = data + row * view.channels;
      T *to = out + row * view.channels;
      for (size_t c = 0; c < view.channels; ++c)
        to[c] = T(quantizeOne(from[c], scale[c], lowest[c], highest[c],
                              zeroPoint[c]));
    }
    return;
  }
  for (size_t row = 0; row < rows; ++row) {
    QuantParams p = params[params.size() == 1 ? 0 : row % view.channels];
    double scale = p.scale;
    double lowest = double(grid.qmin() - p.zeroPoint);
    double highest = double(grid.qmax() - p.zeroPoint);
    int32_t zeroPoint = int32_t(p.zeroPoint);
    const float *from = data + row * length;
    T *to = out + row * length;
    for (size_t i = 0; i < length; ++i)
      to[i] = T(quantizeOne(from[i], scale, lowest, highest, zeroPoint));
  }
}

template void quantizeTensor(const float *, ChannelView,
                             llvm::ArrayRef<QuantParams>, IntegerGrid,
                             int8_t *);
template void quantizeTensor(const float *, ChannelView,
                             llvm::ArrayRef<QuantParams>, IntegerGrid,
                             uint8_t *);
template void quantizeTensor(const float *, ChannelView,
                             llvm::ArrayRef<QuantParams>, IntegerGrid,
                             int16_t *);
template void quantizeTensor(const float *, ChannelView,
                             llvm::ArrayRef<QuantParams>, IntegerGrid,
                             uint16_t *);

} // namespace mlir::npir
