// This file implements the reading of reports of single ops, and of counts.
#include "ReadCount.h"

#include "npir/Report/OpCheck.h"
#include "npir/Support/ParseJSON.h"
#include "npir/Support/ReadFile.h"

namespace json = llvm::json;

namespace mlir::npir {

bool readCount(const json::Value *value, uint64_t &count, json::Path path) {
  std::optional<uint64_t> number;
  if (value)
    number = value->getAsUINT64();
  if (!number) {
    path.report(value ? llvm::StringLiteral("expected non-negative integer")
                      : llvm::StringLiteral("missing value"));
    return false;
  }
  count = *number;
  return true;
}

static bool fromJSON(const json::Value &value, OpCheckEntry &entry,
                     json::Path path) {
  json::ObjectMapper mapper(value, path);
  if (!mapper || !mapper.map("id", entry.id) || !mapper.map("op", entry.op) ||
      !mapper.map("integer", entry.isInteger) ||
      !mapper.map("checked", entry.isChecked))
    return false;
  return !entry.isChecked ||
         (mapper.map("sums", entry.statistics) &&
          readCount(value.getAsObject()->get("differing"), entry.differing,
                    path.field("differing")));
}

static bool fromJSON(const json::Value &value, OpCheck &check,
                     json::Path path) {
  json::ObjectMapper mapper(value, path);
  const json::Object &object = *value.getAsObject();
  uint64_t samples = 0, exact = 0;
  if (!mapper.map("model", check.model) || !mapper.map("ops_of", check.ops) ||
      !mapper.map("ops", check.entries) ||
      !readCount(object.get("samples"), samples, path.field("samples")) ||
      !readCount(object.get("exact_samples"), exact,
                 path.field("exact_samples")))
    return false;
  if (exact > samples) {
    path.field("exact_samples").report("expected at most 'samples'");
    return false;
  }
  check.samples = static_cast<int64_t>(samples);
  check.exactSamples = static_cast<int64_t>(exact);
  return true;
}

llvm::Expected<OpCheck> OpCheck::parse(llvm::StringRef text,
                                       llvm::StringRef name) {
  constexpr llvm::StringLiteral kind = "report of ops";
  llvm::Expected<json::Value> root = parseJSON(text, name, kind);
  if (!root)
    return root.takeError();
  if (llvm::Error error = checkVersion(*root->getAsObject(), kVersion, name,
                                       kind, "check again"))
    return std::move(error);
  OpCheck check;
  json::Path::Root path("report");
  if (!fromJSON(*root, check, path))
    return llvm::createStringError(name + ": damaged " + kind + ": " +
                                   llvm::toString(path.getError()));
  return check;
}

llvm::Expected<OpCheck> OpCheck::load(llvm::StringRef path) {
  auto buffer = readFile(path);
  if (!buffer)
    return buffer.takeError();
  return parse((*buffer)->getBuffer(), path);
}

} // namespace mlir::npir
