// This file implements the reading of profiles. Nothing in the file is
// believed: the first impossible field gives the one error.
#include "ReadCount.h"

#include "npir/Report/QuantizationProfile.h"
#include "npir/Support/ParseJSON.h"
#include "npir/Support/ReadFile.h"

#include <cmath>

namespace json = llvm::json;

namespace mlir::npir {

/// `object[key]`, an array or, where `isOne`, its only element. False after a
/// report to `path` where `read(value, path)` is, or where there is none.
template <typename Read>
static bool readList(const json::Object &object, llvm::StringLiteral key,
                     bool isOne, json::Path path, Read read) {
  const json::Value *value = object.get(key);
  if (!value) {
    path.field(key).report("missing value");
    return false;
  }
  if (isOne)
    return read(*value, path.field(key));
  const json::Array *array = value->getAsArray();
  if (!array) {
    path.field(key).report("expected array");
    return false;
  }
  for (size_t i = 0; i < array->size(); ++i)
    if (!read((*array)[i], path.field(key).index(i)))
      return false;
  return true;
}

/// Report to `path` unless `condition` holds.
static bool expect(bool condition, json::Path path,
                   llvm::StringLiteral message) {
  if (!condition)
    path.report(message);
  return condition;
}

static bool readScales(const json::Object &object, TensorProfile &tensor,
                       json::Path path) {
  bool isOne = tensor.axis < 0;
  auto readScale = [&](const json::Value &value, json::Path at) {
    double scale = value.getAsNumber().value_or(0);
    tensor.scales.push_back(static_cast<float>(scale));
    return expect(std::isnormal(tensor.scales.back()) && scale > 0, at,
                  "expected a positive number");
  };
  auto readZeroPoint = [&](const json::Value &value, json::Path at) {
    std::optional<int64_t> zeroPoint = value.getAsInteger();
    tensor.zeroPoints.push_back(zeroPoint.value_or(0));
    return expect(zeroPoint.has_value(), at, "expected integer");
  };
  return readList(object, "scale", isOne, path, readScale) &&
         readList(object, "zero_point", isOne, path, readZeroPoint) &&
         expect(!tensor.scales.empty(), path.field("scale"),
                "expected at least one") &&
         expect(tensor.scales.size() == tensor.zeroPoints.size(),
                path.field("zero_point"), "expected as many as scales");
}

static bool readStatistics(const json::Value &value, TensorProfile &tensor,
                           json::Path path) {
  json::ObjectMapper mapper(value, path);
  double min = 0, max = 0;
  int64_t bits = 0;
  if (!mapper || !mapper.map("id", tensor.id) || !mapper.map("bits", bits) ||
      !mapper.map("signed", tensor.isSigned) || !mapper.map("min", min) ||
      !mapper.map("max", max) || !mapper.mapOptional("axis", tensor.axis))
    return false;
  const json::Object &object = *value.getAsObject();
  auto read = [&](llvm::StringLiteral key, uint64_t &count) {
    return readCount(object.get(key), count, path.field(key));
  };
  tensor.bits = static_cast<unsigned>(bits);
  tensor.min = static_cast<float>(min);
  tensor.max = static_cast<float>(max);
  return expect(bits >= 2 && bits <= 16, path.field("bits"),
                "expected 2 to 16") &&
         read("count", tensor.count) && read("non_finite", tensor.nonFinite) &&
         read("clipped_count", tensor.clipped) &&
         expect(tensor.nonFinite <= tensor.count, path.field("non_finite"),
                "expected at most 'count'") &&
         expect(tensor.clipped <= tensor.count - tensor.nonFinite,
                path.field("clipped_count"),
                "expected at most the finite values") &&
         readScales(object, tensor, path);
}

static bool readHistogram(const json::Value &value, TensorProfile &tensor,
                          json::Path path) {
  json::ObjectMapper mapper(value, path);
  if (!mapper || !mapper.map("edges", tensor.edges))
    return false;
  auto read = [&](const json::Value &element, json::Path at) {
    return readCount(&element, tensor.counts.emplace_back(), at);
  };
  return readList(*value.getAsObject(), "counts", /*isOne=*/false, path,
                  read) &&
         expect(tensor.edges.size() ==
                    tensor.counts.size() + !tensor.counts.empty(),
                path.field("edges"), "expected one more than 'counts'");
}

static bool readSums(const json::Value &value, TensorProfile &tensor,
                     json::Path path) {
  json::ObjectMapper mapper(value, path);
  return mapper && mapper.map("local", tensor.local) &&
         mapper.map("cumulative", tensor.cumulative);
}

static bool fromJSON(const json::Value &value, TensorProfile &tensor,
                     json::Path path) {
  json::ObjectMapper mapper(value, path);
  if (!mapper || !mapper.map("time", tensor.seconds))
    return false;
  const json::Object &object = *value.getAsObject();
  auto read = [&](llvm::StringLiteral key, auto readField) {
    const json::Value *field = object.get(key);
    return expect(field, path.field(key), "missing value") &&
           readField(*field, tensor, path.field(key));
  };
  return read("statistics", readStatistics) &&
         read("histogram", readHistogram) && read("sums", readSums) &&
         readCount(object.get("memory"), tensor.bytes, path.field("memory"));
}

static bool fromJSON(const json::Value &value, LayerProfile &layer,
                     json::Path path) {
  json::ObjectMapper mapper(value, path);
  return mapper && mapper.map("layer", layer.layer) &&
         mapper.mapOptional("output", layer.output) &&
         mapper.mapOptional("weight", layer.weight);
}

static bool fromJSON(const json::Value &value,
                     std::pair<std::string, ErrorStatistics> &output,
                     json::Path path) {
  json::ObjectMapper mapper(value, path);
  return mapper && mapper.map("name", output.first) &&
         mapper.map("sums", output.second);
}

static bool fromJSON(const json::Value &value, QuantizationProfile &profile,
                     json::Path path) {
  json::ObjectMapper mapper(value, path);
  if (!mapper || !mapper.map("model", profile.model) ||
      !mapper.map("layers", profile.layers))
    return false;
  const json::Object &object = *value.getAsObject();
  uint64_t samples = 0;
  const json::Value *summary = object.get("summary");
  if (!readCount(object.get("samples"), samples, path.field("samples")) ||
      !expect(summary, path.field("summary"), "missing value"))
    return false;
  profile.samples = static_cast<int64_t>(samples);
  json::ObjectMapper inner(*summary, path.field("summary"));
  return inner && inner.map("outputs", profile.outputs);
}

llvm::Expected<QuantizationProfile>
QuantizationProfile::parse(llvm::StringRef text, llvm::StringRef name) {
  constexpr llvm::StringLiteral kind = "profile";
  llvm::Expected<json::Value> root = parseJSON(text, name, kind);
  if (!root)
    return root.takeError();
  if (llvm::Error error = checkVersion(*root->getAsObject(), kVersion, name,
                                       kind, "profile again"))
    return std::move(error);
  QuantizationProfile profile;
  json::Path::Root path(kind);
  if (!fromJSON(*root, profile, path))
    return llvm::createStringError(name + ": damaged " + kind + ": " +
                                   llvm::toString(path.getError()));
  return profile;
}

llvm::Expected<QuantizationProfile>
QuantizationProfile::load(llvm::StringRef path) {
  auto buffer = readFile(path);
  if (!buffer)
    return buffer.takeError();
  return parse((*buffer)->getBuffer(), path);
}

} // namespace mlir::npir
