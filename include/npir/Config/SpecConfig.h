// This file declares how one tensor is to be quantized, and the changes that
// one place of a config makes to that.
#ifndef NPIR_CONFIG_SPECCONFIG_H
#define NPIR_CONFIG_SPECCONFIG_H

#include "npir/Observers/Observer.h"
#include "npir/Observers/QuantParams.h"
#include "llvm/ADT/StringRef.h"
#include <bitset>
#include <optional>
#include <string>

namespace mlir::npir {

/// Which elements share a scale. Per channel: a weight's output channels, an
/// activation's last axis. Per group: of a weight's channel, so many
/// neighbours. Per row: an activation's last axis holds a row, whose scale is
/// found when the network runs.
enum class QuantGranularity { PerTensor, PerChannel, PerGroup, PerRow };

/// What a layer multiplies its weight with: its inputs as their own specs have
/// them, rounded row by row when the network runs, or real values.
enum class QuantInputs { Configured, Dynamic, Float };

/// What a tensor is to its layer.
enum class QuantRole { Weight, Activation };

/// What a config can say of a tensor.
enum class SpecKey : unsigned {
  Enabled,
  Bits,
  Signed,
  Narrow,
  Scheme,
  Granularity,
  GroupSize,
  Inputs,
  Observer,
  Alpha,
  Sigma,
  Bins,
  TwoSided,
  Profile,
};
inline constexpr unsigned kSpecKeyCount = unsigned(SpecKey::Profile) + 1;

/// The key's name in NPIR's own format; of `Enabled` it is `quantize`.
llvm::StringRef getSpecKeyName(SpecKey key);

/// Some of the keys.
class SpecKeySet {
public:
  void insert(SpecKey key) { bits.set(unsigned(key)); }
  bool contains(SpecKey key) const { return bits.test(unsigned(key)); }
  bool empty() const { return bits.none(); }

private:
  std::bitset<kSpecKeyCount> bits;
};

/// How one tensor is to be quantized: complete, nothing left to a default.
struct SpecConfig {
  /// Bounds of a group's size, which is a multiple of the least.
  static constexpr unsigned kLeastGroup = 32;
  static constexpr unsigned kGreatestGroup = 256;

  /// False: the tensor stays float, and nothing below means anything.
  bool enabled = true;
  unsigned bits = 8;
  bool isSigned = true;
  /// Leave out the most negative integer. Only for signed symmetric integers.
  bool narrow = false;
  QuantScheme scheme = QuantScheme::Affine;
  QuantGranularity granularity = QuantGranularity::PerTensor;
  /// Per group only.
  unsigned groupSize = kLeastGroup;
  /// Of a weight only.
  QuantInputs inputs = QuantInputs::Configured;
  ObserverParams observer;
  /// Profiles are to tell of the tensor. It has no part in quantization.
  bool profile = true;

  /// The scales are found when the network runs: the tensor needs no
  /// statistics.
  bool isDynamic() const {
    return enabled && granularity == QuantGranularity::PerRow;
  }
  IntegerGrid grid() const { return {bits, isSigned, narrow}; }
  /// The observer cannot do what the scheme asks for.
  bool isContradictory() const {
    return enabled && observer.kind == ObserverParams::Kind::KL &&
           scheme == QuantScheme::Affine;
  }
  bool operator==(const SpecConfig &other) const;

  /// The value of `key` as NPIR's own format has it; empty where the key means
  /// nothing here (`alpha` of another observer than the percentile, say).
  std::string getValue(SpecKey key) const;
  /// In one line: `int8 affine per_tensor, percentile 0.9995`, or `float`.
  std::string str() const;

  /// What holds where a config is silent. Weight: int8 symmetric narrow per
  /// channel; activation: int8 affine per tensor; both by min and max. The
  /// percentile's alpha is the recommended one of the role.
  static SpecConfig getDefault(QuantRole role);
};

/// The changes that one place of a config makes to an observer.
struct ObserverPatch {
  std::optional<ObserverParams::Kind> kind;
  std::optional<double> alpha;
  std::optional<double> sigma;
  std::optional<unsigned> bins;
  std::optional<bool> twoSided;
  /// Earlier parameters do not pass through: no `sigma` means none.
  bool replaces = false;

  bool empty() const { return !kind && !alpha && !sigma && !bins && !twoSided; }
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
  std::optional<unsigned> groupSize;
  std::optional<QuantInputs> inputs;
  ObserverPatch observer;
  std::optional<bool> profile;

  /// `none`: stay float.
  static SpecPatch none();
  /// True when no key is set.
  bool empty() const { return !profile && !quantizes() && !enabled; }
  /// A key is set that says how to quantize, and so, unless `enabled` says
  /// otherwise, that the tensor is to be quantized.
  bool quantizes() const;
  /// Sets this patch's keys on `spec`.
  void applyTo(SpecConfig &spec) const;
  /// The keys that `applyTo` decides, but for bins that it resets.
  SpecKeySet keys() const;
};

} // namespace mlir::npir

#endif // NPIR_CONFIG_SPECCONFIG_H
