// This file implements the counting of bins, once for every instruction set.
#include "BinKernels.h"
#include <algorithm>

// SVE is left out, whose vectors cannot be elements of arrays; what is between
// the baseline and AVX2 would not pay.
#define HWY_DISABLED_TARGETS                                                   \
  (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL | HWY_SVE | HWY_SVE2 | HWY_SVE_256 |     \
   HWY_SVE2_128 | HWY_RVV)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "BinKernels.cpp"
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
BinSums countAll(const float *values, size_t size,
                 const BinCounters &counters) {
  const Floats floats;
  const Ints ints;
  const FloatVec inverseWidth = hn::Set(floats, counters.inverseWidth);
  const FloatVec common = hn::Set(floats, counters.common);
  const IntVec copies = spreadCopies(counters.copies);
  const IntVec leastBits = hn::Set(ints, 0x00800000);
  HWY_ALIGN int32_t bins[kBlock + kWidth];
  // Fetched into the L2 cache while increments leave the memory idle.
  const float *ahead = counters.ahead ? counters.ahead : values;
  BinSums sums;
  for (; size > 0;
       size -= std::min(size, kBlock), values += kBlock, ahead += kBlock) {
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
    for (; i + kWidth <= count; i += kWidth) {
      __builtin_prefetch(ahead + i, /*write=*/0, /*locality=*/2);
      step(hn::LoadU(floats, values + i));
    }
    if (i < count) {
      HWY_ALIGN float rest[kWidth] = {};
      std::copy(values + i, values + count, rest);
      step(hn::Load(floats, rest));
    }
    if constexpr (kZeros) {
      // Zeros behind the end of the values are counted neither here nor there.
      sums.zeros += count - out - commons;
      sums.commons += commons;
    } else {
      out = count;
    }
    increment(counters.zeros, bins, out);
    sums.counted += out;
  }
  return sums;
}

template <bool kNegatives, bool kZeros>
BinSums countCopied(const float *values, size_t size,
                    const BinCounters &counters) {
  return counters.copies != 0
             ? countAll<kNegatives, kZeros, true>(values, size, counters)
             : countAll<kNegatives, kZeros, false>(values, size, counters);
}

void countBinsImpl(const float *values, size_t size, ValueTraits traits,
                   const BinCounters &counters, BinSums &sums) {
  if (traits.mayBeNegative)
    sums = traits.manyZeros ? countCopied<true, true>(values, size, counters)
                            : countCopied<true, false>(values, size, counters);
  else
    sums = traits.manyZeros ? countCopied<false, true>(values, size, counters)
                            : countCopied<false, false>(values, size, counters);
}

uint16_t greatestOfImpl(const uint16_t *counts, size_t size) {
  const hn::CappedTag<uint16_t, 32> shorts;
  constexpr size_t kShorts = hn::MaxLanes(shorts);
  auto greatest = hn::Zero(shorts);
  uint16_t rest = 0;
  size_t i = 0;
  for (; i + kShorts <= size; i += kShorts)
    greatest = hn::Max(greatest, hn::LoadU(shorts, counts + i));
  for (; i < size; ++i)
    rest = std::max(rest, counts[i]);
  return std::max(rest, hn::GetLane(hn::MaxOfLanes(shorts, greatest)));
}

} // namespace HWY_NAMESPACE
} // namespace mlir::npir
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mlir::npir {

HWY_EXPORT(countBinsImpl);
HWY_EXPORT(greatestOfImpl);

BinSums countBins(const float *values, size_t size, ValueTraits traits,
                  const BinCounters &counters) {
  BinSums sums;
  HWY_DYNAMIC_DISPATCH(countBinsImpl)(values, size, traits, counters, sums);
  return sums;
}

uint16_t greatestOf(const uint16_t *counts, size_t size) {
  return HWY_DYNAMIC_DISPATCH(greatestOfImpl)(counts, size);
}

} // namespace mlir::npir
#endif // HWY_ONCE
