// This file implements the reading of NPIR's own config format.
#include "ConfigReader.h"
#include "npir/Config/ConfigFile.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

using llvm::failure;
using llvm::LogicalResult;
using llvm::success;

namespace mlir::npir {

static LogicalResult readDefault(ConfigReader &reader, const YamlEntry &entry,
                                 QuantConfig &config) {
  if (entry.value->isNull())
    return success();
  if (failed(reader.checkMap(*entry.value, "the default",
                             getConfigKeys("default"))))
    return failure();
  ConfigDefault place = {reader.locate(entry.mark), "default", {}, {}};
  for (const YamlEntry &spec : entry.value->entries) {
    bool isWeight = spec.key == "weight";
    SpecPatch &patch = isWeight ? place.weight : place.activation;
    if (failed(readSpec(reader, spec, patch)))
      return failure();
    patch.applyTo(isWeight ? config.defaultWeight : config.defaultActivation);
  }
  config.defaults.push_back(std::move(place));
  return success();
}

/// Reads `base:`, whose config is what this one changes.
static LogicalResult readBase(ConfigReader &reader, const YamlEntry &entry,
                              BaseLoader loadBase, QuantConfig &config) {
  std::string path;
  if (failed(reader.readText(entry, path)))
    return failure();
  llvm::Expected<QuantConfig> base = loadBase(path);
  if (!base)
    return reader.error(entry.value->mark,
                        "cannot read the base: " +
                            llvm::toString(base.takeError()));
  config = std::move(*base);
  reader.addMessages(std::move(config.messages));
  config.messages.clear();
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
                               BaseLoader loadBase, QuantConfig &config) {
  // The version first: a newer config may have other keys.
  if (root.find("version") && failed(readVersion(reader, root)))
    return failure();
  if (failed(reader.checkMap(root, "a config", getConfigKeys("native"))) ||
      failed(readVersion(reader, root)))
    return failure();
  if (const YamlEntry *base = findEntry(root, "base"))
    if (failed(readBase(reader, *base, loadBase, config)))
      return failure();
  if (const YamlEntry *defaults = findEntry(root, "default"))
    if (failed(readDefault(reader, *defaults, config)))
      return failure();
  if (const YamlEntry *roles = findEntry(root, "roles"))
    if (failed(readRoles(reader, *roles, config)))
      return failure();
  if (failed(readRulesAndSkip(reader, root, config)))
    return failure();
  return checkSchemes(reader, config);
}

} // namespace mlir::npir
