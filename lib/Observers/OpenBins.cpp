// This file implements the bins of a batch that is being recorded.
#include "OpenBins.h"
#include "FloatBits.h"
#include <algorithm>
#include <cmath>
#include <utility>

namespace mlir::npir {

static constexpr int kLogBins = Histogram::kTensorLogBins;
/// Room grows in such steps, so that it seldom does.
static constexpr size_t kRoomStep = 4096;
/// Counters behind the bins.
static constexpr size_t kCopyRoom = size_t(kCopies) * kCopySize;
static constexpr uint64_t kMostInCounter = UINT16_MAX;
/// Where one counter is above this, all are flushed; below, it pays to look
/// again when as many more values have come.
static constexpr uint64_t kHighCounter = kMostInCounter / 4 * 3;

float OpenBins::inverseWidth() const {
  return std::ldexp(1.0f, kLogBins - exponent);
}

size_t OpenBins::binsFor(float size) const {
  return size > 0.0f ? size_t(size * inverseWidth()) + 1 : 0;
}

//===----------------------------------------------------------------------===//
// Range
//===----------------------------------------------------------------------===//

void OpenBins::reserve(size_t newNegatives, size_t newPositives) {
  if (newNegatives <= negativeRoom && newPositives <= positiveRoom)
    return;
  settle();
  auto grow = [](size_t &room, size_t bins) {
    room = std::max(room, (bins + kRoomStep - 1) / kRoomStep * kRoomStep);
  };
  size_t oldZero = negativeRoom;
  grow(negativeRoom, newNegatives);
  grow(positiveRoom, newPositives);
  auto move = [&](auto &bins) {
    std::decay_t<decltype(bins)> grown;
    if constexpr (std::is_same_v<decltype(bins), std::vector<uint16_t> &>)
      grown.reserve(room() + kCopyRoom);
    grown.resize(room());
    std::copy_n(bins.begin() + (oldZero - negatives), negatives + 1 + positives,
                grown.begin() + (negativeRoom - negatives));
    bins = std::move(grown);
  };
  move(counts);
  if (!totals.empty())
    move(totals);
  hasCopies = false;
}

/// Adds bins up to those of a grid 2^shift times as wide; `step` leads from a
/// bin to the next one.
template <typename Count>
static void foldSide(Count *first, ptrdiff_t step, size_t bins,
                     unsigned shift) {
  for (size_t i = 1; i < bins; ++i) {
    Count count = first[step * ptrdiff_t(i)];
    first[step * ptrdiff_t(i)] = 0;
    first[step * ptrdiff_t(i >> shift)] += count;
  }
}

void OpenBins::coarsen(int newExponent) {
  if (newExponent <= exponent)
    return;
  settle();
  // Further than every bin means the same as that far.
  unsigned shift = std::min(newExponent - exponent, kLogBins);
  if (!fitsSum(uint64_t(1) << shift))
    flush();
  auto fold = [&](auto *zero) {
    foldSide(zero - 1, -1, negatives, shift);
    foldSide(zero + 1, 1, positives, shift);
  };
  if (unflushed > 0)
    fold(zeros());
  bound = std::min(bound << shift, unflushed);
  if (!totals.empty())
    fold(zeroTotal());
  auto binsAfter = [&](size_t bins) {
    return bins == 0 ? 0 : ((bins - 1) >> shift) + 1;
  };
  negatives = binsAfter(negatives);
  positives = binsAfter(positives);
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

//===----------------------------------------------------------------------===//
// Small counters and large ones
//===----------------------------------------------------------------------===//

void OpenBins::makeHeadroom(uint64_t size) {
  if (bound + size > kMostInCounter) {
    bound = greatestOf(counts.data(), counts.size());
    if (bound > kHighCounter)
      flush();
  }
  spillFor(size);
}

void OpenBins::spillFor(uint64_t size) {
  if (counted + size > UINT32_MAX)
    spilled.merge(takeCounts());
}

void OpenBins::makeCopies() {
  if (!std::exchange(hasCopies, true))
    counts.resize(room() + kCopyRoom);
}

template <typename Count>
static void addCopies(uint16_t *copies, Count *zero) {
  for (int32_t copy = 0; copy < kCopies; ++copy)
    for (int32_t bin = -kCopiedBins; bin < kCopiedBins; ++bin, ++copies)
      if (*copies != 0)
        zero[bin] += std::exchange(*copies, 0);
}

void OpenBins::settle() {
  if (uint64_t number = std::exchange(commonsApart, 0))
    addTo(ptrdiff_t(commonBin), number);
  if (!hasCopies)
    return;
  constexpr uint64_t kSummands = 1 + kCopies;
  if (!fitsSum(kSummands))
    return flush();
  addCopies(counts.data() + room(), zeros());
  bound = std::min(bound * kSummands, unflushed);
}

bool OpenBins::fitsSum(uint64_t number) {
  if (unflushed > kMostInCounter && bound * number > kMostInCounter)
    bound = greatestOf(counts.data(), counts.size());
  return std::min(bound * number, unflushed) <= kMostInCounter;
}

void OpenBins::addTo(ptrdiff_t offset, uint64_t number) {
  if (bound + number > kMostInCounter) {
    totals.resize(room());
    zeroTotal()[offset] += uint32_t(number);
    return;
  }
  zeros()[offset] += uint16_t(number);
  bound += number;
  unflushed += number;
}

void OpenBins::flush() {
  bound = 0;
  if (std::exchange(unflushed, 0) == 0)
    return;
  totals.resize(room());
  uint16_t *from = zeros() - negatives;
  uint32_t *to = zeroTotal() - negatives;
  for (size_t i = 0; i < negatives + 1 + positives; ++i)
    to[i] += from[i];
  std::fill_n(from, negatives + 1 + positives, 0);
  if (hasCopies)
    addCopies(counts.data() + room(), zeroTotal());
}

//===----------------------------------------------------------------------===//
// Counting
//===----------------------------------------------------------------------===//

void OpenBins::fetch(float size) {
  size_t reach = binsFor(size);
  const uint16_t *first = zeros() - std::min(reach, negatives);
  const uint16_t *last = zeros() + 1 + std::min(reach, positives);
  // Of 64 bytes, which is a line.
  for (; first < last; first += 32)
    __builtin_prefetch(first, /*write=*/1, /*locality=*/2);
}

void OpenBins::count(const float *values, size_t size, const Hint &hint) {
  makeHeadroom(size);
  BinCounters counters;
  counters.inverseWidth = inverseWidth();
  // Most values are likely to lie in the bins that have copies.
  if (hint.deviation * counters.inverseWidth < kCopiedBins) {
    makeCopies();
    counters.copies = int32_t(positiveRoom + 1);
  }
  counters.zeros = zeros();
  counters.ahead = hint.ahead;
  if (hint.greatest > 0.0f) {
    counters.common = hint.greatest;
    size_t bin = binsFor(hint.greatest);
    if (bin != commonBin && commonsApart > 0)
      addTo(ptrdiff_t(commonBin), std::exchange(commonsApart, 0));
    commonBin = bin;
  }
  ValueTraits traits;
  traits.mayBeNegative = !hint.isPositive;
  traits.manyZeros = manyZeros;
  uint16_t zerosBefore = *zeros();
  BinSums sums = countBins(values, size, traits, counters);
  // What comes next is most often alike.
  manyZeros = (*zeros() - zerosBefore + sums.zeros) * 16 >= size;
  bound += sums.counted;
  unflushed += sums.counted;
  zerosApart += sums.zeros;
  commonsApart += sums.commons;
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
    ++zeros()[x < 0.0f ? -bin : bin];
    ++finite;
  }
  bound += finite;
  unflushed += finite;
  counted += finite;
  return finite;
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

void OpenBins::take(OpenBins &other) {
  if (other.counted == 0 && other.spilled.total() == 0)
    return;
  spillFor(other.counted);
  coarsen(other.exponent);
  other.coarsen(exponent);
  size_t newNegatives = std::max(negatives, other.negatives);
  size_t newPositives = std::max(positives, other.positives);
  reserve(newNegatives, newPositives);
  negatives = newNegatives;
  positives = newPositives;
  other.settle();
  size_t size = other.negatives + 1 + other.positives;
  auto add = [&](auto *to, auto *from) {
    to -= other.negatives;
    from -= other.negatives;
    for (size_t i = 0; i < size; ++i) {
      to[i] += from[i];
      from[i] = 0;
    }
  };
  if (bound + other.bound > kMostInCounter)
    flush();
  if (bound + other.bound <= kMostInCounter)
    add(zeros(), other.zeros());
  bound += std::exchange(other.bound, 0);
  unflushed += std::exchange(other.unflushed, 0);
  if (!other.totals.empty()) {
    totals.resize(room());
    add(zeroTotal(), other.zeroTotal());
  }
  zerosApart += std::exchange(other.zerosApart, 0);
  counted += other.counted;
  spilled.merge(other.spilled);
  other.takeHistogram();
}

Histogram OpenBins::takeCounts() {
  size_t size = negatives + 1 + positives;
  std::vector<uint32_t> sums(size);
  uint32_t *zero = sums.data() + negatives;
  uint16_t *small = zeros() - negatives;
  if (std::exchange(unflushed, 0) > 0) {
    std::copy_n(small, size, sums.begin());
    std::fill_n(small, size, 0);
    if (hasCopies)
      addCopies(counts.data() + room(), zero);
  }
  if (!totals.empty()) {
    uint32_t *large = zeroTotal() - negatives;
    for (size_t i = 0; i < size; ++i)
      sums[i] += std::exchange(large[i], 0);
  }
  *zero += uint32_t(std::exchange(zerosApart, 0));
  if (uint64_t number = std::exchange(commonsApart, 0))
    zero[commonBin] += uint32_t(number);
  bound = counted = 0;
  return Histogram::fromCounts(exponent, zero, negatives, positives);
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
