// This file declares observers: how a range, and from it scale and zero point,
// is derived from the statistics of a tensor.
#ifndef NPIR_OBSERVERS_OBSERVER_H
#define NPIR_OBSERVERS_OBSERVER_H

#include "npir/Observers/TensorStatistics.h"
#include "npir/Support/ParallelFor.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"
#include <optional>

namespace mlir::npir {

/// Names a method and holds its parameters. A plain value: compare and copy.
struct ObserverParams {
  enum class Kind {
    /// The range is the smallest and the largest finite value.
    MinMax,
    /// The moving average, over batches, of their smallest and largest values.
    EMA,
    /// The range leaves out the share 1 - alpha of the values on each side.
    /// That of values which are nearly all zero, so that both ends would be,
    /// is that of their extrema.
    Percentile,
    /// The range, of 100 shrunk copies of that of the extrema, with the least
    /// mean squared error of the deployed quantizer.
    OMSE,
    /// The threshold with the least Kullback-Leibler divergence between the
    /// distributions of |x| before and behind. Symmetric formats only.
    KL,
    /// Of the ranges that all of the others find, with their default
    /// parameters, the one with the least mean squared error.
    Auto,
  };
  /// Bounds of alpha.
  static constexpr double kLeastAlpha = 0.9;
  static constexpr double kGreatestAlpha = 0.99999;
  /// What alpha is where nothing else is said.
  static constexpr double kWeightAlpha = 0.999;
  static constexpr double kActivationAlpha = 0.9995;
  /// What sigma of EMA is where nothing else is said.
  static constexpr double kEMASigma = 0.01;
  /// Bounds of bins, and what they are where nothing else is said.
  static constexpr unsigned kLeastBins = 512;
  static constexpr unsigned kGreatestBins = 8192;
  static constexpr unsigned kDefaultBins = 2048;

  Kind kind = Kind::MinMax;
  /// Of Percentile.
  double alpha = kActivationAlpha;
  /// Of Percentile and EMA, 0 to 1: the range starts as the first batch's and
  /// moves by this share of the way to that of each further batch, in the
  /// order of the data set. Absent: of Percentile, those of all batches
  /// together; of EMA, kEMASigma.
  std::optional<double> sigma;
  /// Of KL: bins of |x| in use at least, a power of two.
  unsigned bins = kDefaultBins;
  /// Of OMSE, in an affine format: look for both ends apart, starting from the
  /// best copy that is shrunk as a whole.
  bool twoSided = true;

  /// Sigma of EMA.
  double emaSigma() const { return sigma.value_or(kEMASigma); }

  /// Parameters that the method does not have are not compared.
  bool operator==(const ObserverParams &other) const {
    if (kind != other.kind)
      return false;
    switch (kind) {
    case Kind::MinMax:
    case Kind::Auto:
      return true;
    case Kind::EMA:
      return emaSigma() == other.emaSigma();
    case Kind::Percentile:
      return alpha == other.alpha && sigma == other.sigma;
    case Kind::OMSE:
      return twoSided == other.twoSided;
    case Kind::KL:
      return bins == other.bins;
    }
    return false;
  }
  bool operator!=(const ObserverParams &other) const {
    return !(*this == other);
  }
};

/// A range, and how it was found.
struct DerivedRange {
  RealRange range;
  /// `params.kind`, or the one that Auto chose.
  ObserverParams::Kind winner = ObserverParams::Kind::MinMax;
  /// OMSE: k of the best copy, which is k/100 of the range of the extrema; with
  /// `twoSided`, before its ends were moved apart. KL: the bins of |x| up to
  /// the threshold. Else 0.
  unsigned candidate = 0;
};

/// What `params` needs of statistics and these do not hold, as `a histogram`;
/// empty: nothing. `channels`: for `deriveChannelRanges`.
llvm::StringRef getMissing(const TensorStatistics &statistics,
                           const ObserverParams &params, bool channels);

/// The range of the whole tensor. (0, 0) where nothing finite was observed;
/// ask `statistics.isObserved()` first and report it. Nothing may be missing.
/// - EMA: exact, in the order of the batches in the data set.
/// - Percentile: that of the histogram, off by at most a bin's width (2^-13 of
///   the largest value); with sigma, those of the batches' tails.
/// - OMSE: by the histogram, as `estimateError` computes errors.
/// - KL: of as many bins as asked for, exact. In an affine format the threshold
///   cuts the range of the extrema.
/// - Auto: every other observer with its default parameters, but for KL with as
///   many bins as there are values for, and not in affine formats. The least
///   `estimateError` wins; of equal ones the earlier in ObserverParams::Kind.
RealRange deriveRange(const TensorStatistics &statistics,
                      const ObserverParams &params, const QuantFormat &format);
/// The same, with how it was found.
DerivedRange explainRange(const TensorStatistics &statistics,
                          const ObserverParams &params,
                          const QuantFormat &format);

/// The range of every recorded channel, (0, 0) for a channel without a finite
/// value. Empty where channels were not recorded. Nothing may be missing.
/// There are no batches of channels: of EMA it is the range of the extrema, and
/// percentiles are those of all batches together, whatever sigma says, off by
/// at most 2^-9 of the channel's largest value. KL has 512 bins. A channel of
/// too few values for alpha, or for KL, takes its extrema.
llvm::SmallVector<RealRange>
deriveChannelRanges(const TensorStatistics &statistics,
                    const ObserverParams &params, const QuantFormat &format);
llvm::SmallVector<DerivedRange>
explainChannelRanges(const TensorStatistics &statistics,
                     const ObserverParams &params, const QuantFormat &format);

/// Channels with fewer than 4 values beyond each percentile, or fewer than 10
/// for each of the bins of KL: too few to say where they are.
size_t countChannelsOfFewValues(const TensorStatistics &statistics,
                                const ObserverParams &params);

/// The exact range of each channel of `view` from the values themselves, as a
/// constant has them. None for a channel without a finite value. A constant is
/// one batch, so EMA is MinMax; percentiles are by linear interpolation between
/// neighbours (type 7), OMSE and Auto by the error of each value, KL as from
/// statistics. Linear time, times 100 for OMSE and 500 where it is two-sided.
/// Channels are shared out by `parallelFor`, on which no result depends.
llvm::SmallVector<std::optional<RealRange>>
deriveExactRanges(const float *data, ChannelView view,
                  const ObserverParams &params, const QuantFormat &format,
                  ParallelFor parallelFor = serialFor);
llvm::SmallVector<std::optional<DerivedRange>>
explainExactRanges(const float *data, ChannelView view,
                   const ObserverParams &params, const QuantFormat &format,
                   ParallelFor parallelFor = serialFor);

/// The same for groups: the values of a channel, in the order of memory, are
/// cut into runs of `groupSize`, 1 or more, the last of which may be shorter.
/// The ranges of the first channel's groups come first.
llvm::SmallVector<std::optional<RealRange>>
deriveGroupRanges(const float *data, ChannelView view, size_t groupSize,
                  const ObserverParams &params, const QuantFormat &format,
                  ParallelFor parallelFor = serialFor);

/// An observer as an object, for use without IR:
///   Observer observer(ObserverParams(), {8, true, false}, Affine);
///   observer.update(batch);  // as often as there are batches
///   Expected<QuantParams> params = observer.getQuantizationParams();
/// EMA and percentiles with sigma are exact, since it sees every batch whole.
/// The others are as long as there are few values, which it keeps; from more
/// than kKeptValues it is their statistics that count.
class Observer {
public:
  /// So many values are kept, 4 MiB, if their views differ in `outer` only.
  static constexpr size_t kKeptValues = size_t(1) << 20;

  Observer(ObserverParams params, IntegerGrid grid, QuantScheme scheme)
      : params(params), grid(grid), scheme(scheme) {}

  /// Adds one batch.
  void update(llvm::ArrayRef<float> values);
  /// Adds one batch and records channels: needed for channel parameters.
  void update(llvm::ArrayRef<float> values, ChannelView view);

  /// Scale and zero point. An error before any finite value was seen.
  llvm::Expected<QuantParams> getQuantizationParams() const;
  /// One entry per channel. An error before any finite value was seen, or when
  /// an update came without channels.
  llvm::Expected<llvm::SmallVector<QuantParams>>
  getChannelQuantizationParams() const;

  /// Smallest and largest finite value seen; none before there is one.
  std::optional<float> minVal() const;
  std::optional<float> maxVal() const;
  /// Bounds of the integers.
  int64_t lowerBound() const { return grid.qmin(); }
  int64_t upperBound() const { return grid.qmax(); }
  const TensorStatistics &getStatistics() const { return statistics; }

private:
  /// Moves `averages` on by a batch.
  void average(const float *data, ChannelView view,
               llvm::SmallVectorImpl<std::optional<RealRange>> &averages) const;
  /// Keeps the values of a batch, or none any more.
  void keep(llvm::ArrayRef<float> values, ChannelView view);
  /// The range is an average over batches.
  bool isAverage() const;
  /// The share by which it moves.
  double getSigma() const;

  ObserverParams params;
  IntegerGrid grid;
  QuantScheme scheme;
  TensorStatistics statistics;
  uint64_t updates = 0;
  /// Of averages: the ranges so far, of the tensor and of its channels.
  llvm::SmallVector<std::optional<RealRange>> tensorAverage;
  llvm::SmallVector<std::optional<RealRange>> channelAverages;
  /// The values so far, and their view; none: there were too many.
  std::vector<float> kept;
  std::optional<ChannelView> keptView = ChannelView{0, 1, 1};
};

} // namespace mlir::npir

#endif // NPIR_OBSERVERS_OBSERVER_H
