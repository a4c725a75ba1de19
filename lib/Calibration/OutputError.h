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

  /// Run the float network over the first of the samples, `count` at most.
  LogicalResult start(int64_t count);
  /// SQNR in dB of the outputs of `calibrated`, a copy of the module, in
  /// XNNPACK's integers; `calibrated` becomes these. Infinity without outputs
  /// of real numbers.
  FailureOr<double> measure(ModuleOp calibrated);
  int64_t getSamples() const { return span.end - span.begin; }

private:
  NetworkOptions getNetworkOptions() const;
  LogicalResult
  run(Network &network,
      function_ref<void(size_t output, std::vector<float>)> take);

  ModuleOp module;
  const ClipWeightOptions &options;
  npir_rt::DataSet data;
  SampleSpan span;
  /// By output, of one batch after the other.
  std::vector<std::vector<std::vector<float>>> reference;
};

} // namespace mlir::npir

#endif // NPIR_LIB_CALIBRATION_OUTPUTERROR_H
