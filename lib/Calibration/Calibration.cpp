// This file implements calibration: a batch of the statistics is run in parts
// of a few samples, so that tensors are small and still in the cache when they
// are recorded.
#include "npir/Calibration/Calibration.h"
#include "Checkpoint.h"
#include "Findings.h"
#include "MemoryPlan.h"
#include "Timing.h"

#include "npir/Dialect/NPIR/IR/Stations.h"
#include "npir/Runtime/Engine.h"
#include "npir/Support/AtomicFile.h"
#include "npir/Support/Progress.h"

using namespace mlir;
using namespace mlir::npir;

namespace {
/// One calibration.
class Calibrator {
public:
  Calibrator(const CalibrationOptions &options, func::FuncOp func)
      : options(options), context(func.getContext()),
        loc(UnknownLoc::get(context)), recorders(func, options),
        checkpoint(options, loc) {}

  LogicalResult createNetworks(ModuleOp module);
  LogicalResult openSamples();
  LogicalResult start(StringRef modelHash);
  LogicalResult plan();
  LogicalResult run();
  FailureOr<StatisticsFile> finish();

private:
  npir_rt::Status runBatch(int64_t begin, int64_t end);
  void save();
  LogicalResult cancel();

  const CalibrationOptions &options;
  MLIRContext *context;
  Location loc;
  Recorders recorders;
  Checkpoint checkpoint;
  std::unique_ptr<Network> network, plainNetwork;
  npir_rt::DataSet data;
  SampleSpan span;
  /// The samples that are not in `file`; how many they are, and were run.
  std::vector<SampleSpan> spans;
  int64_t total = 0, done = 0;
  bool isCancelled = false;
  StatisticsFile file;
  Timing timing;
};
} // namespace

LogicalResult Calibrator::createNetworks(ModuleOp module) {
  Stopwatch watch(timing.load);
  NetworkOptions networkOptions;
  networkOptions.threads = options.threads;
  networkOptions.lower = options.lower;
  if (!options.timing.empty()) {
    auto created = Network::create(module, networkOptions);
    if (failed(created))
      return failure();
    plainNetwork = std::move(*created);
  }
  networkOptions.taps = recorders.getIds();
  networkOptions.parallelTaps = true;
  auto created = Network::create(module, networkOptions);
  if (failed(created))
    return failure();
  network = std::move(*created);
  recorders.setShapes(network->getExecutor()->program());
  return success();
}

LogicalResult Calibrator::openSamples() {
  Stopwatch watch(timing.check);
  span = options.samples;
  FailureOr<npir_rt::DataSet> opened =
      openData(options.data, *network, span, loc);
  if (failed(opened))
    return failure();
  data = std::move(*opened);
  return success();
}

LogicalResult Calibrator::start(StringRef modelHash) {
  StatisticsFile fresh;
  fresh.modelHash = modelHash.str();
  fresh.batchSize = options.batch;
  fresh.rowSample = options.rowSample;
  fresh.keepsBatchHistograms = options.batchHistograms;
  fresh.addEngine(npir_rt::describeEngine());
  FailureOr<StatisticsFile> loaded =
      checkpoint.load(std::move(fresh), recorders);
  if (failed(loaded))
    return failure();
  file = std::move(*loaded);
  spans = subtract(span, file.samples);
  for (SampleSpan part : spans)
    total += part.end - part.begin;
  recorders.moveFrom(file);
  return success();
}

LogicalResult Calibrator::plan() {
  MemoryRequest request;
  request.batch = options.batch;
  request.runBatch = options.runBatch;
  request.maxBytes = options.maxMemory;
  request.tensors = recorders.size();
  request.statisticsBytes =
      recorders.maxBytes(llvm::divideCeil(total, options.batch) + 1,
                         network->getExecutor()->threads());
  for (size_t i = 0; i < data.inputs().size(); ++i)
    request.sampleBytes += data.view(i, 0, 1).bytes();
  SmallVector<npir_rt::Executor *> executors = {network->getExecutor()};
  if (plainNetwork)
    executors.push_back(plainNetwork->getExecutor());
  FailureOr<MemoryPlan> plan = planMemory(executors, request, loc);
  if (failed(plan))
    return failure();
  timing.plan = *plan;
  if (!options.quiet)
    llvm::errs() << plan->str(recorders.size()) << "\n";
  return success();
}

npir_rt::Status Calibrator::runBatch(int64_t begin, int64_t end) {
  npir_rt::Executor &executor = *network->getExecutor();
  RunPart part;
  auto tap = [&](const npir_rt::TensorView &view) -> npir_rt::Status {
    if (options.timing.empty()) {
      recorders.record(view, part, executor);
    } else {
      Stopwatch watch(timing.record);
      recorders.record(view, part, executor);
    }
    return {};
  };
  for (part.begin = begin; part.begin < end; part.begin = part.end) {
    part.end = std::min(end, part.begin + timing.plan.runBatch);
    part.startsBatch = part.begin % options.batch == 0;
    auto inputs = getInputs(data, part.begin, part.end);
    if (plainNetwork) {
      Stopwatch watch(timing.plain);
      npir_rt::Status status = plainNetwork->run(inputs, nullptr);
      if (!status.ok())
        return status;
    }
    {
      Stopwatch watch(timing.run);
      npir_rt::Status status = network->run(inputs, tap);
      if (!status.ok())
        return status;
    }
    data.release(part.begin, part.end);
    if (options.isCancelled && options.isCancelled()) {
      isCancelled = true;
      return npir_rt::Status::error("cancelled");
    }
  }
  Stopwatch watch(timing.run);
  Stopwatch recordWatch(timing.record);
  BatchPart whole;
  whole.index = static_cast<uint64_t>(begin / options.batch);
  whole.isWhole = end - begin == options.batch;
  recorders.endBatch(whole, *network->getExecutor());
  llvm::cantFail(file.addSamples(
      {static_cast<uint64_t>(begin), static_cast<uint64_t>(end)}));
  done += end - begin;
  return {};
}

/// Write what is there so far.
void Calibrator::save() {
  Stopwatch watch(timing.write);
  recorders.moveTo(file);
  (void)checkpoint.write(file);
  recorders.moveFrom(file);
}

LogicalResult Calibrator::cancel() {
  InFlightDiagnostic diagnostic = emitError(loc)
                                  << "interrupted after " << done << " of "
                                  << total << " samples";
  recorders.moveTo(file);
  if (done > 0 && checkpoint.isOn() && checkpoint.write(file))
    diagnostic << "; " << checkpoint.getPath()
               << " has them: calibrate with resume to go on";
  return diagnostic;
}

LogicalResult Calibrator::run() {
  Progress progress("calibrating", "samples", total, options.quiet);
  for (SampleSpan part : spans) {
    npir_rt::Status status;
    for (int64_t begin = part.begin; begin < part.end && status.ok();) {
      int64_t end =
          std::min(part.end, (begin / options.batch + 1) * options.batch);
      status = runBatch(begin, end);
      begin = end;
      if (!status.ok())
        break;
      progress.update(done);
      if (checkpoint.isDue())
        save();
    }
    if (isCancelled)
      return cancel();
    if (failed(emitStatus(context, status)))
      return failure();
  }
  return success();
}

FailureOr<StatisticsFile> Calibrator::finish() {
  recorders.moveTo(file);
  for (auto &entry : file.tensors)
    entry.second.closeBatches(
        [&](uint64_t index) { return file.isWholeBatch(index); });
  if (failed(reportFindings(recorders, file, options.strict)) ||
      failed(checkpoint.finish(file)))
    return failure();
  if (options.timing.empty())
    return std::move(file);
  timing.samples = done;
  timing.batch = options.batch;
  timing.threads = options.threads;
  if (llvm::Error error = timing.save(options.timing))
    return emitError(loc) << llvm::toString(std::move(error));
  return std::move(file);
}

FailureOr<StatisticsFile>
mlir::npir::calibrate(ModuleOp module, const CalibrationOptions &options) {
  Location loc = UnknownLoc::get(module.getContext());
  if (failed(getFunctionsAt(module, {Station::Observed, Station::Calibrated})))
    return failure();
  FailureOr<func::FuncOp> func = getEntryFunction(module);
  if (failed(func))
    return failure();
  auto hash =
      module->getAttrOfType<StringAttr>(NPIRDialect::kModelHashAttrName);
  if (!hash)
    return module.emitError("has no npir.model_hash; run --npir-prepare first");
  if (options.batch < 1)
    return emitError(loc) << "expected a batch of at least 1, got "
                          << options.batch;
  if (options.runBatch < 0)
    return emitError(loc) << "expected run-batch of at least 0, got "
                          << options.runBatch;
  if (options.rowSample < 1)
    return emitError(loc) << "expected row-sample of at least 1, got "
                          << options.rowSample;
  if (!(options.checkpoint >= 0))
    return emitError(loc) << "expected checkpoint of at least 0 seconds";
  // Before the network runs for hours.
  for (StringRef path : {options.stats, options.timing})
    if (!path.empty())
      if (llvm::Error error = checkWritable(path))
        return emitError(loc) << llvm::toString(std::move(error));

  Calibrator calibrator(options, *func);
  if (failed(calibrator.createNetworks(module)) ||
      failed(calibrator.openSamples()) ||
      failed(calibrator.start(hash.getValue())) || failed(calibrator.plan()) ||
      failed(calibrator.run()))
    return failure();
  return calibrator.finish();
}
