// This file implements the search for clip weights.
#include "npir/Calibration/ClipWeightSearch.h"

#include "llvm/ADT/STLExtras.h"

#include <array>
#include <cstdlib>
#include <limits>

using namespace mlir;
using namespace mlir::npir;

/// Quadruples the weight, and so halves the size of what is cut off, by and
/// large: finer steps change less than other samples do.
static constexpr std::array<double, 5> kLevels = {
    1.0, 4.0, 16.0, 64.0, std::numeric_limits<double>::infinity()};
/// In dB: less is not worth a further trial.
static constexpr double kLeastGain = 0.5;
/// In standard errors: what is not farther off may be the best one, too.
static constexpr double kByChance = 1.0;
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

/// The one to start from: what is cut off counts a little more where products
/// are summed up. It suits most networks.
constexpr Place kUsual = {1, 0};
constexpr std::array<Place, 7> kFirst = {
    {kUsual, {0, 0}, {1, 1}, {2, 0}, {2, 2}, {3, 3}, {4, 4}}};

class Searcher {
public:
  explicit Searcher(function_ref<FailureOr<OutputSums>(ClipWeights)> measure)
      : measure(measure) {}

  /// Try `place` where it was not tried.
  LogicalResult tryPlace(Place place);
  LogicalResult tryWeights(ClipWeights weights);
  /// The climb begins at the trial with the highest SQNR.
  void startAtBest() { top = getBest(); }
  /// Go along one coordinate for as long as that gains.
  LogicalResult climb(int Place::*coordinate, int step);
  /// The most usual one of the first trials that may be the best, or the best.
  size_t choose() const;

  ClipWeightSearch search;

private:
  /// That `trial` has a lower SQNR than the best one is more than chance.
  bool isWorse(const ClipWeightTrial &trial, const ClipWeightTrial &best) const;
  double getSQNR(size_t trial) const { return search.trials[trial].sqnr; }
  /// The first trial with the highest SQNR.
  size_t getBest() const;

  function_ref<FailureOr<OutputSums>(ClipWeights)> measure;
  /// Of the first trials.
  SmallVector<Place> places;
  /// Where the climb is.
  size_t top = 0;
};
} // namespace

LogicalResult Searcher::tryPlace(Place place) {
  if (llvm::is_contained(places, place) || places.size() == kMostPairs)
    return success();
  places.push_back(place);
  return tryWeights({kLevels[place.summed], kLevels[place.others]});
}

LogicalResult Searcher::tryWeights(ClipWeights weights) {
  FailureOr<OutputSums> sums = measure(weights);
  if (failed(sums))
    return failure();
  search.trials.push_back({weights, std::move(*sums)});
  ClipWeightTrial &trial = search.trials.back();
  trial.sqnr = trial.sums.getSQNR();
  return success();
}

LogicalResult Searcher::climb(int Place::*coordinate, int step) {
  for (;;) {
    Place place = places[top];
    place.*coordinate += step;
    if (place.*coordinate < 0 || place.*coordinate >= int(kLevels.size()))
      return success();
    if (failed(tryPlace(place)))
      return failure();
    auto found = llvm::find(places, place);
    if (found == places.end())
      return success();
    size_t index = found - places.begin();
    if (!(getSQNR(index) > getSQNR(top) + kLeastGain))
      return success();
    top = index;
  }
}

bool Searcher::isWorse(const ClipWeightTrial &trial,
                       const ClipWeightTrial &best) const {
  return trial.sqnr < best.sqnr &&
         best.sqnr - trial.sqnr >
             kByChance * best.sums.getDeviation(trial.sums);
}

size_t Searcher::getBest() const {
  size_t best = 0;
  for (size_t i = 1; i < search.trials.size(); ++i)
    if (getSQNR(i) > getSQNR(best))
      best = i;
  return best;
}

size_t Searcher::choose() const {
  size_t best = getBest();
  SmallVector<size_t> first;
  llvm::append_range(first, llvm::seq<size_t>(0, kFirst.size()));
  auto countSteps = [](size_t trial) {
    const Place &place = kFirst[trial];
    return std::abs(place.summed - kUsual.summed) +
           std::abs(place.others - kUsual.others);
  };
  llvm::stable_sort(first, [&](size_t lhs, size_t rhs) {
    return countSteps(lhs) < countSteps(rhs);
  });
  for (size_t trial : first)
    if (!isWorse(search.trials[trial], search.trials[best]))
      return trial;
  return best;
}

FailureOr<ClipWeightSearch> mlir::npir::searchClipWeights(
    function_ref<FailureOr<OutputSums>(ClipWeights)> measure) {
  Searcher searcher(measure);
  if (failed(searcher.tryPlace(kUsual)))
    return failure();
  // No trial is better where there is no noise.
  if (searcher.search.trials.front().sqnr ==
      std::numeric_limits<double>::infinity())
    return std::move(searcher.search);
  for (Place place : kFirst)
    if (failed(searcher.tryPlace(place)))
      return failure();
  searcher.startAtBest();
  for (int Place::*coordinate : {&Place::summed, &Place::others})
    for (int step : {1, -1})
      if (failed(searcher.climb(coordinate, step)))
        return failure();
  for (double share : kShares)
    if (failed(searcher.tryWeights({kLevels.back(), kLevels.back(), share})))
      return failure();
  searcher.search.chosen = searcher.choose();
  return std::move(searcher.search);
}
