// This file implements calibration.
#include "npir/Calibration/Calibration.h"

#include "npir/Dialect/NPIR/IR/NPIROps.h"
#include "npir/Dialect/NPIR/IR/Stations.h"
#include "npir/Observers/Observer.h"
#include "npir/Runtime/Engine.h"
#include "npir/Support/Progress.h"

#include "mlir/IR/Matchers.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;
using namespace mlir::npir;

namespace {
/// What is recorded of one tensor.
struct Recorder {
  ObserveOp op;
  /// Channel axis of the spec, or -1: no channels.
  int64_t axis = -1;
  /// The observer derives a channel's range from more than its extrema.
  bool needsChannelHistograms = false;
  TensorStatistics statistics;
};
} // namespace

/// The observed activations of `func`, by id.
static llvm::StringMap<Recorder> collectRecorders(func::FuncOp func) {
  llvm::StringMap<Recorder> recorders;
  func.walk([&](ObserveOp op) {
    SpecAttr spec = op.getSpec();
    if (spec.isNone() || matchPattern(op.getInput(), m_Constant()))
      return;
    Recorder recorder;
    recorder.op = op;
    if (spec.getGranularity() == Granularity::PerChannel) {
      recorder.axis = spec.getAxis();
      auto observer = cast<ObserverAttrInterface>(spec.getObserver());
      recorder.needsChannelHistograms =
          observer.getObserverParams().kind != ObserverParams::Kind::MinMax;
    }
    recorders.try_emplace(op.getId(), std::move(recorder));
  });
  return recorders;
}

static void record(Recorder &recorder, const npir_rt::TensorView &view,
                   BatchPart part) {
  const float *data = view.as<float>();
  if (recorder.axis < 0)
    recorder.statistics.record(ArrayRef<float>(data, view.elements()), part);
  else
    recorder.statistics.record(data,
                               ChannelView::get(view.shape, recorder.axis),
                               part, recorder.needsChannelHistograms);
}

FailureOr<StatisticsFile>
mlir::npir::calibrate(ModuleOp module, const CalibrationOptions &options) {
  MLIRContext *context = module.getContext();
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
    return emitError(UnknownLoc::get(context))
           << "expected a batch of at least 1, got " << options.batch;

  llvm::StringMap<Recorder> recorders = collectRecorders(*func);
  NetworkOptions networkOptions;
  networkOptions.threads = options.threads;
  networkOptions.lower = options.lower;
  for (const auto &entry : recorders)
    networkOptions.taps.push_back(entry.getKey().str());
  FailureOr<std::unique_ptr<Network>> network =
      Network::create(module, networkOptions);
  if (failed(network))
    return failure();
  SampleSpan span = options.samples;
  FailureOr<npir_rt::DataSet> data =
      openData(options.data, **network, span, UnknownLoc::get(context));
  if (failed(data))
    return failure();

  BatchPart part;
  auto tap = [&](const npir_rt::TensorView &view) -> npir_rt::Status {
    auto found = recorders.find(StringRef(view.id));
    if (found != recorders.end())
      record(found->second, view, part);
    return {};
  };
  Progress progress("calibrating", "samples", span.end - span.begin,
                    options.quiet);
  npir_rt::Status status =
      forEachBatch(*data, span, options.batch,
                   [&](int64_t begin, int64_t end,
                       const std::vector<npir_rt::NamedTensor> &inputs) {
                     part.index = begin / options.batch;
                     part.isWhole = end - begin == options.batch;
                     npir_rt::Status status = (*network)->run(inputs, tap);
                     progress.update(end - span.begin);
                     return status;
                   });
  if (failed(emitStatus(context, status)))
    return failure();

  StatisticsFile file;
  file.modelHash = hash.str();
  file.batchSize = options.batch;
  file.addEngine(npir_rt::describeEngine());
  llvm::cantFail(file.addSamples(
      {static_cast<uint64_t>(span.begin), static_cast<uint64_t>(span.end)}));
  bool sawNonFinite = false;
  for (auto &entry : recorders) {
    Recorder &recorder = entry.second;
    const TensorStatistics &statistics = recorder.statistics;
    if (uint64_t bad = statistics.nonFiniteCount()) {
      DiagnosticSeverity severity = options.strict
                                        ? DiagnosticSeverity::Error
                                        : DiagnosticSeverity::Warning;
      sawNonFinite = true;
      context->getDiagEngine().emit(recorder.op.getInput().getLoc(), severity)
          << "tensor " << entry.getKey() << " holds " << bad
          << " non-finite of " << statistics.count
          << " values; they are left out of its range: look at the data, or "
             "skip the layer in the configuration";
    }
    file.tensors[entry.getKey().str()] = std::move(recorder.statistics);
  }
  if (sawNonFinite && options.strict)
    return failure();
  return file;
}
