// This file tests that the schema for editors knows the keys that the readers
// know, and no others.
#include "ConfigTestUtils.h"
#include "npir/Config/ConfigKeys.h"
#include "llvm/Support/JSON.h"
#include <set>

using namespace mlir::npir;

namespace {

TEST(ConfigSchema, HasTheReadersKeys) {
  llvm::Expected<llvm::json::Value> schema =
      llvm::json::parse(getConfigSchema());
  ASSERT_TRUE(bool(schema)) << llvm::toString(schema.takeError());
  const llvm::json::Object *definitions =
      schema->getAsObject()->getObject("definitions");
  ASSERT_TRUE(definitions);
  std::set<std::string> closed;
  for (const auto &[name, definition] : *definitions)
    if (definition.getAsObject()->getBoolean("additionalProperties") == false)
      closed.insert(name.str());
  for (const ConfigMap &map : getConfigMaps()) {
    std::set<std::string> expected, found;
    for (llvm::StringRef key : map.keys)
      expected.insert(key.str());
    EXPECT_EQ(closed.erase(map.name.str()), 1u) << map.name.str();
    const llvm::json::Object *definition = definitions->getObject(map.name);
    ASSERT_TRUE(definition);
    for (const auto &[key, value] : *definition->getObject("properties"))
      if (key.str() != "...")
        found.insert(key.str());
    EXPECT_EQ(found, expected) << map.name.str();
  }
  EXPECT_EQ(closed, std::set<std::string>()) << "maps that no reader reads";
}

} // namespace
