// This file declares YAML text as a plain tree: what the config readers see of
// it, so that neither yaml-cpp's headers nor its exceptions reach them.
#ifndef NPIR_LIB_CONFIG_YAMLTREE_H
#define NPIR_LIB_CONFIG_YAMLTREE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <string>
#include <vector>

namespace mlir::npir {

/// A place in the text, counted from 1.
struct YamlMark {
  unsigned line = 1;
  unsigned column = 1;
};

struct YamlNode;
/// Shared, because an alias stands for its anchor's node.
using YamlNodePtr = std::shared_ptr<const YamlNode>;

/// One `key: value` of a map.
struct YamlEntry {
  std::string key;
  YamlMark mark;
  YamlNodePtr value;
};

struct YamlNode {
  enum class Kind { Null, Scalar, Sequence, Map };
  Kind kind = Kind::Null;
  YamlMark mark;
  /// Of a scalar.
  std::string scalar;
  /// Of a sequence.
  std::vector<YamlNodePtr> items;
  /// Of a map: in the order of the text, a repeated key as often as written.
  std::vector<YamlEntry> entries;

  bool isNull() const { return kind == Kind::Null; }
  bool isScalar() const { return kind == Kind::Scalar; }
  bool isSequence() const { return kind == Kind::Sequence; }
  bool isMap() const { return kind == Kind::Map; }

  /// The first value of `key`, or null. Only for maps.
  const YamlNode *find(llvm::StringRef key) const;
};

/// Parses one YAML document; text without one gives a Null node. An indented
/// line of `...`, by which examples leave something out, is a key of that name.
/// An error is `name:line:column: reason`.
llvm::Expected<YamlNodePtr> parseYaml(llvm::StringRef text,
                                      llvm::StringRef name);

} // namespace mlir::npir

#endif // NPIR_LIB_CONFIG_YAMLTREE_H
