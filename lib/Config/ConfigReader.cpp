// This file implements the messages and typed values of the config readers.
#include "ConfigReader.h"
#include "npir/Support/NearestName.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>

namespace mlir::npir {

llvm::ArrayRef<ObserverName> getObserverNames() {
  static const ObserverName names[] = {
      {"minmax", "MinmaxObserver", ObserverParams::Kind::MinMax},
      {"percentile", "PercentileObserver", ObserverParams::Kind::Percentile},
      {"omse", "OmseObserver", std::nullopt},
      {"kl", "KLObserver", std::nullopt},
  };
  return names;
}

ConfigLocation ConfigReader::locate(YamlMark mark) const {
  return {file, mark.line, mark.column};
}

llvm::LogicalResult ConfigReader::error(YamlMark mark,
                                        const llvm::Twine &text) {
  if (!firstError)
    firstError = {ConfigSeverity::Error, locate(mark), text.str()};
  return llvm::failure();
}

void ConfigReader::warn(YamlMark mark, const llvm::Twine &text) {
  messages.push_back({ConfigSeverity::Warning, locate(mark), text.str()});
}

void ConfigReader::remark(YamlMark mark, const llvm::Twine &text) {
  messages.push_back({ConfigSeverity::Remark, locate(mark), text.str()});
}

llvm::Error ConfigReader::takeError() const {
  assert(firstError && "a reader failed without an error");
  return llvm::createStringError(firstError->str());
}

llvm::LogicalResult
ConfigReader::unknown(YamlMark mark, const llvm::Twine &what,
                      llvm::StringRef name,
                      llvm::ArrayRef<llvm::StringRef> valid) {
  return error(mark, "unknown " + what + " '" + name + "'" +
                         suggestName(name, valid));
}

llvm::LogicalResult
ConfigReader::checkMap(const YamlNode &node, llvm::StringRef what,
                       llvm::ArrayRef<llvm::StringRef> keys) {
  if (!node.isMap())
    return error(node.mark, "expected " + what + ", a map of keys to values");
  for (const auto &[i, entry] : llvm::enumerate(node.entries)) {
    if (!llvm::is_contained(keys, entry.key))
      return error(entry.mark, "unknown key '" + entry.key + "' in " + what +
                                   suggestName(entry.key, keys));
    for (const YamlEntry &before : llvm::ArrayRef(node.entries).take_front(i))
      if (before.key == entry.key)
        return error(entry.mark, "key '" + entry.key +
                                     "' is given twice, first on line " +
                                     llvm::Twine(before.mark.line));
  }
  return llvm::success();
}

llvm::LogicalResult ConfigReader::readText(const YamlEntry &entry,
                                           std::string &result) {
  if (!entry.value->isScalar() || entry.value->scalar.empty())
    return error(entry.value->isNull() ? entry.mark : entry.value->mark,
                 "expected one value for '" + entry.key + "'");
  result = entry.value->scalar;
  return llvm::success();
}

llvm::LogicalResult ConfigReader::readInteger(const YamlEntry &entry,
                                              int64_t lowest, int64_t highest,
                                              int64_t &result) {
  std::string text;
  if (failed(readText(entry, text)))
    return llvm::failure();
  if (llvm::to_integer(text, result, 10) && result >= lowest &&
      result <= highest)
    return llvm::success();
  return error(entry.value->mark, "expected '" + entry.key +
                                      "' to be an integer from " +
                                      llvm::Twine(lowest) + " to " +
                                      llvm::Twine(highest) + ", got " + text);
}

/// As the engineer would write it: 0.99999, not 9.999900e-01.
static std::string formatReal(double value) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%g", value);
  return text;
}

llvm::LogicalResult ConfigReader::readReal(const YamlEntry &entry,
                                           double lowest, double highest,
                                           double &result) {
  std::string text;
  if (failed(readText(entry, text)))
    return llvm::failure();
  // Written so that NaN fails too.
  if (llvm::to_float(text, result) && result >= lowest && result <= highest)
    return llvm::success();
  return error(entry.value->mark, "expected '" + entry.key +
                                      "' to be a number from " +
                                      formatReal(lowest) + " to " +
                                      formatReal(highest) + ", got " + text);
}

llvm::LogicalResult ConfigReader::readBool(const YamlEntry &entry,
                                           bool &result) {
  static const Keyword<bool> keywords[] = {{"true", true}, {"false", false},
                                           {"True", true}, {"False", false},
                                           {"TRUE", true}, {"FALSE", false}};
  std::string text;
  if (failed(readText(entry, text)))
    return llvm::failure();
  for (const Keyword<bool> &keyword : keywords) {
    if (keyword.name == text) {
      result = keyword.value;
      return llvm::success();
    }
  }
  return error(entry.value->mark,
               "expected '" + entry.key + "' to be true or false, got " + text);
}

llvm::LogicalResult ConfigReader::readBits(const YamlEntry &entry,
                                           std::optional<unsigned> &result) {
  int64_t bits;
  if (failed(readInteger(entry, 2, 16, bits)))
    return llvm::failure();
  result = unsigned(bits);
  return llvm::success();
}

//===----------------------------------------------------------------------===//
// Observers
//===----------------------------------------------------------------------===//

llvm::LogicalResult
ConfigReader::readObserverKind(const YamlEntry &entry,
                               llvm::StringRef ObserverName::*spelling,
                               std::optional<ObserverParams::Kind> &result) {
  llvm::SmallVector<Keyword<const ObserverName *>> keywords;
  std::string available;
  for (const ObserverName &name : getObserverNames()) {
    keywords.push_back({name.*spelling, &name});
    if (name.kind)
      available += (available.empty() ? "" : " or ") + (name.*spelling).str();
  }
  const ObserverName *name = nullptr;
  if (failed(readKeyword<const ObserverName *>(entry, keywords, name)))
    return llvm::failure();
  if (!name->kind)
    return error(entry.value->mark, "observer '" + name->*spelling +
                                        "' is not available yet, expected " +
                                        available);
  result = name->kind;
  return llvm::success();
}

llvm::LogicalResult ConfigReader::readAlpha(const YamlEntry &entry,
                                            std::optional<double> &result) {
  return readReal(entry, ObserverParams::kLeastAlpha,
                  ObserverParams::kGreatestAlpha, result.emplace());
}

llvm::LogicalResult ConfigReader::readSigma(const YamlEntry &entry,
                                            std::optional<double> &result) {
  return readReal(entry, 0.0, 1.0, result.emplace());
}

void ConfigReader::checkPercentile(const ObserverPatch &patch,
                                   const ObserverMarks &marks,
                                   const ObserverParams &before,
                                   const ObserverParams &after,
                                   llvm::StringRef prefix) {
  // Once, where the value or its observer is chosen.
  if (after.kind != ObserverParams::Kind::Percentile || after == before)
    return;
  bool isNew = before.kind != after.kind;
  // From here on a normal distribution loses more than it gains.
  constexpr double kClipsMuch = 0.99;
  if (after.alpha < kClipsMuch && (isNew || before.alpha != after.alpha))
    warn(patch.alpha ? marks.alpha : marks.kind,
         "'" + prefix + "alpha' " + formatReal(after.alpha) + " clips " +
             formatReal(100.0 * (1.0 - after.alpha)) +
             " % of the values on each side; recommended are 0.9995 for "
             "activations and 0.999 for weights");
  if (after.sigma == 0.0 && (isNew || before.sigma != after.sigma))
    warn(patch.sigma ? marks.sigma : marks.kind,
         "'" + prefix +
             "sigma' 0 keeps the range of the first batch and "
             "ignores all others; leave it out to take all batches "
             "together");
}

} // namespace mlir::npir
