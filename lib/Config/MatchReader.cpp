// This file implements the reading of which tensors a rule matches, and of
// the names that `roles:` gives to tensors.
#include "MatchReader.h"
#include "npir/Config/RoleNames.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

using llvm::failure;
using llvm::LogicalResult;
using llvm::StringRef;
using llvm::success;

namespace mlir::npir {

static const Keyword<QuantRole> kRoles[] = {
    {"weight", QuantRole::Weight}, {"activation", QuantRole::Activation}};

/// Sets the rule's role to what all of its role names are, if they agree.
static void unifyRoles(ConfigRule &rule) {
  std::optional<QuantRole> first = rule.roleNames.front().role;
  if (llvm::all_of(rule.roleNames,
                   [&](const RoleName &name) { return name.role == first; }))
    rule.role = first;
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

LogicalResult addPattern(ConfigReader &reader, StringRef text, YamlMark mark,
                         std::vector<NamePattern> &patterns) {
  llvm::Expected<NamePattern> pattern = NamePattern::parse(text);
  if (!pattern)
    return reader.error(mark, "invalid layer pattern '" + text +
                                  "': " + llvm::toString(pattern.takeError()));
  patterns.push_back(*pattern);
  return success();
}

static LogicalResult readPatterns(ConfigReader &reader, const YamlEntry &entry,
                                  std::vector<NamePattern> &patterns) {
  return forEachText(reader, entry, [&](StringRef text, YamlMark mark) {
    return addPattern(reader, text, mark, patterns);
  });
}

static LogicalResult readOps(ConfigReader &reader, const YamlEntry &entry,
                             std::vector<std::string> &ops) {
  return forEachText(reader, entry, [&](StringRef text, YamlMark) {
    text.consume_front("npir.");
    ops.push_back(text.str());
    return success();
  });
}

//===----------------------------------------------------------------------===//
// Roles
//===----------------------------------------------------------------------===//

std::optional<RoleName> findRole(const QuantConfig &config, StringRef name) {
  for (const RoleName &role : config.roles)
    if (role.name == name)
      return role;
  if (const KnownRole *known = lookupRole(name))
    return makeRoleName(*known);
  return std::nullopt;
}

/// Reads what a role is: patterns, or a map.
static LogicalResult readDefinition(ConfigReader &reader,
                                    const YamlEntry &entry,
                                    RoleDefinition &definition) {
  if (!entry.value->isMap())
    return readPatterns(reader, entry, definition.layers);
  if (failed(reader.checkMap(*entry.value, "a role", getConfigKeys("role"))))
    return failure();
  for (const YamlEntry &key : entry.value->entries) {
    LogicalResult result = success();
    if (key.key == "layer")
      result = readPatterns(reader, key, definition.layers);
    else if (key.key == "op")
      result = readOps(reader, key, definition.ops);
    else
      result =
          reader.readKeyword<QuantRole>(key, kRoles, definition.role.emplace());
    if (failed(result))
      return failure();
  }
  if (definition.layers.empty() && definition.ops.empty())
    return reader.error(entry.value->mark,
                        "expected a role to have 'layer' or 'op'");
  return success();
}

LogicalResult readRoles(ConfigReader &reader, const YamlEntry &entry,
                        QuantConfig &config) {
  if (entry.value->isNull())
    return success();
  llvm::SmallVector<StringRef> names;
  for (const YamlEntry &role : entry.value->entries)
    names.push_back(role.key);
  // Any name is a key; that finds the ones given twice.
  if (failed(reader.checkMap(*entry.value, "'roles'", names)))
    return failure();
  for (const YamlEntry &entry : entry.value->entries) {
    for (const Keyword<QuantRole> &keyword : kRoles)
      if (entry.key == keyword.name)
        return reader.error(entry.mark,
                            "'" + entry.key + "' means every " + entry.key +
                                ", expected another name for a role");
    RoleDefinition definition;
    if (failed(readDefinition(reader, entry, definition)))
      return failure();
    RoleName role;
    role.name = entry.key;
    role.role = definition.role;
    if (const KnownRole *known = lookupRole(entry.key)) {
      role = makeRoleName(*known);
      if (definition.role && definition.role != role.role)
        return reader.error(
            entry.mark,
            "role '" + entry.key + "' is one of " +
                (known->role == QuantRole::Weight ? "weights" : "activations"));
    }
    role.definition = std::move(definition);
    // A file's own role goes before its base's.
    llvm::erase_if(config.roles, [&](const RoleName &other) {
      return other.name == role.name;
    });
    config.roles.push_back(std::move(role));
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Matches
//===----------------------------------------------------------------------===//

/// Reads `role:`, which is `weight`, `activation`, or role names.
static LogicalResult readMatchedRole(ConfigReader &reader,
                                     const YamlEntry &entry,
                                     const QuantConfig &config,
                                     ConfigRule &rule) {
  for (const Keyword<QuantRole> &keyword : kRoles)
    if (entry.value->isScalar() && entry.value->scalar == keyword.name) {
      rule.role = keyword.value;
      return success();
    }
  if (failed(forEachText(reader, entry, [&](StringRef text, YamlMark mark) {
        if (std::optional<RoleName> role = findRole(config, text)) {
          rule.roleNames.push_back(std::move(*role));
          return success();
        }
        llvm::SmallVector<StringRef> names;
        if (entry.value->isScalar())
          for (const Keyword<QuantRole> &keyword : kRoles)
            names.push_back(keyword.name);
        for (const RoleName &role : config.roles)
          names.push_back(role.name);
        for (const KnownRole &role : getKnownRoles())
          names.push_back(role.name);
        return reader.unknown(mark, "value for 'role'", text, names);
      })))
    return failure();
  unifyRoles(rule);
  return success();
}

LogicalResult readBetween(ConfigReader &reader, const YamlEntry &entry,
                          std::optional<Subgraph> &between) {
  if (failed(
          reader.checkMap(*entry.value, "'between'", getConfigKeys("between"))))
    return failure();
  between.emplace();
  for (const YamlEntry &key : entry.value->entries)
    if (failed(readPatterns(reader, key,
                            key.key == "from" ? between->from : between->to)))
      return failure();
  if (between->from.empty() || between->to.empty())
    return reader.error(entry.value->mark,
                        "expected 'between' to have 'from' and 'to'");
  return success();
}

LogicalResult readMatch(ConfigReader &reader, const YamlEntry &entry,
                        const QuantConfig &config, ConfigRule &rule) {
  if (failed(reader.checkMap(*entry.value, "a match", getConfigKeys("match"))))
    return failure();
  if (entry.value->entries.empty())
    return reader.error(entry.value->mark,
                        "expected a match by 'layer', 'op', 'role' or "
                        "'between'; use 'default' for every tensor");
  for (const YamlEntry &key : entry.value->entries) {
    LogicalResult result = success();
    if (key.key == "layer")
      result = readPatterns(reader, key, rule.layers);
    else if (key.key == "op")
      result = readOps(reader, key, rule.ops);
    else if (key.key == "role")
      result = readMatchedRole(reader, key, config, rule);
    else
      result = readBetween(reader, key, rule.between);
    if (failed(result))
      return failure();
  }
  return success();
}

} // namespace mlir::npir
