// This file implements the reading of a config file: which of the formats it
// is, and its way from text to structs.
#include "npir/Config/ConfigFile.h"
#include "ConfigReader.h"
#include "npir/Support/ReadFile.h"
#include "llvm/ADT/Twine.h"

namespace mlir::npir {

llvm::Expected<QuantConfig> parseConfig(llvm::StringRef text,
                                        llvm::StringRef name) {
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

  QuantConfig config;
  std::optional<BlockFormat> format = detectBlockFormat(**root);
  llvm::LogicalResult result =
      format ? readBlockConfig(reader, **root, *format, config)
             : readNativeConfig(reader, **root, config);
  if (failed(result))
    return reader.takeError();
  config.messages = reader.takeMessages();
  return config;
}

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
    return text;
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

llvm::Expected<QuantConfig> loadConfig(llvm::StringRef path) {
  auto buffer = readFile(path);
  if (!buffer)
    return buffer.takeError();
  return parseConfig((*buffer)->getBuffer(), path);
}

} // namespace mlir::npir
