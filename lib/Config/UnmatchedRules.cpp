// This file implements the search for rules that were of no use.
#include "npir/Config/ConfigResolver.h"
#include "npir/Support/NearestName.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <tuple>

namespace mlir::npir {

/// `'a'`, or `'a' or 'b'`.
template <typename Range, typename Fn>
static std::string listNames(const Range &range, Fn getText) {
  std::string result;
  for (const auto &element : range)
    result += (result.empty() ? "'" : " or '") + getText(element) + "'";
  return result;
}

static std::string listTexts(llvm::ArrayRef<std::string> texts) {
  return listNames(texts, [](const std::string &text) { return text; });
}

static std::string listPatterns(llvm::ArrayRef<NamePattern> patterns) {
  return listNames(patterns, [](const NamePattern &pattern) {
    return pattern.getText().str();
  });
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
  std::string text = "no layer matches " + listPatterns(patterns);
  if (patterns.size() != 1)
    return text;
  llvm::StringRef pattern = patterns.front().getText();
  std::string near = suggestFrom(pattern, layers);
  if (near.empty() && pattern.starts_with("/") && !pattern.ends_with("/"))
    return text + " as a glob; a regular expression is written /text/";
  return text + near;
}

std::string
ConfigResolver::explainOps(llvm::ArrayRef<std::string> names) const {
  std::string text = "no layer has op type " + listTexts(names);
  return names.size() == 1 ? text + suggestFrom(names.front(), ops) : text;
}

std::string ConfigResolver::explainRoles(llvm::ArrayRef<RoleName> roles) const {
  std::vector<NamePattern> words;
  llvm::SmallVector<llvm::StringRef> structural;
  std::vector<std::string> ops;
  for (const RoleName &role : roles) {
    words.insert(words.end(), role.words.begin(), role.words.end());
    if (role.definition) {
      llvm::append_range(words, role.definition->layers);
      llvm::append_range(ops, role.definition->ops);
    }
    if (role.isStructural)
      structural.push_back(role.name);
  }
  std::string text;
  if (!structural.empty())
    text =
        "no transformer block has " +
        listNames(structural, [](llvm::StringRef name) { return name.str(); }) +
        ", and ";
  if (words.empty())
    return text + explainOps(ops);
  return text + explainLayers(words) +
         (ops.empty() ? "" : " and has op type " + listTexts(ops));
}

std::string ConfigResolver::explainBetween(const Subgraph &between) const {
  auto isKnown = [&](llvm::ArrayRef<NamePattern> patterns) {
    return llvm::any_of(layers.keys(), [&](llvm::StringRef layer) {
      return llvm::any_of(patterns, [&](const NamePattern &pattern) {
        return pattern.matches(layer);
      });
    });
  };
  if (!isKnown(between.from))
    return explainLayers(between.from);
  if (!isKnown(between.to))
    return explainLayers(between.to);
  return "no path leads from " + listPatterns(between.from) + " to " +
         listPatterns(between.to);
}

std::string ConfigResolver::explainUnmatched(const ConfigRule &rule,
                                             const RuleUse &use) const {
  if (!use.layerMatched)
    return explainLayers(rule.layers);
  if (!use.opMatched)
    return explainOps(rule.ops);
  if (!use.roleMatched)
    return explainRoles(rule.roleNames);
  if (!use.betweenMatched)
    return explainBetween(*rule.between);
  if (!use.allMatched) {
    llvm::SmallVector<llvm::StringRef> keys;
    if (!rule.layers.empty())
      keys.push_back("'layer'");
    if (!rule.ops.empty())
      keys.push_back("'op'");
    if (!rule.roleNames.empty())
      keys.push_back("'role'");
    if (rule.between)
      keys.push_back("'between'");
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
