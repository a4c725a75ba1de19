// This file implements what Auto tries.
#include "AutoSearch.h"
#include "Divergence.h"

namespace mlir::npir {

llvm::SmallVector<ObserverParams>
getAutoParams(uint64_t values, const QuantFormat &format, double alpha) {
  using Kind = ObserverParams::Kind;
  llvm::SmallVector<ObserverParams> all;
  for (Kind kind : {Kind::MinMax, Kind::EMA, Kind::Percentile, Kind::OMSE}) {
    all.emplace_back();
    all.back().kind = kind;
    all.back().alpha = alpha;
  }
  if (format.scheme == QuantScheme::Symmetric) {
    all.emplace_back();
    all.back().kind = Kind::KL;
    all.back().bins = binsForValues(values, ObserverParams::kDefaultBins);
  }
  return all;
}

} // namespace mlir::npir
