// This file declares the bins of a batch that is being recorded: a histogram
// of small counters, which stay in the cache, and which grows in place.
#ifndef NPIR_LIB_OBSERVERS_OPENBINS_H
#define NPIR_LIB_OBSERVERS_OPENBINS_H

#include "RecordKernels.h"
#include "npir/Observers/Histogram.h"

namespace mlir::npir {

/// Same grid as a `Histogram` of a tensor with the same extrema. Memory is kept
/// from batch to batch.
class OpenBins {
public:
  /// Makes room for values in [lo, hi], both finite, lo <= hi.
  void cover(float lo, float hi);

  /// Counts finite values, for which `cover` made room; `scan` has seen them
  /// all, and more; `greatest`: of all values so far.
  void count(const float *values, size_t size, const ChunkScan &scan,
             float greatest);
  /// The same, leaving out what is not finite; returns how many were counted.
  size_t countFinite(const float *values, size_t size);

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
  float inverseWidth() const;
  /// Bins up to the one of `size`.
  size_t binsFor(float size) const;
  /// Gives each side room for so many bins.
  void reserve(size_t negatives, size_t positives);
  /// Goes over to the grid of `newExponent`, if it is coarser.
  void coarsen(int newExponent);
  /// Makes room for copies of the middle bins.
  void makeCopies();
  /// Adds the counters to the totals, and makes them 0.
  void flush();
  /// Makes sure that no counter can overflow on `size` more values.
  void makeHeadroom(uint64_t size);
  /// A histogram of the counters, which become 0.
  Histogram takeCounts();

  int exponent = Histogram::kLeastExponent;
  /// Counters there are, on each side of that of zeros.
  size_t negativeRoom = 0, positiveRoom = 0;
  /// Those of them that may not be 0.
  size_t negatives = 0, positives = 0;
  std::vector<uint16_t> counts = {0};
  /// What the counters held when they were flushed.
  std::vector<uint32_t> totals = {0};
  /// In the counters, at most; in both.
  uint64_t unflushed = 0, counted = 0;
  /// There were many zeros in the last values.
  bool manyZeros = false;
  /// The copies (RecordKernels.h) lie behind the bins.
  bool hasCopies = false;
  /// What was counted when the totals were about to overflow.
  Histogram spilled;
};

} // namespace mlir::npir

#endif // NPIR_LIB_OBSERVERS_OPENBINS_H
