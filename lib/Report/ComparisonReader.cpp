// This file implements the reading of comparisons. Nothing in the file is
// believed: the first impossible field gives the one error.
#include "ReadCount.h"

#include "npir/Report/Comparison.h"
#include "npir/Support/ParseJSON.h"
#include "npir/Support/ReadFile.h"

#include <cmath>
#include <limits>

namespace json = llvm::json;

namespace mlir::npir {

/// A number, or one of those that JSON lacks, as decibelToJSON writes them.
static bool readNumber(const json::Value &value, double &number,
                       json::Path path) {
  if (std::optional<double> finite = value.getAsNumber()) {
    number = *finite;
    return true;
  }
  constexpr double infinity = std::numeric_limits<double>::infinity();
  std::optional<llvm::StringRef> text = value.getAsString();
  if (text == "inf")
    number = infinity;
  else if (text == "-inf")
    number = -infinity;
  else if (text == "nan")
    number = std::numeric_limits<double>::quiet_NaN();
  else {
    path.report("expected number, \"inf\", \"-inf\" or \"nan\"");
    return false;
  }
  return true;
}

json::Value ErrorStatistics::toJSON() const {
  return json::Object{{"signal", decibelToJSON(signal)},
                      {"noise", decibelToJSON(noise)},
                      {"product", decibelToJSON(product)},
                      {"energy", decibelToJSON(energy)},
                      {"max_error", decibelToJSON(maxError)},
                      {"count", static_cast<int64_t>(count)}};
}

bool fromJSON(const json::Value &value, ErrorStatistics &statistics,
              json::Path path) {
  const json::Object *object = value.getAsObject();
  if (!object) {
    path.report("expected object");
    return false;
  }
  auto read = [&](llvm::StringRef key, double &number, bool isSquare) {
    const json::Value *field = object->get(key);
    if (!field) {
      path.field(key).report("missing value");
      return false;
    }
    if (!readNumber(*field, number, path.field(key)))
      return false;
    if (!isSquare || !(number < 0))
      return true;
    path.field(key).report("expected non-negative number");
    return false;
  };
  return read("signal", statistics.signal, true) &&
         read("noise", statistics.noise, true) &&
         read("product", statistics.product, false) &&
         read("energy", statistics.energy, true) &&
         read("max_error", statistics.maxError, true) &&
         readCount(object->get("count"), statistics.count, path.field("count"));
}

static bool fromJSON(const json::Value &value, ComparisonEntry &entry,
                     json::Path path) {
  json::ObjectMapper mapper(value, path);
  if (!mapper || !mapper.map("id", entry.id) ||
      !mapper.map("sums", entry.statistics) ||
      !mapper.mapOptional("integer", entry.isInteger))
    return false;
  const json::Value *differing = value.getAsObject()->get("differing");
  entry.bitsCompared = differing != nullptr;
  return !differing ||
         readCount(differing, entry.differing, path.field("differing"));
}

static bool fromJSON(const json::Value &value, Comparison &comparison,
                     json::Path path) {
  json::ObjectMapper mapper(value, path);
  uint64_t samples = 0, exact = 0;
  const json::Object &object = *value.getAsObject();
  if (!mapper.map("reference", comparison.reference) ||
      !mapper.map("test", comparison.test) ||
      !mapper.map("outputs", comparison.outputs) ||
      !mapper.map("tensors", comparison.tensors) ||
      !readCount(object.get("samples"), samples, path.field("samples")))
    return false;
  if (const json::Value *field = object.get("bit_exact_samples")) {
    comparison.bitsCompared = true;
    if (!readCount(field, exact, path.field("bit_exact_samples")))
      return false;
    if (exact > samples) {
      path.field("bit_exact_samples").report("expected at most 'samples'");
      return false;
    }
  }
  comparison.samples = static_cast<int64_t>(samples);
  comparison.bitExactSamples = static_cast<int64_t>(exact);
  return true;
}

llvm::Expected<Comparison> Comparison::parse(llvm::StringRef text,
                                             llvm::StringRef name) {
  llvm::Expected<json::Value> root = parseJSON(text, name, "comparison");
  if (!root)
    return root.takeError();
  if (llvm::Error error = checkVersion(*root->getAsObject(), kVersion, name,
                                       "comparison", "compare again"))
    return std::move(error);
  Comparison comparison;
  json::Path::Root path("comparison");
  if (!fromJSON(*root, comparison, path))
    return llvm::createStringError(
        name + ": damaged comparison: " + llvm::toString(path.getError()));
  return comparison;
}

llvm::Expected<Comparison> Comparison::load(llvm::StringRef path) {
  auto buffer = readFile(path);
  if (!buffer)
    return buffer.takeError();
  return parse((*buffer)->getBuffer(), path);
}

} // namespace mlir::npir
