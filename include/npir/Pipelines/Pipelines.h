// This file declares the passes that run the network, and the whole road as one
// pipeline.
#ifndef NPIR_PIPELINES_PIPELINES_H
#define NPIR_PIPELINES_PIPELINES_H

#include "npir/Config/QuantConfig.h"
#include "npir/Dialect/NPIR/IR/NPIRDialect.h"
#include "npir/Execution/Batches.h"
#include "npir/Observers/StatisticsFile.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassOptions.h"

#include <functional>

namespace mlir::npir {

#define GEN_PASS_DECL
#include "npir/Pipelines/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "npir/Pipelines/Passes.h.inc"

/// What --npir-calibrate does, with samples from `data`: calibrate, and write
/// or attach the statistics as `options` says. `isCancelled` is asked after
/// each run of the network.
LogicalResult calibrate(ModuleOp module, const CalibratePassOptions &options,
                        const DataSource &data,
                        const std::function<bool()> &isCancelled = nullptr);

/// Options of `--npir-quantize-pipeline`. What a program has in memory goes
/// into QuantizeInputs.
struct QuantizePipelineOptions
    : public PassPipelineOptions<QuantizePipelineOptions> {
  Option<std::string> config{
      *this, "config",
      llvm::cl::desc("Configuration file (YAML), or preset:NAME")};
  Option<std::string> data{
      *this, "data",
      llvm::cl::desc("Samples to calibrate with: a folder with <input>.npy per "
                     "input, or a .npz file; without it `stats` is read")};
  Option<std::string> stats{
      *this, "stats",
      llvm::cl::desc("Statistics file: read, or with `data` written (there it "
                     "may be left out)")};
  Option<std::string> target{*this, "target", llvm::cl::init("xnnpack"),
                             llvm::cl::desc("What to compile for")};
  Option<std::string> lower{
      *this, "lower",
      llvm::cl::desc("Passes that turn another dialect's ops into npir ops")};
  Option<std::string> samples{
      *this, "samples",
      llvm::cl::desc("Calibrate with samples BEGIN:END only")};
  Option<int64_t> batch{*this, "batch", llvm::cl::init(32),
                        llvm::cl::desc("Samples per calibration batch")};
  Option<int64_t> runBatch{
      *this, "run-batch", llvm::cl::init(0),
      llvm::cl::desc(
          "Samples per run of the network in calibration; 0: chosen")};
  Option<unsigned> threads{*this, "threads", llvm::cl::init(1),
                           llvm::cl::desc("Threads; 0: the machine's")};
  Option<std::string> maxMemory{
      *this, "max-memory",
      llvm::cl::desc("Memory that calibration may take, e.g. 512M or 2G")};
  Option<bool> channelHistograms{
      *this, "channel-histograms", llvm::cl::init(false),
      llvm::cl::desc("Record histograms of all channels")};
  Option<int64_t> rowSample{
      *this, "row-sample", llvm::cl::init(1),
      llvm::cl::desc("Count one row in so many in histograms and moments")};
  Option<std::string> perBatch{
      *this, "per-batch", llvm::cl::init("tails"),
      llvm::cl::desc("What is kept of the distribution of each calibration "
                     "batch: tails or histogram")};
  Option<bool> resume{
      *this, "resume", llvm::cl::init(false),
      llvm::cl::desc("Go on from what an earlier calibration left in `stats`")};
  Option<double> checkpoint{
      *this, "checkpoint", llvm::cl::init(60),
      llvm::cl::desc("Seconds between two writes of what calibration has so "
                     "far; 0: never")};
  Option<bool> tune{
      *this, "tune", llvm::cl::init(true),
      llvm::cl::desc("With `data`, and where observer `auto` is asked for: "
                     "choose its clip weights by the network's output")};
  ListOption<std::string> io{
      *this, "io",
      llvm::cl::desc("Type of the program's inputs and outputs: float, "
                     "quantized or uint8, or NAME:KIND for one")};
  ListOption<double> mean{
      *this, "mean",
      llvm::cl::desc("Mean of an input of uint8, in units of pixels: one "
                     "number, or one for each channel")};
  ListOption<double> std{*this, "std",
                         llvm::cl::desc("Standard deviation likewise")};
  Option<std::string> inputLayout{
      *this, "input-layout", llvm::cl::init("source"),
      llvm::cl::desc("Layout of the program's inputs: source or nhwc")};
  Option<bool> strict{
      *this, "strict", llvm::cl::init(false),
      llvm::cl::desc("Fail where a layer cannot be quantized as configured")};
  Option<Station> stopAt{
      *this, "stop-at", llvm::cl::init(Station::Target),
      llvm::cl::desc("Station to stop at"),
      llvm::cl::values(
          clEnumValN(Station::Prepared, "prepared", "Prepared"),
          clEnumValN(Station::Observed, "observed", "Observed"),
          clEnumValN(Station::Calibrated, "calibrated", "Calibrated"),
          clEnumValN(Station::QDQ, "qdq", "Rounded, in float"),
          clEnumValN(Station::Integer, "integer", "In integers"),
          clEnumValN(Station::Target, "target", "Lowered (the default)"))};
  Option<bool> quiet{*this, "quiet", llvm::cl::init(false),
                     llvm::cl::desc("Show no progress")};
};

/// What a program gives to the pipeline in place of files. Each goes before the
/// option of its name.
struct QuantizeInputs {
  std::shared_ptr<const QuantConfig> config;
  /// The arrays' memory outlives the run.
  std::optional<NamedArrays> data;
  /// Of an earlier calibration, in place of `stats`.
  std::shared_ptr<const StatisticsFile> statistics;
  /// Where the module is: the steps up to there are left out.
  Station start = Station::Float;
  /// A network at `qdq` that came from outside has no target yet: it is made
  /// canonical and partitioned, too.
  bool needsTarget = false;
};

/// The road from `float` to `target`: prepare, insert-observers, calibrate,
/// attach-calibration, insert-qdq, canonicalize-qdq, lower and set-boundary
/// (where asked for), partition, fold-qdq, convert-npir-to-xnn; with the
/// contract of each station verified.
void buildQuantizePipeline(OpPassManager &pm,
                           const QuantizePipelineOptions &options,
                           const QuantizeInputs &inputs = {});

/// Register the passes of this library and `--npir-quantize-pipeline`.
void registerPipelines();

} // namespace mlir::npir

#endif // NPIR_PIPELINES_PIPELINES_H
