// This file implements the reading of an observer and its parameters.
#include "ObserverReader.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVectorExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/MathExtras.h"

using llvm::failure;
using llvm::LogicalResult;
using llvm::StringRef;
using llvm::success;

namespace mlir::npir {

LogicalResult readObserverKind(ConfigReader &reader, const YamlEntry &entry,
                               StringRef ObserverName::*spelling,
                               std::optional<ObserverParams::Kind> &result) {
  llvm::SmallVector<Keyword<ObserverParams::Kind>> keywords;
  for (const ObserverName &name : getObserverNames())
    keywords.push_back({name.*spelling, name.kind});
  return reader.readKeyword<ObserverParams::Kind>(entry, keywords,
                                                  result.emplace());
}

LogicalResult readAlpha(ConfigReader &reader, const YamlEntry &entry,
                        std::optional<double> &result) {
  return reader.readReal(entry, ObserverParams::kLeastAlpha,
                         ObserverParams::kGreatestAlpha, result.emplace());
}

LogicalResult readSigma(ConfigReader &reader, const YamlEntry &entry,
                        std::optional<double> &result) {
  return reader.readReal(entry, 0.0, 1.0, result.emplace());
}

static LogicalResult readBins(ConfigReader &reader, const YamlEntry &entry,
                              std::optional<unsigned> &result) {
  int64_t bins;
  if (failed(reader.readInteger(entry, ObserverParams::kLeastBins,
                                ObserverParams::kGreatestBins, bins)))
    return failure();
  if (!llvm::isPowerOf2_64(uint64_t(bins)))
    return reader.error(entry.value->mark,
                        "expected '" + entry.key +
                            "' to be a power of two (512, 1024, 2048, 4096 or "
                            "8192), got " +
                            llvm::Twine(bins));
  result = unsigned(bins);
  return success();
}

/// The error for parameters that the observer does not have.
static LogicalResult checkParameters(ConfigReader &reader, const YamlNode &map,
                                     ObserverParams::Kind kind) {
  const ObserverName &name = lookupObserver(kind);
  llvm::SmallVector<StringRef> valid =
      llvm::map_to_vector(name.parameters, getSpecKeyName);
  for (const YamlEntry &key : map.entries)
    if (key.key != "type" && !llvm::is_contained(valid, key.key))
      return reader.error(
          key.mark,
          "observer '" + name.native + "' has no '" + key.key + "', " +
              (valid.empty()
                   ? "nor any other parameter"
                   : "expected '" + llvm::join(valid, "' or '") + "'"));
  return success();
}

/// Reads the map of `type` and its parameters.
static LogicalResult readObserverMap(ConfigReader &reader, const YamlNode &map,
                                     ObserverPatch &patch,
                                     ObserverMarks &marks) {
  if (failed(reader.checkMap(map, "an observer", getConfigKeys("observer"))))
    return failure();
  for (const YamlEntry &key : map.entries) {
    LogicalResult result = success();
    if (key.key == "type") {
      marks.kind = key.value->mark;
      result = readObserverKind(reader, key, &ObserverName::native, patch.kind);
    } else if (key.key == "alpha") {
      marks.alpha = key.value->mark;
      result = readAlpha(reader, key, patch.alpha);
    } else if (key.key == "sigma") {
      marks.sigma = key.value->mark;
      result = readSigma(reader, key, patch.sigma);
    } else if (key.key == "bins") {
      result = readBins(reader, key, patch.bins);
    } else {
      result = reader.readBool(key, patch.twoSided.emplace());
    }
    if (failed(result))
      return failure();
  }
  if (!patch.kind)
    return reader.error(map.mark, "expected an observer to have 'type'");
  return checkParameters(reader, map, *patch.kind);
}

LogicalResult readObserver(ConfigReader &reader, const YamlEntry &entry,
                           QuantRole role, ObserverPatch &patch) {
  ObserverMarks marks;
  patch = ObserverPatch();
  patch.replaces = true;
  if (entry.value->isMap()) {
    if (failed(readObserverMap(reader, *entry.value, patch, marks)))
      return failure();
  } else {
    marks.kind = entry.value->mark;
    if (failed(
            readObserverKind(reader, entry, &ObserverName::native, patch.kind)))
      return failure();
  }
  ObserverParams before = SpecConfig::getDefault(role).observer;
  ObserverParams after = before;
  patch.applyTo(after);
  checkObserver(reader, patch, marks, before, after, "");
  patch.alpha = after.alpha;
  return success();
}

void checkObserver(ConfigReader &reader, const ObserverPatch &patch,
                   const ObserverMarks &marks, const ObserverParams &before,
                   const ObserverParams &after, StringRef prefix) {
  // Once, where the value or its observer is chosen.
  if (after == before)
    return;
  bool isNew = before.kind != after.kind;
  // From here on a normal distribution loses more than it gains.
  constexpr double kClipsMuch = 0.99;
  if (hasParameter(after, SpecKey::Alpha) && after.alpha < kClipsMuch &&
      (isNew || before.alpha != after.alpha))
    reader.warn(patch.alpha ? marks.alpha : marks.kind,
                "'" + prefix + "alpha' " + formatReal(after.alpha) + " clips " +
                    formatReal(100.0 * (1.0 - after.alpha)) +
                    " % of the values on each side; recommended are 0.9995 for "
                    "activations and 0.999 for weights");
  if (hasParameter(after, SpecKey::Sigma) && after.sigma == 0.0 &&
      (isNew || before.sigma != after.sigma))
    reader.warn(patch.sigma ? marks.sigma : marks.kind,
                "'" + prefix +
                    "sigma' 0 keeps the range of the first batch and "
                    "ignores all others; leave it out to take all batches "
                    "together");
}

} // namespace mlir::npir
