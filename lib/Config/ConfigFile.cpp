// This file implements the reading of a config file: which of the formats it
// is, and its way from text to structs.
#include "npir/Config/ConfigFile.h"
#include "ConfigReader.h"
#include "npir/Config/Presets.h"
#include "npir/Support/ReadFile.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Path.h"

namespace mlir::npir {

/// Whose base is being read, by way of which others.
using Chain = llvm::ArrayRef<std::string>;

static llvm::Expected<QuantConfig>
parseConfig(llvm::StringRef text, llvm::StringRef name, Chain chain);

static llvm::Expected<QuantConfig> loadConfig(llvm::StringRef path,
                                              Chain chain) {
  if (path.starts_with(kPresetPrefix)) {
    llvm::Expected<const Preset *> preset = findPreset(path);
    if (!preset)
      return preset.takeError();
    return parseConfig((*preset)->text, path, chain);
  }
  auto buffer = readFile(path);
  if (!buffer)
    return buffer.takeError();
  return parseConfig((*buffer)->getBuffer(), path, chain);
}

/// Reads the base that the last of `chain` names `path`: a preset, or a file
/// whose path starts at that one's folder.
static llvm::Expected<QuantConfig> loadBase(llvm::StringRef path, Chain chain) {
  llvm::SmallString<128> file(path);
  if (!path.starts_with(kPresetPrefix) && !llvm::sys::path::is_absolute(path)) {
    file = llvm::sys::path::parent_path(chain.back());
    llvm::sys::path::append(file, path);
    llvm::sys::path::remove_dots(file, /*remove_dot_dot=*/true);
  }
  if (llvm::is_contained(chain, file.str()))
    return llvm::createStringError(file + ": is based on itself");
  return loadConfig(file, chain);
}

static llvm::Expected<QuantConfig>
parseConfig(llvm::StringRef text, llvm::StringRef name, Chain chain) {
  llvm::Expected<YamlNodePtr> root = parseYaml(text, name);
  if (!root)
    return root.takeError();
  ConfigReader reader(name);
  if (!(*root)->isMap()) {
    (void)reader.error((*root)->mark,
                       (*root)->isNull()
                           ? "the config is empty, expected 'version: 1'"
                           : "expected a config, a map of keys to values");
    return reader.takeError();
  }

  std::vector<std::string> names(chain.begin(), chain.end());
  names.push_back(name.str());
  QuantConfig config;
  std::optional<BlockFormat> format = detectBlockFormat(**root);
  llvm::LogicalResult result =
      format ? readBlockConfig(reader, **root, *format, config)
             : readNativeConfig(
                   reader, **root,
                   [&](llvm::StringRef path) { return loadBase(path, names); },
                   config);
  if (failed(result))
    return reader.takeError();
  config.messages = reader.takeMessages();
  return config;
}

llvm::Expected<QuantConfig> parseConfig(llvm::StringRef text,
                                        llvm::StringRef name) {
  return parseConfig(text, name, Chain());
}

llvm::Expected<QuantConfig> loadConfig(llvm::StringRef path) {
  return loadConfig(path, Chain());
}

//===----------------------------------------------------------------------===//
// Structure
//===----------------------------------------------------------------------===//

static llvm::json::Value toJSON(const YamlNode &node);

static void addEntries(llvm::json::Object &object, const YamlNode &map) {
  for (const YamlEntry &entry : map.entries) {
    llvm::json::Object *section = object.getObject(entry.key);
    if (section && entry.value->isMap())
      addEntries(*section, *entry.value);
    else
      object[entry.key] = toJSON(*entry.value);
  }
}

static llvm::json::Value toJSON(const YamlNode &node) {
  switch (node.kind) {
  case YamlNode::Kind::Null:
    return nullptr;
  case YamlNode::Kind::Scalar: {
    llvm::StringRef text = node.scalar;
    int64_t integer;
    double real;
    if (text == "true" || text == "false")
      return text == "true";
    if (!text.getAsInteger(10, integer))
      return integer;
    if (text.find_first_of("0123456789") != llvm::StringRef::npos &&
        text.find_first_not_of("0123456789+-.eE") == llvm::StringRef::npos &&
        !text.getAsDouble(real))
      return real;
    // A copy: the tree goes before the value does.
    return text.str();
  }
  case YamlNode::Kind::Sequence: {
    llvm::json::Array array;
    for (const YamlNodePtr &item : node.items)
      array.push_back(toJSON(*item));
    return array;
  }
  case YamlNode::Kind::Map: {
    llvm::json::Object object;
    addEntries(object, node);
    return object;
  }
  }
  llvm_unreachable("unknown kind of node");
}

llvm::Expected<llvm::json::Value> configToJSON(llvm::StringRef text,
                                               llvm::StringRef name) {
  llvm::Expected<YamlNodePtr> root = parseYaml(text, name);
  if (!root)
    return root.takeError();
  return toJSON(**root);
}

} // namespace mlir::npir
