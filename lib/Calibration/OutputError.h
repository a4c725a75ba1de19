// This file declares how far the outputs of quantized copies of a network are
// from its own. Private to this library.
#ifndef NPIR_LIB_CALIBRATION_OUTPUTERROR_H
#define NPIR_LIB_CALIBRATION_OUTPUTERROR_H

#include "npir/Calibration/ClipWeightSearch.h"

namespace mlir::npir {

/// Runs copies of one module over the same samples. Holds its float outputs.
class OutputError {
public:
  OutputError(ModuleOp module, const ClipWeightOptions &options)
      : module(module), options(options) {}

  /// Open the data; the samples that it has of `samples`.
  FailureOr<SampleSpan> open(SampleSpan samples);
  /// Run the float network over `samples`.
  LogicalResult start(SampleSpan samples);
  /// Add the outputs of `calibrated`, a copy of the module, in XNNPACK's
  /// integers; `calibrated` becomes these.
  LogicalResult measure(ModuleOp calibrated, OutputSums &sums);

private:
  NetworkOptions getNetworkOptions() const;
  /// Gets the values of one output for so many samples.
  using TakeOutput = function_ref<void(size_t output, size_t samples,
                                       std::vector<float> values)>;
  LogicalResult run(Network &network, TakeOutput take);

  ModuleOp module;
  const ClipWeightOptions &options;
  std::unique_ptr<Network> network;
  npir_rt::DataSet data;
  SampleSpan span;
  /// By output, of one run after the other.
  std::vector<std::vector<std::vector<float>>> reference;
};

} // namespace mlir::npir

#endif // NPIR_LIB_CALIBRATION_OUTPUTERROR_H
