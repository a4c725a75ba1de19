// This file implements the statistics file: sample bookkeeping, merging, and
// the writing of its JSON. StatisticsReader.cpp reads it.
#include "npir/Observers/StatisticsFile.h"
#include "FloatBits.h"
#include "npir/Support/AtomicFile.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Base64.h"
#include "llvm/Support/EndianStream.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/LEB128.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>

namespace json = llvm::json;

namespace mlir::npir {

uint64_t StatisticsFile::sampleCount() const {
  uint64_t count = 0;
  for (SampleRange range : samples)
    count += range.end - range.begin;
  return count;
}

static std::string toString(SampleRange range) {
  return "[" + std::to_string(range.begin) + ", " + std::to_string(range.end) +
         ")";
}

llvm::Error StatisticsFile::addSamples(SampleRange range) {
  if (range.begin >= range.end)
    return llvm::createStringError("sample range " + toString(range) +
                                   " is empty");
  // The first range that ends after `range` begins is the only one that may
  // overlap first; `samples` is sorted and disjoint.
  auto *begin = samples.data(), *end = begin + samples.size();
  auto *next =
      llvm::partition_point(llvm::make_range(begin, end), [&](SampleRange r) {
        return r.end <= range.begin;
      });
  if (next != end && next->begin < range.end)
    return llvm::createStringError("samples " + toString(range) +
                                   " overlap samples " + toString(*next) +
                                   " that were counted already");
  size_t index = next - begin;
  bool joinsLeft = index > 0 && samples[index - 1].end == range.begin;
  bool joinsRight = index < samples.size() && samples[index].begin == range.end;
  if (joinsLeft && joinsRight) {
    samples[index - 1].end = samples[index].end;
    samples.erase(samples.begin() + index);
  } else if (joinsLeft) {
    samples[index - 1].end = range.end;
  } else if (joinsRight) {
    samples[index].begin = range.begin;
  } else {
    samples.insert(samples.begin() + index, range);
  }
  return llvm::Error::success();
}

bool StatisticsFile::isWholeBatch(uint64_t index) const {
  // Touching ranges are joined, so one of them holds the batch whole or none.
  return llvm::any_of(samples, [&](SampleRange range) {
    return range.begin <= index * batchSize &&
           range.end >= (index + 1) * batchSize;
  });
}

void StatisticsFile::addEngine(llvm::StringRef engine) {
  auto it = llvm::lower_bound(engines, engine);
  if (it == engines.end() || *it != engine)
    engines.insert(it, engine.str());
}

llvm::Error StatisticsFile::merge(const StatisticsFile &other,
                                  llvm::StringRef thisName,
                                  llvm::StringRef otherName) {
  auto refuse = [&](const llvm::Twine &reason) {
    return llvm::createStringError("cannot merge " + otherName + " into " +
                                   thisName + ": " + reason);
  };
  if (modelHash != other.modelHash)
    return refuse("they belong to different models, expected model hash " +
                  modelHash + ", got " + other.modelHash);
  if (batchSize != other.batchSize)
    return refuse("expected batch size " + llvm::Twine(batchSize) + ", got " +
                  llvm::Twine(other.batchSize));

  if (rowSample != other.rowSample)
    return refuse("expected row sample " + llvm::Twine(rowSample) + ", got " +
                  llvm::Twine(other.rowSample));

  // First all that can fail, which must leave no trace; tensors are not copied.
  std::vector<SampleRange> before = samples;
  for (SampleRange range : other.samples)
    if (llvm::Error error = addSamples(range)) {
      samples = std::move(before);
      return refuse(llvm::toString(std::move(error)));
    }
  for (const auto &[id, statistics] : other.tensors) {
    auto found = tensors.find(id);
    if (found == tensors.end())
      continue;
    if (llvm::Error error = found->second.checkMerge(statistics)) {
      samples = std::move(before);
      return refuse("tensor '" + id + "': " + llvm::toString(std::move(error)));
    }
  }

  for (const std::string &engine : other.engines)
    addEngine(engine);
  for (const auto &[id, statistics] : other.tensors)
    llvm::cantFail(tensors[id].merge(statistics));
  keepsBatchHistograms &= other.keepsBatchHistograms;
  for (auto &entry : tensors) {
    if (!keepsBatchHistograms)
      entry.second.dropBatchHistograms();
    entry.second.closeBatches(
        [&](uint64_t index) { return isWholeBatch(index); });
  }
  return llvm::Error::success();
}

/// A range's end: null where there is no finite value. A double holds every
/// float, and the library prints doubles so that they read back unchanged.
static void printEnd(json::OStream &os, llvm::StringRef key, float value) {
  if (std::isinf(value))
    os.attribute(key, nullptr);
  else
    os.attribute(key, double(value));
}

/// Packed: a network has thousands of channels.
static void printEnds(json::OStream &os, llvm::StringRef key,
                      llvm::ArrayRef<float> values) {
  std::string bytes;
  llvm::raw_string_ostream stream(bytes);
  for (float value : values)
    llvm::support::endian::write(stream, bitsOf(value),
                                 llvm::endianness::little);
  os.attribute(key, llvm::encodeBase64(bytes));
}

static void printHistogram(json::OStream &os, llvm::StringRef key,
                           const Histogram &histogram) {
  os.attribute(key, llvm::encodeBase64(histogram.pack()));
}

static void printBatches(json::OStream &os,
                         const TensorStatistics &statistics) {
  if (!statistics.batches.empty()) {
    std::string bytes;
    llvm::raw_string_ostream stream(bytes);
    uint64_t next = 0;
    for (const auto &[index, tails] : statistics.batches) {
      llvm::encodeULEB128(index - next, stream);
      tails.write(stream);
      next = index + 1;
    }
    os.attribute("batches", llvm::encodeBase64(bytes));
  }
  if (!statistics.batchHistograms.empty())
    os.attributeArray("batch_histograms", [&] {
      for (const auto &entry : statistics.batchHistograms)
        os.value(llvm::encodeBase64(entry.second));
    });
  if (statistics.openBatches.empty())
    return;
  os.attributeArray("open_batches", [&] {
    for (const auto &[index, batch] : statistics.openBatches)
      os.object([&, index = index, &batch = batch] {
        os.attribute("index", index);
        printEnd(os, "min", batch.minVal);
        printEnd(os, "max", batch.maxVal);
        printHistogram(os, "histogram", batch.histogram);
      });
  });
}

static void printTensor(llvm::raw_ostream &stream, llvm::StringRef id,
                        const TensorStatistics &statistics, bool isSampled) {
  json::OStream os(stream);
  os.object([&] {
    os.attribute("id", id);
    os.attribute("count", statistics.count);
    os.attribute("nan", statistics.nanCount);
    os.attribute("pos_inf", statistics.posInfCount);
    os.attribute("neg_inf", statistics.negInfCount);
    printEnd(os, "min", statistics.minVal);
    printEnd(os, "max", statistics.maxVal);
    if (!statistics.channelMin.empty()) {
      printEnds(os, "channel_min", statistics.channelMin);
      printEnds(os, "channel_max", statistics.channelMax);
    }
    if (statistics.isObserved() && statistics.hasMoments()) {
      os.attribute("sum", statistics.moments.sum.toString());
      os.attribute("squares", statistics.moments.squares.toString());
    }
    if (statistics.isObserved() && statistics.isDistributionWhole()) {
      if (isSampled)
        os.attribute("sampled", statistics.sampledCount);
      printHistogram(os, "histogram", statistics.histogram);
      printBatches(os, statistics);
    }
    if (!statistics.channelHistograms.empty())
      os.attributeArray("channel_histograms", [&] {
        for (const Histogram &channel : statistics.channelHistograms)
          os.value(llvm::encodeBase64(channel.pack()));
      });
  });
}

void StatisticsFile::print(llvm::raw_ostream &stream) const {
  json::OStream os(stream, /*IndentSize=*/1);
  os.object([&] {
    os.attribute("version", kVersion);
    os.attribute("model", modelHash);
    os.attribute("batch_size", batchSize);
    os.attribute("row_sample", rowSample);
    os.attribute("per_batch", keepsBatchHistograms ? "histogram" : "tails");
    os.attributeArray("engines", [&] {
      for (const std::string &engine : engines)
        os.value(engine);
    });
    os.attributeArray("samples", [&] {
      for (SampleRange range : samples)
        os.rawValue("[" + std::to_string(range.begin) + "," +
                    std::to_string(range.end) + "]");
    });
    // One line a tensor: short, and a diff of two files shows tensors.
    os.attributeArray("tensors", [&] {
      for (const auto &entry : tensors)
        os.rawValue([&](llvm::raw_ostream &line) {
          printTensor(line, entry.first, entry.second, rowSample > 1);
        });
    });
  });
  stream << '\n';
}

llvm::Error StatisticsFile::save(llvm::StringRef path) const {
  auto check = [&](llvm::StringRef what, llvm::StringRef text) -> llvm::Error {
    if (json::isUTF8(text))
      return llvm::Error::success();
    return llvm::createStringError(llvm::Twine(path) +
                                   ": cannot write: " + what + " '" +
                                   json::fixUTF8(text) + "' is not UTF-8");
  };
  if (llvm::Error error = check("model hash", modelHash))
    return error;
  for (const std::string &engine : engines)
    if (llvm::Error error = check("engine", engine))
      return error;
  for (const auto &entry : tensors)
    if (llvm::Error error = check("tensor id", entry.first))
      return error;
  return writeJSONAtomically(path, [&](llvm::raw_ostream &os) { print(os); });
}

} // namespace mlir::npir
