// This file declares how far the outputs of quantized copies of a network are
// from its own. Private to this library.
#ifndef NPIR_LIB_CALIBRATION_OUTPUTERROR_H
#define NPIR_LIB_CALIBRATION_OUTPUTERROR_H

#include "npir/Calibration/ClipWeightSearch.h"

namespace mlir::npir {

/// Sums of squares over the values of each output.
class OutputSums {
public:
  void add(size_t output, ArrayRef<float> reference, ArrayRef<float> actual);
  /// In dB: the mean, over outputs, of noise / signal, so that each output
  /// counts alike. Infinity without outputs of real numbers.
  double getSQNR() const;

private:
  struct Sums {
    double signal = 0.0, noise = 0.0;
  };
  SmallVector<Sums> sums;
};

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
  LogicalResult
  run(Network &network,
      function_ref<void(size_t output, std::vector<float> values)> take);

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
