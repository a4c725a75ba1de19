// This file declares the quantization config as plain structs: what a YAML
// file says, or what a C++ program fills in itself.
#ifndef NPIR_CONFIG_QUANTCONFIG_H
#define NPIR_CONFIG_QUANTCONFIG_H

#include "npir/Config/NamePattern.h"
#include "npir/Config/SpecConfig.h"
#include "llvm/ADT/StringRef.h"
#include <optional>
#include <string>
#include <vector>

namespace mlir::npir {

/// A place in a config file, counted from 1. Line 0: not from a file.
struct ConfigLocation {
  std::string file;
  unsigned line = 0;
  unsigned column = 0;

  /// `file:line:column`, or the file's name alone where there is no line.
  std::string str() const;
};

enum class ConfigSeverity { Remark, Warning, Error };

/// Something to tell the user. `text` is lower-case without a final dot.
struct ConfigMessage {
  ConfigSeverity severity = ConfigSeverity::Warning;
  ConfigLocation loc;
  std::string text;

  /// `file:line:column: text`.
  std::string str() const;
};

/// The op type by which a rule names the graph's inputs.
inline constexpr llvm::StringLiteral kInputOpName = "input";

/// Which tensors a file's `roles:` gives a name.
struct RoleDefinition {
  /// A layer must match one of these; empty: every layer.
  std::vector<NamePattern> layers;
  /// An op type must be one of these, without `npir.`; empty: every op.
  std::vector<std::string> ops;
  /// Only weights, or only activations.
  std::optional<QuantRole> role;
};

/// A name for the tensors that play one part in a block. A tensor has it by
/// any of the ways below.
struct RoleName {
  std::string name;
  /// The name is one of RoleNames.h, which tensors have by the structure of the
  /// network.
  bool isStructural = false;
  /// Layers with such names count, too; of a structural role, outside of the
  /// blocks that structure makes known.
  std::vector<NamePattern> words;
  /// What the file's `roles:` says.
  std::optional<RoleDefinition> definition;
  /// Only weights, or only activations.
  std::optional<QuantRole> role;
};

/// A part of the network: every layer on a path from a layer of `from` to one
/// of `to`, these included. `from` may name graph inputs.
struct Subgraph {
  std::vector<NamePattern> from, to;
};

/// One rule: which tensors, and what of their specs it changes.
struct ConfigRule {
  /// Where the rule stands; diagnostics about it point here.
  ConfigLocation loc;
  /// What diagnostics call it: `rule`, `skip pattern 'x'`, `role 'norm2'`.
  std::string title = "rule";
  /// A layer must match one of these; empty: every layer.
  std::vector<NamePattern> layers;
  /// An op type must be one of these, without `npir.`; empty: every op.
  std::vector<std::string> ops;
  /// Only this role.
  std::optional<QuantRole> role;
  /// A tensor must have one of these names; empty: every tensor.
  std::vector<RoleName> roleNames;
  /// A layer must lie in there.
  std::optional<Subgraph> between;
  SpecPatch weight;
  SpecPatch activation;
  /// The rule is an order to quantize what it matches even where it sets no key
  /// that says how: an entry of a ViT block's config.
  bool isEntry = false;
  /// Matching nothing is fine / worth a warning / an error: what to say then.
  std::optional<ConfigSeverity> ifUnmatched = ConfigSeverity::Error;

  const SpecPatch &getPatch(QuantRole role) const {
    return role == QuantRole::Weight ? weight : activation;
  }
};

/// A place that sets keys of the defaults.
struct ConfigDefault {
  ConfigLocation loc;
  /// What explanations call it: `default`, `section 'outputs'`.
  std::string title;
  SpecPatch weight, activation;

  const SpecPatch &getPatch(QuantRole role) const {
    return role == QuantRole::Weight ? weight : activation;
  }
};

/// A whole config. Specs are the default's, patched by every matching rule in
/// order, so a later rule wins, key by key.
struct QuantConfig {
  SpecConfig defaultWeight = SpecConfig::getDefault(QuantRole::Weight);
  SpecConfig defaultActivation = SpecConfig::getDefault(QuantRole::Activation);
  /// What made the defaults differ from those that are built in, in order. For
  /// explanations: the defaults hold it already.
  std::vector<ConfigDefault> defaults;
  std::vector<ConfigRule> rules;
  /// The names of `roles:`, for explanations; rules hold copies of theirs.
  std::vector<RoleName> roles;
  /// What reading the file had to tell, in the file's order.
  std::vector<ConfigMessage> messages;

  const SpecConfig &getDefault(QuantRole role) const {
    return role == QuantRole::Weight ? defaultWeight : defaultActivation;
  }
};

} // namespace mlir::npir

#endif // NPIR_CONFIG_QUANTCONFIG_H
