// This file declares what the readers of the config formats share: messages
// with their places, typed values, and the parts that two formats have.
#ifndef NPIR_LIB_CONFIG_CONFIGREADER_H
#define NPIR_LIB_CONFIG_CONFIGREADER_H

#include "YamlTree.h"
#include "npir/Config/ConfigKeys.h"
#include "npir/Config/QuantConfig.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/LogicalResult.h"

namespace mlir::npir {

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
  llvm::LogicalResult error(ConfigLocation loc, const llvm::Twine &text);
  void warn(YamlMark mark, const llvm::Twine &text);
  void remark(YamlMark mark, const llvm::Twine &text);

  llvm::Error takeError() const;
  std::vector<ConfigMessage> takeMessages() { return std::move(messages); }
  /// What reading the base had to tell.
  void addMessages(std::vector<ConfigMessage> others);
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

private:
  std::string file;
  std::optional<ConfigMessage> firstError;
  std::vector<ConfigMessage> messages;
};

/// Reads the config that `base:` names.
using BaseLoader =
    llvm::function_ref<llvm::Expected<QuantConfig>(llvm::StringRef path)>;

/// Reads NPIR's own format.
llvm::LogicalResult readNativeConfig(ConfigReader &reader, const YamlNode &root,
                                     BaseLoader loadBase, QuantConfig &config);

/// Reads `weight:` or `activation:` of NPIR's own format: spec keys, or `none`.
llvm::LogicalResult readSpec(ConfigReader &reader, const YamlEntry &entry,
                             SpecPatch &patch);

/// The first entry of `root`, a map, with this key; or null.
const YamlEntry *findEntry(const YamlNode &root, llvm::StringRef key);

/// Reads the top-level keys `roles`, `rules` and `skip`, which every format may
/// have. Roles come before all that names them; defaults before rules.
llvm::LogicalResult readRoles(ConfigReader &reader, const YamlEntry &entry,
                              QuantConfig &config);
llvm::LogicalResult readRulesAndSkip(ConfigReader &reader, const YamlNode &root,
                                     QuantConfig &config);

/// The role of this name, by `roles:` or the table of RoleNames.h or both; none
/// where there is no such role.
std::optional<RoleName> findRole(const QuantConfig &config,
                                 llvm::StringRef name);

/// Fails where a default or a rule, by itself, asks an observer for a scheme
/// that it does not have. What only several rules do together is seen when
/// they are applied to a tensor.
llvm::LogicalResult checkSchemes(ConfigReader &reader,
                                 const QuantConfig &config);

/// What a file without `version:` is.
enum class BlockFormat { ViTBlock, LinearLayer };

/// The format of `root`, a map, or none: NPIR's own.
std::optional<BlockFormat> detectBlockFormat(const YamlNode &root);

/// Reads the format of a ViT block or of a linear layer.
llvm::LogicalResult readBlockConfig(ConfigReader &reader, const YamlNode &root,
                                    BlockFormat format, QuantConfig &config);

} // namespace mlir::npir

#endif // NPIR_LIB_CONFIG_CONFIGREADER_H
