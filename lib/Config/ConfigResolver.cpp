// This file implements the resolving of specs, and finds the rules that were
// of no use.
#include "npir/Config/ConfigResolver.h"
#include "npir/Support/NearestName.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <tuple>

namespace mlir::npir {

ConfigResolver::ConfigResolver(const QuantConfig &config)
    : config(config), uses(config.rules.size()) {}

static bool matchesAny(llvm::ArrayRef<NamePattern> patterns,
                       llvm::StringRef layer) {
  return llvm::any_of(patterns, [&](const NamePattern &pattern) {
    return pattern.matches(layer);
  });
}

static bool matchesLayer(const ConfigRule &rule, llvm::StringRef layer) {
  return rule.layers.empty() || matchesAny(rule.layers, layer);
}

static bool matchesOp(const ConfigRule &rule, llvm::StringRef op) {
  return rule.ops.empty() || llvm::is_contained(rule.ops, op);
}

static bool matchesRole(const ConfigRule &rule, const LayerQuery &query) {
  return rule.roleNames.empty() ||
         llvm::any_of(rule.roleNames, [&](const RoleName &role) {
           if (role.isStructural && query.areRolesKnown)
             return llvm::is_contained(query.roleNames, role.name);
           return matchesAny(role.words, query.layer);
         });
}

/// Whether the rule is about tensors of this role. A rule without any key, as
/// an empty section of a ViT block makes, is about those that it matches.
static bool concerns(const ConfigRule &rule, QuantRole role) {
  if (rule.role && *rule.role != role)
    return false;
  return !rule.getPatch(role).empty() ||
         (rule.weight.empty() && rule.activation.empty());
}

ResolvedSpec ConfigResolver::resolve(const LayerQuery &query) {
  llvm::StringRef op = query.op;
  op.consume_front("npir.");
  layers.insert(query.layer);
  if (!op.empty())
    ops.insert(op);

  ResolvedSpec result;
  result.spec = query.role == QuantRole::Weight ? config.defaultWeight
                                                : config.defaultActivation;
  for (auto [rule, use] : llvm::zip_equal(config.rules, uses)) {
    bool layer = matchesLayer(rule, query.layer);
    bool opType = matchesOp(rule, op);
    bool role = matchesRole(rule, query);
    use.layerMatched |= layer;
    use.opMatched |= opType;
    use.roleMatched |= role;
    if (!layer || !opType || !role)
      continue;
    use.allMatched = true;
    if (!concerns(rule, query.role))
      continue;
    use.used = true;
    result.isRequested = true;
    const SpecPatch &patch = rule.getPatch(query.role);
    if (patch.empty())
      continue;
    patch.applyTo(result.spec);
    result.rule = &rule;
  }
  // Kept while rules are applied: a later rule may make the integers signed
  // again.
  if (!result.spec.isSigned)
    result.spec.narrow = false;
  result.isRequested &= result.spec.enabled;
  return result;
}

/// `'a'`, or `'a' or 'b'`.
template <typename Range, typename Fn>
static std::string listNames(const Range &range, Fn getText) {
  std::string result;
  for (const auto &element : range)
    result += (result.empty() ? "'" : " or '") + getText(element) + "'";
  return result;
}

static std::string suggestFrom(llvm::StringRef name,
                               const llvm::StringSet<> &names) {
  // Sorted, so that equally near names give one answer.
  llvm::SmallVector<llvm::StringRef> sorted(names.keys());
  llvm::sort(sorted);
  if (std::optional<llvm::StringRef> near = nearestName(name, sorted))
    return (", did you mean '" + *near + "'?").str();
  return "";
}

std::string
ConfigResolver::explainLayers(llvm::ArrayRef<NamePattern> patterns) const {
  std::string text =
      "no layer matches " + listNames(patterns, [](const NamePattern &pattern) {
        return pattern.getText().str();
      });
  return patterns.size() == 1
             ? text + suggestFrom(patterns.front().getText(), layers)
             : text;
}

std::string ConfigResolver::explainRoles(llvm::ArrayRef<RoleName> roles) const {
  std::vector<NamePattern> words;
  llvm::SmallVector<llvm::StringRef> structural;
  for (const RoleName &role : roles) {
    words.insert(words.end(), role.words.begin(), role.words.end());
    if (role.isStructural)
      structural.push_back(role.name);
  }
  std::string text;
  if (!structural.empty())
    text =
        "no transformer block has " +
        listNames(structural, [](llvm::StringRef name) { return name.str(); }) +
        ", and ";
  return text + explainLayers(words);
}

std::string ConfigResolver::explainUnmatched(const ConfigRule &rule,
                                             const RuleUse &use) const {
  if (!use.layerMatched)
    return explainLayers(rule.layers);
  if (!use.opMatched) {
    std::string text =
        "no layer has op type " +
        listNames(rule.ops, [](const std::string &op) { return op; });
    return rule.ops.size() == 1 ? text + suggestFrom(rule.ops.front(), ops)
                                : text;
  }
  if (!use.roleMatched)
    return explainRoles(rule.roleNames);
  if (!use.allMatched) {
    llvm::SmallVector<llvm::StringRef> keys;
    if (!rule.layers.empty())
      keys.push_back("'layer'");
    if (!rule.ops.empty())
      keys.push_back("'op'");
    if (!rule.roleNames.empty())
      keys.push_back("'role'");
    if (keys.size() == 2)
      return ("no layer matches both its " + keys[0] + " and its " + keys[1])
          .str();
    return "no layer matches all of its " + llvm::join(keys, ", ");
  }
  bool weight = concerns(rule, QuantRole::Weight);
  return std::string("the layers it matches have no ") +
         (weight ? "weight" : "activation") + " to quantize";
}

std::vector<ConfigMessage> ConfigResolver::unmatchedRules() const {
  std::vector<ConfigMessage> messages;
  for (const auto &[rule, use] : llvm::zip_equal(config.rules, uses)) {
    if (use.used || !rule.ifUnmatched)
      continue;
    messages.push_back(
        {*rule.ifUnmatched, rule.loc,
         rule.title + " matched nothing: " + explainUnmatched(rule, use)});
  }
  // Rules are in the order of precedence, which may differ from the file's.
  llvm::stable_sort(messages,
                    [](const ConfigMessage &a, const ConfigMessage &b) {
                      return std::tie(a.loc.line, a.loc.column) <
                             std::tie(b.loc.line, b.loc.column);
                    });
  return messages;
}

} // namespace mlir::npir
