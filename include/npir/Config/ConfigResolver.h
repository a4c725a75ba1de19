// This file declares how a config answers for one tensor after another, and
// which of its rules were of no use.
#ifndef NPIR_CONFIG_CONFIGRESOLVER_H
#define NPIR_CONFIG_CONFIGRESOLVER_H

#include "npir/Config/QuantConfig.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/StringSet.h"
#include <array>
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
  /// The sub-graphs of the config's rules that the layer lies in.
  llvm::ArrayRef<const Subgraph *> subgraphs = {};
};

/// Where a key's value comes from: a rule, a default of the file, or neither:
/// it is built in.
struct KeyOrigin {
  const ConfigRule *rule = nullptr;
  const ConfigDefault *fileDefault = nullptr;

  /// `c.yaml:3:5 (rule)`, `c.yaml:1:1 (default)`, `built-in default`.
  std::string str() const;
};

/// What a config says of a tensor.
struct ResolvedSpec {
  SpecConfig spec;
  /// Of each key. They point into the config.
  std::array<KeyOrigin, kSpecKeyCount> origins;
  /// A rule named the tensor, be it without any key, and left it to be
  /// quantized.
  bool isRequested = false;

  const KeyOrigin &originOf(SpecKey key) const {
    return origins[unsigned(key)];
  }
  /// Why no observer can do what rules ask for together, with their places;
  /// empty where one can.
  std::string explainContradiction() const;
};

/// Resolves specs and remembers what matched. The config must outlive it and
/// stay unchanged. Not for use by several threads at once.
class ConfigResolver {
public:
  explicit ConfigResolver(const QuantConfig &config);

  /// The default's spec, patched by every rule that matches, in order. KL has
  /// 4096 bins for softmax's result where nothing sets them.
  ResolvedSpec resolve(const LayerQuery &query);

  /// The names that a tensor goes by: those of its structure, or of its layer's
  /// name where there is none, and those of the file's own roles.
  std::vector<std::string> getRoleNames(const LayerQuery &query) const;

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
    bool betweenMatched = false;
    bool allMatched = false;
    bool used = false;
  };

  std::string explainLayers(llvm::ArrayRef<NamePattern> patterns) const;
  std::string explainOps(llvm::ArrayRef<std::string> names) const;
  std::string explainRoles(llvm::ArrayRef<RoleName> roles) const;
  std::string explainBetween(const Subgraph &between) const;
  std::string explainUnmatched(const ConfigRule &rule,
                               const RuleUse &use) const;

  const QuantConfig &config;
  std::vector<RuleUse> uses;
  llvm::StringSet<> layers;
  llvm::StringSet<> ops;
};

/// Whether a rule that sets keys for one role, or none, is about tensors of
/// `role`.
bool concerns(const ConfigRule &rule, QuantRole role);

} // namespace mlir::npir

#endif // NPIR_CONFIG_CONFIGRESOLVER_H
