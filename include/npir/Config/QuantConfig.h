// This file declares the quantization config as plain structs: what a YAML
// file says, or what a C++ program fills in itself.
#ifndef NPIR_CONFIG_QUANTCONFIG_H
#define NPIR_CONFIG_QUANTCONFIG_H

#include "npir/Config/NamePattern.h"
#include "npir/Observers/Observer.h"
#include "npir/Observers/QuantParams.h"
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

/// Which elements share a scale. Per channel: a weight's output channels, an
/// activation's last axis.
enum class QuantGranularity { PerTensor, PerChannel };

/// What a tensor is to its layer.
enum class QuantRole { Weight, Activation };

/// How one tensor is to be quantized: complete, nothing left to a default.
struct SpecConfig {
  /// False: the tensor stays float, and nothing below means anything.
  bool enabled = true;
  unsigned bits = 8;
  bool isSigned = true;
  /// Leave out the most negative integer. Never set where `!isSigned`.
  bool narrow = false;
  QuantScheme scheme = QuantScheme::Affine;
  QuantGranularity granularity = QuantGranularity::PerTensor;
  ObserverParams observer;

  IntegerGrid grid() const { return {bits, isSigned, narrow}; }
  bool operator==(const SpecConfig &other) const;

  /// What holds where a config is silent. Weight: int8 symmetric narrow per
  /// channel; activation: int8 affine per tensor; both by min and max. The
  /// percentile's alpha is the recommended one of the role.
  static SpecConfig getDefault(QuantRole role);
};

/// The same for the observer.
struct ObserverPatch {
  std::optional<ObserverParams::Kind> kind;
  std::optional<double> alpha;
  std::optional<double> sigma;
  /// Earlier parameters do not pass through: no `sigma` means none.
  bool replaces = false;

  bool empty() const { return !kind && !alpha && !sigma; }
  void applyTo(ObserverParams &observer) const;
};

/// The keys that one place of a config sets; the others pass through.
struct SpecPatch {
  std::optional<bool> enabled;
  std::optional<unsigned> bits;
  std::optional<bool> isSigned;
  std::optional<bool> narrow;
  std::optional<QuantScheme> scheme;
  std::optional<QuantGranularity> granularity;
  ObserverPatch observer;

  /// `none`: stay float.
  static SpecPatch none();
  /// True when no key is set.
  bool empty() const;
  /// Sets this patch's keys on `spec`. A key other than `enabled` enables.
  void applyTo(SpecConfig &spec) const;
};

/// The op type by which a rule names the graph's inputs.
inline constexpr llvm::StringLiteral kInputOpName = "input";

/// A name for the tensors that play one part in a block.
struct RoleName {
  std::string name;
  /// The name is one of RoleNames.h, which tensors have by the structure of the
  /// network.
  bool isStructural = false;
  /// Layers with such names count, too; of a structural role, outside of the
  /// blocks that structure makes known.
  std::vector<NamePattern> words;
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
  SpecPatch weight;
  SpecPatch activation;
  /// Matching nothing is fine / worth a warning / an error: what to say then.
  std::optional<ConfigSeverity> ifUnmatched = ConfigSeverity::Error;

  const SpecPatch &getPatch(QuantRole role) const {
    return role == QuantRole::Weight ? weight : activation;
  }
};

/// A whole config. Specs are the default's, patched by every matching rule in
/// order, so a later rule wins, key by key.
struct QuantConfig {
  SpecConfig defaultWeight = SpecConfig::getDefault(QuantRole::Weight);
  SpecConfig defaultActivation = SpecConfig::getDefault(QuantRole::Activation);
  /// Where the file sets its defaults; line 0 where it does not.
  ConfigLocation defaultLoc;
  std::vector<ConfigRule> rules;
  /// What reading the file had to tell, in the file's order.
  std::vector<ConfigMessage> messages;
};

} // namespace mlir::npir

#endif // NPIR_CONFIG_QUANTCONFIG_H
