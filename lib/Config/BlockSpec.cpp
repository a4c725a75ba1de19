// This file implements the reading of one spec of a ViT block's or a linear
// layer's config.
#include "BlockSpec.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/MathExtras.h"

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

bool isProfilerKey(StringRef key) {
  return key == "enable_profiler" || key == "enable_profiling";
}

LogicalResult readProfile(ConfigReader &reader, const YamlEntry &entry,
                          std::optional<bool> &profile) {
  bool value;
  if (failed(reader.readBool(entry, value)))
    return failure();
  if (profile && *profile != value)
    return reader.error(entry.value->mark,
                        llvm::Twine("'enable_profiler' and 'enable_profiling' "
                                    "are two names of one key, got ") +
                            (value ? "false and true" : "true and false"));
  profile = value;
  return success();
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
  if (failed(reader.checkMap(*map, "a bit_type", getConfigKeys("bit_type"))))
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

/// Reads `kl_bins` or `kv_bins`, two names of one key. `given` is what the
/// other one said.
static LogicalResult readBins(ConfigReader &reader, const YamlEntry &key,
                              std::optional<int64_t> &given,
                              std::optional<unsigned> &result) {
  int64_t value;
  if (failed(reader.readInteger(key, ObserverParams::kLeastBins,
                                ObserverParams::kGreatestBins, value)))
    return failure();
  if (given && *given != value)
    return reader.error(key.value->mark,
                        "'kl_bins' and 'kv_bins' are two names of one key, "
                        "got " +
                            llvm::Twine(*given) + " and " + llvm::Twine(value));
  bool isNew = !given;
  given = value;
  result = unsigned(llvm::PowerOf2Ceil(uint64_t(value)));
  if (isNew && *result != value)
    reader.remark(key.value->mark, "'" + key.key + "' " + llvm::Twine(value) +
                                       " is rounded up to a power of two, " +
                                       llvm::Twine(*result));
  return success();
}

LogicalResult readBlockSpec(ConfigReader &reader, const YamlEntry &entry,
                            BlockSpec &spec) {
  std::optional<YamlNode> map = withoutElisions(reader, *entry.value);
  if (!map || map->isNull())
    return success();
  if (failed(
          reader.checkMap(*map, "'" + entry.key + "'", getConfigKeys("entry"))))
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
      result = readAlpha(reader, key, observer.alpha);
    } else if (key.key == "percentile_sigma") {
      marks.sigma = key.value->mark;
      result = readSigma(reader, key, observer.sigma);
    } else if (key.key == "quantization_method") {
      spec.schemeMark = key.value->mark;
      result = reader.readKeyword<QuantScheme>(key, kMethods,
                                               spec.patch.scheme.emplace());
    } else if (key.key == "calibration_mode") {
      result = reader.readKeyword<QuantGranularity>(
          key, kModes, spec.patch.granularity.emplace());
    } else if (isProfilerKey(key.key)) {
      result = readProfile(reader, key, spec.patch.profile);
    } else if (key.key == "module_type") {
      bool ignored;
      result = reader.readKeyword<bool>(key, kModuleTypes, ignored);
    } else {
      result = readBins(reader, key, bins, observer.bins);
    }
    if (failed(result))
      return failure();
  }

  // Last, so that mistakes in the observer's parameters are told first.
  if (!observerType)
    return success();
  marks.kind = observerType->value->mark;
  return readObserverKind(reader, *observerType, &ObserverName::block,
                          observer.kind);
}

LogicalResult checkBlockSpec(ConfigReader &reader, const BlockSpec &spec,
                             const SpecConfig &before,
                             const SpecConfig &effective) {
  if (effective.isContradictory() && !before.isContradictory())
    return reader.error(
        spec.patch.observer.kind ? spec.observerMarks.kind : spec.schemeMark,
        "KLObserver needs 'quantization_method: Uniform', got "
        "Affine" +
            llvm::StringRef(spec.patch.scheme ? ""
                                              : " from what this overrides"));
  checkObserver(reader, spec.patch.observer, spec.observerMarks,
                before.observer, effective.observer, "percentile_");
  if (spec.label.empty())
    return success();
  std::string expected =
      (effective.isSigned ? "int" : "uint") + std::to_string(effective.bits);
  if (spec.label != expected)
    reader.warn(spec.labelMark, "the name '" + spec.label +
                                    "' disagrees with bits and signed, which "
                                    "decide: " +
                                    expected);
  return success();
}

} // namespace mlir::npir
