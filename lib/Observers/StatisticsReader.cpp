// This file implements the reading of statistics files. Nothing that a file
// holds is believed: the first impossible field gives the one error.
#include "npir/Observers/StatisticsFile.h"
#include "npir/Support/ParseJSON.h"
#include "npir/Support/ReadFile.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/JSON.h"
#include <cmath>
#include <limits>

namespace json = llvm::json;

namespace mlir::npir {

namespace {

/// Reads fields and remembers the first thing wrong. `path` arguments name the
/// field in the error, e.g. `tensors[3].min`.
class Reader {
public:
  explicit Reader(llvm::StringRef file) : file(file) {}

  /// Always false, so that readers can `return fail(...)`.
  bool fail(const llvm::Twine &path, const llvm::Twine &reason) {
    if (message.empty())
      message =
          (file + ": damaged statistics file: field '" + path + "': " + reason)
              .str();
    return false;
  }

  bool failed() const { return !message.empty(); }
  llvm::Error takeError() { return llvm::createStringError(message); }

  const json::Value *field(const json::Object &object, llvm::StringRef key,
                           const std::string &path) {
    const json::Value *value = object.get(key);
    if (!value)
      fail(path + key, "is missing");
    return value;
  }

  bool readCount(const json::Object &object, llvm::StringRef key,
                 const std::string &path, uint64_t &result) {
    const json::Value *value = field(object, key, path);
    return value && readCount(*value, path + key.str(), result);
  }

  bool readCount(const json::Value &value, const std::string &path,
                 uint64_t &result) {
    std::optional<uint64_t> number = value.getAsUINT64();
    if (!number)
      return fail(path, "expected a non-negative integer");
    result = *number;
    return true;
  }

  bool readString(const json::Object &object, llvm::StringRef key,
                  const std::string &path, std::string &result) {
    const json::Value *value = field(object, key, path);
    if (!value)
      return false;
    std::optional<llvm::StringRef> text = value->getAsString();
    if (!text)
      return fail(path + key, "expected a string");
    result = text->str();
    return true;
  }

  const json::Array *readArray(const json::Object &object, llvm::StringRef key,
                               const std::string &path) {
    const json::Value *value = field(object, key, path);
    if (!value)
      return nullptr;
    if (!value->getAsArray())
      fail(path + key, "expected an array");
    return value->getAsArray();
  }

  /// A finite f32, or `none` for null.
  bool readEnd(const json::Value &value, const llvm::Twine &path, float none,
               float &result) {
    if (value.kind() == json::Value::Null) {
      result = none;
      return true;
    }
    std::optional<double> number = value.getAsNumber();
    if (!number)
      return fail(path, "expected a number or null");
    result = float(*number);
    if (!std::isfinite(result) || double(result) != *number)
      return fail(path, "expected a finite f32 value");
    return true;
  }

private:
  llvm::StringRef file;
  std::string message;
};

constexpr float kInfinity = std::numeric_limits<float>::infinity();

bool readChannels(Reader &reader, const json::Object &object,
                  llvm::StringRef key, const std::string &path, float none,
                  std::vector<float> &result) {
  const json::Array *array = reader.readArray(object, key, path);
  if (!array)
    return false;
  for (const auto &[i, value] : llvm::enumerate(*array)) {
    float end;
    if (!reader.readEnd(value, path + key + "[" + llvm::Twine(i) + "]", none,
                        end))
      return false;
    result.push_back(end);
  }
  return true;
}

/// The extrema of the channels must be those of the tensor.
bool checkChannels(Reader &reader, const std::string &path,
                   const TensorStatistics &statistics) {
  if (statistics.channelMin.empty())
    return reader.fail(path + "channel_min", "is empty");
  if (statistics.channelMax.size() != statistics.channelMin.size())
    return reader.fail(path + "channel_max",
                       "expected " + llvm::Twine(statistics.channelMin.size()) +
                           " values, got " +
                           llvm::Twine(statistics.channelMax.size()));
  float least = kInfinity, greatest = -kInfinity;
  for (size_t i = 0; i < statistics.channelMin.size(); ++i) {
    float lo = statistics.channelMin[i], hi = statistics.channelMax[i];
    bool unseen = lo == kInfinity && hi == -kInfinity;
    if (!unseen && (lo > hi || std::isinf(lo) || std::isinf(hi)))
      return reader.fail(path + "channel_min[" + llvm::Twine(i) + "]",
                         "is above the channel's maximum");
    least = std::min(least, lo);
    greatest = std::max(greatest, hi);
  }
  if (least != statistics.minVal || greatest != statistics.maxVal)
    return reader.fail(path + "channel_min",
                       "the channels disagree with 'min' and 'max'");
  return true;
}

bool readTensor(Reader &reader, const json::Value &value,
                const std::string &path, std::string &id,
                TensorStatistics &statistics) {
  const json::Object *object = value.getAsObject();
  if (!object)
    return reader.fail(path, "expected an object");
  std::string prefix = path + ".";
  const json::Value *minimum, *maximum;
  if (!reader.readString(*object, "id", prefix, id) ||
      !reader.readCount(*object, "count", prefix, statistics.count) ||
      !reader.readCount(*object, "nan", prefix, statistics.nanCount) ||
      !reader.readCount(*object, "pos_inf", prefix, statistics.posInfCount) ||
      !reader.readCount(*object, "neg_inf", prefix, statistics.negInfCount) ||
      !(minimum = reader.field(*object, "min", prefix)) ||
      !(maximum = reader.field(*object, "max", prefix)) ||
      !reader.readEnd(*minimum, prefix + "min", kInfinity, statistics.minVal) ||
      !reader.readEnd(*maximum, prefix + "max", -kInfinity, statistics.maxVal))
    return false;

  // Subtracted one by one: a sum of damaged counts may wrap round.
  uint64_t left = statistics.count;
  for (uint64_t part :
       {statistics.nanCount, statistics.posInfCount, statistics.negInfCount}) {
    if (part > left)
      return reader.fail(prefix + "count",
                         "is less than the non-finite values");
    left -= part;
  }
  bool hasRange =
      std::isfinite(statistics.minVal) && std::isfinite(statistics.maxVal);
  bool hasNoRange =
      std::isinf(statistics.minVal) && std::isinf(statistics.maxVal);
  if (statistics.isObserved() ? !hasRange : !hasNoRange)
    return reader.fail(prefix + "min",
                       "expected 'min' and 'max' to be numbers where finite "
                       "values were counted, else null");
  if (hasRange && statistics.minVal > statistics.maxVal)
    return reader.fail(prefix + "min", "is above 'max'");

  if (!object->get("channel_min") && !object->get("channel_max"))
    return true;
  return readChannels(reader, *object, "channel_min", prefix, kInfinity,
                      statistics.channelMin) &&
         readChannels(reader, *object, "channel_max", prefix, -kInfinity,
                      statistics.channelMax) &&
         checkChannels(reader, prefix, statistics);
}

bool readSamples(Reader &reader, const json::Array &array,
                 StatisticsFile &file) {
  uint64_t lastEnd = 0;
  for (const auto &[i, value] : llvm::enumerate(array)) {
    std::string path = "samples[" + std::to_string(i) + "]";
    const json::Array *pair = value.getAsArray();
    if (!pair || pair->size() != 2)
      return reader.fail(path, "expected an array of two sample indices");
    SampleRange range;
    if (!reader.readCount((*pair)[0], path + "[0]", range.begin) ||
        !reader.readCount((*pair)[1], path + "[1]", range.end))
      return false;
    if (range.begin < lastEnd)
      return reader.fail(path, "overlaps the range before it");
    if (llvm::Error error = file.addSamples(range))
      return reader.fail(path, llvm::toString(std::move(error)));
    lastEnd = range.end;
  }
  return true;
}

bool readStatistics(Reader &reader, const json::Object &object,
                    StatisticsFile &file) {
  if (!reader.readString(object, "model", "", file.modelHash) ||
      !reader.readCount(object, "batch_size", "", file.batchSize))
    return false;
  if (file.batchSize == 0)
    return reader.fail("batch_size", "expected at least 1");

  const json::Array *engines = reader.readArray(object, "engines", "");
  if (!engines)
    return false;
  for (const auto &[i, value] : llvm::enumerate(*engines)) {
    std::optional<llvm::StringRef> engine = value.getAsString();
    if (!engine)
      return reader.fail("engines[" + llvm::Twine(i) + "]",
                         "expected a string");
    file.addEngine(*engine);
  }

  const json::Array *samples = reader.readArray(object, "samples", "");
  if (!samples || !readSamples(reader, *samples, file))
    return false;

  const json::Array *tensors = reader.readArray(object, "tensors", "");
  if (!tensors)
    return false;
  for (const auto &[i, value] : llvm::enumerate(*tensors)) {
    std::string path = "tensors[" + std::to_string(i) + "]", id;
    TensorStatistics statistics;
    if (!readTensor(reader, value, path, id, statistics))
      return false;
    if (!file.tensors.try_emplace(id, std::move(statistics)).second)
      return reader.fail(path + ".id", "tensor '" + id + "' is there twice");
  }
  return true;
}

} // namespace

llvm::Expected<StatisticsFile> StatisticsFile::parse(llvm::StringRef text,
                                                     llvm::StringRef name) {
  llvm::Expected<json::Value> root = parseJSON(text, name, "statistics file");
  if (!root)
    return root.takeError();
  const json::Object &object = *root->getAsObject();
  if (llvm::Error error = checkVersion(object, kVersion, name,
                                       "statistics file", "calibrate again"))
    return std::move(error);

  Reader reader(name);
  StatisticsFile file;
  if (!readStatistics(reader, object, file))
    return reader.takeError();
  return file;
}

llvm::Expected<StatisticsFile> StatisticsFile::load(llvm::StringRef path) {
  auto buffer = readFile(path);
  if (!buffer)
    return buffer.takeError();
  return parse((*buffer)->getBuffer(), path);
}

} // namespace mlir::npir
