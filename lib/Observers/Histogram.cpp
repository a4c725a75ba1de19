// This file implements the counting, growing and merging of histograms.
// Quantile.cpp has their quantiles, PackedHistogram.cpp the bytes of files.
#include "npir/Observers/Histogram.h"
#include "FloatBits.h"
#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

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
  Histogram old = *this;
  exponent = newExponent;
  negatives = newNegatives;
  counts = std::vector<uint64_t>();
  // `count` needs some more.
  counts.reserve(newNegatives + 1 + newPositives + kZeroSlots);
  counts.resize(newNegatives + 1 + newPositives);
  addBins(old);
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
  int common = std::max(exponent, other.exponent);
  unsigned shift = common - other.exponent;
  reshape(common, binsAfter(other.negatives, shift),
          binsAfter(other.positives(), shift));
  counted += other.counted;
  addBins(other);
}

//===----------------------------------------------------------------------===//
// Counting. First the bin numbers of a block, which is SIMD code, then one
// increment after the other.
//===----------------------------------------------------------------------===//

namespace {

constexpr size_t kBlock = 2048;

/// The bin of `x` relative to that of zeros; that of a value which is not
/// finite means nothing.
inline int32_t relativeBin(float x, float inverseWidth) {
  // Above every bin: no int holds NaN and infinities.
  constexpr float kLast = 0x1p24f;
  uint32_t bits = bitsOf(x);
  float position = floatOf(bits & 0x7fffffffu) * inverseWidth;
  int32_t bin = int32_t(position < kLast ? position : kLast) + 1;
  int32_t sign = int32_t(bits) >> 31;
  return (bin ^ sign) - sign;
}

inline bool isZero(float x) { return (bitsOf(x) & kExponentMask) == 0; }

bool allFinite(llvm::ArrayRef<float> values) {
  uint32_t found = 0;
  for (float x : values)
    found |= uint32_t((bitsOf(x) & kExponentMask) == kExponentMask);
  return found == 0;
}

/// Increments `counts` at the bins of the finite values; returns their number.
template <typename Count>
uint64_t increment(Count *counts, const int32_t *bins,
                   llvm::ArrayRef<float> values) {
  if (allFinite(values)) {
    for (size_t i = 0; i < values.size(); ++i)
      ++counts[bins[i]];
    return values.size();
  }
  uint64_t counted = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    if (!isFiniteValue(values[i]))
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
    for (size_t i = 0; i < block.size(); ++i) {
      int32_t slot = slots + int32_t(i % kZeroSlots);
      int32_t bin = zeroBin + relativeBin(block[i], inverseWidth);
      bins[i] = isZero(block[i]) ? slot : bin;
    }
    counted += increment(counts.data(), bins, block);
  }
  counts[negatives] =
      std::accumulate(counts.begin() + size, counts.end(), counts[negatives]);
  counts.resize(size);
}

void Histogram::countRows(llvm::MutableArrayRef<Histogram> channels,
                          llvm::ArrayRef<float> values) {
  // So many channels at a time, whose counters stay in the cache.
  constexpr size_t kLanes = 16;
  size_t rows = values.size() / channels.size();
  for (size_t first = 0; first < channels.size(); first += kLanes) {
    auto group =
        channels.slice(first, std::min(kLanes, channels.size() - first));
    float inverseWidths[kLanes] = {};
    int32_t zeroBins[kLanes] = {};
    size_t size = 0;
    for (auto [lane, channel] : llvm::enumerate(group)) {
      inverseWidths[lane] =
          std::ldexp(1.0f, int(channel.logBins) - channel.exponent);
      zeroBins[lane] = int32_t(size + channel.negatives);
      size += channel.counts.size();
    }
    std::vector<uint64_t> counts(size);
    float block[kBlock];
    int32_t bins[kBlock];
    size_t width = group.size(), rowsPerBlock = kBlock / kLanes;
    for (size_t row = 0; row < rows; row += rowsPerBlock) {
      size_t height = std::min(rowsPerBlock, rows - row);
      for (size_t i = 0; i < height; ++i) {
        const float *from = values.data() + (row + i) * channels.size() + first;
        for (size_t lane = 0; lane < width; ++lane) {
          float x = from[lane];
          int32_t bin = isZero(x) ? 0 : relativeBin(x, inverseWidths[lane]);
          block[i * width + lane] = x;
          bins[i * width + lane] = zeroBins[lane] + bin;
        }
      }
      increment(counts.data(), bins, {block, height * width});
    }
    const uint64_t *from = counts.data();
    for (Histogram &channel : group)
      for (uint64_t &count : channel.counts) {
        count += *from;
        channel.counted += *from++;
      }
  }
}

} // namespace mlir::npir
