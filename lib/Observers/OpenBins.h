// This file declares the bins of a batch that is being recorded: a histogram
// of small counters, which stay in the cache, and which grows in place.
#ifndef NPIR_LIB_OBSERVERS_OPENBINS_H
#define NPIR_LIB_OBSERVERS_OPENBINS_H

#include "BinKernels.h"
#include "npir/Observers/Histogram.h"

namespace mlir::npir {

/// Same grid as a `Histogram` of a tensor with the same extrema. Memory is kept
/// from batch to batch.
class OpenBins {
public:
  /// What values are like; decides how fast they are counted.
  struct Hint {
    /// No value is below 0.
    bool isPositive = false;
    /// The square root of the mean of squares, about.
    float deviation = 0.0f;
    /// Of all values so far.
    float greatest = 0.0f;
    /// Values that are looked at next, as many; null: not known.
    const float *ahead = nullptr;
  };

  /// Makes room for values in [lo, hi], both finite, lo <= hi.
  void cover(float lo, float hi);

  /// Fetches the counters of the values within `size` of zero into the cache.
  void fetch(float size);
  /// Counts finite values, at most kMostCounted, for which `cover` made room.
  void count(const float *values, size_t size, const Hint &hint);
  /// The same, leaving out what is not finite; returns how many were counted.
  size_t countFinite(const float *values, size_t size);
  static constexpr size_t kMostCounted = 4096;

  /// Adds what `other` counted, and empties it.
  void take(OpenBins &other);

  /// What was counted, and empties the bins.
  Histogram takeHistogram();

  size_t memoryBytes() const {
    return counts.capacity() * sizeof(counts[0]) +
           totals.capacity() * sizeof(totals[0]);
  }

private:
  uint16_t *zeros() { return counts.data() + negativeRoom; }
  uint32_t *zeroTotal() { return totals.data() + negativeRoom; }
  size_t room() const { return negativeRoom + 1 + positiveRoom; }
  float inverseWidth() const;
  /// Bins up to the one of `size`.
  size_t binsFor(float size) const;
  /// Gives each side room for so many bins.
  void reserve(size_t negatives, size_t positives);
  /// Goes over to the grid of `newExponent`, if it is coarser.
  void coarsen(int newExponent);
  /// Makes room for copies of the middle bins.
  void makeCopies();
  /// True where the sum of so many counters is no more than one can hold.
  bool fitsSum(uint64_t number);
  /// Adds copies, and what was counted apart, to the bins.
  void settle();
  /// Counts `number` values of the bin at `offset` from that of zeros.
  void addTo(ptrdiff_t offset, uint64_t number);
  /// Adds the counters to the totals, and makes them 0.
  void flush();
  /// Makes sure that no counter can overflow on `size` more values.
  void makeHeadroom(uint64_t size);
  /// Makes sure that no total can.
  void spillFor(uint64_t size);
  /// A histogram of the counters, which become 0.
  Histogram takeCounts();

  int exponent = Histogram::kLeastExponent;
  /// Counters there are, on each side of that of zeros.
  size_t negativeRoom = 0, positiveRoom = 0;
  /// Those of them that may not be 0.
  size_t negatives = 0, positives = 0;
  std::vector<uint16_t> counts = {0};
  /// What the counters held when they were flushed; empty: they never were.
  std::vector<uint32_t> totals;
  /// No counter is above `bound`; what all of them hold together.
  uint64_t bound = 0, unflushed = 0;
  /// In all of the bins.
  uint64_t counted = 0;
  /// Counted apart from the bins: zeros, and values of the bin `commonBin`.
  uint64_t zerosApart = 0, commonsApart = 0;
  size_t commonBin = 0;
  /// There were many zeros in the last values.
  bool manyZeros = false;
  /// The copies (RecordKernels.h) lie behind the bins.
  bool hasCopies = false;
  /// What was counted when the totals were about to overflow.
  Histogram spilled;
};

} // namespace mlir::npir

#endif // NPIR_LIB_OBSERVERS_OPENBINS_H
