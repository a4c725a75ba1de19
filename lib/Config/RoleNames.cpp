// This file holds the table of role names.
#include "npir/Config/RoleNames.h"

namespace mlir::npir {

static const KnownRole kRoles[] = {
    {kAttnQKV, "layers", QuantRole::Weight, ""},
    {kAttnProj, "layers", QuantRole::Weight, ""},
    {kMLPFc1, "layers", QuantRole::Weight, ""},
    {kMLPFc2, "layers", QuantRole::Weight, ""},
    // The normalization's output; gamma and beta stay float.
    {kNorm1, "layers", QuantRole::Activation, ""},
    {kNorm2, "layers", QuantRole::Activation, ""},
    {kAttnQKVOutput, "attn_layer", QuantRole::Activation, kAttnQKV},
    {kKVAct, "attn_layer", QuantRole::Activation, ""},
    {kIntSoft, "attn_layer", QuantRole::Activation, ""},
    {kSVAttn, "attn_layer", QuantRole::Activation, ""},
    {kMLPAct, "attn_layer", QuantRole::Activation, ""},
    {kMLPAct2, "attn_layer", QuantRole::Activation, kMLPFc2},
    {kResidual1, "residual_layer", QuantRole::Activation, ""},
    {kResidual2, "residual_layer", QuantRole::Activation, ""},
};

llvm::ArrayRef<KnownRole> getKnownRoles() { return kRoles; }

const KnownRole *lookupRole(llvm::StringRef name) {
  for (const KnownRole &role : kRoles)
    if (role.name == name)
      return &role;
  return nullptr;
}

RoleName makeRoleName(const KnownRole &known) {
  RoleName name;
  name.name = known.name.str();
  name.isStructural = true;
  name.role = known.role;
  name.words.push_back(NamePattern::forWords(known.name));
  if (!known.layer.empty())
    name.words.push_back(NamePattern::forWords(known.layer));
  return name;
}

} // namespace mlir::npir
