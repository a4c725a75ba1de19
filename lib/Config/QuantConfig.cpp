// This file implements the config's structs.
#include "npir/Config/QuantConfig.h"
#include "llvm/ADT/Twine.h"

namespace mlir::npir {

std::string ConfigLocation::str() const {
  if (line == 0)
    return file;
  return file + ":" + std::to_string(line) + ":" + std::to_string(column);
}

std::string ConfigMessage::str() const { return loc.str() + ": " + text; }

bool SpecConfig::operator==(const SpecConfig &other) const {
  if (!enabled || !other.enabled)
    return enabled == other.enabled;
  return bits == other.bits && isSigned == other.isSigned &&
         narrow == other.narrow && scheme == other.scheme &&
         granularity == other.granularity && observer == other.observer;
}

SpecConfig SpecConfig::getDefault(QuantRole role) {
  SpecConfig spec;
  if (role == QuantRole::Weight) {
    spec.narrow = true;
    spec.scheme = QuantScheme::Symmetric;
    spec.granularity = QuantGranularity::PerChannel;
    spec.observer.alpha = ObserverParams::kWeightAlpha;
  }
  return spec;
}

void ObserverPatch::applyTo(ObserverParams &observer) const {
  observer.kind = kind.value_or(observer.kind);
  observer.alpha = alpha.value_or(observer.alpha);
  if (sigma || replaces)
    observer.sigma = sigma;
}

SpecPatch SpecPatch::none() {
  SpecPatch patch;
  patch.enabled = false;
  return patch;
}

bool SpecPatch::empty() const {
  return !enabled && !bits && !isSigned && !narrow && !scheme && !granularity &&
         observer.empty();
}

void SpecPatch::applyTo(SpecConfig &spec) const {
  if (empty())
    return;
  spec.enabled = enabled.value_or(true);
  spec.bits = bits.value_or(spec.bits);
  spec.isSigned = isSigned.value_or(spec.isSigned);
  spec.narrow = narrow.value_or(spec.narrow);
  spec.scheme = scheme.value_or(spec.scheme);
  spec.granularity = granularity.value_or(spec.granularity);
  observer.applyTo(spec.observer);
}

} // namespace mlir::npir
