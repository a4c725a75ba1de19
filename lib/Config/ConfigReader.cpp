// This file implements the messages and typed values of the config readers.
#include "ConfigReader.h"
#include "ObserverNames.h"
#include "npir/Support/NearestName.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"

namespace mlir::npir {

ConfigLocation ConfigReader::locate(YamlMark mark) const {
  return {file, mark.line, mark.column};
}

llvm::LogicalResult ConfigReader::error(YamlMark mark,
                                        const llvm::Twine &text) {
  return error(locate(mark), text);
}

llvm::LogicalResult ConfigReader::error(ConfigLocation loc,
                                        const llvm::Twine &text) {
  if (!firstError)
    firstError = {ConfigSeverity::Error, std::move(loc), text.str()};
  return llvm::failure();
}

void ConfigReader::addMessages(std::vector<ConfigMessage> others) {
  llvm::append_range(messages, std::move(others));
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

} // namespace mlir::npir
