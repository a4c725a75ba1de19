// This file implements the files of a calibration.
#include "Checkpoint.h"

#include "llvm/Support/FileSystem.h"

using namespace mlir;
using namespace mlir::npir;

/// True for a name under which a file of its own can lie: no pipe, no device.
static bool isFileName(StringRef path) {
  return !path.empty() && path != "-" &&
         (!llvm::sys::fs::exists(path) || llvm::sys::fs::is_regular_file(path));
}

Checkpoint::Checkpoint(const CalibrationOptions &options, Location loc)
    : stats(options.stats), resume(options.resume),
      interval(options.checkpoint), loc(loc) {
  if (isFileName(stats))
    partial = stats + ".partial";
}

FailureOr<StatisticsFile> Checkpoint::load(StatisticsFile fresh,
                                           const Recorders &recorders) const {
  if (!resume)
    return fresh;
  if (partial.empty())
    return emitError(loc) << "resume needs stats=FILE, got '" << stats << "'";
  std::string path = llvm::sys::fs::exists(partial) ? partial : stats;
  if (!llvm::sys::fs::exists(path))
    return fresh;
  llvm::Expected<StatisticsFile> loaded = StatisticsFile::load(path);
  if (!loaded)
    return emitError(loc) << "cannot resume: "
                          << llvm::toString(loaded.takeError());
  std::string difference;
  if (loaded->modelHash != fresh.modelHash)
    difference = "it is of the model with hash " + loaded->modelHash +
                 ", expected " + fresh.modelHash;
  else if (loaded->batchSize != fresh.batchSize)
    difference = "it has batches of " + std::to_string(loaded->batchSize) +
                 " samples, expected " + std::to_string(fresh.batchSize);
  else if (loaded->rowSample != fresh.rowSample)
    difference = "its histograms hold one row in " +
                 std::to_string(loaded->rowSample) + ", expected one in " +
                 std::to_string(fresh.rowSample);
  else if (loaded->keepsBatchHistograms != fresh.keepsBatchHistograms)
    difference = loaded->keepsBatchHistograms
                     ? "it has the histograms of batches"
                     : "it has no histograms of batches";
  else
    difference = recorders.findDifference(*loaded);
  if (!difference.empty())
    return emitError(loc) << "cannot resume from " << path << ": " << difference
                          << "; calibrate as then, or without resume";
  for (const std::string &engine : fresh.engines)
    loaded->addEngine(engine);
  return std::move(*loaded);
}

bool Checkpoint::isDue() const {
  return isOn() && interval > 0 &&
         std::chrono::duration<double>(Clock::now() - last).count() >= interval;
}

bool Checkpoint::write(const StatisticsFile &file) {
  llvm::Error error = file.save(partial);
  last = Clock::now();
  if (!error)
    return true;
  std::string message = llvm::toString(std::move(error));
  if (!std::exchange(hasWarned, true))
    emitWarning(loc) << message
                     << "; calibration goes on, but what it has so far would "
                        "be lost with it";
  return false;
}

LogicalResult Checkpoint::finish(const StatisticsFile &file) {
  if (stats.empty())
    return success();
  if (llvm::Error error = file.save(stats))
    return emitError(loc) << llvm::toString(std::move(error));
  if (isOn() && llvm::sys::fs::is_regular_file(partial))
    (void)llvm::sys::fs::remove(partial);
  return success();
}

std::vector<SampleSpan> mlir::npir::subtract(SampleSpan span,
                                             ArrayRef<SampleRange> seen) {
  std::vector<SampleSpan> left;
  for (SampleRange range : seen) {
    int64_t begin = static_cast<int64_t>(range.begin);
    if (begin >= span.end)
      break;
    if (span.begin < begin)
      left.push_back({span.begin, begin});
    span.begin = std::max(span.begin, static_cast<int64_t>(range.end));
  }
  if (span.begin < span.end)
    left.push_back(span);
  return left;
}
