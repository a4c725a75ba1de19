// This file implements the reading of one spec of a ViT block's or a linear
// layer's config.
#include "BlockSpec.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

using llvm::failure;
using llvm::LogicalResult;
using llvm::StringRef;
using llvm::success;

namespace mlir::npir {

static const Keyword<QuantScheme> kMethods[] = {
    {"Uniform", QuantScheme::Symmetric}, {"Affine", QuantScheme::Affine}};

static const Keyword<QuantGranularity> kModes[] = {
    {"layer_wise", QuantGranularity::PerTensor},
    {"channel_wise", QuantGranularity::PerChannel}};

/// The section decides what a tensor is; the key is only checked.
static const Keyword<bool> kModuleTypes[] = {
    {"activation", false}, {"conv_weight", true}, {"linear_weight", true}};

llvm::ArrayRef<StringRef> getBlockSpecKeys() {
  static const StringRef keys[] = {
      "bit_type",         "observer_type",    "quantization_method",
      "calibration_mode", "module_type",      "percentile_alpha",
      "percentile_sigma", "kl_bins",          "kv_bins",
      "enable_profiler",  "enable_profiling",
  };
  return keys;
}

bool isProfilerKey(StringRef key) {
  return key == "enable_profiler" || key == "enable_profiling";
}

std::optional<YamlNode> withoutElisions(ConfigReader &reader,
                                        const YamlNode &node) {
  auto tell = [&](YamlMark mark) {
    reader.remark(mark, "'...' is read as left out: the default holds");
  };
  if (node.isScalar() && node.scalar == "...") {
    tell(node.mark);
    return std::nullopt;
  }
  YamlNode result = node;
  llvm::erase_if(result.entries, [&](const YamlEntry &entry) {
    if (entry.key != "...")
      return false;
    tell(entry.mark);
    return true;
  });
  return result;
}

static LogicalResult readBitType(ConfigReader &reader, const YamlEntry &entry,
                                 BlockSpec &spec) {
  std::optional<YamlNode> map = withoutElisions(reader, *entry.value);
  if (!map || map->isNull())
    return success();
  static const StringRef keys[] = {"bits", "signed", "name"};
  if (failed(reader.checkMap(*map, "a bit_type", keys)))
    return failure();
  for (const YamlEntry &key : map->entries) {
    LogicalResult result = success();
    if (key.key == "bits") {
      result = reader.readBits(key, spec.patch.bits);
    } else if (key.key == "signed") {
      result = reader.readBool(key, spec.patch.isSigned.emplace());
    } else {
      spec.labelMark = key.value->mark;
      result = reader.readText(key, spec.label);
    }
    if (failed(result))
      return failure();
  }
  return success();
}

/// Reads a key whose value decides nothing yet, to find mistakes in it.
static LogicalResult checkValue(ConfigReader &reader, const YamlEntry &key,
                                std::optional<int64_t> &bins) {
  bool ignored;
  if (key.key == "module_type")
    return reader.readKeyword<bool>(key, kModuleTypes, ignored);
  if (isProfilerKey(key.key))
    return reader.readBool(key, ignored);

  // kl_bins or kv_bins, two names of one key.
  int64_t value;
  if (failed(reader.readInteger(key, 512, 8192, value)))
    return failure();
  if (bins && *bins != value)
    return reader.error(key.value->mark,
                        "'kl_bins' and 'kv_bins' are two names of one key, "
                        "got " +
                            llvm::Twine(*bins) + " and " + llvm::Twine(value));
  bins = value;
  return success();
}

LogicalResult readBlockSpec(ConfigReader &reader, const YamlEntry &entry,
                            BlockSpec &spec) {
  std::optional<YamlNode> map = withoutElisions(reader, *entry.value);
  if (!map || map->isNull())
    return success();
  if (failed(reader.checkMap(*map, "'" + entry.key + "'", getBlockSpecKeys())))
    return failure();

  ObserverPatch &observer = spec.patch.observer;
  ObserverMarks &marks = spec.observerMarks;
  const YamlEntry *observerType = nullptr;
  std::optional<int64_t> bins;
  for (const YamlEntry &key : map->entries) {
    LogicalResult result = success();
    if (key.key == "bit_type") {
      result = readBitType(reader, key, spec);
    } else if (key.key == "observer_type") {
      observerType = &key;
    } else if (key.key == "percentile_alpha") {
      marks.alpha = key.value->mark;
      result = reader.readAlpha(key, observer.alpha);
    } else if (key.key == "percentile_sigma") {
      marks.sigma = key.value->mark;
      result = reader.readSigma(key, observer.sigma);
    } else if (key.key == "quantization_method") {
      spec.schemeMark = key.value->mark;
      result = reader.readKeyword<QuantScheme>(key, kMethods,
                                               spec.patch.scheme.emplace());
    } else if (key.key == "calibration_mode") {
      result = reader.readKeyword<QuantGranularity>(
          key, kModes, spec.patch.granularity.emplace());
    } else {
      result = checkValue(reader, key, bins);
    }
    if (failed(result))
      return failure();
  }

  // Last, so that mistakes in the observer's parameters are told first.
  if (!observerType)
    return success();
  marks.kind = observerType->value->mark;
  return reader.readObserverKind(*observerType, &ObserverName::block,
                                 observer.kind);
}

void checkBlockSpec(ConfigReader &reader, const BlockSpec &spec,
                    const SpecConfig &before, const SpecConfig &effective) {
  reader.checkPercentile(spec.patch.observer, spec.observerMarks,
                         before.observer, effective.observer, "percentile_");
  if (spec.label.empty())
    return;
  std::string expected =
      (effective.isSigned ? "int" : "uint") + std::to_string(effective.bits);
  if (spec.label != expected)
    reader.warn(spec.labelMark, "the name '" + spec.label +
                                    "' disagrees with bits and signed, which "
                                    "decide: " +
                                    expected);
}

} // namespace mlir::npir
