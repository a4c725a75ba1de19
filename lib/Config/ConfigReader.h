// This file declares what the readers of the config formats share: messages
// with their places, typed values, and the parts that two formats have.
#ifndef NPIR_LIB_CONFIG_CONFIGREADER_H
#define NPIR_LIB_CONFIG_CONFIGREADER_H

#include "YamlTree.h"
#include "npir/Config/QuantConfig.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/LogicalResult.h"

namespace mlir::npir {

/// An observer by the names that the formats give it.
struct ObserverName {
  llvm::StringRef native;
  llvm::StringRef block;
  /// None: known, but this build cannot do it.
  std::optional<ObserverParams::Kind> kind;
};
llvm::ArrayRef<ObserverName> getObserverNames();
/// Where the parameters of an observer stand.
struct ObserverMarks {
  YamlMark kind, alpha, sigma;
};

/// A keyword and what it stands for.
template <typename T>
struct Keyword {
  llvm::StringRef name;
  T value;
};

/// Reads values and remembers the first error; after a failure nothing more is
/// read. `what` arguments name the thing in messages: `'bits'`.
class ConfigReader {
public:
  explicit ConfigReader(llvm::StringRef file) : file(file) {}

  /// Records the error, if it is the first, and fails.
  llvm::LogicalResult error(YamlMark mark, const llvm::Twine &text);
  void warn(YamlMark mark, const llvm::Twine &text);
  void remark(YamlMark mark, const llvm::Twine &text);

  llvm::Error takeError() const;
  std::vector<ConfigMessage> takeMessages() { return std::move(messages); }
  ConfigLocation locate(YamlMark mark) const;

  /// `what` is `a weight spec`, say. Fails when `node` is no map, or has a key
  /// that is not in `keys` or is there twice (the error names both lines).
  llvm::LogicalResult checkMap(const YamlNode &node, llvm::StringRef what,
                               llvm::ArrayRef<llvm::StringRef> keys);

  /// The error for a name that is not one of `valid`.
  llvm::LogicalResult unknown(YamlMark mark, const llvm::Twine &what,
                              llvm::StringRef name,
                              llvm::ArrayRef<llvm::StringRef> valid);

  /// The value of `entry` as text, integer in [lowest, highest], real number
  /// in [lowest, highest], or truth value.
  llvm::LogicalResult readText(const YamlEntry &entry, std::string &result);
  llvm::LogicalResult readInteger(const YamlEntry &entry, int64_t lowest,
                                  int64_t highest, int64_t &result);
  llvm::LogicalResult readReal(const YamlEntry &entry, double lowest,
                               double highest, double &result);
  llvm::LogicalResult readBool(const YamlEntry &entry, bool &result);

  /// The value of `entry` as one of `keywords`.
  template <typename T>
  llvm::LogicalResult readKeyword(const YamlEntry &entry,
                                  llvm::ArrayRef<Keyword<T>> keywords,
                                  T &result) {
    std::string text;
    if (failed(readText(entry, text)))
      return llvm::failure();
    llvm::SmallVector<llvm::StringRef> names;
    for (const Keyword<T> &keyword : keywords) {
      if (keyword.name == text) {
        result = keyword.value;
        return llvm::success();
      }
      names.push_back(keyword.name);
    }
    return unknown(entry.value->mark, "value for '" + entry.key + "'", text,
                   names);
  }

  /// `bits`: 2 to 16.
  llvm::LogicalResult readBits(const YamlEntry &entry,
                               std::optional<unsigned> &result);

  /// The parameters of percentiles, as the formats name them.
  llvm::LogicalResult readAlpha(const YamlEntry &entry,
                                std::optional<double> &result);
  llvm::LogicalResult readSigma(const YamlEntry &entry,
                                std::optional<double> &result);

  /// The observer that `names` spells as `entry` does. An error where this
  /// build does not have it.
  llvm::LogicalResult
  readObserverKind(const YamlEntry &entry,
                   llvm::StringRef ObserverName::*spelling,
                   std::optional<ObserverParams::Kind> &result);

  /// Warns of parameters that `patch` sets, or whose observer it chooses, and
  /// that are seldom meant: an alpha that clips much, a sigma of 0. `before`
  /// and `after` are the observer without and with the patch. Messages call
  /// the keys `prefix`alpha and `prefix`sigma.
  void checkPercentile(const ObserverPatch &patch, const ObserverMarks &marks,
                       const ObserverParams &before,
                       const ObserverParams &after, llvm::StringRef prefix);

private:
  std::string file;
  std::optional<ConfigMessage> firstError;
  std::vector<ConfigMessage> messages;
};

/// Reads NPIR's own format.
llvm::LogicalResult readNativeConfig(ConfigReader &reader, const YamlNode &root,
                                     QuantConfig &config);

/// Reads the values of the top-level keys `rules` and `skip`, which every
/// format may have.
llvm::LogicalResult readRules(ConfigReader &reader, const YamlEntry &entry,
                              QuantConfig &config);
llvm::LogicalResult readSkip(ConfigReader &reader, const YamlEntry &entry,
                             QuantConfig &config);

/// What a file without `version:` is.
enum class BlockFormat { ViTBlock, LinearLayer };

/// The format of `root`, a map, or none: NPIR's own.
std::optional<BlockFormat> detectBlockFormat(const YamlNode &root);

/// Reads the format of a ViT block or of a linear layer.
llvm::LogicalResult readBlockConfig(ConfigReader &reader, const YamlNode &root,
                                    BlockFormat format, QuantConfig &config);

} // namespace mlir::npir

#endif // NPIR_LIB_CONFIG_CONFIGREADER_H
