// This file declares the names that a ViT block's config gives to the tensors
// of a block.
#ifndef NPIR_LIB_CONFIG_VITROLES_H
#define NPIR_LIB_CONFIG_VITROLES_H

#include "npir/Config/QuantConfig.h"
#include "llvm/ADT/SmallVector.h"

namespace mlir::npir {

/// Which tensors a role names.
struct ViTRole {
  QuantRole role = QuantRole::Activation;
  /// The tensors are those of layers whose names hold one of these
  /// (`NamePattern::forWords`).
  llvm::SmallVector<llvm::StringRef> words;
  /// False: not in the table; the name itself is taken for part of a layer's.
  bool isKnown = false;
  bool isSoftmax = false;
};

/// The role `name` of `section`: `layers`, `attn_layer` or `residual_layer`.
/// The result refers to `name`.
ViTRole getViTRole(llvm::StringRef section, llvm::StringRef name);

/// The names in the table for `section`.
llvm::SmallVector<llvm::StringRef> getViTRoleNames(llvm::StringRef section);

} // namespace mlir::npir

#endif // NPIR_LIB_CONFIG_VITROLES_H
