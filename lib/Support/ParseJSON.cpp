// This file implements the parsing of files in JSON.
#include "npir/Support/ParseJSON.h"
#include "llvm/ADT/Twine.h"
#include <algorithm>

namespace json = llvm::json;

namespace mlir::npir {

/// More than any file of ours: statistics nest four deep.
static constexpr size_t kMaxDepth = 16;

/// How deep brackets nest, outside strings.
static size_t nestingDepth(llvm::StringRef text) {
  size_t depth = 0, deepest = 0;
  bool inString = false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (inString) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        inString = false;
    } else if (c == '"') {
      inString = true;
    } else if (c == '[' || c == '{') {
      deepest = std::max(deepest, ++depth);
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return deepest;
}

llvm::Expected<json::Value>
parseJSON(llvm::StringRef text, llvm::StringRef name, llvm::StringRef kind) {
  std::string prefix = (name + ": not a " + kind + ": ").str();
  if (nestingDepth(text) > kMaxDepth)
    return llvm::createStringError(prefix + "the JSON nests too deep");
  llvm::Expected<json::Value> root = json::parse(text);
  if (!root)
    return llvm::createStringError(prefix + llvm::toString(root.takeError()));
  if (!root->getAsObject())
    return llvm::createStringError(prefix + "expected a JSON object");
  return root;
}

llvm::Error checkVersion(const json::Object &object, int64_t newest,
                         llvm::StringRef name, llvm::StringRef kind,
                         llvm::StringRef remedy) {
  const json::Value *field = object.get("version");
  std::optional<int64_t> version;
  if (field)
    version = field->getAsInteger();
  if (!version || *version < 1)
    return llvm::createStringError(
        name + ": damaged " + kind + ": field 'version': " +
        (field ? "expected a positive integer" : "is missing"));
  if (*version > newest)
    return llvm::createStringError(
        name + ": " + kind + " of version " + llvm::Twine(*version) +
        ", but this build reads versions up to " + llvm::Twine(newest) +
        ": use a newer build or " + remedy);
  return llvm::Error::success();
}

} // namespace mlir::npir
