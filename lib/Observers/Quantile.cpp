// This file implements the quantiles of a histogram.
#include "npir/Observers/Histogram.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <numeric>

namespace mlir::npir {

namespace {

/// Walks over the bins from one end, and says where the value of a rank lies.
class RankWalk {
public:
  RankWalk(const Histogram &histogram, Histogram::Side side)
      : histogram(&histogram), isLower(side == Histogram::Side::Lower) {}

  /// Goes on to the bin that holds the value of `rank`, counted from 0 at the
  /// end where the walk began; not below earlier ranks, and below `total`.
  void seek(uint64_t rank) {
    // Most bins are passed over, many at once.
    skip<64>(rank, bound64);
    skip<8>(rank, bound8);
    for (; rank >= first + size(); ++step)
      first += size();
  }

  /// True where `rank` lies no earlier than the bin.
  bool isBefore(uint64_t rank) const { return rank >= first; }

  /// The values of a bin are spread evenly over it.
  double valueOf(uint64_t rank) const {
    double inside = (double(rank - first) + 0.5) / double(size());
    double offset = double(bin()) - double(histogram->zeroBin());
    if (offset == 0.0)
      return 0.0;
    double left = offset > 0.0 ? offset - 1.0 : offset;
    return (left + (isLower ? inside : 1.0 - inside)) * histogram->binWidth();
  }

private:
  /// Goes on while none of the next `kStride` bins holds the value of `rank`.
  /// Where that ended, all ranks below `bound` are within these bins.
  template <size_t kStride>
  void skip(uint64_t rank, uint64_t &bound) {
    if (rank < bound)
      return;
    llvm::ArrayRef<uint64_t> bins = histogram->bins();
    for (; step + kStride <= bins.size(); step += kStride) {
      auto from =
          bins.begin() + (isLower ? step : bins.size() - step - kStride);
      uint64_t sum = std::accumulate(from, from + kStride, uint64_t(0));
      if (rank < first + sum) {
        bound = first + sum;
        return;
      }
      first += sum;
    }
  }

  size_t bin() const {
    return isLower ? step : histogram->bins().size() - 1 - step;
  }
  uint64_t size() const { return histogram->bins()[bin()]; }

  const Histogram *histogram;
  bool isLower;
  /// Bins passed, and the values in them.
  size_t step = 0;
  uint64_t first = 0;
  uint64_t bound64 = 0, bound8 = 0;
};

} // namespace

std::vector<double> Histogram::quantiles(Side side,
                                         llvm::ArrayRef<double> tails,
                                         float least, float greatest) const {
  std::vector<double> result(tails.size(), 0.0);
  if (counted == 0)
    return result;
  bool isLower = side == Side::Lower;
  RankWalk walk(*this, side), next = walk;
  // The extrema are known better than by their bins.
  auto valueOf = [&](const RankWalk &at, uint64_t rank) -> double {
    if (rank == 0)
      return isLower ? least : greatest;
    if (rank == counted - 1)
      return isLower ? greatest : least;
    return std::clamp(at.valueOf(rank), double(least), double(greatest));
  };
  for (auto [i, tail] : llvm::enumerate(tails)) {
    double position = double(counted - 1) * tail;
    auto rank = uint64_t(position);
    if (next.isBefore(rank))
      walk = next;
    walk.seek(rank);
    uint64_t nextRank = std::min(rank + 1, counted - 1);
    next = walk;
    next.seek(nextRank);
    double from = valueOf(walk, rank);
    result[i] =
        from + (position - double(rank)) * (valueOf(next, nextRank) - from);
  }
  return result;
}

} // namespace mlir::npir
