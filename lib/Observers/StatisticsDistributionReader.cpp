// This file implements the reading of histograms and batches in a statistics
// file.
#include "ByteReader.h"
#include "StatisticsReader.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>
#include <limits>

namespace json = llvm::json;

namespace mlir::npir {

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

bool readHistogram(StatisticsReader &reader, const json::Value &value,
                   const std::string &path, float least, float greatest,
                   Histogram &result, unsigned logBins, bool isSampled) {
  std::string bytes;
  if (!reader.readBytes(value, path, bytes))
    return false;
  if (result.binsPerSide() != size_t(1) << logBins)
    result = Histogram(logBins);
  if (llvm::Error error = result.assign(bytes, least, greatest, isSampled))
    return reader.fail(path, llvm::toString(std::move(error)));
  return true;
}

bool readBatches(StatisticsReader &reader, const json::Value &value,
                 const std::string &path, bool isSampled,
                 TensorStatistics &statistics) {
  std::string bytes;
  if (!reader.readBytes(value, path, bytes))
    return false;
  ByteReader packed(bytes);
  for (uint64_t index = 0; !packed.atEnd(); ++index) {
    uint64_t skipped = packed.readUnsigned();
    BatchTails tails;
    if (skipped > UINT64_MAX - 1 - index || !tails.read(packed, isSampled))
      return reader.fail(path, "does not hold batches");
    index += skipped;
    statistics.batches.emplace(index, tails);
  }
  return true;
}

bool readOpenBatch(StatisticsReader &reader, const json::Value &value,
                   const std::string &path, bool isSampled,
                   TensorStatistics &statistics) {
  const json::Object *object = value.getAsObject();
  if (!object)
    return reader.fail(path, "expected an object");
  std::string prefix = path + ".";
  uint64_t index;
  OpenBatch batch;
  std::swap(batch.histogram, reader.memory);
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
                     batch.maxVal, batch.histogram, Histogram::kTensorLogBins,
                     isSampled))
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

/// The packed histogram of each batch, which must be that of its tails.
bool readBatchHistograms(StatisticsReader &reader, const json::Object &object,
                         const std::string &prefix, bool isSampled,
                         TensorStatistics &statistics) {
  const json::Array *array =
      reader.readArray(object, "batch_histograms", prefix);
  if (!array)
    return false;
  std::string path = prefix + "batch_histograms";
  if (array->size() != statistics.batches.size())
    return reader.fail(path,
                       "expected " + llvm::Twine(statistics.batches.size()) +
                           " histograms, got " + llvm::Twine(array->size()));
  auto next = array->begin();
  for (const auto &[index, tails] : statistics.batches) {
    std::string element =
        path + "[" + std::to_string(next - array->begin()) + "]";
    Histogram histogram;
    if (!readHistogram(reader, *next++, element, tails.minVal, tails.maxVal,
                       histogram, Histogram::kTensorLogBins, isSampled))
      return false;
    if (histogram.total() != tails.finiteCount)
      return reader.fail(element, "expected " + llvm::Twine(tails.finiteCount) +
                                      " finite values, got " +
                                      llvm::Twine(histogram.total()));
    statistics.batchHistograms[index] = histogram.pack();
  }
  return true;
}

} // namespace

bool readDistribution(StatisticsReader &reader, const json::Object &object,
                      const std::string &prefix, const StatisticsFile &file,
                      TensorStatistics &statistics) {
  bool isSampled = file.rowSample > 1;
  statistics.sampledCount = statistics.finiteCount();
  statistics.keepsBatchHistograms = file.keepsBatchHistograms;
  const json::Value *histogram = object.get("histogram");
  if (!histogram)
    return true;
  if (isSampled) {
    if (!reader.readCount(object, "sampled", prefix, statistics.sampledCount))
      return false;
    if (statistics.sampledCount > statistics.finiteCount())
      return reader.fail(prefix + "sampled", "is above the finite values");
  }
  if (!readHistogram(reader, *histogram, prefix + "histogram",
                     statistics.minVal, statistics.maxVal, statistics.histogram,
                     Histogram::kTensorLogBins, isSampled))
    return false;
  if (const json::Value *batches = object.get("batches"))
    if (!readBatches(reader, *batches, prefix + "batches", isSampled,
                     statistics))
      return false;
  if (file.keepsBatchHistograms && !statistics.batches.empty() &&
      !readBatchHistograms(reader, object, prefix, isSampled, statistics))
    return false;
  if (object.get("open_batches")) {
    const json::Array *open = reader.readArray(object, "open_batches", prefix);
    if (!open)
      return false;
    for (const auto &[i, value] : llvm::enumerate(*open))
      if (!readOpenBatch(reader, value,
                         prefix + "open_batches[" + std::to_string(i) + "]",
                         isSampled, statistics))
        return false;
  }
  statistics.batchedCount = countBatched(statistics);
  auto checkTotal = [&](const char *key, uint64_t total) {
    return total == statistics.sampledCount ||
           reader.fail(prefix + key,
                       "expected " + llvm::Twine(statistics.sampledCount) +
                           " finite values, got " + llvm::Twine(total));
  };
  return checkTotal("histogram", statistics.histogram.total()) &&
         checkTotal("batches", statistics.batchedCount);
}

bool readChannelHistograms(StatisticsReader &reader, const json::Object &object,
                           const std::string &prefix,
                           const StatisticsFile &file,
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
  uint64_t left = statistics.sampledCount;
  for (const auto &[i, value] : llvm::enumerate(*array)) {
    std::string element = path + "[" + std::to_string(i) + "]";
    Histogram &channel = statistics.channelHistograms.emplace_back();
    if (!readHistogram(reader, value, element, statistics.channelMin[i],
                       statistics.channelMax[i], channel,
                       Histogram::kChannelLogBins, file.rowSample > 1))
      return false;
    if (channel.total() > left)
      return reader.fail(element, "holds more values than the tensor has");
    left -= channel.total();
  }
  return left == 0 || reader.fail(path, "expected " + llvm::Twine(left) +
                                            " more finite values");
}

} // namespace mlir::npir
