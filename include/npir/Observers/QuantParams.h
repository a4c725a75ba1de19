// This file declares the arithmetic of quantization: from a range of real
// numbers to scale and zero point, and from a real number to an integer. It is
// convention OBS-1; every rule is written once, here.
#ifndef NPIR_OBSERVERS_QUANTPARAMS_H
#define NPIR_OBSERVERS_QUANTPARAMS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include <cstddef>
#include <cstdint>

namespace mlir::npir {

/// How a range maps to integers. Symmetric keeps real zero at the middle of
/// the grid, affine uses the whole grid for [lo, hi].
enum class QuantScheme { Symmetric, Affine };

/// A closed range of real numbers.
struct RealRange {
  double lo = 0.0;
  double hi = 0.0;

  bool operator==(const RealRange &other) const {
    return lo == other.lo && hi == other.hi;
  }
};

/// A set of consecutive integers: 2 to 16 bits, signed or not.
struct IntegerGrid {
  unsigned bits = 8;
  bool isSigned = true;
  /// Leaves out the most negative integer. Means nothing where `!isSigned`.
  bool narrow = false;

  /// Smallest integer: -2^(bits-1) (+1 where narrow), or 0.
  int64_t qmin() const {
    return isSigned ? -(int64_t(1) << (bits - 1)) + (narrow ? 1 : 0) : 0;
  }
  /// Largest integer: 2^(bits-1) - 1, or 2^bits - 1.
  int64_t qmax() const {
    return isSigned ? (int64_t(1) << (bits - 1)) - 1 : (int64_t(1) << bits) - 1;
  }
  /// Bytes of the smallest container: 1 up to 8 bits, else 2.
  unsigned storageBytes() const { return bits <= 8 ? 1 : 2; }
};

/// What reals become: which integers, and how a range maps to them.
struct QuantFormat {
  IntegerGrid grid;
  QuantScheme scheme = QuantScheme::Symmetric;
};

/// real = (integer - zeroPoint) * scale. `scale` is positive and normal.
struct QuantParams {
  float scale = 1.0f;
  int64_t zeroPoint = 0;

  bool operator==(const QuantParams &other) const {
    return scale == other.scale && zeroPoint == other.zeroPoint;
  }
};

/// Scale and zero point for values in [range.lo, range.hi] (OBS-1). The range
/// is first widened to hold zero, so zero is always exact. A zero range gives
/// (1, 0); other scales are at least 2^-32. With T = max(-lo, hi):
///   symmetric, signed:             T / (2^(b-1) - 1), 0
///   symmetric, unsigned, lo >= 0:  T / (2^b - 1), 0
///   symmetric, unsigned, lo < 0:   T / (2^(b-1) - 1), 2^(b-1)
///   affine: s = (hi - lo) / (qmax - qmin) in double,
///           zero point = clamp(qmin - rhe(lo / s), qmin, qmax)
/// where rhe rounds half to even, and only the returned scale is rounded to
/// f32. `range` must be finite.
QuantParams computeQuantParams(RealRange range, IntegerGrid grid,
                               QuantScheme scheme);

/// clamp(rhe(x / scale) + zeroPoint, qmin, qmax), the division in double.
/// NaN gives the zero point, infinities the nearest bound.
int64_t quantizeValue(float x, QuantParams params, IntegerGrid grid);

/// (q - zeroPoint) * scale in f32.
float dequantizeValue(int64_t q, QuantParams params);

/// A dense row-major tensor seen as [outer][channels][inner]. For a tensor of
/// shape d0 x ... x dn with channel axis a: outer = d0*...*d(a-1), channels =
/// da, inner = the rest. Activations, channel last, have inner = 1; output
/// channels of OHWI filters have outer = 1.
struct ChannelView {
  size_t outer = 1;
  size_t channels = 1;
  size_t inner = 1;

  size_t size() const { return outer * channels * inner; }

  /// The view of `shape` with channel axis `axis`; axis -1: one channel.
  static ChannelView get(llvm::ArrayRef<int64_t> shape, int64_t axis);
};

/// Quantizes a whole tensor, each element as `quantizeValue` does. `data` and
/// `out` hold `view.size()` elements. `params` has one entry, or one per
/// channel. T is the container and must hold the grid: int8_t, uint8_t,
/// int16_t or uint16_t.
template <typename T>
void quantizeTensor(const float *data, ChannelView view,
                    llvm::ArrayRef<QuantParams> params, IntegerGrid grid,
                    T *out);

} // namespace mlir::npir

#endif // NPIR_OBSERVERS_QUANTPARAMS_H
