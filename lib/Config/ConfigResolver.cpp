// This file implements the resolving of specs.
#include "npir/Config/ConfigResolver.h"
#include "npir/Config/RoleNames.h"
#include "llvm/ADT/STLExtras.h"

namespace mlir::npir {

ConfigResolver::ConfigResolver(const QuantConfig &config)
    : config(config), uses(config.rules.size()) {}

static bool matchesAny(llvm::ArrayRef<NamePattern> patterns,
                       llvm::StringRef layer) {
  return llvm::any_of(patterns, [&](const NamePattern &pattern) {
    return pattern.matches(layer);
  });
}

static bool matchesOp(const std::vector<std::string> &ops, llvm::StringRef op) {
  return ops.empty() || llvm::is_contained(ops, op);
}

static bool matchesDefinition(const RoleDefinition &definition,
                              const LayerQuery &query, llvm::StringRef op) {
  return (definition.layers.empty() ||
          matchesAny(definition.layers, query.layer)) &&
         matchesOp(definition.ops, op);
}

/// `op` is the query's, without `npir.`.
static bool hasRole(const RoleName &role, const LayerQuery &query,
                    llvm::StringRef op) {
  if (role.role && *role.role != query.role)
    return false;
  if (role.definition && matchesDefinition(*role.definition, query, op))
    return true;
  if (role.isStructural && query.areRolesKnown)
    return llvm::is_contained(query.roleNames, role.name);
  return matchesAny(role.words, query.layer);
}

bool concerns(const ConfigRule &rule, QuantRole role) {
  if (rule.role && *rule.role != role)
    return false;
  return !rule.getPatch(role).empty() ||
         (rule.weight.empty() && rule.activation.empty());
}

static llvm::StringRef getOpType(const LayerQuery &query) {
  llvm::StringRef op = query.op;
  op.consume_front("npir.");
  return op;
}

//===----------------------------------------------------------------------===//
// Origins
//===----------------------------------------------------------------------===//

std::string KeyOrigin::str() const {
  if (rule)
    return rule->loc.str() + " (" + rule->title + ")";
  if (fileDefault)
    return fileDefault->loc.str() + " (" + fileDefault->title + ")";
  return "built-in default";
}

/// The keys that `patch` sets come from `origin`.
static void setOrigins(ResolvedSpec &resolved, const SpecPatch &patch,
                       const KeyOrigin &origin) {
  SpecKeySet keys = patch.keys();
  for (unsigned key = 0; key < kSpecKeyCount; ++key)
    if (keys.contains(SpecKey(key)))
      resolved.origins[key] = origin;
  // An observer that is named anew has the bins that are built in.
  if (patch.observer.replaces && !patch.observer.bins)
    resolved.origins[unsigned(SpecKey::Bins)] = KeyOrigin();
}

std::string ResolvedSpec::explainContradiction() const {
  if (!spec.isContradictory())
    return "";
  return "observer 'kl' (" + originOf(SpecKey::Observer).str() +
         ") needs a symmetric scheme, got affine (" +
         originOf(SpecKey::Scheme).str() + "); set 'scheme: symmetric'";
}

//===----------------------------------------------------------------------===//
// Resolving
//===----------------------------------------------------------------------===//

/// More than elsewhere: nearly all values of a softmax's result are small.
static constexpr unsigned kSoftmaxBins = 4096;

ResolvedSpec ConfigResolver::resolve(const LayerQuery &query) {
  llvm::StringRef op = getOpType(query);
  layers.insert(query.layer);
  if (!op.empty())
    ops.insert(op);

  ResolvedSpec result;
  result.spec = config.getDefault(query.role);
  for (const ConfigDefault &place : config.defaults)
    setOrigins(result, place.getPatch(query.role), {nullptr, &place});
  for (auto [rule, use] : llvm::zip_equal(config.rules, uses)) {
    bool layer = rule.layers.empty() || matchesAny(rule.layers, query.layer);
    bool opType = matchesOp(rule.ops, op);
    bool role = rule.roleNames.empty() ||
                llvm::any_of(rule.roleNames, [&, &query = query](auto &name) {
                  return hasRole(name, query, op);
                });
    bool between =
        !rule.between || llvm::is_contained(query.subgraphs, &*rule.between);
    use.layerMatched |= layer;
    use.opMatched |= opType;
    use.roleMatched |= role;
    use.betweenMatched |= between;
    if (!layer || !opType || !role || !between)
      continue;
    use.allMatched = true;
    if (!concerns(rule, query.role))
      continue;
    use.used = true;
    const SpecPatch &patch = rule.getPatch(query.role);
    // Only to profile a tensor or not is no order to quantize it.
    result.isRequested |=
        rule.isEntry || patch.empty() || patch.enabled || patch.quantizes();
    patch.applyTo(result.spec);
    setOrigins(result, patch, {&rule, nullptr});
  }
  // Kept while rules are applied: a later rule may make it mean something
  // again. Leaving out an integer makes a symmetric grid; an affine one has no
  // use for that.
  if (!result.spec.isSigned || result.spec.scheme == QuantScheme::Affine)
    result.spec.narrow = false;
  const KeyOrigin &bins = result.originOf(SpecKey::Bins);
  if (!bins.rule && !bins.fileDefault && op == "softmax" &&
      result.spec.observer.bins == ObserverParams::kDefaultBins)
    result.spec.observer.bins = kSoftmaxBins;
  result.isRequested &= result.spec.enabled;
  return result;
}

std::vector<std::string>
ConfigResolver::getRoleNames(const LayerQuery &query) const {
  llvm::StringRef op = getOpType(query);
  std::vector<std::string> names;
  auto add = [&](const RoleName &role) {
    if (hasRole(role, query, op) && !llvm::is_contained(names, role.name))
      names.push_back(role.name);
  };
  for (const KnownRole &known : getKnownRoles())
    add(makeRoleName(known));
  for (const RoleName &role : config.roles)
    add(role);
  return names;
}

} // namespace mlir::npir
