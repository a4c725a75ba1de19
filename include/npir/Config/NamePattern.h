// This file declares the patterns by which a config names layers.
#ifndef NPIR_CONFIG_NAMEPATTERN_H
#define NPIR_CONFIG_NAMEPATTERN_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <memory>

namespace mlir::npir {

/// A pattern over layer names; cheap to copy, safe to share between threads.
class NamePattern {
public:
  /// `/text/` is a POSIX extended regular expression that may match anywhere
  /// in the name; other text is a glob over the whole name (`*`, `?`, `[a-c]`,
  /// `{a,b}`, backslash takes a character literally). Fails with the reason on
  /// an empty or malformed pattern.
  static llvm::Expected<NamePattern> parse(llvm::StringRef text);

  /// A pattern for a role name of a ViT block: it matches a layer whose name
  /// holds `words` between word boundaries, where `.`, `/`, `-` and `_` are
  /// one: `attn_qkv` matches `blocks.0.attn.qkv`, not `attn.qkv2`.
  static NamePattern forWords(llvm::StringRef words);

  bool matches(llvm::StringRef layerName) const;

  /// The text as written.
  llvm::StringRef getText() const;

private:
  struct Impl;
  explicit NamePattern(std::shared_ptr<const Impl> impl);
  std::shared_ptr<const Impl> impl;
};

} // namespace mlir::npir

#endif // NPIR_CONFIG_NAMEPATTERN_H
