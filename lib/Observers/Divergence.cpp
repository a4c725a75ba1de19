// This file implements the search of KL. With the counts c of n bins of |x|, of
// which i are kept, their sum C(i) and the sum N of all:
//   divergence = (sum of p log p - sum of p log q) / N - log N + log C(i)
// in counts, where sum of p log p comes from sums over the bins below i, and
// sum of p log q is that of mass * log(sum / bins in use) over the levels.
#include "Divergence.h"
#include "SearchKernels.h"
#include "npir/Observers/Observer.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <cmath>
#include <limits>

namespace mlir::npir {

namespace {

double timesLog(double x) { return x == 0.0 ? 0.0 : x * std::log(x); }

/// The distribution of |x|, zeros left out.
struct Magnitudes {
  std::vector<uint64_t> counts;
  double width = 0.0;

  Magnitudes(const Histogram &histogram, double greatest, unsigned bins) {
    llvm::ArrayRef<uint64_t> all = histogram.bins();
    size_t zero = histogram.zeroBin();
    size_t size = std::min<size_t>(2 * bins, histogram.binsPerSide());
    int exponent = std::ilogb(histogram.binWidth());
    // The greatest value may lie beyond the bins, in rows that were left out.
    int shift = std::max<int>(llvm::Log2_64(histogram.binsPerSide() / size),
                              std::ilogb(greatest) + 1 - exponent -
                                  int(llvm::Log2_64(size)));
    width = std::ldexp(1.0, exponent + shift);
    counts.resize(size_t(greatest / width) + 1);
    auto add = [&](size_t position, uint64_t count) {
      size_t bin = position >> std::min(shift, 63);
      counts[std::min(bin, counts.size() - 1)] += count;
    };
    for (size_t bin = 0; bin < zero; ++bin)
      add(zero - 1 - bin, all[bin]);
    for (size_t bin = zero + 1; bin < all.size(); ++bin)
      add(bin - zero - 1, all[bin]);
  }
};

class ThresholdSearch {
public:
  ThresholdSearch(llvm::ArrayRef<uint64_t> counts, unsigned logLevels)
      : counts(counts), logLevels(logLevels), levels(size_t(1) << logLevels),
        mass(levels), sums(levels), used(levels), before(counts.size() + 1),
        usedBefore(counts.size() + 1), logsBefore(counts.size() + 1) {
    for (size_t i = 0; i < counts.size(); ++i) {
      before[i + 1] = before[i] + double(counts[i]);
      usedBefore[i + 1] = usedBefore[i] + (counts[i] != 0 ? 1.0 : 0.0);
      logsBefore[i + 1] = logsBefore[i] + timesLog(double(counts[i]));
    }
    total = before.back();
  }

  size_t run() {
    if (total == 0.0)
      return counts.size();
    // A few candidates give a bound, which spares most of the others. It is
    // well above what counts as a tie.
    constexpr size_t kStride = 16;
    constexpr double kMargin = 1e-6;
    std::vector<double> divergences(counts.size() + 1, kNone);
    double bound = kNone;
    for (size_t bins = counts.size(); bins >= levels; bins -= kStride) {
      divergences[bins] = getDivergence(bins, bound);
      bound = std::min(bound, divergences[bins] + kMargin);
      if (bins < levels + kStride)
        break;
    }
    for (size_t bins = levels; bins <= counts.size(); ++bins)
      if ((counts.size() - bins) % kStride != 0)
        divergences[bins] = getDivergence(bins, bound);
    double least = kNone;
    size_t best = counts.size();
    constexpr double kTie = 1e-12;
    for (size_t bins = levels; bins <= counts.size(); ++bins)
      if (divergences[bins] != kNone && divergences[bins] <= least + kTie) {
        least = divergences[bins];
        best = bins;
      }
    return best;
  }

private:
  static constexpr double kNone = std::numeric_limits<double>::infinity();

  /// That of a candidate; kNone where it is none, or surely above `bound`.
  double getDivergence(size_t bins, double bound) {
    double kept = before[bins], beyond = total - kept;
    auto last = double(counts[bins - 1]);
    constexpr double kCoverage = 0.9;
    if ((last == 0.0 && beyond != 0.0) || kept < kCoverage * total)
      return kNone;
    double constant = std::log(kept) - std::log(total);
    // Levels can only add to what the cut costs.
    double cut =
        last == 0.0 ? 0.0 : (last + beyond) * std::log((last + beyond) / last);
    if (cut / total + constant > bound)
      return kNone;
    double ofP = logsBefore[bins] - timesLog(last) + timesLog(last + beyond);
    return (ofP - getLevelSum(bins, beyond)) / total + constant;
  }

  double getLevelSum(size_t bins, double beyond) {
    size_t begin = 0;
    for (size_t level = 0; level < levels; ++level) {
      size_t end = ((level + 1) * bins) >> logLevels;
      sums[level] = mass[level] = before[end] - before[begin];
      used[level] = usedBefore[end] - usedBefore[begin];
      begin = end;
    }
    // Nothing is spread over a level without values.
    if (sums.back() != 0.0)
      mass.back() += beyond;
    return sumLogarithms(mass, sums, used);
  }

  llvm::ArrayRef<uint64_t> counts;
  unsigned logLevels;
  size_t levels;
  /// Of the candidate at hand, by level.
  std::vector<double> mass, sums, used;
  /// Of the bins below each one: values, bins in use, sum of c log c.
  std::vector<double> before, usedBefore, logsBefore;
  double total = 0.0;
};

} // namespace

Threshold searchThreshold(const Histogram &histogram, RealRange extrema,
                          unsigned bins, const QuantFormat &format) {
  double greatest = std::max(-extrema.lo, extrema.hi);
  if (greatest == 0.0)
    return {};
  Magnitudes magnitudes(histogram, greatest, bins);
  size_t size = magnitudes.counts.size();
  // An unsigned grid for values of one sign has all of its integers for |x|.
  bool isWhole = !format.grid.isSigned && extrema.lo >= 0.0;
  unsigned logLevels = format.grid.bits - (isWhole ? 0 : 1);
  if (size <= size_t(1) << logLevels)
    return {greatest, size};
  // Values next to zero would outweigh all others.
  magnitudes.counts[0] = magnitudes.counts[1];
  size_t bin = ThresholdSearch(magnitudes.counts, logLevels).run();
  return {std::min(double(bin) * magnitudes.width, greatest), bin};
}

unsigned binsForValues(uint64_t values, unsigned bins) {
  uint64_t enough = std::clamp<uint64_t>(values / kValuesPerBin,
                                         ObserverParams::kLeastBins, bins);
  return unsigned(llvm::bit_floor(enough));
}

RealRange cutRange(RealRange extrema, Threshold threshold, QuantScheme scheme) {
  double value = threshold.value;
  if (scheme == QuantScheme::Symmetric)
    return {extrema.lo >= 0.0 ? 0.0 : -value, value};
  return {std::max(extrema.lo, -value), std::min(extrema.hi, value)};
}

} // namespace mlir::npir
