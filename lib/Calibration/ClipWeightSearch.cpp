// This file implements the search for clip weights.
#include "npir/Calibration/ClipWeightSearch.h"

#include "llvm/ADT/STLExtras.h"

#include <array>
#include <limits>

using namespace mlir;
using namespace mlir::npir;

/// Quadruples the weight, and so halves the size of what is cut off, by and
/// large: finer steps change less than other samples do.
static constexpr std::array<double, 5> kLevels = {
    1.0, 4.0, 16.0, 64.0, std::numeric_limits<double>::infinity()};
/// In dB: less may be gone with other samples.
static constexpr double kLeastGain = 0.5;
static constexpr size_t kMostPairs = 16;
/// Tried in the end: the tails of all tensors alike, whatever that costs each.
static constexpr std::array<double, 3> kShares = {1e-6, 1e-5, 1e-4};

namespace {
/// Indices of levels.
struct Place {
  int summed = 0;
  int others = 0;

  bool operator==(const Place &rhs) const {
    return summed == rhs.summed && others == rhs.others;
  }
};

class Searcher {
public:
  explicit Searcher(function_ref<FailureOr<double>(ClipWeights)> measure)
      : measure(measure) {}

  /// Try `place` where it was not tried; it may become the best.
  LogicalResult tryPlace(Place place);
  /// Try `weights`; they may become the best.
  LogicalResult tryWeights(ClipWeights weights);
  /// Go along one coordinate for as long as that gains.
  LogicalResult climb(int Place::*coordinate, int step);

  ClipWeightSearch search;

private:
  function_ref<FailureOr<double>(ClipWeights)> measure;
  /// Of the first trials.
  SmallVector<Place> places;
};
} // namespace

LogicalResult Searcher::tryPlace(Place place) {
  if (llvm::is_contained(places, place) || places.size() == kMostPairs)
    return success();
  places.push_back(place);
  return tryWeights({kLevels[place.summed], kLevels[place.others]});
}

LogicalResult Searcher::tryWeights(ClipWeights weights) {
  FailureOr<double> sqnr = measure(weights);
  if (failed(sqnr))
    return failure();
  search.trials.push_back({weights, *sqnr});
  if (*sqnr > search.getBest().sqnr + kLeastGain)
    search.best = search.trials.size() - 1;
  return success();
}

LogicalResult Searcher::climb(int Place::*coordinate, int step) {
  for (;;) {
    size_t before = search.best;
    Place place = places[before];
    place.*coordinate += step;
    if (place.*coordinate < 0 || place.*coordinate >= int(kLevels.size()))
      return success();
    if (failed(tryPlace(place)))
      return failure();
    if (search.best == before)
      return success();
  }
}

FailureOr<ClipWeightSearch> mlir::npir::searchClipWeights(
    function_ref<FailureOr<double>(ClipWeights)> measure) {
  Searcher searcher(measure);
  for (int level = 0; level < int(kLevels.size()); ++level)
    if (failed(searcher.tryPlace({level, level})))
      return failure();
  for (int Place::*coordinate : {&Place::summed, &Place::others})
    for (int step : {1, -1})
      if (failed(searcher.climb(coordinate, step)))
        return failure();
  for (double share : kShares)
    if (failed(searcher.tryWeights({kLevels.back(), kLevels.back(), share})))
      return failure();
  return std::move(searcher.search);
}
