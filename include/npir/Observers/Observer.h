// This file declares observers: how a range, and from it scale and zero point,
// is derived from the statistics of a tensor.
#ifndef NPIR_OBSERVERS_OBSERVER_H
#define NPIR_OBSERVERS_OBSERVER_H

#include "npir/Observers/TensorStatistics.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"
#include <optional>

namespace mlir::npir {

/// Names a method and holds its parameters. A plain value: compare and copy.
struct ObserverParams {
  enum class Kind {
    /// The range is the smallest and the largest finite value.
    MinMax,
  };
  Kind kind = Kind::MinMax;

  bool operator==(const ObserverParams &other) const {
    return kind == other.kind;
  }
  bool operator!=(const ObserverParams &other) const {
    return !(*this == other);
  }
};

/// The range of the whole tensor. (0, 0) where nothing finite was observed;
/// ask `statistics.isObserved()` first and report it.
RealRange deriveRange(const TensorStatistics &statistics,
                      const ObserverParams &params);

/// The range of every recorded channel, (0, 0) for a channel without a finite
/// value. Empty where channels were not recorded.
llvm::SmallVector<RealRange>
deriveChannelRanges(const TensorStatistics &statistics,
                    const ObserverParams &params);

/// An observer as an object, for use without IR:
///   Observer observer(ObserverParams(), {8, true, false}, Affine);
///   observer.update(batch);  // as often as there are batches
///   Expected<QuantParams> params = observer.getQuantizationParams();
class Observer {
public:
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
  ObserverParams params;
  IntegerGrid grid;
  QuantScheme scheme;
  TensorStatistics statistics;
};

} // namespace mlir::npir

#endif // NPIR_OBSERVERS_OBSERVER_H
