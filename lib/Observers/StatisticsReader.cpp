// This file implements the reading of statistics files. Nothing that a file
// holds is believed: the first impossible field gives the one error.
// StatisticsTensorReader.cpp reads the tensors.
#include "StatisticsReader.h"
#include "npir/Observers/StatisticsFile.h"
#include "npir/Support/ParseJSON.h"
#include "npir/Support/ReadFile.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Base64.h"
#include "llvm/Support/JSON.h"
#include <cmath>
#include <limits>

namespace json = llvm::json;

namespace mlir::npir {

bool StatisticsReader::readBytes(const json::Value &value,
                                 const std::string &path, std::string &bytes) {
  std::vector<char> decoded;
  std::optional<llvm::StringRef> text = value.getAsString();
  llvm::Error error =
      text ? llvm::decodeBase64(*text, decoded) : llvm::createStringError("");
  if (error) {
    llvm::consumeError(std::move(error));
    return fail(path, "expected bytes in base64");
  }
  bytes.assign(decoded.begin(), decoded.end());
  return true;
}

namespace {

bool readSamples(StatisticsReader &reader, const json::Array &array,
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

/// What version 3 brought.
bool readOptions(StatisticsReader &reader, const json::Object &object,
                 StatisticsFile &file) {
  std::string perBatch;
  if (!reader.readCount(object, "row_sample", "", file.rowSample) ||
      !reader.readString(object, "per_batch", "", perBatch))
    return false;
  if (file.rowSample == 0)
    return reader.fail("row_sample", "expected at least 1");
  file.keepsBatchHistograms = perBatch == "histogram";
  return file.keepsBatchHistograms || perBatch == "tails" ||
         reader.fail("per_batch", "expected 'tails' or 'histogram'");
}

bool readStatistics(StatisticsReader &reader, const json::Object &object,
                    bool keepPacked, StatisticsFile &file) {
  if (!reader.readString(object, "model", "", file.modelHash) ||
      !reader.readCount(object, "batch_size", "", file.batchSize))
    return false;
  if (file.batchSize == 0)
    return reader.fail("batch_size", "expected at least 1");
  reader.version = object.getInteger("version").value_or(0);
  if (reader.version >= 3 && !readOptions(reader, object, file))
    return false;

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
  // The memory of histograms that do not stay. Between the small things that
  // do, each of its own would leave a hole in the heap.
  Histogram histogram;
  for (const auto &[i, value] : llvm::enumerate(*tensors)) {
    std::string path = "tensors[" + std::to_string(i) + "]", id;
    TensorStatistics statistics;
    std::swap(statistics.histogram, histogram);
    if (!readTensor(reader, value, path, file, id, statistics))
      return false;
    if (keepPacked) {
      // Ranges are the same, and only tails stay.
      for (auto &[index, open] : statistics.openBatches) {
        statistics.addBatch(index, open.histogram, open.minVal, open.maxVal);
        reader.memory = std::move(open.histogram);
      }
      statistics.openBatches.clear();
      statistics.packHistograms();
      std::swap(statistics.histogram, histogram);
    }
    if (!file.tensors.try_emplace(id, std::move(statistics)).second)
      return reader.fail(path + ".id", "tensor '" + id + "' is there twice");
  }
  return true;
}

} // namespace

llvm::Expected<StatisticsFile> StatisticsFile::parse(llvm::StringRef text,
                                                     llvm::StringRef name,
                                                     bool keepPacked) {
  llvm::Expected<json::Value> root = parseJSON(text, name, "statistics file");
  if (!root)
    return root.takeError();
  const json::Object &object = *root->getAsObject();
  if (llvm::Error error = checkVersion(object, kVersion, name,
                                       "statistics file", "calibrate again"))
    return std::move(error);

  StatisticsReader reader(name);
  StatisticsFile file;
  if (!readStatistics(reader, object, keepPacked, file))
    return reader.takeError();
  return file;
}

llvm::Expected<StatisticsFile> StatisticsFile::load(llvm::StringRef path,
                                                    bool keepPacked) {
  auto buffer = readFile(path);
  if (!buffer)
    return buffer.takeError();
  return parse((*buffer)->getBuffer(), path, keepPacked);
}

} // namespace mlir::npir
