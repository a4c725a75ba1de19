// This file implements the inner loops of recording, once for every
// instruction set.
#include "RecordKernels.h"
#include "FloatBits.h"
#include <algorithm>

// SVE is left out, whose vectors cannot be elements of arrays; what is between
// the baseline and AVX2 would not pay.
#define HWY_DISABLED_TARGETS                                                   \
  (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL | HWY_SVE | HWY_SVE2 | HWY_SVE_256 |     \
   HWY_SVE2_128 | HWY_RVV)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "RecordKernels.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace mlir::npir {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::CappedTag<float, 16>;
using FloatVec = hn::Vec<Floats>;

constexpr size_t kWidth = hn::MaxLanes(Floats());

//===----------------------------------------------------------------------===//
// Extrema and sums
//===----------------------------------------------------------------------===//

/// Lanes of sums, whatever the width of a vector.
constexpr size_t kSumLanes = 32;
constexpr size_t kSumVectors = kSumLanes / kWidth;

/// Adds values to the lanes.
HWY_INLINE void addTo(FloatVec x, FloatVec &sum, FloatVec &squares) {
  sum = hn::Add(sum, x);
  // Two operations, for not every instruction set has them as one.
  squares = hn::Add(squares, hn::Mul(x, x));
}

/// The sum of the lanes, always in the same order.
HWY_INLINE double addLanes(const FloatVec *vectors) {
  HWY_ALIGN float lanes[kSumLanes];
  double sums[kSumLanes];
  for (size_t k = 0; k < kSumVectors; ++k)
    hn::Store(vectors[k], Floats(), lanes + k * kWidth);
  for (size_t i = 0; i < kSumLanes; ++i)
    sums[i] = lanes[i];
  for (size_t half = kSumLanes / 2; half > 0; half /= 2)
    for (size_t i = 0; i < half; ++i)
      sums[i] += sums[i + half];
  return sums[0];
}

template <bool kExtrema>
HWY_INLINE void scan(const float *values, size_t size, ChunkScan &result) {
  const Floats floats;
  FloatVec sums[kSumVectors], squares[kSumVectors];
  for (size_t k = 0; k < kSumVectors; ++k)
    sums[k] = squares[k] = hn::Zero(floats);
  FloatVec least[2], greatest[2];
  least[0] = least[1] = greatest[0] = greatest[1] = hn::Set(floats, values[0]);
  auto widen = [&](size_t k, FloatVec x) {
    if constexpr (kExtrema) {
      least[k % 2] = hn::Min(least[k % 2], x);
      greatest[k % 2] = hn::Max(greatest[k % 2], x);
    }
  };

  size_t i = 0;
  for (; i + kSumLanes <= size; i += kSumLanes)
    for (size_t k = 0; k < kSumVectors; ++k) {
      FloatVec x = hn::LoadU(floats, values + i + k * kWidth);
      widen(k, x);
      addTo(x, sums[k], squares[k]);
    }
  if (i < size) {
    // Padded with what changes nothing.
    HWY_ALIGN float rest[kSumLanes], summands[kSumLanes];
    for (size_t j = 0; j < kSumLanes; ++j) {
      bool isThere = i + j < size;
      rest[j] = isThere ? values[i + j] : values[0];
      summands[j] = isThere ? values[i + j] : 0.0f;
    }
    for (size_t k = 0; k < kSumVectors; ++k) {
      widen(k, hn::Load(floats, rest + k * kWidth));
      addTo(hn::Load(floats, summands + k * kWidth), sums[k], squares[k]);
    }
  }
  if constexpr (kExtrema) {
    result.extrema.least =
        hn::GetLane(hn::MinOfLanes(floats, hn::Min(least[0], least[1])));
    result.extrema.greatest =
        hn::GetLane(hn::MaxOfLanes(floats, hn::Max(greatest[0], greatest[1])));
  }
  result.sum = addLanes(sums);
  result.squares = addLanes(squares);
}

void scanChunkImpl(const float *values, size_t size, ChunkScan &result) {
  scan<true>(values, size, result);
}

void sumChunkImpl(const float *values, size_t size, ChunkScan &result) {
  scan<false>(values, size, result);
}

//===----------------------------------------------------------------------===//
// Extrema of channels
//===----------------------------------------------------------------------===//

/// What was found in all channels so far, lane by lane.
struct LaneScan {
  FloatVec least, greatest;
  bool isFinite = true;
};

/// Widens the ranges of `kVectors` vectors of channels, unless a value of these
/// is not finite: then a sum of them is not, either, and a minimum would forget
/// a NaN.
template <size_t kVectors>
HWY_INLINE void widenColumns(const float *values, size_t rows, size_t channels,
                             ptrdiff_t ahead, float *mins, float *maxs,
                             LaneScan &all) {
  const Floats floats;
  FloatVec least[kVectors], greatest[kVectors], sums[kVectors];
  for (size_t k = 0; k < kVectors; ++k) {
    least[k] = hn::LoadU(floats, mins + k * kWidth);
    greatest[k] = hn::LoadU(floats, maxs + k * kWidth);
    sums[k] = hn::Zero(floats);
  }
  for (size_t row = 0; row < rows; ++row)
    for (size_t k = 0; k < kVectors; ++k) {
      const float *at = values + row * channels + k * kWidth;
      // Columns jump from row to row, which no prefetcher foresees.
      __builtin_prefetch(at + ahead, /*write=*/0, /*locality=*/2);
      FloatVec x = hn::LoadU(floats, at);
      least[k] = hn::Min(least[k], x);
      greatest[k] = hn::Max(greatest[k], x);
      sums[k] = hn::Add(sums[k], x);
    }
  FloatVec sum = sums[0];
  for (size_t k = 1; k < kVectors; ++k)
    sum = hn::Add(sum, sums[k]);
  if (HWY_UNLIKELY(!hn::AllTrue(floats, hn::IsFinite(sum)))) {
    all.isFinite = false;
    return;
  }
  for (size_t k = 0; k < kVectors; ++k) {
    hn::StoreU(least[k], floats, mins + k * kWidth);
    hn::StoreU(greatest[k], floats, maxs + k * kWidth);
    all.least = hn::Min(all.least, least[k]);
    all.greatest = hn::Max(all.greatest, greatest[k]);
  }
}

void widenFewChannels(const float *values, size_t rows, size_t channels,
                      float *mins, float *maxs, ChannelScan &result) {
  for (size_t i = 0; i < channels; ++i) {
    Extrema range = {mins[i], maxs[i]};
    float sum = 0.0f;
    for (size_t row = 0; row < rows; ++row) {
      float x = values[row * channels + i];
      range.widen({x, x});
      sum += x;
    }
    if (!isFiniteValue(sum)) {
      result.isFinite = false;
      continue;
    }
    mins[i] = range.least;
    maxs[i] = range.greatest;
    result.extrema.widen(range);
  }
}

void widenChannelsImpl(const float *values, size_t rows, size_t channels,
                       ptrdiff_t ahead, float *mins, float *maxs,
                       ChannelScan &result) {
  if (channels < kWidth)
    return widenFewChannels(values, rows, channels, mins, maxs, result);
  const Floats floats;
  LaneScan all = {hn::Set(floats, result.extrema.least),
                  hn::Set(floats, result.extrema.greatest), result.isFinite};
  size_t i = 0;
  for (; i + 4 * kWidth <= channels; i += 4 * kWidth)
    widenColumns<4>(values + i, rows, channels, ahead, mins + i, maxs + i, all);
  for (; i + kWidth <= channels; i += kWidth)
    widenColumns<1>(values + i, rows, channels, ahead, mins + i, maxs + i, all);
  if (i < channels) {
    // Some channels for the second time, which changes nothing.
    i = channels - kWidth;
    widenColumns<1>(values + i, rows, channels, ahead, mins + i, maxs + i, all);
  }
  result.extrema.least = hn::GetLane(hn::MinOfLanes(floats, all.least));
  result.extrema.greatest = hn::GetLane(hn::MaxOfLanes(floats, all.greatest));
  result.isFinite = all.isFinite;
}

} // namespace HWY_NAMESPACE
} // namespace mlir::npir
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mlir::npir {

HWY_EXPORT(scanChunkImpl);
HWY_EXPORT(sumChunkImpl);
HWY_EXPORT(widenChannelsImpl);

ChunkScan scanChunk(const float *values, size_t size) {
  ChunkScan result;
  HWY_DYNAMIC_DISPATCH(scanChunkImpl)(values, size, result);
  return result;
}

ChunkScan sumChunk(const float *values, size_t size) {
  ChunkScan result;
  HWY_DYNAMIC_DISPATCH(sumChunkImpl)(values, size, result);
  return result;
}

/// Rows of fewer channels are looked at several at a time.
static constexpr size_t kLeastRow = 64;

ChannelScan widenChannels(const float *values, size_t rows, size_t channels,
                          float *mins, float *maxs, ptrdiff_t ahead) {
  ChannelScan result;
  auto widen = HWY_DYNAMIC_DISPATCH(widenChannelsImpl);
  size_t group = (kLeastRow + channels - 1) / channels;
  if (channels < kLeastRow && rows >= 2 * group) {
    float laneMins[2 * kLeastRow], laneMaxs[2 * kLeastRow];
    size_t width = group * channels, steps = rows / group;
    std::fill_n(laneMins, width, Extrema().least);
    std::fill_n(laneMaxs, width, Extrema().greatest);
    widen(values, steps, width, ahead, laneMins, laneMaxs, result);
    // Infinite where a value is not finite, so that the channel is passed over.
    widen(laneMins, group, channels, 0, mins, maxs, result);
    widen(laneMaxs, group, channels, 0, mins, maxs, result);
    values += steps * width;
    rows -= steps * group;
  }
  if (rows > 0)
    widen(values, rows, channels, ahead, mins, maxs, result);
  return result;
}

} // namespace mlir::npir
#endif // HWY_ONCE
