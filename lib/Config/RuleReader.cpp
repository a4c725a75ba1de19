// This file implements the reading of rules and of what they skip.
#include "MatchReader.h"
#include "npir/Config/RoleNames.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

using llvm::failure;
using llvm::LogicalResult;
using llvm::StringRef;
using llvm::success;

namespace mlir::npir {

/// Warns where the rule gives softmax a scale for each channel and plain
/// extrema.
static void checkSoftmax(ConfigReader &reader, YamlMark mark,
                         const QuantConfig &config, const ConfigRule &rule) {
  bool isSoftmax = llvm::is_contained(rule.ops, "softmax") ||
                   llvm::any_of(rule.roleNames, [](const RoleName &role) {
                     return role.name == kIntSoft;
                   });
  SpecConfig spec = config.defaultActivation;
  rule.activation.applyTo(spec);
  if (isSoftmax && !rule.activation.empty() && spec.enabled &&
      spec.granularity == QuantGranularity::PerChannel &&
      spec.observer.kind == ObserverParams::Kind::MinMax)
    reader.warn(mark, "observer 'minmax' with per_channel loses accuracy on "
                      "softmax, set 'granularity: per_tensor'");
}

static LogicalResult readRule(ConfigReader &reader, const YamlNode &node,
                              const QuantConfig &config, ConfigRule &rule) {
  if (failed(reader.checkMap(node, "a rule", getConfigKeys("rule"))))
    return failure();
  rule.loc = reader.locate(node.mark);
  const YamlEntry *specs[2] = {};
  bool hasMatch = false;
  for (const YamlEntry &entry : node.entries) {
    LogicalResult result = success();
    if (entry.key == "match") {
      hasMatch = true;
      result = readMatch(reader, entry, config, rule);
    } else if (entry.key == "weight") {
      specs[0] = &entry;
      result = readSpec(reader, entry, rule.weight);
    } else if (entry.key == "activation") {
      specs[1] = &entry;
      result = readSpec(reader, entry, rule.activation);
    } else {
      bool optional;
      result = reader.readBool(entry, optional);
      if (succeeded(result) && optional)
        rule.ifUnmatched = std::nullopt;
    }
    if (failed(result))
      return failure();
  }
  if (!hasMatch)
    return reader.error(node.mark, "expected a rule to have 'match'");
  if (rule.weight.empty() && rule.activation.empty())
    return reader.error(node.mark, "the rule changes nothing, expected "
                                   "'weight' or 'activation' with spec keys");
  if (rule.role) {
    const YamlEntry *other = specs[*rule.role == QuantRole::Weight ? 1 : 0];
    if (other)
      return reader.error(other->mark,
                          "the rule's match excludes '" + other->key + "'");
  }
  checkSoftmax(reader, node.mark, config, rule);
  return success();
}

static LogicalResult readRules(ConfigReader &reader, const YamlEntry &entry,
                               QuantConfig &config) {
  if (entry.value->isNull())
    return success();
  if (!entry.value->isSequence())
    return reader.error(entry.value->mark,
                        "expected 'rules' to be a list, each rule after '- '");
  for (const YamlNodePtr &item : entry.value->items) {
    ConfigRule rule;
    if (failed(readRule(reader, *item, config, rule)))
      return failure();
    config.rules.push_back(std::move(rule));
  }
  return success();
}

/// Adds the rule that leaves what `rule` matches in float.
static LogicalResult addSkip(ConfigRule rule, QuantConfig &config) {
  rule.weight = SpecPatch::none();
  rule.activation = SpecPatch::none();
  config.rules.push_back(std::move(rule));
  return success();
}

static LogicalResult readSkip(ConfigReader &reader, const YamlEntry &entry,
                              QuantConfig &config) {
  if (entry.value->isNull())
    return success();
  llvm::SmallVector<YamlNodePtr> items = {entry.value};
  if (entry.value->isSequence())
    items.assign(entry.value->items.begin(), entry.value->items.end());
  for (const YamlNodePtr &item : items) {
    ConfigRule rule;
    rule.loc = reader.locate(item->mark);
    LogicalResult result = success();
    if (item->isMap()) {
      rule.title = "skip entry";
      if (failed(reader.checkMap(*item, "a skip entry",
                                 getConfigKeys("skip_entry"))))
        return failure();
      if (item->entries.empty())
        return reader.error(item->mark,
                            "expected a skip entry to have 'between'");
      result = readBetween(reader, item->entries.front(), rule.between);
    } else {
      std::string text;
      if (failed(reader.readText({entry.key, item->mark, item}, text)))
        return failure();
      rule.title = "skip pattern '" + text + "'";
      result = addPattern(reader, text, item->mark, rule.layers);
    }
    if (failed(result) || failed(addSkip(std::move(rule), config)))
      return failure();
  }
  return success();
}

const YamlEntry *findEntry(const YamlNode &root, StringRef key) {
  for (const YamlEntry &entry : root.entries)
    if (entry.key == key)
      return &entry;
  return nullptr;
}

LogicalResult readRulesAndSkip(ConfigReader &reader, const YamlNode &root,
                               QuantConfig &config) {
  if (const YamlEntry *rules = findEntry(root, "rules"))
    if (failed(readRules(reader, *rules, config)))
      return failure();
  // Last, so that no rule brings a skipped layer back.
  if (const YamlEntry *skip = findEntry(root, "skip"))
    return readSkip(reader, *skip, config);
  return success();
}

} // namespace mlir::npir
