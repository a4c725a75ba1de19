// This file declares what the readers of statistics files share: fields with
// their errors.
#ifndef NPIR_LIB_OBSERVERS_STATISTICSREADER_H
#define NPIR_LIB_OBSERVERS_STATISTICSREADER_H

#include "npir/Observers/StatisticsFile.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/JSON.h"
#include <string>

namespace mlir::npir {

/// Reads fields and remembers the first thing wrong. `path` arguments name the
/// field in the error, e.g. `tensors[3].min`.
class StatisticsReader {
public:
  explicit StatisticsReader(llvm::StringRef file) : file(file) {}

  /// Always false, so that readers can `return fail(...)`.
  bool fail(const llvm::Twine &path, const llvm::Twine &reason) {
    if (message.empty())
      message =
          (file + ": damaged statistics file: field '" + path + "': " + reason)
              .str();
    return false;
  }

  /// That of the file.
  int64_t version = 0;
  /// Memory for the histogram of the next open batch.
  Histogram memory;

  bool failed() const { return !message.empty(); }
  llvm::Error takeError() { return llvm::createStringError(message); }

  const llvm::json::Value *field(const llvm::json::Object &object,
                                 llvm::StringRef key, const std::string &path) {
    const llvm::json::Value *value = object.get(key);
    if (!value)
      fail(path + key, "is missing");
    return value;
  }

  bool readCount(const llvm::json::Object &object, llvm::StringRef key,
                 const std::string &path, uint64_t &result) {
    const llvm::json::Value *value = field(object, key, path);
    return value && readCount(*value, path + key.str(), result);
  }

  bool readCount(const llvm::json::Value &value, const std::string &path,
                 uint64_t &result) {
    std::optional<uint64_t> number = value.getAsUINT64();
    if (!number)
      return fail(path, "expected a non-negative integer");
    result = *number;
    return true;
  }

  bool readString(const llvm::json::Object &object, llvm::StringRef key,
                  const std::string &path, std::string &result) {
    const llvm::json::Value *value = field(object, key, path);
    if (!value)
      return false;
    std::optional<llvm::StringRef> text = value->getAsString();
    if (!text)
      return fail(path + key, "expected a string");
    result = text->str();
    return true;
  }

  const llvm::json::Array *readArray(const llvm::json::Object &object,
                                     llvm::StringRef key,
                                     const std::string &path) {
    const llvm::json::Value *value = field(object, key, path);
    if (!value)
      return nullptr;
    if (!value->getAsArray())
      fail(path + key, "expected an array");
    return value->getAsArray();
  }

  /// A finite f32, or `none` for null.
  bool readEnd(const llvm::json::Value &value, const llvm::Twine &path,
               float none, float &result) {
    if (value.kind() == llvm::json::Value::Null) {
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

  /// The bytes that a string stands for.
  bool readBytes(const llvm::json::Value &value, const std::string &path,
                 std::string &bytes);

private:
  llvm::StringRef file;
  std::string message;
};

/// Reads the entry at `path` of the tensors of a file, whose other fields were
/// read.
bool readTensor(StatisticsReader &reader, const llvm::json::Value &value,
                const std::string &path, const StatisticsFile &file,
                std::string &id, TensorStatistics &statistics);

/// Reads the histogram and the batches of a tensor, which a file has both or
/// neither of.
bool readDistribution(StatisticsReader &reader,
                      const llvm::json::Object &object,
                      const std::string &prefix, const StatisticsFile &file,
                      TensorStatistics &statistics);

/// Reads the histograms of channels, whose extrema were read.
bool readChannelHistograms(StatisticsReader &reader,
                           const llvm::json::Object &object,
                           const std::string &prefix,
                           const StatisticsFile &file,
                           TensorStatistics &statistics);

} // namespace mlir::npir

#endif // NPIR_LIB_OBSERVERS_STATISTICSREADER_H
