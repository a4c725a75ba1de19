// This file declares the histogram that calibration keeps of a tensor: bins on
// a grid of powers of two, so that it merges exactly, in any order.
#ifndef NPIR_OBSERVERS_HISTOGRAM_H
#define NPIR_OBSERVERS_HISTOGRAM_H

#include "npir/Support/ParallelFor.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace mlir::npir {

/// Counts of finite f32 values. Each side of zero has 2^logBins bins on
/// [0, 2^e), bin k holding k <= |x| / w < k + 1 with w = 2^(e - logBins);
/// zeros (and values below 2^-126 in size) are counted apart. e is the least
/// that fits, so at least half of one side's bins are in use. It only grows,
/// by adding pairs of bins: the counts are a function of the set of values,
/// whatever their order and however they were split.
class Histogram {
public:
  /// 8192 bins or more for the larger side: a tensor.
  static constexpr unsigned kTensorLogBins = 14;
  /// 512 bins or more: a channel.
  static constexpr unsigned kChannelLogBins = 10;

  Histogram() = default;
  explicit Histogram(unsigned logBins) : logBins(logBins) {}

  /// Makes room for values in [lo, hi], both finite, lo <= hi.
  void cover(float lo, float hi);

  /// Counts the finite ones of `values`, for which `cover` made room. Linear
  /// time, no branch per element; a block without NaN and infinities costs
  /// nothing extra.
  void count(llvm::ArrayRef<float> values);

  /// The same for rows of channels: value i of each of `blocks`, which are
  /// whole rows, is one of `channels[i % size]`. Channels are shared out by
  /// `parallelFor`.
  static void countRows(llvm::MutableArrayRef<Histogram> channels,
                        llvm::ArrayRef<llvm::ArrayRef<float>> blocks,
                        ParallelFor parallelFor = serialFor);

  /// Adds what `other`, of as many bins, has counted.
  void merge(const Histogram &other);

  /// Values counted.
  uint64_t total() const { return counted; }
  /// Counts of the bins in use, from the most negative to the most positive
  /// one, with that of zeros at `zeroBin()`, between them.
  llvm::ArrayRef<uint64_t> bins() const { return counts; }
  size_t zeroBin() const { return negatives; }
  /// The width w of a bin.
  double binWidth() const;
  /// 2^logBins, of which at least half are in use on the larger side.
  size_t binsPerSide() const { return size_t(1) << logBins; }
  /// That of the bins for values in [lo, hi].
  static double binWidthFor(float lo, float hi,
                            unsigned logBins = kTensorLogBins);

  /// e of the grid for values in [lo, hi], and that of the smallest grid: 1 / w
  /// and multiples of w are normal floats. Scales below 2^-32 do not exist, so
  /// nothing is lost.
  static int exponentFor(float lo, float hi);
  static constexpr int kLeastExponent = -100;

  /// The histogram of a tensor with this e, counted elsewhere: `zeros` points
  /// at the counter of zeros, with so many bins before and behind it.
  static Histogram fromCounts(int exponent, const uint32_t *zeros,
                              size_t negatives, size_t positives);

  /// The tails of the distribution: for each of `tails`, ascending and at most
  /// 0.5, the value below (`Lower`) or above (`Upper`) which that share of the
  /// values lies, by linear interpolation between neighbours in order (type
  /// 7). `least` and `greatest` are the exact extrema; [least, greatest] holds
  /// every result. Off by at most a bin's width. All 0 where nothing was
  /// counted.
  enum class Side { Lower, Upper };
  std::vector<double> quantiles(Side side, llvm::ArrayRef<double> tails,
                                float least, float greatest) const;

  /// The bytes of a file: every count as a variable-length integer, runs of
  /// empty bins as 0 and their length. The extrema are not written, they decide
  /// the grid.
  std::string pack() const;

  /// Forgets all values, and keeps the memory for those that come.
  void clear();

  /// The histogram that `pack` wrote, of values with the extrema `least` and
  /// `greatest`; `least` above `greatest`: of none. Anything else is an error
  /// that says what is wrong with the bytes. Ask `total` whether as many values
  /// came out as went in. `isSampled`: of some of these values, to which the
  /// extrema need not belong.
  static llvm::Expected<Histogram> unpack(llvm::StringRef bytes, float least,
                                          float greatest, unsigned logBins,
                                          bool isSampled = false);

  /// The same in the memory of this one; after an error it holds anything.
  llvm::Error assign(llvm::StringRef bytes, float least, float greatest,
                     bool isSampled = false);

  bool operator==(const Histogram &other) const {
    return logBins == other.logBins && exponent == other.exponent &&
           negatives == other.negatives && counts == other.counts;
  }

private:
  static void countLanes(llvm::MutableArrayRef<Histogram> group, size_t first,
                         size_t stride,
                         llvm::ArrayRef<llvm::ArrayRef<float>> blocks);

  /// Bins in use on a side whose largest value is `size`.
  size_t binsFor(float size) const;
  size_t positives() const { return counts.size() - 1 - negatives; }
  /// Gives each side at least so many bins on the grid of `newExponent`, which
  /// is not below the present one.
  void reshape(int newExponent, size_t newNegatives, size_t newPositives);
  /// Adds the bins of `other`, whose grid is no coarser, where they belong.
  void addBins(const Histogram &other);

  unsigned logBins = kTensorLogBins;
  int exponent = kLeastExponent;
  size_t negatives = 0;
  uint64_t counted = 0;
  std::vector<uint64_t> counts = {0};
};

} // namespace mlir::npir

#endif // NPIR_OBSERVERS_HISTOGRAM_H
