// This file declares the reading of one spec in the keys that the formats of a
// ViT block and of a linear layer share.
#ifndef NPIR_LIB_CONFIG_BLOCKSPEC_H
#define NPIR_LIB_CONFIG_BLOCKSPEC_H

#include "ObserverReader.h"

namespace mlir::npir {

/// What a spec's map says, besides what becomes the patch.
struct BlockSpec {
  SpecPatch patch;
  /// Where the observer and its parameters have their values.
  ObserverMarks observerMarks;
  /// Where `quantization_method` has its value.
  YamlMark schemeMark;
  /// `bit_type`'s `name`, which is only a label, and where.
  std::string label;
  YamlMark labelMark;
};

/// True for `enable_profiler` and its other spelling.
bool isProfilerKey(llvm::StringRef key);

/// Reads `enable_profiler` or its other spelling, which said `profile` so far.
llvm::LogicalResult readProfile(ConfigReader &reader, const YamlEntry &entry,
                                std::optional<bool> &profile);

/// Reads the value of `entry`. Null and `...` stand for the default. Every key
/// is checked, those of observers that are not asked for too.
llvm::LogicalResult readBlockSpec(ConfigReader &reader, const YamlEntry &entry,
                                  BlockSpec &spec);

/// Warns where the label disagrees with the bits and sign that hold, and of
/// parameters that are seldom meant (`checkObserver`); fails where the observer
/// does not have the scheme. `before` and `effective` are what holds without
/// and with `spec`.
llvm::LogicalResult checkBlockSpec(ConfigReader &reader, const BlockSpec &spec,
                                   const SpecConfig &before,
                                   const SpecConfig &effective);

/// `node` without its `...` keys, each of which gives a remark; none when
/// `node` itself is `...`.
std::optional<YamlNode> withoutElisions(ConfigReader &reader,
                                        const YamlNode &node);

} // namespace mlir::npir

#endif // NPIR_LIB_CONFIG_BLOCKSPEC_H
