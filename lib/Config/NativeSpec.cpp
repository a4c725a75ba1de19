// This file implements the reading of one spec of NPIR's own config format.
#include "ObserverReader.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

using llvm::failure;
using llvm::LogicalResult;
using llvm::success;

namespace mlir::npir {

static const Keyword<QuantScheme> kSchemes[] = {
    {"symmetric", QuantScheme::Symmetric}, {"affine", QuantScheme::Affine}};

static const Keyword<QuantGranularity> kGranularities[] = {
    {"per_tensor", QuantGranularity::PerTensor},
    {"per_channel", QuantGranularity::PerChannel},
    {"per_group", QuantGranularity::PerGroup},
    {"per_row", QuantGranularity::PerRow}};

static const Keyword<QuantInputs> kInputs[] = {
    {"configured", QuantInputs::Configured},
    {"dynamic", QuantInputs::Dynamic},
    {"float", QuantInputs::Float}};

static LogicalResult readGranularity(ConfigReader &reader, const YamlEntry &key,
                                     QuantRole role, SpecPatch &patch) {
  if (failed(reader.readKeyword<QuantGranularity>(key, kGranularities,
                                                  patch.granularity.emplace())))
    return failure();
  if (role == QuantRole::Activation &&
      patch.granularity == QuantGranularity::PerGroup)
    return reader.error(key.value->mark,
                        "'per_group' is for weights, expected per_tensor, "
                        "per_channel or per_row for activations");
  if (role == QuantRole::Weight &&
      patch.granularity == QuantGranularity::PerRow)
    return reader.error(key.value->mark,
                        "'per_row' is for activations, expected per_tensor, "
                        "per_channel or per_group for weights");
  return success();
}

/// `dynamic: true` says the same as `granularity: per_row`; `false` takes it
/// back.
static LogicalResult readDynamic(ConfigReader &reader, const YamlNode &node,
                                 const YamlEntry &key, SpecPatch &patch) {
  bool isDynamic;
  if (failed(reader.readBool(key, isDynamic)))
    return failure();
  if (node.find("granularity"))
    return reader.error(key.value->mark,
                        "expected 'dynamic' or 'granularity', got both; "
                        "'dynamic: true' is 'granularity: per_row'");
  patch.granularity =
      isDynamic ? QuantGranularity::PerRow : QuantGranularity::PerTensor;
  return success();
}

static LogicalResult readGroupSize(ConfigReader &reader, const YamlEntry &key,
                                   SpecPatch &patch) {
  constexpr unsigned step = SpecConfig::kLeastGroup;
  int64_t size;
  if (failed(reader.readInteger(key, step, SpecConfig::kGreatestGroup, size)))
    return failure();
  if (size % step != 0)
    return reader.error(key.value->mark,
                        "expected 'group_size' to be a multiple of " +
                            llvm::Twine(step) + ", got " + llvm::Twine(size));
  patch.groupSize = unsigned(size);
  return success();
}

/// What no key can see alone. `marks` are the places of the keys' values.
static LogicalResult
checkSpec(ConfigReader &reader, const SpecPatch &patch,
          llvm::function_ref<YamlMark(llvm::StringRef)> markOf) {
  if (patch.narrow.value_or(false) && !patch.isSigned.value_or(true))
    return reader.error(markOf("narrow"),
                        "'narrow' leaves out the most negative integer, which "
                        "'signed: false' does not have");
  if (patch.groupSize && patch.granularity &&
      *patch.granularity != QuantGranularity::PerGroup)
    return reader.error(markOf("group_size"),
                        "'group_size' needs 'granularity: per_group'");
  if (patch.observer.kind == ObserverParams::Kind::KL &&
      patch.scheme == QuantScheme::Affine)
    return reader.error(markOf("observer"),
                        "observer 'kl' needs 'scheme: symmetric', got affine");
  return success();
}

LogicalResult readSpec(ConfigReader &reader, const YamlEntry &entry,
                       SpecPatch &patch) {
  const YamlNode &node = *entry.value;
  if (node.isScalar() && node.scalar == "none") {
    patch = SpecPatch::none();
    return success();
  }
  if (!node.isMap())
    return reader.error(node.isNull() ? entry.mark : node.mark,
                        "expected '" + entry.key +
                            "' to be none or a map of spec keys");
  bool isWeight = entry.key == "weight";
  QuantRole role = isWeight ? QuantRole::Weight : QuantRole::Activation;
  if (failed(reader.checkMap(node,
                             isWeight ? "a weight spec" : "an activation spec",
                             getConfigKeys(entry.key))))
    return failure();

  for (const YamlEntry &key : node.entries) {
    LogicalResult result = success();
    if (key.key == "bits")
      result = reader.readBits(key, patch.bits);
    else if (key.key == "signed")
      result = reader.readBool(key, patch.isSigned.emplace());
    else if (key.key == "scheme")
      result = reader.readKeyword<QuantScheme>(key, kSchemes,
                                               patch.scheme.emplace());
    else if (key.key == "granularity")
      result = readGranularity(reader, key, role, patch);
    else if (key.key == "dynamic")
      result = readDynamic(reader, node, key, patch);
    else if (key.key == "group_size")
      result = readGroupSize(reader, key, patch);
    else if (key.key == "inputs")
      result =
          reader.readKeyword<QuantInputs>(key, kInputs, patch.inputs.emplace());
    else if (key.key == "observer")
      result = readObserver(reader, key, role, patch.observer);
    else if (key.key == "narrow")
      result = reader.readBool(key, patch.narrow.emplace());
    else
      result = reader.readBool(key, patch.profile.emplace());
    if (failed(result))
      return failure();
  }
  return checkSpec(reader, patch,
                   [&](llvm::StringRef key) { return node.find(key)->mark; });
}

} // namespace mlir::npir
