// This file implements the command line of npir-run.
#include "Options.h"

#include "llvm/Support/CommandLine.h"

using namespace mlir;
using namespace mlir::npir;
namespace cl = llvm::cl;

static auto getBackendValues() {
  return cl::values(
      clEnumValN(Backend::Auto, "auto", "The runtime"),
      clEnumValN(Backend::XNNPACK, "xnnpack", "The runtime"),
      clEnumValN(Backend::Interpreter, "interpreter", "Reference kernels"));
}

namespace {
/// The flags. Made after LLVM's own are gone, which share some of their names.
struct Flags {
  cl::OptionCategory category{"Options"};
  cl::opt<std::string> model{cl::Positional, cl::Required,
                             cl::desc("<model: .npx, .mlirbc or .mlir>"),
                             cl::cat(category)};
  cl::list<std::string> inputs{"input",
                               cl::desc("Samples of one input, along axis 0"),
                               cl::value_desc("name=x.npy"), cl::cat(category)};
  cl::opt<std::string> data{
      "data", cl::desc("Folder with <input>.npy per input, or a .npz file"),
      cl::value_desc("dir"), cl::cat(category)};
  cl::opt<std::string> samples{"samples", cl::desc("Run only these samples"),
                               cl::value_desc("begin:end"), cl::cat(category)};
  cl::opt<std::string> outputDir{"output-dir",
                                 cl::desc("Write <output>.npy per output here"),
                                 cl::value_desc("dir"), cl::cat(category)};
  cl::opt<unsigned> threads{"threads", cl::desc("Threads; 0: the machine's"),
                            cl::init(1), cl::cat(category)};
  cl::opt<int64_t> batch{"batch",
                         cl::desc("Samples per run (default: 64, or 1 where "
                                  "the model's batch is fixed)"),
                         cl::init(64), cl::cat(category)};
  cl::opt<bool> benchmark{
      "benchmark",
      cl::desc("Time one batch and print JSON {median_us, min_us, "
               "runs, threads, batch}"),
      cl::cat(category)};
  cl::opt<std::string> benchmarkAgainst{
      "benchmark-against",
      cl::desc("Time this model in turn with the first, and print the ratio"),
      cl::value_desc("model"), cl::cat(category)};
  cl::opt<bool> profile{"profile", cl::desc("Print the time of each op"),
                        cl::cat(category)};
  cl::opt<std::string> compare{
      "compare", cl::desc("Compare outputs and tensors with this model's"),
      cl::value_desc("model"), cl::cat(category)};
  cl::opt<std::string> checkOps{
      "check-ops",
      cl::desc("Run every op of this module, which the model was made from, "
               "in the interpreter on the model's own tensors"),
      cl::value_desc("module"), cl::cat(category)};
  cl::opt<std::string> report{
      "report", cl::desc("Write the comparison or check as JSON to this file"),
      cl::value_desc("file"), cl::cat(category)};
  cl::opt<std::string> quantizationProfile{
      "quantization-profile",
      cl::desc("Print what quantizing costs each layer of a calibrated module, "
               "and write it as JSON to this file; '-' only prints"),
      cl::value_desc("file"), cl::cat(category)};
  cl::opt<bool> quiet{"quiet", cl::desc("Print no progress and no tables"),
                      cl::cat(category)};
  cl::opt<Backend> backend{"backend", cl::desc("What runs the model:"),
                           getBackendValues(), cl::init(Backend::Auto),
                           cl::cat(category)};
  cl::opt<Backend> compareBackend{
      "compare-backend", cl::desc("What runs the model to compare with:"),
      getBackendValues(), cl::init(Backend::Auto), cl::cat(category)};
};
} // namespace

npir_run::Options npir_run::parseOptions(int argc, char **argv) {
  cl::ResetCommandLineParser();
  Flags flags;
  cl::HideUnrelatedOptions(flags.category);
  cl::ParseCommandLineOptions(
      argc, argv,
      "NPIR: run, time and compare networks\n\n"
      "A file is named as its input or output; / \\ : * ? \" < > | % and a "
      "leading dot are written as % and two hexadecimal digits.\n");
  Options options;
  options.model = flags.model;
  options.inputs.assign(flags.inputs.begin(), flags.inputs.end());
  options.data = flags.data;
  options.samples = flags.samples;
  options.outputDir = flags.outputDir;
  options.backend = flags.backend;
  options.threads = flags.threads;
  options.batch = flags.batch;
  options.batchGiven = flags.batch.getNumOccurrences() > 0;
  options.benchmark = flags.benchmark || !flags.benchmarkAgainst.empty();
  options.benchmarkAgainst = flags.benchmarkAgainst;
  options.profile = flags.profile;
  options.compare = flags.compare;
  options.compareBackend = flags.compareBackend;
  options.compareBackendGiven = flags.compareBackend.getNumOccurrences() > 0;
  options.checkOps = flags.checkOps;
  options.report = flags.report;
  options.quantizationProfile = flags.quantizationProfile;
  options.quiet = flags.quiet;
  return options;
}

/// The arrays that `NAME=FILE` texts name.
static FailureOr<NamedArrays> openArrays(ArrayRef<std::string> texts,
                                         Location loc) {
  NamedArrays arrays;
  for (StringRef text : texts) {
    auto [name, file] = text.split('=');
    if (file.empty())
      return emitError(loc)
             << "expected --input name=file.npy, got '" << text << "'";
    auto array = npir_rt::NpyArray::open(file.str());
    if (!array)
      return emitError(loc) << array.status().message();
    arrays.emplace_back(name.str(), std::move(*array));
  }
  return arrays;
}

LogicalResult npir_run::checkOptions(const Options &options,
                                     MLIRContext *context) {
  Location loc = UnknownLoc::get(context);
  if (options.compare.empty() && options.checkOps.empty() &&
      !options.report.empty())
    return emitError(loc)
           << "--report needs --compare=MODEL or --check-ops=MODULE";
  if (options.compare.empty() && options.compareBackendGiven)
    return emitError(loc) << "--compare-backend needs --compare=MODEL";
  if (!options.compare.empty() + !options.checkOps.empty() + options.benchmark +
          !options.quantizationProfile.empty() >
      1)
    return emitError(loc) << "expected one of --compare, --check-ops, "
                             "--benchmark and --quantization-profile";
  if (!options.quantizationProfile.empty() &&
      options.backend == Backend::Interpreter)
    return emitError(loc)
           << "--quantization-profile runs on the runtime only, got "
              "--backend=interpreter";
  return success();
}

FailureOr<DataSource> npir_run::getSource(const Options &options,
                                          SampleSpan &span,
                                          MLIRContext *context) {
  Location loc = UnknownLoc::get(context);
  if (options.batch < 1)
    return emitError(loc) << "expected --batch of at least 1, got "
                          << options.batch;
  FailureOr<SampleSpan> parsed = parseSamples(options.samples, loc);
  if (failed(parsed))
    return failure();
  span = *parsed;
  if (options.data.empty() == options.inputs.empty())
    return emitError(loc) << "expected either --data or --input";
  if (!options.data.empty())
    return DataSource(options.data);
  FailureOr<NamedArrays> arrays = openArrays(options.inputs, loc);
  if (failed(arrays))
    return failure();
  return DataSource(std::move(*arrays));
}

FailureOr<npir_run::Samples> npir_run::openSamples(const Options &options,
                                                   const Network &network,
                                                   MLIRContext *context) {
  Location loc = UnknownLoc::get(context);
  Samples samples;
  FailureOr<DataSource> source = getSource(options, samples.span, context);
  if (failed(source))
    return failure();
  samples.batch = limitBatch(network, options.batch);
  if (options.batchGiven && samples.batch != options.batch)
    return emitError(loc) << options.model << ": expected --batch=1, got "
                          << options.batch
                          << ": the model's batch is fixed, and a sample is "
                             "all of it";
  FailureOr<npir_rt::DataSet> data =
      openData(*source, network, samples.span, loc);
  if (failed(data))
    return failure();
  samples.data = std::move(*data);
  return samples;
}
