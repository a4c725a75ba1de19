// This file implements the counting, growing and merging of histograms.
// Quantile.cpp has their quantiles, PackedHistogram.cpp the bytes of files.
#include "npir/Observers/Histogram.h"
#include "FloatBits.h"
#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <type_traits>

namespace mlir::npir {

//===----------------------------------------------------------------------===//
// The grid
//===----------------------------------------------------------------------===//

int Histogram::exponentFor(float lo, float hi) {
  float size = std::max(-flushDenormal(lo), flushDenormal(hi));
  return size > 0.0f ? std::max(kLeastExponent, std::ilogb(size) + 1)
                     : kLeastExponent;
}

double Histogram::binWidthFor(float lo, float hi, unsigned logBins) {
  return std::ldexp(1.0, exponentFor(lo, hi) - int(logBins));
}

double Histogram::binWidth() const {
  return std::ldexp(1.0, exponent - int(logBins));
}

size_t Histogram::binsFor(float size) const {
  return size > 0.0f ? size_t(double(size) / binWidth()) + 1 : 0;
}

void Histogram::cover(float lo, float hi) {
  assert(std::isfinite(lo) && std::isfinite(hi) && lo <= hi);
  int newExponent = std::max(exponent, exponentFor(lo, hi));
  if (newExponent > exponent)
    reshape(newExponent, 0, 0);
  reshape(exponent, binsFor(-flushDenormal(lo)), binsFor(flushDenormal(hi)));
}

/// What is left of `bins` bins of one side on a grid 2^shift times as wide: the
/// last bin in use is the last one there, too.
static size_t binsAfter(size_t bins, unsigned shift) {
  return bins == 0 ? 0 : ((bins - 1) >> std::min(shift, 63u)) + 1;
}

/// Zeros take turns on so many counters: after a ReLU they are neighbours, and
/// an increment waits for the one before it on the same counter.
static constexpr size_t kZeroSlots = 16;

void Histogram::reshape(int newExponent, size_t newNegatives,
                        size_t newPositives) {
  unsigned shift = newExponent - exponent;
  newNegatives = std::max(newNegatives, binsAfter(negatives, shift));
  newPositives = std::max(newPositives, binsAfter(positives(), shift));
  if (newExponent == exponent && newNegatives == negatives &&
      newPositives == positives())
    return;
  // `count` needs some more.
  size_t bins = newNegatives + 1 + newPositives;
  bool isEmpty = counts.size() == 1;
  if (isEmpty && counts.capacity() >= bins + kZeroSlots) {
    uint64_t zeros = counts.front();
    exponent = newExponent;
    negatives = newNegatives;
    counts.assign(bins, 0);
    counts[negatives] = zeros;
    return;
  }
  Histogram old = std::move(*this);
  exponent = newExponent;
  negatives = newNegatives;
  counts = std::vector<uint64_t>();
  counts.reserve(bins + kZeroSlots);
  counts.resize(bins);
  addBins(old);
}

void Histogram::clear() {
  exponent = kLeastExponent;
  negatives = 0;
  counted = 0;
  counts.assign(1, 0);
}

void Histogram::addBins(const Histogram &other) {
  uint64_t *center = counts.data() + negatives;
  const uint64_t *from = other.counts.data() + other.negatives;
  if (exponent == other.exponent) {
    uint64_t *begin = center - other.negatives;
    for (size_t i = 0; i < other.counts.size(); ++i)
      begin[i] += other.counts[i];
    return;
  }
  // Further than every bin means the same as that far.
  unsigned shift = std::min(exponent - other.exponent, int(logBins));
  *center += *from;
  for (size_t i = 0; i < other.positives(); ++i)
    center[1 + (i >> shift)] += from[1 + i];
  for (size_t i = 0; i < other.negatives; ++i)
    *(center - 1 - (i >> shift)) += *(from - 1 - i);
}

void Histogram::merge(const Histogram &other) {
  assert(logBins == other.logBins && "histograms of other bins");
  if (counted == 0 && counts.size() == 1 && exponent <= other.exponent) {
    *this = other;
    return;
  }
  int common = std::max(exponent, other.exponent);
  unsigned shift = common - other.exponent;
  reshape(common, binsAfter(other.negatives, shift),
          binsAfter(other.positives(), shift));
  counted += other.counted;
  addBins(other);
}

Histogram Histogram::fromCounts(int exponent, const uint32_t *zeros,
                                size_t negatives, size_t positives) {
  Histogram result;
  result.exponent = exponent;
  result.negatives = negatives;
  result.counts.assign(zeros - negatives, zeros + 1 + positives);
  result.counted =
      std::accumulate(result.counts.begin(), result.counts.end(), uint64_t(0));
  return result;
}

//===----------------------------------------------------------------------===//
// Counting. First the bin numbers of a block, which is SIMD code, then one
// increment after the other.
//===----------------------------------------------------------------------===//

namespace {

constexpr size_t kBlock = 2048;

/// Zeros, and values below 2^-126, which count as such.
inline bool isZero(float x) {
  return int32_t(bitsOf(x) & 0x7fffffffu) < 0x00800000;
}

inline bool isNonFinite(float x) {
  return int32_t(bitsOf(x) & 0x7fffffffu) >= int32_t(kExponentMask);
}

/// The bin of a value that is no zero, relative to that of zeros; that of one
/// which is not finite means nothing.
inline int32_t relativeBin(float x, float inverseWidth) {
  // Above every bin: no int holds NaN and infinities.
  constexpr float kLast = 0x1p24f;
  float position = floatOf(bitsOf(x) & 0x7fffffffu) * inverseWidth;
  int32_t bin = int32_t(position < kLast ? position : kLast);
  int32_t sign = int32_t(bitsOf(x)) >> 31;
  // bin + 1, or -(bin + 1).
  return (bin ^ sign) + sign + 1;
}

/// Increments `counts` at the bins of the finite values; returns their number.
/// `anyNonFinite`: some are not.
uint64_t increment(uint64_t *counts, const int32_t *bins,
                   llvm::ArrayRef<float> values, bool anyNonFinite) {
  if (!anyNonFinite) {
    for (size_t i = 0; i < values.size(); ++i)
      ++counts[bins[i]];
    return values.size();
  }
  uint64_t counted = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    if (isNonFinite(values[i]))
      continue;
    ++counts[bins[i]];
    ++counted;
  }
  return counted;
}

} // namespace

void Histogram::count(llvm::ArrayRef<float> values) {
  // The slots of zeros live behind the bins while counting.
  size_t size = counts.size();
  counts.resize(size + kZeroSlots);
  float inverseWidth = std::ldexp(1.0f, int(logBins) - exponent);
  auto zeroBin = int32_t(negatives), slots = int32_t(size);
  int32_t bins[kBlock];
  for (; !values.empty();
       values = values.drop_front(std::min(kBlock, values.size()))) {
    llvm::ArrayRef<float> block = values.take_front(kBlock);
    uint32_t nonFinite = 0;
    for (size_t i = 0; i < block.size(); ++i) {
      int32_t slot = slots + int32_t(i % kZeroSlots);
      int32_t bin = zeroBin + relativeBin(block[i], inverseWidth);
      bins[i] = isZero(block[i]) ? slot : bin;
      nonFinite |= uint32_t(isNonFinite(block[i]));
    }
    counted += increment(counts.data(), bins, block, nonFinite != 0);
  }
  counts[negatives] =
      std::accumulate(counts.begin() + size, counts.end(), counts[negatives]);
  counts.resize(size);
}

/// So many channels are counted at a time: their counters stay in the cache.
static constexpr size_t kLanes = 16;

namespace {

/// The grids of some channels, whose counters lie one after the other.
struct Lanes {
  float inverseWidths[kLanes] = {};
  int32_t zeroBins[kLanes] = {};
};

/// Copies `height` rows of `width` values, `stride` apart, and finds their
/// bins; true where one is not finite. `Width` is known when compiling for full
/// groups, which are nearly all.
template <typename Width>
bool computeRows(const float *from, size_t stride, size_t height, Width width,
                 const Lanes &lanes, float *__restrict values,
                 int32_t *__restrict bins) {
  uint32_t nonFinite = 0;
  for (size_t row = 0; row < height; ++row) {
    for (size_t lane = 0; lane < width; ++lane) {
      float x = from[row * stride + lane];
      int32_t bin = relativeBin(x, lanes.inverseWidths[lane]);
      values[row * width + lane] = x;
      bins[row * width + lane] = lanes.zeroBins[lane] + (isZero(x) ? 0 : bin);
      nonFinite |= uint32_t(isNonFinite(x));
    }
  }
  return nonFinite != 0;
}

} // namespace

void Histogram::countRows(llvm::MutableArrayRef<Histogram> channels,
                          llvm::ArrayRef<llvm::ArrayRef<float>> blocks,
                          ParallelFor parallelFor) {
  size_t stride = channels.size();
  parallelFor((stride + kLanes - 1) / kLanes, [&](size_t task) {
    size_t first = task * kLanes;
    countLanes(channels.slice(first, std::min(kLanes, stride - first)), first,
               stride, blocks);
  });
}

/// Counts the channels from `first` on, of `stride`.
void Histogram::countLanes(llvm::MutableArrayRef<Histogram> group, size_t first,
                           size_t stride,
                           llvm::ArrayRef<llvm::ArrayRef<float>> blocks) {
  Lanes lanes;
  size_t size = 0;
  for (size_t lane = 0; lane < group.size(); ++lane) {
    lanes.inverseWidths[lane] =
        std::ldexp(1.0f, int(group[lane].logBins) - group[lane].exponent);
    lanes.zeroBins[lane] = int32_t(size + group[lane].negatives);
    size += group[lane].counts.size();
  }
  std::vector<uint64_t> counts(size);
  float block[kBlock];
  int32_t bins[kBlock];
  constexpr size_t kRows = kBlock / kLanes;
  for (llvm::ArrayRef<float> values : blocks) {
    size_t rows = values.size() / stride;
    for (size_t row = 0; row < rows; row += kRows) {
      size_t height = std::min(kRows, rows - row);
      const float *from = values.data() + row * stride + first;
      bool anyNonFinite =
          group.size() == kLanes
              ? computeRows(from, stride, height,
                            std::integral_constant<size_t, kLanes>(), lanes,
                            block, bins)
              : computeRows(from, stride, height, group.size(), lanes, block,
                            bins);
      increment(counts.data(), bins, {block, height * group.size()},
                anyNonFinite);
    }
  }
  const uint64_t *from = counts.data();
  for (Histogram &channel : group)
    for (uint64_t &count : channel.counts) {
      count += *from;
      channel.counted += *from++;
    }
}

} // namespace mlir::npir
