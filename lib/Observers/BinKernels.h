// This file declares the inner loops that count values by bins. BinKernels.cpp
// builds them as RecordKernels.cpp does.
#ifndef NPIR_LIB_OBSERVERS_BINKERNELS_H
#define NPIR_LIB_OBSERVERS_BINKERNELS_H

#include <cstddef>
#include <cstdint>
#include <limits>

namespace mlir::npir {

/// Bins next to that of zeros, on each side, of which there are copies: where
/// most values share few bins, increments of one counter would wait for each
/// other.
inline constexpr int32_t kCopiedBins = 512;
/// Copies, besides the bins themselves.
inline constexpr int32_t kCopies = 3;
/// Counters of a copy; that of zeros is the one in the middle.
inline constexpr int32_t kCopySize = 2 * kCopiedBins;

/// Where counts go. Counters are small, so that those of a tensor stay in the
/// L1 cache; the caller adds them up before one overflows.
struct BinCounters {
  /// 1 / w of the histogram's bins.
  float inverseWidth = 0.0f;
  /// The counter of zeros; that of bin k of the positive side is at +(k + 1),
  /// of the negative side at -(k + 1).
  uint16_t *zeros = nullptr;
  /// A value that many others may equal; NaN: none.
  float common = std::numeric_limits<float>::quiet_NaN();
  /// From the counter of zeros to the first of the copies; 0: none.
  int32_t copies = 0;
  /// Values that are looked at next, as many; null: not known.
  const float *ahead = nullptr;
};

/// What values are like; decides how fast they are counted.
struct ValueTraits {
  /// Must be set where a value is below 0.
  bool mayBeNegative = true;
  /// At least one of some 16 values is zero, or the common one.
  bool manyZeros = false;
};

/// Where values were counted: in the counters, or, if they are many, here.
struct BinSums {
  size_t counted = 0;
  size_t zeros = 0, commons = 0;
};

/// Counts `size` finite values whose bins exist.
BinSums countBins(const float *values, size_t size, ValueTraits traits,
                  const BinCounters &counters);

/// The greatest of `size` counters; 0 where there are none.
uint16_t greatestOf(const uint16_t *counts, size_t size);

} // namespace mlir::npir

#endif // NPIR_LIB_OBSERVERS_BINKERNELS_H
