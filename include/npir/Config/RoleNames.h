// This file declares the names by which a config calls the tensors of a
// transformer block, whatever the layers are called.
#ifndef NPIR_CONFIG_ROLENAMES_H
#define NPIR_CONFIG_ROLENAMES_H

#include "npir/Config/QuantConfig.h"
#include "llvm/ADT/SmallVector.h"

namespace mlir::npir {

/// Weights: of the linear layers that make Q, K and V; of the projection
/// behind attention; of the MLP's first layers and its last.
inline constexpr llvm::StringLiteral kAttnQKV = "attn_qkv";
inline constexpr llvm::StringLiteral kAttnProj = "attn_proj";
inline constexpr llvm::StringLiteral kMLPFc1 = "mlp_fc1";
inline constexpr llvm::StringLiteral kMLPFc2 = "mlp_fc2";
/// Outputs of the normalizations that feed attention and MLP.
inline constexpr llvm::StringLiteral kNorm1 = "norm1";
inline constexpr llvm::StringLiteral kNorm2 = "norm2";
/// Q, K and V as the linear layers make them.
inline constexpr llvm::StringLiteral kAttnQKVOutput = "attn_qkv_output";
/// The softmax's input and output.
inline constexpr llvm::StringLiteral kKVAct = "kv_act";
inline constexpr llvm::StringLiteral kIntSoft = "intSoft";
/// Softmax times V, before the projection.
inline constexpr llvm::StringLiteral kSVAttn = "sv_attn";
/// The MLP's activation function's output, and its last layer's.
inline constexpr llvm::StringLiteral kMLPAct = "mlp_act";
inline constexpr llvm::StringLiteral kMLPAct2 = "mlp_act2";
/// The sums behind attention and MLP.
inline constexpr llvm::StringLiteral kResidual1 = "residual1";
inline constexpr llvm::StringLiteral kResidual2 = "residual2";

/// What the table knows of a role.
struct KnownRole {
  llvm::StringRef name;
  /// The section of a ViT block's config that holds it.
  llvm::StringRef section;
  QuantRole role;
  /// Where the layer that makes the tensor has another name than the role.
  llvm::StringRef layer;
};

/// All of them, in the order above.
llvm::ArrayRef<KnownRole> getKnownRoles();

/// The one called `name`, or null.
const KnownRole *lookupRole(llvm::StringRef name);

/// A rule's matcher for `known`: by structure, or in other networks by name.
RoleName makeRoleName(const KnownRole &known);

} // namespace mlir::npir

#endif // NPIR_CONFIG_ROLENAMES_H
