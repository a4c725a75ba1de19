// This file holds the table of observers.
#include "ObserverNames.h"
#include "llvm/ADT/STLExtras.h"

namespace mlir::npir {

llvm::ArrayRef<ObserverName> getObserverNames() {
  using Kind = ObserverParams::Kind;
  static const SpecKey ema[] = {SpecKey::Sigma};
  static const SpecKey percentile[] = {SpecKey::Alpha, SpecKey::Sigma};
  static const SpecKey omse[] = {SpecKey::TwoSided};
  static const SpecKey kl[] = {SpecKey::Bins};
  static const ObserverName names[] = {
      {Kind::MinMax, "minmax", "MinmaxObserver", {}},
      {Kind::EMA, "ema", "EmaObserver", ema},
      {Kind::Percentile, "percentile", "PercentileObserver", percentile},
      {Kind::OMSE, "omse", "OmseObserver", omse},
      {Kind::KL, "kl", "KLObserver", kl},
      {Kind::Auto, "auto", "AutoObserver", {}},
  };
  return names;
}

const ObserverName &lookupObserver(ObserverParams::Kind kind) {
  return *llvm::find_if(getObserverNames(), [&](const ObserverName &name) {
    return name.kind == kind;
  });
}

bool isObserverParameter(SpecKey key) {
  return llvm::any_of(getObserverNames(), [&](const ObserverName &name) {
    return llvm::is_contained(name.parameters, key);
  });
}

bool hasParameter(const ObserverParams &params, SpecKey key) {
  return llvm::is_contained(lookupObserver(params.kind).parameters, key);
}

} // namespace mlir::npir
