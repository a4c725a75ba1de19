// This file holds the table of a ViT block's role names.
#include "ViTRoles.h"

namespace mlir::npir {

namespace {
struct RoleEntry {
  llvm::StringRef section;
  llvm::StringRef name;
  QuantRole role;
  /// Where the layer that makes the tensor has another name than the role.
  llvm::StringRef layer;
  bool isSoftmax = false;
};
} // namespace

static const RoleEntry kRoles[] = {
    {"layers", "attn_qkv", QuantRole::Weight, ""},
    {"layers", "attn_proj", QuantRole::Weight, ""},
    {"layers", "mlp_fc1", QuantRole::Weight, ""},
    {"layers", "mlp_fc2", QuantRole::Weight, ""},
    // The normalization's output; gamma and beta stay float.
    {"layers", "norm1", QuantRole::Activation, ""},
    {"layers", "norm2", QuantRole::Activation, ""},
    {"attn_layer", "attn_qkv_output", QuantRole::Activation, "attn_qkv"},
    {"attn_layer", "kv_act", QuantRole::Activation, ""},
    {"attn_layer", "sv_attn", QuantRole::Activation, ""},
    {"attn_layer", "mlp_act", QuantRole::Activation, ""},
    {"attn_layer", "mlp_act2", QuantRole::Activation, "mlp_fc2"},
    {"attn_layer", "intSoft", QuantRole::Activation, "", /*isSoftmax=*/true},
    {"residual_layer", "residual1", QuantRole::Activation, ""},
    {"residual_layer", "residual2", QuantRole::Activation, ""},
};

ViTRole getViTRole(llvm::StringRef section, llvm::StringRef name) {
  ViTRole result;
  result.words.push_back(name);
  for (const RoleEntry &entry : kRoles) {
    if (entry.section != section || entry.name != name)
      continue;
    result.role = entry.role;
    result.isKnown = true;
    result.isSoftmax = entry.isSoftmax;
    if (!entry.layer.empty())
      result.words.push_back(entry.layer);
    return result;
  }
  result.role = section == "layers" ? QuantRole::Weight : QuantRole::Activation;
  return result;
}

llvm::SmallVector<llvm::StringRef> getViTRoleNames(llvm::StringRef section) {
  llvm::SmallVector<llvm::StringRef> names;
  for (const RoleEntry &entry : kRoles)
    if (entry.section == section)
      names.push_back(entry.name);
  return names;
}

} // namespace mlir::npir
