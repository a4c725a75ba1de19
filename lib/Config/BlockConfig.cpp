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
      if (llvm::is_contained(getBlockSpecKeys(), entry.key))
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
  LogicalResult readRole(StringRef section, const YamlEntry &entry);
  LogicalResult readRulesAndSkip();
  const YamlEntry *findEntry(StringRef key) const;
  void applyDefault(const BlockSpec &spec);

  ConfigReader &reader;
  const YamlNode &root;
  QuantConfig &config;
  /// `section/name` of every role read, and where.
  llvm::StringMap<YamlMark> seenRoles;
};

} // namespace

const YamlEntry *BlockConfigReader::findEntry(StringRef key) const {
  for (const YamlEntry &entry : root.entries)
    if (entry.key == key)
      return &entry;
  return nullptr;
}

LogicalResult BlockConfigReader::checkTopLevel(llvm::ArrayRef<StringRef> keys) {
  llvm::StringMap<YamlMark> seen;
  for (const YamlEntry &entry : root.entries) {
    if (!llvm::is_contained(keys, entry.key))
      return reader.error(entry.mark, "unknown key '" + entry.key +
                                          "' in a config" +
                                          suggestName(entry.key, keys));
    if (isProfilerKey(entry.key)) {
      bool ignored;
      if (failed(reader.readBool(entry, ignored)))
        return failure();
    }
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

void BlockConfigReader::applyDefault(const BlockSpec &spec) {
  spec.patch.applyTo(config.defaultActivation);
  // A default is for weights and activations alike, but affine weights would
  // have zero points, which no target's kernels take. A weight's own section
  // may still ask for them.
  SpecPatch weight = spec.patch;
  if (weight.scheme == QuantScheme::Affine) {
    weight.scheme = std::nullopt;
    reader.remark(spec.schemeMark, "'Affine' in the default is for "
                                   "activations, weights stay symmetric");
  }
  weight.applyTo(config.defaultWeight);
}

/// Reads `default:`, which both formats may leave out.
LogicalResult BlockConfigReader::readDefault() {
  // The built-in default differs from that of NPIR's own format.
  config.defaultActivation.scheme = QuantScheme::Symmetric;
  config.defaultActivation.granularity = QuantGranularity::PerChannel;
  config.defaultActivation.observer.kind = ObserverParams::Kind::Percentile;
  config.defaultWeight.observer.kind = ObserverParams::Kind::Percentile;
  const YamlEntry *entry = findEntry("default");
  if (!entry)
    return success();
  BlockSpec spec;
  if (failed(readBlockSpec(reader, *entry, spec)))
    return failure();
  config.defaultLoc = reader.locate(entry->mark);
  SpecConfig before = config.defaultActivation;
  applyDefault(spec);
  checkBlockSpec(reader, spec, before, config.defaultActivation);
  return success();
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

  const KnownRole *known = lookupRole(entry.key);
  if (known && known->section != section)
    known = nullptr;
  QuantRole role =
      section == "layers" ? QuantRole::Weight : QuantRole::Activation;
  RoleName name;
  if (known) {
    role = known->role;
    name = makeRoleName(*known);
  } else {
    name.name = entry.key;
    name.words.push_back(NamePattern::forWords(entry.key));
    llvm::SmallVector<StringRef> names;
    for (const KnownRole &other : getKnownRoles())
      if (other.section == section)
        names.push_back(other.name);
    if (std::optional<StringRef> near = nearestName(entry.key, names))
      reader.remark(entry.mark, "'" + entry.key +
                                    "' is not the name of a role, did you "
                                    "mean '" +
                                    *near +
                                    "'? It is taken for part of a layer's "
                                    "name");
  }

  ConfigRule rule;
  rule.loc = reader.locate(entry.mark);
  rule.title = "role '" + entry.key + "'";
  rule.ifUnmatched = ConfigSeverity::Warning;
  rule.role = role;
  rule.roleNames.push_back(std::move(name));
  (role == QuantRole::Weight ? rule.weight : rule.activation) = spec.patch;

  const SpecConfig &before = role == QuantRole::Weight
                                 ? config.defaultWeight
                                 : config.defaultActivation;
  SpecConfig effective = before;
  spec.patch.applyTo(effective);
  checkBlockSpec(reader, spec, before, effective);
  if (known && known->name == kIntSoft &&
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

LogicalResult BlockConfigReader::readRulesAndSkip() {
  if (const YamlEntry *rules = findEntry("rules"))
    if (failed(readRules(reader, *rules, config)))
      return failure();
  if (const YamlEntry *skip = findEntry("skip"))
    return readSkip(reader, *skip, config);
  return success();
}

LogicalResult BlockConfigReader::readViTBlock() {
  static const StringRef keys[] = {
      "default", "layers", "attn_layer",      "residual_layer",
      "rules",   "skip",   "enable_profiler", "enable_profiling"};
  if (failed(checkTopLevel(keys)) || failed(readDefault()))
    return failure();
  for (const YamlEntry &entry : root.entries)
    if (isSection(entry.key) && failed(readSection(entry)))
      return failure();
  // A longer name is the more specific one and wins: `mlp_act` over `mlp`.
  llvm::stable_sort(config.rules, [](const ConfigRule &a, const ConfigRule &b) {
    return a.roleNames.front().name.size() < b.roleNames.front().name.size();
  });
  return readRulesAndSkip();
}

LogicalResult BlockConfigReader::readLinearLayer() {
  static const StringRef keys[] = {
      "default", "outputs", "output",          "weight",          "activation",
      "rules",   "skip",    "enable_profiler", "enable_profiling"};
  if (failed(checkTopLevel(keys)) || failed(readDefault()))
    return failure();

  const YamlEntry *weight = findEntry("weight");
  const YamlEntry *outputs = findEntry("outputs");
  if (!outputs)
    outputs = findEntry("output");
  BlockSpec weightSpec, outputSpec, inputSpec;
  if (weight && failed(readBlockSpec(reader, *weight, weightSpec)))
    return failure();
  if (outputs && failed(readBlockSpec(reader, *outputs, outputSpec)))
    return failure();
  auto apply = [&](const BlockSpec &section, SpecConfig &effective) {
    SpecConfig before = effective;
    section.patch.applyTo(effective);
    checkBlockSpec(reader, section, before, effective);
  };
  apply(weightSpec, config.defaultWeight);
  apply(outputSpec, config.defaultActivation);

  if (const YamlEntry *inputs = findEntry("activation")) {
    if (failed(readBlockSpec(reader, *inputs, inputSpec)))
      return failure();
    SpecConfig effective = config.defaultActivation;
    apply(inputSpec, effective);
    ConfigRule rule;
    rule.loc = reader.locate(inputs->mark);
    rule.title = "section 'activation'";
    rule.ops.push_back(kInputOpName.str());
    rule.role = QuantRole::Activation;
    rule.activation = inputSpec.patch;
    rule.ifUnmatched = ConfigSeverity::Warning;
    config.rules.push_back(std::move(rule));
  }
  return readRulesAndSkip();
}

LogicalResult readBlockConfig(ConfigReader &reader, const YamlNode &root,
                              BlockFormat format, QuantConfig &config) {
  BlockConfigReader blockReader(reader, root, config);
  return format == BlockFormat::ViTBlock ? blockReader.readViTBlock()
                                         : blockReader.readLinearLayer();
}

} // namespace mlir::npir
