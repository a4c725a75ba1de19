// This file implements the reading of the config formats of a ViT block
// (`default`, `layers`, `attn_layer`, `residual_layer`) and of a linear layer
// (`outputs`, `weight`, `activation`). Both use the same keys for a spec.
#include "BlockSpec.h"
#include "ConfigReader.h"
#include "npir/Config/RoleNames.h"
#include "npir/Support/NearestName.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/Twine.h"

using llvm::failure;
using llvm::LogicalResult;
using llvm::StringRef;
using llvm::success;

namespace mlir::npir {

static bool isSection(StringRef key) {
  return key == "layers" || key == "attn_layer" || key == "residual_layer";
}

std::optional<BlockFormat> detectBlockFormat(const YamlNode &root) {
  if (root.find("version"))
    return std::nullopt;
  for (const YamlEntry &entry : root.entries)
    if (isSection(entry.key))
      return BlockFormat::ViTBlock;
  for (StringRef key : {"outputs", "output", "weight", "activation"})
    if (root.find(key))
      return BlockFormat::LinearLayer;
  // A default alone may be NPIR's own, whose version is missing.
  const YamlNode *defaults = root.find("default");
  if (defaults && defaults->isMap())
    for (const YamlEntry &entry : defaults->entries)
      if (llvm::is_contained(getConfigKeys("entry"), entry.key))
        return BlockFormat::ViTBlock;
  return std::nullopt;
}

namespace {

/// What one file holds, while it is read.
class BlockConfigReader {
public:
  BlockConfigReader(ConfigReader &reader, const YamlNode &root,
                    QuantConfig &config)
      : reader(reader), root(root), config(config) {}

  LogicalResult readViTBlock();
  LogicalResult readLinearLayer();

private:
  LogicalResult checkTopLevel(llvm::ArrayRef<StringRef> keys);
  LogicalResult readDefault();
  LogicalResult readSection(const YamlEntry &section);
  LogicalResult readSection(const YamlEntry &section, QuantRole role);
  RoleName readRoleName(StringRef section, const YamlEntry &entry);
  LogicalResult readRole(StringRef section, const YamlEntry &entry);
  LogicalResult readRoles();
  LogicalResult readProfiler();
  /// Sets keys of the defaults, and remembers that `entry` did.
  void addDefault(const YamlEntry &entry, std::string title,
                  const SpecPatch &weight, const SpecPatch &activation);
  void applyDefault(const YamlEntry &entry, const BlockSpec &spec);

  ConfigReader &reader;
  const YamlNode &root;
  QuantConfig &config;
  /// `section/name` of every role read, and where.
  llvm::StringMap<YamlMark> seenRoles;
};

} // namespace

LogicalResult BlockConfigReader::checkTopLevel(llvm::ArrayRef<StringRef> keys) {
  llvm::StringMap<YamlMark> seen;
  for (const YamlEntry &entry : root.entries) {
    if (!llvm::is_contained(keys, entry.key))
      return reader.error(entry.mark, "unknown key '" + entry.key +
                                          "' in a config" +
                                          suggestName(entry.key, keys));
    // One key under two names.
    StringRef key = entry.key == "output" ? "outputs" : StringRef(entry.key);
    auto [it, isNew] = seen.try_emplace(key, entry.mark);
    if (isNew)
      continue;
    if (!isSection(key))
      return reader.error(entry.mark, "key '" + entry.key +
                                          "' is given twice, first on line " +
                                          llvm::Twine(it->second.line));
    reader.remark(entry.mark, "section '" + entry.key +
                                  "' is repeated and merged with that on "
                                  "line " +
                                  llvm::Twine(it->second.line));
  }
  return success();
}

/// Reads `enable_profiler:`, which is for all tensors.
LogicalResult BlockConfigReader::readProfiler() {
  SpecPatch patch;
  for (const YamlEntry &entry : root.entries) {
    if (!isProfilerKey(entry.key))
      continue;
    if (failed(readProfile(reader, entry, patch.profile)))
      return failure();
    addDefault(entry, "'" + entry.key + "'", patch, patch);
  }
  return success();
}

void BlockConfigReader::addDefault(const YamlEntry &entry, std::string title,
                                   const SpecPatch &weight,
                                   const SpecPatch &activation) {
  weight.applyTo(config.defaultWeight);
  activation.applyTo(config.defaultActivation);
  config.defaults.push_back(
      {reader.locate(entry.mark), std::move(title), weight, activation});
}

void BlockConfigReader::applyDefault(const YamlEntry &entry,
                                     const BlockSpec &spec) {
  // A default is for weights and activations alike, but affine weights would
  // have zero points, which no target's kernels take. A weight's own section
  // may still ask for them.
  SpecPatch weight = spec.patch;
  if (weight.scheme == QuantScheme::Affine) {
    weight.scheme = std::nullopt;
    reader.remark(spec.schemeMark, "'Affine' in the default is for "
                                   "activations, weights stay symmetric");
  }
  addDefault(entry, "default", weight, spec.patch);
}

/// Reads `default:`, which both formats may leave out.
LogicalResult BlockConfigReader::readDefault() {
  // The built-in default differs from that of NPIR's own format.
  config.defaultActivation.scheme = QuantScheme::Symmetric;
  config.defaultActivation.granularity = QuantGranularity::PerChannel;
  config.defaultActivation.observer.kind = ObserverParams::Kind::Percentile;
  config.defaultWeight.observer.kind = ObserverParams::Kind::Percentile;
  if (failed(readProfiler()))
    return failure();
  const YamlEntry *entry = findEntry(root, "default");
  if (!entry)
    return success();
  BlockSpec spec;
  if (failed(readBlockSpec(reader, *entry, spec)))
    return failure();
  SpecConfig before = config.defaultActivation;
  applyDefault(*entry, spec);
  return checkBlockSpec(reader, spec, before, config.defaultActivation);
}

LogicalResult BlockConfigReader::readRoles() {
  const YamlEntry *roles = findEntry(root, "roles");
  return roles ? npir::readRoles(reader, *roles, config) : success();
}

/// What the name of an entry means: a role, or part of a layer's name.
RoleName BlockConfigReader::readRoleName(StringRef section,
                                         const YamlEntry &entry) {
  const KnownRole *known = lookupRole(entry.key);
  std::optional<RoleName> role = findRole(config, entry.key);
  if (role && (!known || known->section == section))
    return *role;
  RoleName name;
  name.name = entry.key;
  name.words.push_back(NamePattern::forWords(entry.key));
  llvm::SmallVector<StringRef> names;
  for (const KnownRole &other : getKnownRoles())
    if (other.section == section)
      names.push_back(other.name);
  for (const RoleName &other : config.roles)
    names.push_back(other.name);
  if (std::optional<StringRef> near = nearestName(entry.key, names))
    reader.remark(entry.mark,
                  "'" + entry.key +
                      "' is not the name of a role, did you mean '" + *near +
                      "'? It is taken for part of a layer's name");
  return name;
}

LogicalResult BlockConfigReader::readRole(StringRef section,
                                          const YamlEntry &entry) {
  auto [it, isNew] =
      seenRoles.try_emplace((section + "/" + entry.key).str(), entry.mark);
  if (!isNew)
    return reader.error(entry.mark, "layer '" + entry.key + "' of section '" +
                                        section +
                                        "' is given twice, first on line " +
                                        llvm::Twine(it->second.line));
  BlockSpec spec;
  if (failed(readBlockSpec(reader, entry, spec)))
    return failure();

  QuantRole role =
      section == "layers" ? QuantRole::Weight : QuantRole::Activation;
  RoleName name = readRoleName(section, entry);
  role = name.role.value_or(role);

  ConfigRule rule;
  rule.loc = reader.locate(entry.mark);
  rule.title = "role '" + entry.key + "'";
  rule.ifUnmatched = ConfigSeverity::Warning;
  rule.role = role;
  rule.isEntry = true;
  rule.roleNames.push_back(std::move(name));
  (role == QuantRole::Weight ? rule.weight : rule.activation) = spec.patch;

  const SpecConfig &before = config.getDefault(role);
  SpecConfig effective = before;
  spec.patch.applyTo(effective);
  if (failed(checkBlockSpec(reader, spec, before, effective)))
    return failure();
  if (entry.key == kIntSoft &&
      effective.granularity == QuantGranularity::PerChannel &&
      effective.observer.kind == ObserverParams::Kind::MinMax)
    reader.warn(entry.mark, "MinmaxObserver with channel_wise loses accuracy "
                            "on softmax, set 'calibration_mode: layer_wise'");
  config.rules.push_back(std::move(rule));
  return success();
}

LogicalResult BlockConfigReader::readSection(const YamlEntry &section) {
  if (section.value->isNull())
    return success();
  std::optional<YamlNode> map = withoutElisions(reader, *section.value);
  if (!map)
    return success();
  if (!map->isMap())
    return reader.error(map->mark, "expected '" + section.key +
                                       "' to be a map of layers to specs");
  for (const YamlEntry &entry : map->entries)
    if (failed(readRole(section.key, entry)))
      return failure();
  return success();
}

LogicalResult BlockConfigReader::readViTBlock() {
  if (failed(checkTopLevel(getConfigKeys("vit_block"))) ||
      failed(readRoles()) || failed(readDefault()))
    return failure();
  for (const YamlEntry &entry : root.entries)
    if (isSection(entry.key) && failed(readSection(entry)))
      return failure();
  // A longer name is the more specific one and wins: `mlp_act` over `mlp`.
  llvm::stable_sort(config.rules, [](const ConfigRule &a, const ConfigRule &b) {
    return a.roleNames.front().name.size() < b.roleNames.front().name.size();
  });
  if (failed(readRulesAndSkip(reader, root, config)))
    return failure();
  return checkSchemes(reader, config);
}

/// Reads `weight:` or `outputs:`, a default of one role.
LogicalResult BlockConfigReader::readSection(const YamlEntry &section,
                                             QuantRole role) {
  BlockSpec spec;
  if (failed(readBlockSpec(reader, section, spec)))
    return failure();
  SpecConfig before = config.getDefault(role);
  bool isWeight = role == QuantRole::Weight;
  addDefault(section, "section '" + section.key + "'",
             isWeight ? spec.patch : SpecPatch(),
             isWeight ? SpecPatch() : spec.patch);
  return checkBlockSpec(reader, spec, before, config.getDefault(role));
}

LogicalResult BlockConfigReader::readLinearLayer() {
  if (failed(checkTopLevel(getConfigKeys("linear_layer"))) ||
      failed(readRoles()) || failed(readDefault()))
    return failure();

  if (const YamlEntry *weight = findEntry(root, "weight"))
    if (failed(readSection(*weight, QuantRole::Weight)))
      return failure();
  const YamlEntry *outputs = findEntry(root, "outputs");
  if (!outputs)
    outputs = findEntry(root, "output");
  if (outputs && failed(readSection(*outputs, QuantRole::Activation)))
    return failure();

  if (const YamlEntry *inputs = findEntry(root, "activation")) {
    BlockSpec spec;
    if (failed(readBlockSpec(reader, *inputs, spec)))
      return failure();
    SpecConfig effective = config.defaultActivation;
    spec.patch.applyTo(effective);
    if (failed(
            checkBlockSpec(reader, spec, config.defaultActivation, effective)))
      return failure();
    ConfigRule rule;
    rule.loc = reader.locate(inputs->mark);
    rule.title = "section 'activation'";
    rule.ops.push_back(kInputOpName.str());
    rule.role = QuantRole::Activation;
    rule.isEntry = true;
    rule.activation = spec.patch;
    rule.ifUnmatched = ConfigSeverity::Warning;
    config.rules.push_back(std::move(rule));
  }
  if (failed(readRulesAndSkip(reader, root, config)))
    return failure();
  return checkSchemes(reader, config);
}

LogicalResult readBlockConfig(ConfigReader &reader, const YamlNode &root,
                              BlockFormat format, QuantConfig &config) {
  BlockConfigReader blockReader(reader, root, config);
  return format == BlockFormat::ViTBlock ? blockReader.readViTBlock()
                                         : blockReader.readLinearLayer();
}

} // namespace mlir::npir
