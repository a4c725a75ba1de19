// This file implements the reading of NPIR's own config format.
#include "ConfigReader.h"
#include "npir/Config/ConfigFile.h"
#include "npir/Config/RoleNames.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

using llvm::failure;
using llvm::LogicalResult;
using llvm::StringRef;
using llvm::success;

namespace mlir::npir {

static const Keyword<QuantScheme> kSchemes[] = {
    {"symmetric", QuantScheme::Symmetric}, {"affine", QuantScheme::Affine}};

static const Keyword<QuantGranularity> kGranularities[] = {
    {"per_tensor", QuantGranularity::PerTensor},
    {"per_channel", QuantGranularity::PerChannel}};

static const Keyword<QuantRole> kRoles[] = {
    {"weight", QuantRole::Weight}, {"activation", QuantRole::Activation}};

/// Sets the rule's role to what all of its role names are, if they agree.
static void unifyRoles(ConfigRule &rule) {
  auto roleOf = [](const RoleName &name) {
    return lookupRole(name.name)->role;
  };
  QuantRole first = roleOf(rule.roleNames.front());
  if (llvm::all_of(rule.roleNames,
                   [&](const RoleName &name) { return roleOf(name) == first; }))
    rule.role = first;
}

/// Reads `observer:`: a name, or a map of `type` and its parameters. It
/// replaces what held before, so that a name means the same everywhere.
static LogicalResult readObserver(ConfigReader &reader, const YamlEntry &entry,
                                  QuantRole role, ObserverPatch &patch) {
  ObserverMarks marks;
  ObserverParams before = SpecConfig::getDefault(role).observer;
  patch = ObserverPatch();
  patch.replaces = true;
  if (!entry.value->isMap()) {
    marks.kind = entry.value->mark;
    if (failed(
            reader.readObserverKind(entry, &ObserverName::native, patch.kind)))
      return failure();
  } else {
    static const StringRef keys[] = {"type", "alpha", "sigma"};
    if (failed(reader.checkMap(*entry.value, "an observer", keys)))
      return failure();
    for (const YamlEntry &key : entry.value->entries) {
      LogicalResult result = success();
      if (key.key == "type") {
        marks.kind = key.value->mark;
        result =
            reader.readObserverKind(key, &ObserverName::native, patch.kind);
      } else if (key.key == "alpha") {
        marks.alpha = key.value->mark;
        result = reader.readAlpha(key, patch.alpha);
      } else {
        marks.sigma = key.value->mark;
        result = reader.readSigma(key, patch.sigma);
      }
      if (failed(result))
        return failure();
    }
    if (!patch.kind)
      return reader.error(entry.value->mark,
                          "expected an observer to have 'type'");
    if (*patch.kind != ObserverParams::Kind::Percentile &&
        (patch.alpha || patch.sigma))
      return reader.error(patch.alpha ? marks.alpha : marks.sigma,
                          "only the observer 'percentile' has 'alpha' and "
                          "'sigma'");
  }
  ObserverParams after = before;
  patch.applyTo(after);
  reader.checkPercentile(patch, marks, before, after, "");
  patch.alpha = after.alpha;
  return success();
}

/// Reads `weight:` or `activation:`: spec keys, or `none`.
static LogicalResult readSpec(ConfigReader &reader, const YamlEntry &entry,
                              SpecPatch &patch) {
  const YamlNode &node = *entry.value;
  if (node.isScalar() && node.scalar == "none") {
    patch = SpecPatch::none();
    return success();
  }
  if (!node.isMap())
    return reader.error(node.isNull() ? entry.mark : node.mark,
                        "expected '" + entry.key +
                            "' to be none or a map of spec keys");
  static const StringRef keys[] = {"bits",        "signed",   "scheme",
                                   "granularity", "observer", "narrow"};
  std::string what = (entry.key == "weight" ? "a weight" : "an activation");
  if (failed(reader.checkMap(node, what + " spec", keys)))
    return failure();

  YamlMark narrowMark;
  for (const YamlEntry &key : node.entries) {
    LogicalResult result = success();
    if (key.key == "bits") {
      result = reader.readBits(key, patch.bits);
    } else if (key.key == "signed") {
      result = reader.readBool(key, patch.isSigned.emplace());
    } else if (key.key == "scheme") {
      result = reader.readKeyword<QuantScheme>(key, kSchemes,
                                               patch.scheme.emplace());
    } else if (key.key == "granularity") {
      result = reader.readKeyword<QuantGranularity>(
          key, kGranularities, patch.granularity.emplace());
    } else if (key.key == "observer") {
      result = readObserver(reader, key,
                            entry.key == "weight" ? QuantRole::Weight
                                                  : QuantRole::Activation,
                            patch.observer);
    } else {
      narrowMark = key.value->mark;
      result = reader.readBool(key, patch.narrow.emplace());
    }
    if (failed(result))
      return failure();
  }
  if (patch.narrow.value_or(false) && !patch.isSigned.value_or(true))
    return reader.error(narrowMark,
                        "'narrow' leaves out the most negative integer, which "
                        "'signed: false' does not have");
  return success();
}

/// Calls `read` on every text of a non-empty list, or on a single text.
static LogicalResult
forEachText(ConfigReader &reader, const YamlEntry &entry,
            llvm::function_ref<LogicalResult(StringRef, YamlMark)> read) {
  if (!entry.value->isSequence()) {
    std::string text;
    if (failed(reader.readText(entry, text)))
      return failure();
    return read(text, entry.value->mark);
  }
  if (entry.value->items.empty())
    return reader.error(entry.value->mark,
                        "expected at least one value for '" + entry.key + "'");
  for (const YamlNodePtr &item : entry.value->items) {
    std::string text;
    if (failed(reader.readText({entry.key, item->mark, item}, text)) ||
        failed(read(text, item->mark)))
      return failure();
  }
  return success();
}

static LogicalResult addPattern(ConfigReader &reader, StringRef text,
                                YamlMark mark,
                                std::vector<NamePattern> &patterns) {
  llvm::Expected<NamePattern> pattern = NamePattern::parse(text);
  if (!pattern)
    return reader.error(mark, "invalid layer pattern '" + text +
                                  "': " + llvm::toString(pattern.takeError()));
  patterns.push_back(*pattern);
  return success();
}

/// Reads `role:`, which is `weight`, `activation`, or role names.
static LogicalResult readMatchedRole(ConfigReader &reader,
                                     const YamlEntry &entry, ConfigRule &rule) {
  for (const Keyword<QuantRole> &keyword : kRoles)
    if (entry.value->isScalar() && entry.value->scalar == keyword.name) {
      rule.role = keyword.value;
      return success();
    }
  if (failed(forEachText(reader, entry, [&](StringRef text, YamlMark mark) {
        if (const KnownRole *known = lookupRole(text)) {
          rule.roleNames.push_back(makeRoleName(*known));
          return success();
        }
        llvm::SmallVector<StringRef> names;
        if (entry.value->isScalar())
          for (const Keyword<QuantRole> &keyword : kRoles)
            names.push_back(keyword.name);
        for (const KnownRole &role : getKnownRoles())
          names.push_back(role.name);
        return reader.unknown(mark, "value for 'role'", text, names);
      })))
    return failure();
  unifyRoles(rule);
  return success();
}

static LogicalResult readMatch(ConfigReader &reader, const YamlEntry &entry,
                               ConfigRule &rule) {
  static const StringRef keys[] = {"layer", "op", "role"};
  if (failed(reader.checkMap(*entry.value, "a match", keys)))
    return failure();
  if (entry.value->entries.empty())
    return reader.error(entry.value->mark,
                        "expected a match by 'layer', 'op' or 'role'; use "
                        "'default' for every tensor");
  for (const YamlEntry &key : entry.value->entries) {
    LogicalResult result = success();
    if (key.key == "layer") {
      result = forEachText(reader, key, [&](StringRef text, YamlMark mark) {
        return addPattern(reader, text, mark, rule.layers);
      });
    } else if (key.key == "op") {
      result = forEachText(reader, key, [&](StringRef text, YamlMark) {
        text.consume_front("npir.");
        rule.ops.push_back(text.str());
        return success();
      });
    } else {
      result = readMatchedRole(reader, key, rule);
    }
    if (failed(result))
      return failure();
  }
  return success();
}

static LogicalResult readRule(ConfigReader &reader, const YamlNode &node,
                              ConfigRule &rule) {
  static const StringRef keys[] = {"match", "weight", "activation", "optional"};
  if (failed(reader.checkMap(node, "a rule", keys)))
    return failure();
  rule.loc = reader.locate(node.mark);
  const YamlEntry *specs[2] = {};
  bool hasMatch = false;
  for (const YamlEntry &entry : node.entries) {
    LogicalResult result = success();
    if (entry.key == "match") {
      hasMatch = true;
      result = readMatch(reader, entry, rule);
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
  return success();
}

LogicalResult readRules(ConfigReader &reader, const YamlEntry &entry,
                        QuantConfig &config) {
  if (entry.value->isNull())
    return success();
  if (!entry.value->isSequence())
    return reader.error(entry.value->mark,
                        "expected 'rules' to be a list, each rule after '- '");
  for (const YamlNodePtr &item : entry.value->items) {
    ConfigRule rule;
    if (failed(readRule(reader, *item, rule)))
      return failure();
    config.rules.push_back(std::move(rule));
  }
  return success();
}

LogicalResult readSkip(ConfigReader &reader, const YamlEntry &entry,
                       QuantConfig &config) {
  if (entry.value->isNull() ||
      (entry.value->isSequence() && entry.value->items.empty()))
    return success();
  return forEachText(reader, entry, [&](StringRef text, YamlMark mark) {
    ConfigRule rule;
    rule.loc = reader.locate(mark);
    rule.title = ("skip pattern '" + text + "'").str();
    rule.weight = SpecPatch::none();
    rule.activation = SpecPatch::none();
    if (failed(addPattern(reader, text, mark, rule.layers)))
      return failure();
    config.rules.push_back(std::move(rule));
    return success();
  });
}

static LogicalResult readDefault(ConfigReader &reader, const YamlEntry &entry,
                                 QuantConfig &config) {
  static const StringRef keys[] = {"weight", "activation"};
  if (entry.value->isNull())
    return success();
  if (failed(reader.checkMap(*entry.value, "the default", keys)))
    return failure();
  config.defaultLoc = reader.locate(entry.mark);
  for (const YamlEntry &spec : entry.value->entries) {
    SpecPatch patch;
    if (failed(readSpec(reader, spec, patch)))
      return failure();
    patch.applyTo(spec.key == "weight" ? config.defaultWeight
                                       : config.defaultActivation);
  }
  return success();
}

/// Checks `version:`, whose absence is an error too.
static LogicalResult readVersion(ConfigReader &reader, const YamlNode &root) {
  for (const YamlEntry &entry : root.entries) {
    if (entry.key != "version")
      continue;
    int64_t version;
    if (failed(reader.readInteger(entry, 1, INT32_MAX, version)))
      return failure();
    if (version > kConfigVersion)
      return reader.error(entry.value->mark,
                          "config of version " + llvm::Twine(version) +
                              ", but this build reads versions up to " +
                              llvm::Twine(kConfigVersion));
    return success();
  }
  return reader.error(root.mark,
                      "expected 'version: " + llvm::Twine(kConfigVersion) +
                          "' at the top of the config");
}

LogicalResult readNativeConfig(ConfigReader &reader, const YamlNode &root,
                               QuantConfig &config) {
  static const StringRef keys[] = {"version", "default", "rules", "skip"};
  // The version first: a newer config may have other keys.
  if (root.find("version") && failed(readVersion(reader, root)))
    return failure();
  if (failed(reader.checkMap(root, "a config", keys)) ||
      failed(readVersion(reader, root)))
    return failure();
  const YamlEntry *skip = nullptr;
  for (const YamlEntry &entry : root.entries) {
    LogicalResult result = success();
    if (entry.key == "default")
      result = readDefault(reader, entry, config);
    else if (entry.key == "rules")
      result = readRules(reader, entry, config);
    else if (entry.key == "skip")
      skip = &entry;
    if (failed(result))
      return failure();
  }
  // Last, so that no rule brings a skipped layer back.
  return skip ? readSkip(reader, *skip, config) : success();
}

} // namespace mlir::npir
