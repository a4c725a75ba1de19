// This file declares the inner loops of recording. RecordKernels.cpp builds
// them for every instruction set and picks one at run time; all give the same
// results, bit for bit, while denormals are flushed (FlushDenormals.h).
#ifndef NPIR_LIB_OBSERVERS_RECORDKERNELS_H
#define NPIR_LIB_OBSERVERS_RECORDKERNELS_H

#include <cstddef>
#include <cstdint>
#include <limits>

namespace mlir::npir {

/// A sample is looked at in chunks of so many values, from its start: they stay
/// in the L1 cache from the first loop to the last. Sums are rounded once a
/// chunk, so this is part of what a sum is.
inline constexpr size_t kChunk = 4096;

/// What one look at a chunk gives.
struct ChunkScan {
  /// Extrema, denormals included; they mean nothing unless `isFinite`.
  float least, greatest;
  /// Values.
  size_t size;
  /// Sums of the values and of their squares: value i is added to lane i % 32
  /// in f32, and the lanes are added in double.
  double sum, squares;

  /// No NaN, no infinity, and no square that is too large.
  bool isFinite() const { return squares < 0x1p1000; }
};

/// Looks at `size` values, 1 to kChunk.
ChunkScan scanChunk(const float *values, size_t size);

/// Widens the ranges of `channels` channels by `rows` rows of finite values.
void widenChannels(const float *values, size_t rows, size_t channels,
                   float *mins, float *maxs);

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
  /// Where zeros are counted that are many.
  uint32_t *zeroTotal = nullptr;
  /// A value that many others may equal, and where they are counted; NaN: none.
  float common = std::numeric_limits<float>::quiet_NaN();
  uint32_t *commonTotal = nullptr;
  /// From the counter of zeros to the first of the copies; 0: none.
  int32_t copies = 0;
};

/// What values are like; decides how fast they are counted.
struct ValueTraits {
  /// Must be set where a value is below 0.
  bool mayBeNegative = true;
  /// At least one of some 16 values is zero, or the common one.
  bool manyZeros = false;
};

/// Counts `size` finite values whose bins exist; returns by how much the small
/// counters grew in all.
size_t countBins(const float *values, size_t size, ValueTraits traits,
                 const BinCounters &counters);

} // namespace mlir::npir

#endif // NPIR_LIB_OBSERVERS_RECORDKERNELS_H
