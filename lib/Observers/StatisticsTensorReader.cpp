// This file implements the reading of a statistics file's tensors.
#include "ByteReader.h"
#include "StatisticsReader.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Base64.h"
#include <cmath>
#include <limits>

namespace json = llvm::json;

namespace mlir::npir {

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

bool readChannels(StatisticsReader &reader, const json::Object &object,
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
bool checkChannels(StatisticsReader &reader, const std::string &path,
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

/// The bytes that a string field stands for.
bool readBytes(StatisticsReader &reader, const json::Value &value,
               const std::string &path, std::string &bytes) {
  std::vector<char> decoded;
  std::optional<llvm::StringRef> text = value.getAsString();
  llvm::Error error =
      text ? llvm::decodeBase64(*text, decoded) : llvm::createStringError("");
  if (error) {
    llvm::consumeError(std::move(error));
    return reader.fail(path, "expected bytes in base64");
  }
  bytes.assign(decoded.begin(), decoded.end());
  return true;
}

bool readHistogram(StatisticsReader &reader, const json::Value &value,
                   const std::string &path, float least, float greatest,
                   Histogram &result, unsigned logBins) {
  std::string bytes;
  if (!readBytes(reader, value, path, bytes))
    return false;
  llvm::Expected<Histogram> histogram =
      Histogram::unpack(bytes, least, greatest, logBins);
  if (!histogram)
    return reader.fail(path, llvm::toString(histogram.takeError()));
  result = std::move(*histogram);
  return true;
}

bool readBatches(StatisticsReader &reader, const json::Value &value,
                 const std::string &path, TensorStatistics &statistics) {
  std::string bytes;
  if (!readBytes(reader, value, path, bytes))
    return false;
  ByteReader packed(bytes);
  for (uint64_t index = 0; !packed.atEnd(); ++index) {
    uint64_t skipped = packed.readUnsigned();
    BatchTails tails;
    if (skipped > UINT64_MAX - 1 - index || !tails.read(packed))
      return reader.fail(path, "does not hold batches");
    index += skipped;
    statistics.batches.emplace(index, tails);
  }
  return true;
}

bool readOpenBatch(StatisticsReader &reader, const json::Value &value,
                   const std::string &path, TensorStatistics &statistics) {
  const json::Object *object = value.getAsObject();
  if (!object)
    return reader.fail(path, "expected an object");
  std::string prefix = path + ".";
  uint64_t index;
  OpenBatch batch;
  const json::Value *minimum, *maximum, *histogram;
  if (!reader.readCount(*object, "index", prefix, index) ||
      !(minimum = reader.field(*object, "min", prefix)) ||
      !(maximum = reader.field(*object, "max", prefix)) ||
      !reader.readEnd(*minimum, prefix + "min", kInfinity, batch.minVal) ||
      !reader.readEnd(*maximum, prefix + "max", -kInfinity, batch.maxVal) ||
      !(histogram = reader.field(*object, "histogram", prefix)))
    return false;
  if (!(batch.minVal <= batch.maxVal) || std::isinf(batch.minVal) ||
      std::isinf(batch.maxVal))
    return reader.fail(prefix + "min", "is above 'max'");
  if (!readHistogram(reader, *histogram, prefix + "histogram", batch.minVal,
                     batch.maxVal, batch.histogram, Histogram::kTensorLogBins))
    return false;
  if (statistics.batches.count(index) ||
      !statistics.openBatches.emplace(index, std::move(batch)).second)
    return reader.fail(prefix + "index", "is that of another batch, too");
  return true;
}

/// The values of every batch, added up; the greatest number where they do not
/// fit.
uint64_t countBatched(const TensorStatistics &statistics) {
  uint64_t sum = 0;
  auto add = [&](uint64_t count) {
    sum = count > UINT64_MAX - sum ? UINT64_MAX : sum + count;
  };
  for (const auto &entry : statistics.batches)
    add(entry.second.finiteCount);
  for (const auto &entry : statistics.openBatches)
    add(entry.second.histogram.total());
  return sum;
}

/// The histogram and the batches, which a file has both or neither of.
bool readDistribution(StatisticsReader &reader, const json::Object &object,
                      const std::string &prefix, TensorStatistics &statistics) {
  const json::Value *histogram = object.get("histogram");
  if (!histogram)
    return true;
  if (!readHistogram(reader, *histogram, prefix + "histogram",
                     statistics.minVal, statistics.maxVal, statistics.histogram,
                     Histogram::kTensorLogBins))
    return false;
  if (const json::Value *batches = object.get("batches"))
    if (!readBatches(reader, *batches, prefix + "batches", statistics))
      return false;
  if (object.get("open_batches")) {
    const json::Array *open = reader.readArray(object, "open_batches", prefix);
    if (!open)
      return false;
    for (const auto &[i, value] : llvm::enumerate(*open))
      if (!readOpenBatch(reader, value,
                         prefix + "open_batches[" + std::to_string(i) + "]",
                         statistics))
        return false;
  }
  statistics.batchedCount = countBatched(statistics);
  auto checkTotal = [&](const char *key, uint64_t total) {
    return total == statistics.finiteCount() ||
           reader.fail(prefix + key,
                       "expected " + llvm::Twine(statistics.finiteCount()) +
                           " finite values, got " + llvm::Twine(total));
  };
  return checkTotal("histogram", statistics.histogram.total()) &&
         checkTotal("batches", statistics.batchedCount);
}

bool readChannelHistograms(StatisticsReader &reader, const json::Object &object,
                           const std::string &prefix,
                           TensorStatistics &statistics) {
  if (!object.get("channel_histograms"))
    return true;
  std::string path = prefix + "channel_histograms";
  const json::Array *array =
      reader.readArray(object, "channel_histograms", prefix);
  if (!array)
    return false;
  if (array->size() != statistics.channelMin.size())
    return reader.fail(path,
                       "expected " + llvm::Twine(statistics.channelMin.size()) +
                           " histograms, got " + llvm::Twine(array->size()));
  uint64_t left = statistics.finiteCount();
  for (const auto &[i, value] : llvm::enumerate(*array)) {
    std::string element = path + "[" + std::to_string(i) + "]";
    Histogram &channel = statistics.channelHistograms.emplace_back();
    if (!readHistogram(reader, value, element, statistics.channelMin[i],
                       statistics.channelMax[i], channel,
                       Histogram::kChannelLogBins))
      return false;
    if (channel.total() > left)
      return reader.fail(element, "holds more values than the tensor has");
    left -= channel.total();
  }
  return left == 0 || reader.fail(path, "expected " + llvm::Twine(left) +
                                            " more finite values");
}

} // namespace

bool readTensor(StatisticsReader &reader, const json::Value &value,
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

  if (!readDistribution(reader, *object, prefix, statistics))
    return false;
  if (!object->get("channel_min") && !object->get("channel_max"))
    return true;
  return readChannels(reader, *object, "channel_min", prefix, kInfinity,
                      statistics.channelMin) &&
         readChannels(reader, *object, "channel_max", prefix, -kInfinity,
                      statistics.channelMax) &&
         checkChannels(reader, prefix, statistics) &&
         readChannelHistograms(reader, *object, prefix, statistics);
}

} // namespace mlir::npir
