// This file implements the bins of a batch that is being recorded.
#include "OpenBins.h"
#include "FloatBits.h"
#include <algorithm>
#include <cmath>
#include <utility>

namespace mlir::npir {

static constexpr int kLogBins = Histogram::kTensorLogBins;
/// Room grows in such steps, so that it seldom does.
static constexpr size_t kRoomStep = 1024;

float OpenBins::inverseWidth() const {
  return std::ldexp(1.0f, kLogBins - exponent);
}

size_t OpenBins::binsFor(float size) const {
  return size > 0.0f ? size_t(size * inverseWidth()) + 1 : 0;
}

void OpenBins::reserve(size_t newNegatives, size_t newPositives) {
  if (newNegatives <= negativeRoom && newPositives <= positiveRoom)
    return;
  flush();
  auto grow = [](size_t &room, size_t bins) {
    room = std::max(room, (bins + kRoomStep - 1) / kRoomStep * kRoomStep);
  };
  size_t oldZero = negativeRoom;
  grow(negativeRoom, newNegatives);
  grow(positiveRoom, newPositives);
  std::vector<uint32_t> grown(negativeRoom + 1 + positiveRoom);
  std::copy_n(totals.begin() + (oldZero - negatives), negatives + 1 + positives,
              grown.begin() + (negativeRoom - negatives));
  totals = std::move(grown);
  // All of them are 0.
  counts = std::vector<uint16_t>(totals.size());
  hasCopies = false;
}

/// Adds bins up to those of a grid 2^shift times as wide; `step` leads from a
/// bin to the next one.
static size_t foldSide(uint32_t *first, ptrdiff_t step, size_t bins,
                       unsigned shift) {
  for (size_t i = 1; i < bins; ++i) {
    uint32_t count = first[step * ptrdiff_t(i)];
    first[step * ptrdiff_t(i)] = 0;
    first[step * ptrdiff_t(i >> shift)] += count;
  }
  return bins == 0 ? 0 : ((bins - 1) >> shift) + 1;
}

void OpenBins::coarsen(int newExponent) {
  if (newExponent <= exponent)
    return;
  flush();
  // Further than every bin means the same as that far.
  unsigned shift = std::min(newExponent - exponent, kLogBins);
  negatives = foldSide(zeroTotal() - 1, -1, negatives, shift);
  positives = foldSide(zeroTotal() + 1, 1, positives, shift);
  exponent = newExponent;
}

void OpenBins::cover(float lo, float hi) {
  coarsen(Histogram::exponentFor(lo, hi));
  size_t newNegatives = std::max(negatives, binsFor(-flushDenormal(lo)));
  size_t newPositives = std::max(positives, binsFor(flushDenormal(hi)));
  reserve(newNegatives, newPositives);
  negatives = newNegatives;
  positives = newPositives;
}

Histogram OpenBins::takeCounts() {
  flush();
  Histogram result =
      Histogram::fromCounts(exponent, zeroTotal(), negatives, positives);
  std::fill_n(zeroTotal() - negatives, negatives + 1 + positives, 0);
  counted = 0;
  return result;
}

void OpenBins::makeHeadroom(uint64_t size) {
  if (unflushed + size > UINT16_MAX)
    flush();
  if (counted + size > UINT32_MAX)
    spilled.merge(takeCounts());
}

void OpenBins::makeCopies() {
  if (!std::exchange(hasCopies, true))
    counts.resize(counts.size() + kCopies * kCopySize);
}

void OpenBins::flush() {
  if (std::exchange(unflushed, 0) == 0)
    return;
  uint16_t *from = zeros() - negatives;
  uint32_t *to = zeroTotal() - negatives;
  for (size_t i = 0; i < negatives + 1 + positives; ++i)
    to[i] += from[i];
  std::fill_n(from, negatives + 1 + positives, 0);
  if (!hasCopies)
    return;
  from = counts.data() + negativeRoom + 1 + positiveRoom;
  for (int32_t copy = 0; copy < kCopies; ++copy)
    for (int32_t bin = -kCopiedBins; bin < kCopiedBins; ++bin, ++from)
      if (*from != 0)
        zeroTotal()[bin] += std::exchange(*from, 0);
}

/// True where most values are likely to lie in the bins that have copies.
static bool areCrowded(const ChunkScan &scan, float inverseWidth) {
  double deviation =
      double(inverseWidth) * std::sqrt(scan.squares / double(scan.size));
  return deviation < kCopiedBins;
}

void OpenBins::count(const float *values, size_t size, const ChunkScan &scan,
                     float greatest) {
  makeHeadroom(size);
  BinCounters counters;
  counters.inverseWidth = inverseWidth();
  if (areCrowded(scan, counters.inverseWidth)) {
    makeCopies();
    counters.copies = int32_t(positiveRoom + 1);
  }
  counters.zeros = zeros();
  counters.zeroTotal = zeroTotal();
  if (greatest > 0.0f) {
    counters.common = greatest;
    counters.commonTotal = zeroTotal() + binsFor(greatest);
  }
  uint64_t zerosBefore = *zeroTotal() + uint64_t(*zeros());
  ValueTraits traits;
  traits.mayBeNegative = scan.least < 0.0f;
  traits.manyZeros = manyZeros;
  unflushed += countBins(values, size, traits, counters);
  // What comes next is most often alike.
  manyZeros = (*zeroTotal() + uint64_t(*zeros()) - zerosBefore) * 16 >= size;
  counted += size;
}

size_t OpenBins::countFinite(const float *values, size_t size) {
  makeHeadroom(size);
  size_t finite = 0;
  for (size_t i = 0; i < size; ++i) {
    if (!isFiniteValue(values[i]))
      continue;
    float x = flushDenormal(values[i]);
    auto bin = ptrdiff_t(binsFor(std::fabs(x)));
    ++zeroTotal()[x < 0.0f ? -bin : bin];
    ++finite;
  }
  counted += finite;
  return finite;
}

void OpenBins::take(OpenBins &other) {
  flush();
  other.flush();
  makeHeadroom(other.counted);
  coarsen(other.exponent);
  other.coarsen(exponent);
  size_t newNegatives = std::max(negatives, other.negatives);
  size_t newPositives = std::max(positives, other.positives);
  reserve(newNegatives, newPositives);
  negatives = newNegatives;
  positives = newPositives;
  uint32_t *from = other.zeroTotal() - other.negatives;
  uint32_t *to = zeroTotal() - other.negatives;
  for (size_t i = 0; i < other.negatives + 1 + other.positives; ++i) {
    to[i] += from[i];
    from[i] = 0;
  }
  counted += other.counted;
  spilled.merge(other.spilled);
  other.takeHistogram();
}

Histogram OpenBins::takeHistogram() {
  Histogram result = takeCounts();
  if (spilled.total() > 0)
    result.merge(spilled);
  spilled = Histogram();
  exponent = Histogram::kLeastExponent;
  negatives = positives = 0;
  return result;
}

} // namespace mlir::npir
