// This file implements specs and the changes made to them.
#include "npir/Config/SpecConfig.h"
#include "ObserverNames.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

namespace mlir::npir {

llvm::StringRef getSpecKeyName(SpecKey key) {
  static const llvm::StringLiteral names[kSpecKeyCount] = {
      "quantize",    "bits",       "signed",    "narrow",   "scheme",
      "granularity", "group_size", "inputs",    "observer", "alpha",
      "sigma",       "bins",       "two_sided", "profile"};
  return names[unsigned(key)];
}

//===----------------------------------------------------------------------===//
// Specs
//===----------------------------------------------------------------------===//

bool SpecConfig::operator==(const SpecConfig &other) const {
  if (!enabled || !other.enabled)
    return enabled == other.enabled;
  return bits == other.bits && isSigned == other.isSigned &&
         narrow == other.narrow && scheme == other.scheme &&
         granularity == other.granularity &&
         (granularity != QuantGranularity::PerGroup ||
          groupSize == other.groupSize) &&
         inputs == other.inputs && observer == other.observer &&
         profile == other.profile;
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

static std::string toText(bool value) { return value ? "true" : "false"; }

std::string formatReal(double value) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%g", value);
  return text;
}

static llvm::StringRef getGranularityName(QuantGranularity granularity) {
  switch (granularity) {
  case QuantGranularity::PerTensor:
    return "per_tensor";
  case QuantGranularity::PerChannel:
    return "per_channel";
  case QuantGranularity::PerGroup:
    return "per_group";
  case QuantGranularity::PerRow:
    return "per_row";
  }
  llvm_unreachable("unknown granularity");
}

static llvm::StringRef getInputsName(QuantInputs inputs) {
  switch (inputs) {
  case QuantInputs::Configured:
    return "";
  case QuantInputs::Dynamic:
    return "dynamic";
  case QuantInputs::Float:
    return "float";
  }
  llvm_unreachable("unknown inputs");
}

std::string SpecConfig::getValue(SpecKey key) const {
  if (key == SpecKey::Enabled)
    return toText(enabled);
  if (key == SpecKey::Profile)
    return toText(profile);
  if (!enabled || (isObserverParameter(key) && !hasParameter(observer, key)) ||
      (isDynamic() && (key == SpecKey::Observer || isObserverParameter(key))))
    return "";
  switch (key) {
  case SpecKey::Bits:
    return std::to_string(bits);
  case SpecKey::Signed:
    return toText(isSigned);
  case SpecKey::Narrow:
    return toText(narrow);
  case SpecKey::Scheme:
    return scheme == QuantScheme::Affine ? "affine" : "symmetric";
  case SpecKey::Granularity:
    return getGranularityName(granularity).str();
  case SpecKey::GroupSize:
    return granularity == QuantGranularity::PerGroup ? std::to_string(groupSize)
                                                     : "";
  case SpecKey::Inputs:
    return getInputsName(inputs).str();
  case SpecKey::Observer:
    return lookupObserver(observer.kind).native.str();
  case SpecKey::Alpha:
    return formatReal(observer.alpha);
  case SpecKey::Sigma:
    if (observer.kind == ObserverParams::Kind::EMA)
      return formatReal(observer.emaSigma());
    return observer.sigma ? formatReal(*observer.sigma) : "";
  case SpecKey::Bins:
    return std::to_string(observer.bins);
  case SpecKey::TwoSided:
    return toText(observer.twoSided);
  case SpecKey::Enabled:
  case SpecKey::Profile:
    break;
  }
  llvm_unreachable("unknown key");
}

std::string SpecConfig::str() const {
  if (!enabled)
    return "float";
  std::string text = (isSigned ? "int" : "uint") + std::to_string(bits) + " " +
                     getValue(SpecKey::Scheme) + (narrow ? " narrow " : " ") +
                     getValue(SpecKey::Granularity);
  if (granularity == QuantGranularity::PerGroup)
    text += " " + std::to_string(groupSize);
  if (isDynamic())
    return text;
  text += ", " + getValue(SpecKey::Observer);
  for (SpecKey key : {SpecKey::Alpha, SpecKey::Sigma, SpecKey::Bins})
    if (std::string value = getValue(key); !value.empty())
      text += (key == SpecKey::Sigma ? " sigma " : " ") + value;
  if (observer.kind == ObserverParams::Kind::OMSE && !observer.twoSided)
    text += " one-sided";
  if (std::string value = getValue(SpecKey::Inputs); !value.empty())
    text += ", inputs " + value;
  return text;
}

//===----------------------------------------------------------------------===//
// Patches
//===----------------------------------------------------------------------===//

void ObserverPatch::applyTo(ObserverParams &observer) const {
  observer.kind = kind.value_or(observer.kind);
  observer.alpha = alpha.value_or(observer.alpha);
  ObserverParams unset;
  if (sigma || replaces)
    observer.sigma = sigma;
  observer.bins = bins.value_or(replaces ? unset.bins : observer.bins);
  observer.twoSided =
      twoSided.value_or(replaces ? unset.twoSided : observer.twoSided);
}

SpecPatch SpecPatch::none() {
  SpecPatch patch;
  patch.enabled = false;
  return patch;
}

bool SpecPatch::quantizes() const {
  return bits || isSigned || narrow || scheme || granularity || groupSize ||
         inputs || !observer.empty();
}

void SpecPatch::applyTo(SpecConfig &spec) const {
  spec.profile = profile.value_or(spec.profile);
  if (!enabled && !quantizes())
    return;
  spec.enabled = enabled.value_or(true);
  spec.bits = bits.value_or(spec.bits);
  spec.isSigned = isSigned.value_or(spec.isSigned);
  spec.narrow = narrow.value_or(spec.narrow);
  spec.scheme = scheme.value_or(spec.scheme);
  spec.granularity = granularity.value_or(spec.granularity);
  spec.groupSize = groupSize.value_or(spec.groupSize);
  spec.inputs = inputs.value_or(spec.inputs);
  observer.applyTo(spec.observer);
}

SpecKeySet SpecPatch::keys() const {
  SpecKeySet keys;
  auto add = [&](bool isSet, SpecKey key) {
    if (isSet)
      keys.insert(key);
  };
  add(enabled || quantizes(), SpecKey::Enabled);
  add(bits.has_value(), SpecKey::Bits);
  add(isSigned.has_value(), SpecKey::Signed);
  add(narrow.has_value(), SpecKey::Narrow);
  add(scheme.has_value(), SpecKey::Scheme);
  add(granularity.has_value(), SpecKey::Granularity);
  add(groupSize.has_value(), SpecKey::GroupSize);
  add(inputs.has_value(), SpecKey::Inputs);
  add(observer.kind.has_value(), SpecKey::Observer);
  add(observer.alpha || observer.replaces, SpecKey::Alpha);
  add(observer.sigma || observer.replaces, SpecKey::Sigma);
  add(observer.bins.has_value(), SpecKey::Bins);
  add(observer.twoSided || observer.replaces, SpecKey::TwoSided);
  add(profile.has_value(), SpecKey::Profile);
  return keys;
}

} // namespace mlir::npir
