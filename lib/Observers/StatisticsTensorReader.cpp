// This file implements the reading of a statistics file's tensors.
// StatisticsDistributionReader.cpp reads their histograms and batches.
#include "ByteReader.h"
#include "FloatBits.h"
#include "StatisticsReader.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>
#include <limits>

namespace json = llvm::json;

namespace mlir::npir {

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// Extrema of channels: packed, or numbers as before version 3.
bool readChannels(StatisticsReader &reader, const json::Object &object,
                  llvm::StringRef key, const std::string &path, float none,
                  std::vector<float> &result) {
  const json::Value *value = reader.field(object, key, path);
  if (!value)
    return false;
  std::string field = path + key.str();
  if (const json::Array *array = value->getAsArray()) {
    for (const auto &[i, element] : llvm::enumerate(*array))
      if (!reader.readEnd(element, field + "[" + llvm::Twine(i) + "]", none,
                          result.emplace_back()))
        return false;
    return true;
  }
  std::string bytes;
  if (!reader.readBytes(*value, field, bytes))
    return false;
  ByteReader packed(bytes);
  while (!packed.atEnd() && !packed.failed())
    result.push_back(floatOf(packed.readWord()));
  return packed.isDone() || reader.fail(field, "ends within a number");
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
    if (!unseen && !(std::isfinite(lo) && std::isfinite(hi) && lo <= hi))
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

/// Both sums, or neither of them. The distribution was read.
bool readMoments(StatisticsReader &reader, const json::Object &object,
                 const std::string &path, TensorStatistics &statistics) {
  if (!object.get("sum") && !object.get("squares"))
    return true;
  auto readSum = [&](llvm::StringRef key, FixedSum &sum) {
    std::string text;
    if (!reader.readString(object, key, path, text))
      return false;
    return sum.parse(text) ||
           reader.fail(path + key, "expected a hexadecimal number");
  };
  Moments &moments = statistics.moments;
  if (!readSum("sum", moments.sum) || !readSum("squares", moments.squares))
    return false;
  // Before version 4 they were of all values, and are passed over where rows
  // were sampled.
  moments.count =
      reader.version < 4 ? statistics.finiteCount() : statistics.sampledCount;
  return moments.meanSquare() >= 0.0 ||
         reader.fail(path + "squares", "is negative");
}

} // namespace

bool readTensor(StatisticsReader &reader, const json::Value &value,
                const std::string &path, const StatisticsFile &file,
                std::string &id, TensorStatistics &statistics) {
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

  if (!readDistribution(reader, *object, prefix, file, statistics) ||
      !readMoments(reader, *object, prefix, statistics))
    return false;
  if (!object->get("channel_min") && !object->get("channel_max"))
    return true;
  return readChannels(reader, *object, "channel_min", prefix, kInfinity,
                      statistics.channelMin) &&
         readChannels(reader, *object, "channel_max", prefix, -kInfinity,
                      statistics.channelMax) &&
         checkChannels(reader, prefix, statistics) &&
         readChannelHistograms(reader, *object, prefix, file, statistics);
}

} // namespace mlir::npir
