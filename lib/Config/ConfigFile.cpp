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

llvm::Expected<QuantConfig> loadConfig(llvm::StringRef path) {
  auto buffer = readFile(path);
  if (!buffer)
    return buffer.takeError();
  return parseConfig((*buffer)->getBuffer(), path);
}

} // namespace mlir::npir
