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

/// Denormals included.
struct Extrema {
  float least = std::numeric_limits<float>::infinity();
  float greatest = -std::numeric_limits<float>::infinity();

  void widen(const Extrema &other) {
    least = other.least < least ? other.least : least;
    greatest = other.greatest > greatest ? other.greatest : greatest;
  }
};

/// What one look at a chunk gives.
struct ChunkScan {
  /// They mean nothing unless `isFinite`.
  Extrema extrema;
  /// Sums of the values and of their squares: value i is added to lane i % 32
  /// in f32, and the lanes are added in double.
  double sum, squares;

  /// No NaN, no infinity, and no square that is too large.
  bool isFinite() const { return squares < 0x1p1000; }
};

/// Looks at `size` values, 1 to kChunk.
ChunkScan scanChunk(const float *values, size_t size);
/// The same without the extrema.
ChunkScan sumChunk(const float *values, size_t size);

/// What a look at the channels of some values gives.
struct ChannelScan {
  /// Of the channels whose ranges were widened.
  Extrema extrema;
  /// Every value is finite, and so are sums of some: all ranges were widened.
  bool isFinite = true;

  void widen(const ChannelScan &other) {
    extrema.widen(other.extrema);
    isFinite &= other.isFinite;
  }
};

/// Widens the ranges of `channels` channels by `rows` rows. Where values are
/// not finite, some channels keep their ranges. Values at this distance from
/// these, `ahead`, are fetched into the cache, as many; 0: none are.
ChannelScan widenChannels(const float *values, size_t rows, size_t channels,
                          float *mins, float *maxs, ptrdiff_t ahead = 0);

} // namespace mlir::npir

#endif // NPIR_LIB_OBSERVERS_RECORDKERNELS_H
