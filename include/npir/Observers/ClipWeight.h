// This file declares ranges that are chosen with an eye on the network behind
// the tensor: what they cut off counts more than what they round.
#ifndef NPIR_OBSERVERS_CLIPWEIGHT_H
#define NPIR_OBSERVERS_CLIPWEIGHT_H

#include "npir/Observers/Observer.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include <limits>

namespace mlir::npir {

/// No limits.
constexpr RealRange kAllValues{-std::numeric_limits<double>::infinity(),
                               std::numeric_limits<double>::infinity()};

/// The values that a function tells apart: `function` changes by no more than
/// `tolerance` beyond either end of the range, up to that end of `extrema`.
/// It holds zero.
RealRange getSteepRange(llvm::function_ref<double(double)> function,
                        RealRange extrema, double tolerance);

/// What Auto thinks of values that its range cuts off.
struct ClipRule {
  /*implicit*/ ClipRule(double weight = 1.0, double share = 0.0,
                        RealRange limits = kAllValues)
      : weight(weight), share(share), limits(limits) {}

  /// How often their squared errors count, 1 or more. Infinity: nothing is cut
  /// off but `share` of the values at either end.
  double weight;
  double share;
  /// What lies beyond counts as if it were their end: nobody behind the tensor
  /// can tell it from that.
  RealRange limits;
};

/// As `explainRange`; but where `params` is Auto, the range is the one with the
/// least sum of squared errors as `rule` has them, and OMSE among its
/// candidates looks for that one, too. The default rule gives `explainRange`.
DerivedRange explainRange(const TensorStatistics &statistics,
                          const ObserverParams &params,
                          const QuantFormat &format, const ClipRule &rule);

/// As `explainChannelRanges`, likewise; without share and limits.
llvm::SmallVector<DerivedRange>
explainChannelRanges(const TensorStatistics &statistics,
                     const ObserverParams &params, const QuantFormat &format,
                     double clipWeight);

} // namespace mlir::npir

#endif // NPIR_OBSERVERS_CLIPWEIGHT_H
