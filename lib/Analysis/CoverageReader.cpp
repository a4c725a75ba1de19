// This file implements the reading of coverage reports.
#include "npir/Analysis/Coverage.h"
#include "npir/Support/ParseJSON.h"
#include "npir/Support/ReadFile.h"

namespace json = llvm::json;

namespace mlir::npir {

static bool isCount(int64_t value, json::Path path) {
  if (value >= 0)
    return true;
  path.report("expected non-negative integer");
  return false;
}

static bool fromJSON(const json::Value &value, TargetCoverage &target,
                     json::Path path) {
  json::ObjectMapper mapper(value, path);
  return mapper && mapper.map("target", target.target) &&
         mapper.map("form", target.form) &&
         mapper.mapOptional("kernel", target.kernel) &&
         mapper.mapOptional("reason", target.reason);
}

static bool fromJSON(const json::Value &value, LayerCoverage &layer,
                     json::Path path) {
  json::ObjectMapper mapper(value, path);
  return mapper && mapper.map("layer", layer.layer) &&
         mapper.map("op", layer.op) && mapper.map("type", layer.type) &&
         mapper.map("quantized", layer.isQuantized) &&
         mapper.map("macs", layer.macs) &&
         isCount(layer.macs, path.field("macs")) &&
         mapper.map("weights", layer.weights) &&
         isCount(layer.weights, path.field("weights")) &&
         mapper.map("quantized_weight", layer.hasQuantizedWeight) &&
         mapper.mapOptional("float_reason", layer.floatReason) &&
         mapper.mapOptional("scheme", layer.scheme) &&
         mapper.mapOptional("scheme_note", layer.schemeNote) &&
         mapper.mapOptional("island", layer.island) &&
         isCount(layer.island, path.field("island")) &&
         mapper.mapOptional("converted", layer.converted) &&
         isCount(layer.converted, path.field("converted")) &&
         mapper.mapOptional("targets", layer.targets);
}

llvm::Expected<std::map<std::string, Coverage>> parseCoverage(StringRef text,
                                                              StringRef name) {
  constexpr StringLiteral kind = "coverage report";
  llvm::Expected<json::Value> root = parseJSON(text, name, kind);
  if (!root)
    return root.takeError();
  std::map<std::string, Coverage> coverages;
  for (const auto &[function, value] : *root->getAsObject()) {
    Coverage &coverage = coverages[function.str()];
    json::Path::Root rootPath("coverage");
    json::Path path = rootPath;
    json::Path field = path.field(function);
    json::ObjectMapper mapper(value, field);
    if (mapper)
      if (llvm::Error error =
              checkVersion(*value.getAsObject(), Coverage::kVersion, name, kind,
                           "report again"))
        return std::move(error);
    if (!mapper || !mapper.map("layers", coverage.layers))
      return llvm::createStringError(name + ": damaged " + kind + ": " +
                                     llvm::toString(rootPath.getError()));
  }
  return coverages;
}

llvm::Expected<std::map<std::string, Coverage>> loadCoverage(StringRef path) {
  auto buffer = readFile(path);
  if (!buffer)
    return buffer.takeError();
  return parseCoverage((*buffer)->getBuffer(), path);
}

} // namespace mlir::npir
