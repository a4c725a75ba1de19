// This file implements running and comparing for npir-run.
#include "Run.h"

#include "npir/Execution/CheckOps.h"
#include "npir/Execution/Compare.h"
#include "npir/Execution/Profile.h"
#include "npir/Interpreter/Interpreter.h"
#include "npir/Serialization/ModuleIO.h"
#include "npir/Support/AtomicFile.h"
#include "npir/Support/Progress.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"

using namespace mlir;
using namespace mlir::npir;
using npir_rt::Status;

namespace {
/// One file per output, which appear together when all is done.
class OutputFiles {
public:
  /// Create the files for `samples` samples from the shapes of the first batch,
  /// and write what depends on no sample.
  Status open(StringRef folder, const Network &network, int64_t batch,
              int64_t samples) {
    const auto &views = network.getOutputs();
    for (auto [i, name] : llvm::enumerate(network.getOutputNames())) {
      const npir_rt::TensorView &view = views[i];
      npir_rt::Expected<npir_rt::Shape> shape = view.shape;
      if (network.isPerSample(i))
        shape = getWholeShape(name, view, batch, samples);
      if (!shape)
        return shape.status();
      auto writer = npir_rt::NpyWriter::create(
          (folder + "/" + npir_rt::toFileName(name) + ".npy").str(),
          npir_rt::toNpyType(view.type), *shape);
      if (!writer)
        return writer.status();
      writers.push_back(std::move(*writer));
      if (network.isPerSample(i))
        continue;
      Status status = writers.back().append(view.data, view.bytes());
      if (!status.ok())
        return status;
    }
    return {};
  }
  bool isOpen() const { return !writers.empty(); }
  Status append(const Network &network) {
    const auto &views = network.getOutputs();
    for (auto [i, writer] : llvm::enumerate(writers)) {
      if (!network.isPerSample(i))
        continue;
      Status status = writer.append(views[i].data, views[i].bytes());
      if (!status.ok())
        return status;
    }
    return {};
  }
  Status commit() {
    for (npir_rt::NpyWriter &writer : writers) {
      Status status = writer.commit();
      if (!status.ok())
        return status;
    }
    return {};
  }

private:
  std::vector<npir_rt::NpyWriter> writers;
};
} // namespace

static void printProfile(npir_rt::Executor &executor) {
  std::vector<npir_rt::StepProfile> steps = executor.profile();
  uint64_t total = 0;
  for (const npir_rt::StepProfile &step : steps)
    total += step.nanoseconds;
  llvm::outs() << "        us  share  calls  layer\n";
  for (const npir_rt::StepProfile &step : steps)
    llvm::outs() << llvm::format("%10.1f  %4.1f%%  %5llu  %s (%s)\n",
                                 step.nanoseconds * 1e-3,
                                 total ? 100.0 * step.nanoseconds / total : 0.0,
                                 static_cast<unsigned long long>(step.calls),
                                 step.name.c_str(), step.kernel.c_str());
}

LogicalResult npir_run::run(const Options &options, MLIRContext *context) {
  NetworkOptions networkOptions;
  networkOptions.backend = options.backend;
  networkOptions.threads = options.threads;
  networkOptions.profile = options.profile;
  auto network = Network::load(options.model, context, networkOptions);
  if (failed(network))
    return failure();
  FailureOr<Samples> samples = openSamples(options, **network, context);
  if (failed(samples))
    return failure();
  if (!options.outputDir.empty() &&
      !llvm::sys::fs::is_directory(options.outputDir))
    return emitError(UnknownLoc::get(context))
           << options.outputDir << ": expected a folder for the outputs";

  OutputFiles files;
  SampleSpan span = samples->span;
  Progress progress("running", "samples", span.end - span.begin, options.quiet);
  Status status = forEachBatch(
      samples->data, span, samples->batch,
      [&](int64_t begin, int64_t end,
          const std::vector<npir_rt::NamedTensor> &inputs) -> Status {
        Status status = (*network)->run(inputs, nullptr);
        if (!status.ok() || options.outputDir.empty())
          return status;
        if (!files.isOpen())
          status = files.open(options.outputDir, **network, end - begin,
                              span.end - span.begin);
        progress.update(end - span.begin);
        return status.ok() ? files.append(**network) : status;
      });
  if (status.ok())
    status = files.commit();
  if (failed(emitStatus(context, status)))
    return failure();
  if (options.outputDir.empty() && !options.profile && !options.quiet)
    llvm::outs() << "ran " << span.end - span.begin
                 << " samples; --output-dir writes the outputs, --compare "
                    "compares them\n";
  if (options.profile) {
    if (npir_rt::Executor *executor = (*network)->getExecutor())
      printProfile(*executor);
    else
      emitWarning(UnknownLoc::get(context))
          << "the interpreter has no profile; use --backend=xnnpack";
  }
  return success();
}

/// Write the report that was asked for, if one was.
static LogicalResult writeReport(StringRef path, llvm::json::Value report,
                                 MLIRContext *context) {
  if (path.empty())
    return success();
  if (llvm::Error error = writeJSONAtomically(path, [&](raw_ostream &os) {
        os << llvm::formatv("{0:2}", report) << "\n";
      }))
    return emitError(UnknownLoc::get(context))
           << llvm::toString(std::move(error));
  return success();
}

LogicalResult npir_run::compare(const Options &options, MLIRContext *context) {
  NetworkOptions networkOptions;
  networkOptions.threads = options.threads;
  networkOptions.tapAll = true;
  networkOptions.backend = options.backend;
  auto test = Network::load(options.model, context, networkOptions);
  if (failed(test))
    return failure();
  networkOptions.backend = options.compareBackend;
  auto reference = Network::load(options.compare, context, networkOptions);
  if (failed(reference))
    return failure();
  FailureOr<Samples> samples = openSamples(options, **test, context);
  if (failed(samples))
    return failure();
  Comparison comparison;
  comparison.test = options.model;
  comparison.reference = options.compare;
  if (failed(emitStatus(context,
                        compareNetworks(**reference, **test, samples->data,
                                        samples->span, samples->batch,
                                        options.quiet, comparison))))
    return failure();
  if (!options.quiet)
    comparison.print(llvm::outs());
  return writeReport(options.report, comparison.toJSON(), context);
}

LogicalResult npir_run::checkOps(const Options &options, MLIRContext *context) {
  OwningOpRef<ModuleOp> module =
      loadModule(options.checkOps, context, {/*exitOnCrash=*/true});
  if (!module)
    return failure();
  FailureOr<func::FuncOp> func = getEntryFunction(*module);
  if (failed(func) || failed(Interpreter::create(*func)))
    return failure();
  NetworkOptions networkOptions;
  networkOptions.threads = options.threads;
  networkOptions.tapAll = true;
  networkOptions.backend = options.backend;
  auto network = Network::load(options.model, context, networkOptions);
  if (failed(network))
    return failure();
  FailureOr<Samples> samples = openSamples(options, **network, context);
  if (failed(samples))
    return failure();
  OpCheck check;
  check.model = options.model;
  check.ops = options.checkOps;
  Status status =
      mlir::npir::checkOps(**network, *func, samples->data, samples->span,
                           samples->batch, options.quiet, check);
  if (failed(emitStatus(context, status)))
    return failure();
  if (!options.quiet)
    check.print(llvm::outs());
  return writeReport(options.report, check.toJSON(), context);
}

LogicalResult npir_run::profileQuantization(const Options &options,
                                            MLIRContext *context) {
  if (StringRef(options.model).ends_with(".npx"))
    return emitError(UnknownLoc::get(context))
           << options.model
           << ": expected a module at station calibrated, got a program";
  OwningOpRef<ModuleOp> module =
      loadModule(options.model, context, {/*exitOnCrash=*/true});
  if (!module)
    return failure();
  ProfileOptions profileOptions;
  FailureOr<DataSource> source =
      getSource(options, profileOptions.samples, context);
  if (failed(source))
    return failure();
  profileOptions.data = std::move(*source);
  profileOptions.batch = options.batch;
  profileOptions.threads = options.threads;
  profileOptions.quiet = options.quiet;
  FailureOr<QuantizationProfile> profile =
      mlir::npir::profileQuantization(*module, profileOptions);
  if (failed(profile))
    return failure();
  profile->model = options.model;
  if (!options.quiet)
    profile->print(llvm::outs());
  StringRef path = options.quantizationProfile;
  return writeReport(path == "-" ? "" : path, profile->toJSON(), context);
}
