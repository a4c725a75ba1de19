// This file declares how a config answers for one tensor after another, and
// which of its rules were of no use.
#ifndef NPIR_CONFIG_CONFIGRESOLVER_H
#define NPIR_CONFIG_CONFIGRESOLVER_H

#include "npir/Config/QuantConfig.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/StringSet.h"
#include <vector>

namespace mlir::npir {

/// A tensor that wants a spec.
struct LayerQuery {
  /// The layer's name; of a graph input the input's name.
  llvm::StringRef layer;
  /// The op type, `conv2d` or `npir.conv2d`; of a graph input `kInputOpName`.
  llvm::StringRef op;
  QuantRole role = QuantRole::Activation;
  /// Its names by the structure of the network (RoleNames.h).
  llvm::ArrayRef<llvm::StringRef> roleNames = {};
  /// Structure tells that it has these roles and no other: it lies in a known
  /// block. Else its layer's name stands for a role, too.
  bool areRolesKnown = false;
};

/// What a config says of a tensor.
struct ResolvedSpec {
  SpecConfig spec;
  /// The last rule that set a key, or null: the default decided. Points into
  /// the config.
  const ConfigRule *rule = nullptr;
  /// A rule named the tensor, be it without any key, and left it to be
  /// quantized.
  bool isRequested = false;
};

/// Resolves specs and remembers what matched. The config must outlive it and
/// stay unchanged. Not for use by several threads at once.
class ConfigResolver {
public:
  explicit ConfigResolver(const QuantConfig &config);

  /// The default's spec, patched by every rule that matches, in order.
  ResolvedSpec resolve(const LayerQuery &query);

  /// Call after the last query: one message for each rule that changed no
  /// tensor, in the file's order. Severity as the rule says: an error for
  /// NPIR's own rules, a warning for a role of a ViT block; nothing for an
  /// optional rule. The text says what did not match, with the nearest name
  /// that the queries had.
  std::vector<ConfigMessage> unmatchedRules() const;

private:
  /// How far a rule came with any query.
  struct RuleUse {
    bool layerMatched = false;
    bool opMatched = false;
    bool roleMatched = false;
    bool allMatched = false;
    bool used = false;
  };

  std::string explainLayers(llvm::ArrayRef<NamePattern> patterns) const;
  std::string explainRoles(llvm::ArrayRef<RoleName> roles) const;
  std::string explainUnmatched(const ConfigRule &rule,
                               const RuleUse &use) const;

  const QuantConfig &config;
  std::vector<RuleUse> uses;
  llvm::StringSet<> layers;
  llvm::StringSet<> ops;
};

} // namespace mlir::npir

#endif // NPIR_CONFIG_CONFIGRESOLVER_H
