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
using Ints = hn::RebindToSigned<Floats>;
using FloatVec = hn::Vec<Floats>;
using IntVec = hn::Vec<Ints>;

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

void scanChunkImpl(const float *values, size_t size, ChunkScan &result) {
  const Floats floats;
  FloatVec sums[kSumVectors], squares[kSumVectors];
  for (size_t k = 0; k < kSumVectors; ++k)
    sums[k] = squares[k] = hn::Zero(floats);
  FloatVec least[2], greatest[2];
  least[0] = least[1] = greatest[0] = greatest[1] = hn::Set(floats, values[0]);

  size_t i = 0;
  for (; i + kSumLanes <= size; i += kSumLanes) {
    for (size_t k = 0; k < kSumVectors; ++k) {
      FloatVec x = hn::LoadU(floats, values + i + k * kWidth);
      least[k % 2] = hn::Min(least[k % 2], x);
      greatest[k % 2] = hn::Max(greatest[k % 2], x);
      addTo(x, sums[k], squares[k]);
    }
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
      FloatVec x = hn::Load(floats, rest + k * kWidth);
      least[0] = hn::Min(least[0], x);
      greatest[0] = hn::Max(greatest[0], x);
      addTo(hn::Load(floats, summands + k * kWidth), sums[k], squares[k]);
    }
  }
  result.least =
      hn::GetLane(hn::MinOfLanes(floats, hn::Min(least[0], least[1])));
  result.greatest =
      hn::GetLane(hn::MaxOfLanes(floats, hn::Max(greatest[0], greatest[1])));
  result.size = size;
  result.sum = addLanes(sums);
  result.squares = addLanes(squares);
}

//===----------------------------------------------------------------------===//
// Extrema of channels
//===----------------------------------------------------------------------===//

/// Widens the ranges of `kVectors` vectors of channels.
template <size_t kVectors>
HWY_INLINE void widenColumns(const float *values, size_t rows, size_t channels,
                             float *mins, float *maxs) {
  const Floats floats;
  FloatVec least[kVectors], greatest[kVectors];
  for (size_t k = 0; k < kVectors; ++k) {
    least[k] = hn::LoadU(floats, mins + k * kWidth);
    greatest[k] = hn::LoadU(floats, maxs + k * kWidth);
  }
  for (size_t row = 0; row < rows; ++row)
    for (size_t k = 0; k < kVectors; ++k) {
      FloatVec x = hn::LoadU(floats, values + row * channels + k * kWidth);
      least[k] = hn::Min(least[k], x);
      greatest[k] = hn::Max(greatest[k], x);
    }
  for (size_t k = 0; k < kVectors; ++k) {
    hn::StoreU(least[k], floats, mins + k * kWidth);
    hn::StoreU(greatest[k], floats, maxs + k * kWidth);
  }
}

void widenChannelsImpl(const float *values, size_t rows, size_t channels,
                       float *mins, float *maxs) {
  size_t i = 0;
  for (; i + 4 * kWidth <= channels; i += 4 * kWidth)
    widenColumns<4>(values + i, rows, channels, mins + i, maxs + i);
  for (; i + kWidth <= channels; i += kWidth)
    widenColumns<1>(values + i, rows, channels, mins + i, maxs + i);
  if (i == channels)
    return;
  if (channels >= kWidth) {
    // Some channels for the second time, which changes nothing.
    i = channels - kWidth;
    widenColumns<1>(values + i, rows, channels, mins + i, maxs + i);
    return;
  }
  for (size_t row = 0; row < rows; ++row)
    for (i = 0; i < channels; ++i) {
      float x = values[row * channels + i];
      mins[i] = x < mins[i] ? x : mins[i];
      maxs[i] = x > maxs[i] ? x : maxs[i];
    }
}

//===----------------------------------------------------------------------===//
// Histograms: the bins of a block, which is SIMD code, then one increment after
// the other. Zeros, and values that equal the tensor's maximum, as there are
// many behind a ReLU6, are counted in masks: increments of one counter would
// wait for each other.
//===----------------------------------------------------------------------===//

/// Values in a block: its bins stay in the L1 cache beside the values.
constexpr size_t kBlock = 1024;

HWY_INLINE IntVec sizeBits(FloatVec x) {
  const Ints ints;
  return hn::And(hn::BitCast(ints, x), hn::Set(ints, 0x7fffffff));
}

/// `hn::ConvertTo` without its look at values that no integer holds.
HWY_INLINE IntVec truncate(FloatVec x) {
#if HWY_TARGET == HWY_AVX3
  return IntVec{_mm512_cvttps_epi32(x.raw)};
#elif HWY_TARGET == HWY_AVX2
  return IntVec{_mm256_cvttps_epi32(x.raw)};
#else
  return hn::ConvertTo(Ints(), x);
#endif
}

#if HWY_TARGET == HWY_AVX2
/// For each set of 8 lanes their numbers, 4 bits each, lowest first.
struct LaneNumbers {
  uint32_t packed[256] = {};

  constexpr LaneNumbers() {
    for (uint32_t set = 0; set < 256; ++set) {
      uint32_t count = 0;
      for (uint32_t lane = 0; lane < 8; ++lane)
        if (set >> lane & 1)
          packed[set] |= lane << (4 * count++);
    }
  }
};
#endif

/// Moves the lanes of `mask` to the front; what follows them means nothing.
HWY_INLINE IntVec compress(IntVec x, hn::Mask<Ints> mask) {
#if HWY_TARGET == HWY_AVX2
  // `hn::Compress` has its table on the stack, and fills it in each time.
  static constexpr LaneNumbers numbers;
  const Ints ints;
  uint8_t set;
  hn::StoreMaskBits(ints, mask, &set);
  IntVec packed = hn::Set(ints, int32_t(numbers.packed[set]));
  IntVec lanes = hn::Shr(packed, hn::ShiftLeft<2>(hn::Iota(ints, 0)));
  lanes = hn::And(lanes, hn::Set(ints, 7));
  return hn::TableLookupLanes(x, hn::IndicesFromVec(ints, lanes));
#else
  return hn::Compress(x, mask);
#endif
}

/// The counters of values, relative to that of zeros, which is returned for
/// zeros if `kKeepZeros`, and else means nothing for them.
template <bool kNegatives, bool kKeepZeros, bool kCopied>
HWY_INLINE IntVec findBins(FloatVec x, FloatVec inverseWidth, IntVec copies,
                           hn::Mask<Ints> isZero) {
  const Ints ints;
  IntVec size = truncate(hn::Mul(hn::Abs(x), inverseWidth));
  IntVec one = hn::Set(ints, 1), bin;
  if constexpr (kNegatives) {
    // size + 1, or -(size + 1).
    IntVec sign = hn::ShiftRight<31>(hn::BitCast(ints, x));
    bin = hn::Add(hn::Xor(size, sign), hn::Add(sign, one));
  } else {
    bin = hn::Add(size, one);
  }
  if constexpr (kCopied) {
    auto isCopied = hn::Lt(size, hn::Set(ints, kCopiedBins - 1));
    bin = hn::Add(bin, hn::IfThenElseZero(isCopied, copies));
  }
  return kKeepZeros ? hn::IfThenZeroElse(isZero, bin) : bin;
}

/// From the counter of zeros to its copy that each lane increments.
HWY_INLINE IntVec spreadCopies(int32_t first) {
  const Ints ints;
  IntVec copy = hn::And(hn::Iota(ints, 0), hn::Set(ints, kCopies));
  IntVec begin = hn::Add(hn::Mul(copy, hn::Set(ints, kCopySize)),
                         hn::Set(ints, first - kCopySize + kCopiedBins));
  return hn::IfThenZeroElse(hn::Eq(copy, hn::Zero(ints)), begin);
}

HWY_INLINE void increment(uint16_t *zeros, const int32_t *bins, size_t size) {
  size_t i = 0;
  for (; i + 8 <= size; i += 8)
    for (size_t k = 0; k < 8; ++k)
      ++zeros[bins[i + k]];
  for (; i < size; ++i)
    ++zeros[bins[i]];
}

template <bool kNegatives, bool kZeros, bool kCopied>
size_t countAll(const float *values, size_t size, const BinCounters &counters) {
  const Floats floats;
  const Ints ints;
  const FloatVec inverseWidth = hn::Set(floats, counters.inverseWidth);
  const FloatVec common = hn::Set(floats, counters.common);
  const IntVec copies = spreadCopies(counters.copies);
  const IntVec leastBits = hn::Set(ints, 0x00800000);
  HWY_ALIGN int32_t bins[kBlock + kWidth];
  size_t increments = 0;
  for (; size > 0; size -= std::min(size, kBlock), values += kBlock) {
    size_t count = std::min(size, kBlock), out = 0, commons = 0;
    auto step = [&](FloatVec x) {
      hn::Mask<Ints> isZero = hn::Lt(sizeBits(x), leastBits);
      IntVec found = findBins<kNegatives, !kZeros, kCopied>(x, inverseWidth,
                                                            copies, isZero);
      if constexpr (kZeros) {
        hn::Mask<Ints> isCommon = hn::RebindMask(ints, hn::Eq(x, common));
        hn::Mask<Ints> counts = hn::Not(hn::Or(isZero, isCommon));
        commons += hn::CountTrue(ints, isCommon);
        hn::StoreU(compress(found, counts), ints, bins + out);
        out += hn::CountTrue(ints, counts);
      } else {
        hn::StoreU(found, ints, bins + out);
        out += kWidth;
      }
    };
    size_t i = 0;
    for (; i + kWidth <= count; i += kWidth)
      step(hn::LoadU(floats, values + i));
    if (i < count) {
      HWY_ALIGN float rest[kWidth] = {};
      std::copy(values + i, values + count, rest);
      step(hn::Load(floats, rest));
    }
    if constexpr (kZeros) {
      // Zeros behind the end of the values are counted neither here nor there.
      *counters.zeroTotal += uint32_t(count - out - commons);
      if (commons > 0)
        *counters.commonTotal += uint32_t(commons);
    } else {
      out = count;
    }
    increment(counters.zeros, bins, out);
    increments += out;
  }
  return increments;
}

template <bool kNegatives, bool kZeros>
size_t countCopied(const float *values, size_t size,
                   const BinCounters &counters) {
  return counters.copies != 0
             ? countAll<kNegatives, kZeros, true>(values, size, counters)
             : countAll<kNegatives, kZeros, false>(values, size, counters);
}

size_t countBinsImpl(const float *values, size_t size, ValueTraits traits,
                     const BinCounters &counters) {
  if (traits.mayBeNegative)
    return traits.manyZeros ? countCopied<true, true>(values, size, counters)
                            : countCopied<true, false>(values, size, counters);
  return traits.manyZeros ? countCopied<false, true>(values, size, counters)
                          : countCopied<false, false>(values, size, counters);
}

} // namespace HWY_NAMESPACE
} // namespace mlir::npir
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mlir::npir {

HWY_EXPORT(scanChunkImpl);
HWY_EXPORT(widenChannelsImpl);
HWY_EXPORT(countBinsImpl);

ChunkScan scanChunk(const float *values, size_t size) {
  ChunkScan result;
  HWY_DYNAMIC_DISPATCH(scanChunkImpl)(values, size, result);
  return result;
}

/// Rows of fewer channels are looked at several at a time.
static constexpr size_t kLeastRow = 64;

void widenChannels(const float *values, size_t rows, size_t channels,
                   float *mins, float *maxs) {
  auto widen = HWY_DYNAMIC_DISPATCH(widenChannelsImpl);
  size_t group = (kLeastRow + channels - 1) / channels;
  if (channels < kLeastRow && rows >= 2 * group) {
    // The first of them are the start.
    float laneMins[2 * kLeastRow], laneMaxs[2 * kLeastRow];
    size_t width = group * channels, steps = rows / group;
    std::copy(values, values + width, laneMins);
    std::copy(values, values + width, laneMaxs);
    widen(values + width, steps - 1, width, laneMins, laneMaxs);
    widen(laneMins, group, channels, mins, maxs);
    widen(laneMaxs, group, channels, mins, maxs);
    values += steps * width;
    rows -= steps * group;
  }
  widen(values, rows, channels, mins, maxs);
}

size_t countBins(const float *values, size_t size, ValueTraits traits,
                 const BinCounters &counters) {
  return HWY_DYNAMIC_DISPATCH(countBinsImpl)(values, size, traits, counters);
}

} // namespace mlir::npir
#endif // HWY_ONCE
