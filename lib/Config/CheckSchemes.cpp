// This file implements the search for observers that do not have the scheme
// that a config asks of them.
#include "ConfigReader.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

using llvm::LogicalResult;
using llvm::success;

namespace mlir::npir {

/// Some other rule than the one at `index` may decide the scheme or the
/// observer of the tensors of `role` that it matches.
static bool mayBeOverridden(const QuantConfig &config, size_t index,
                            QuantRole role) {
  for (auto [i, rule] : llvm::enumerate(config.rules)) {
    const SpecPatch &patch = rule.getPatch(role);
    if (i != index && (patch.scheme || patch.observer.kind || patch.enabled))
      return true;
  }
  return false;
}

LogicalResult checkSchemes(ConfigReader &reader, const QuantConfig &config) {
  for (QuantRole role : {QuantRole::Weight, QuantRole::Activation}) {
    const SpecConfig &base = config.getDefault(role);
    if (base.isContradictory()) {
      const ConfigDefault *origin = nullptr;
      for (const ConfigDefault &place : config.defaults) {
        const SpecPatch &patch = place.getPatch(role);
        if (patch.observer.kind || patch.scheme)
          origin = &place;
      }
      assert(origin && "the built-in default is sound");
      return reader.error(
          origin->loc,
          llvm::Twine("the default for ") +
              (role == QuantRole::Weight ? "weights" : "activations") +
              " has observer 'kl', which needs 'scheme: "
              "symmetric', and the scheme affine");
    }
    for (auto [i, rule] : llvm::enumerate(config.rules)) {
      const SpecPatch &patch = rule.getPatch(role);
      SpecConfig spec = base;
      patch.applyTo(spec);
      if (!patch.quantizes() || !spec.isContradictory() ||
          mayBeOverridden(config, i, role))
        continue;
      if (patch.observer.kind)
        return reader.error(rule.loc,
                            "observer 'kl' needs 'scheme: symmetric' beside "
                            "it, the default's scheme is affine");
      return reader.error(rule.loc, "'scheme: affine' needs another observer "
                                    "beside it than the default's 'kl'");
    }
  }
  return success();
}

} // namespace mlir::npir
