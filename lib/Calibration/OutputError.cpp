// This file implements the error of quantized copies of a network.
#include "OutputError.h"

#include "npir/Dialect/NPIR/Transforms/Passes.h"

#include "mlir/Pass/PassManager.h"

#include <cmath>

using namespace mlir;
using namespace mlir::npir;

/// Samples of a run: few, so that tensors stay small.
static constexpr int64_t kRunBatch = 4;

NetworkOptions OutputError::getNetworkOptions() const {
  NetworkOptions network;
  network.threads = options.threads;
  return network;
}

/// Indices and truth values have no noise.
static bool isReal(const npir_rt::TensorView &view) {
  return view.type == npir_rt::ElementType::F32 ||
         (view.quantization && !view.quantization->empty());
}

LogicalResult OutputError::run(
    Network &network,
    function_ref<void(size_t output, std::vector<float>)> take) {
  npir_rt::Status status = forEachBatch(
      data, span, kRunBatch,
      [&](int64_t, int64_t, const std::vector<npir_rt::NamedTensor> &inputs) {
        npir_rt::Status status =
            network.run(inputs, [](const npir_rt::TensorView &) {
              return npir_rt::Status();
            });
        if (status.ok() && options.isCancelled && options.isCancelled())
          return npir_rt::Status::error("interrupted while ranges were chosen");
        if (status.ok())
          for (auto [i, view] : llvm::enumerate(network.getOutputs()))
            if (isReal(view))
              take(i, toFloat(view));
        return status;
      });
  return emitStatus(module.getContext(), status);
}

LogicalResult OutputError::start(int64_t count) {
  NetworkOptions networkOptions = getNetworkOptions();
  networkOptions.lower = options.lower;
  auto network = Network::create(module, networkOptions);
  if (failed(network))
    return failure();
  span = options.samples;
  FailureOr<npir_rt::DataSet> opened = openData(
      options.data, **network, span, UnknownLoc::get(module.getContext()));
  if (failed(opened))
    return failure();
  data = std::move(*opened);
  span.end = std::min(span.end, span.begin + count);
  reference.resize((*network)->getOutputNames().size());
  return run(**network, [&](size_t output, std::vector<float> values) {
    reference[output].push_back(std::move(values));
  });
}

FailureOr<double> OutputError::measure(ModuleOp calibrated) {
  MLIRContext *context = module.getContext();
  PassManager rounded(context, ModuleOp::getOperationName());
  rounded.addPass(createInsertQDQPass());
  rounded.addPass(createCanonicalizeQDQPass());
  PassManager integer(context, ModuleOp::getOperationName());
  integer.addPass(createPartitionPass({{"xnnpack"}}));
  integer.addPass(createFoldQDQPass());
  if (failed(rounded.run(calibrated)) ||
      (options.lower && failed(options.lower(calibrated))) ||
      failed(integer.run(calibrated)))
    return failure();
  auto network = Network::create(calibrated, getNetworkOptions());
  if (failed(network))
    return failure();
  size_t outputs = reference.size();
  SmallVector<double> signal(outputs), noise(outputs);
  SmallVector<size_t> batches(outputs);
  if (failed(run(**network, [&](size_t output, std::vector<float> values) {
        const std::vector<float> &expected =
            reference[output][batches[output]++];
        for (auto [x, y] : llvm::zip_equal(expected, values)) {
          signal[output] += double(x) * x;
          noise[output] += (double(x) - y) * (double(x) - y);
        }
      })))
    return failure();
  double ratio = 0.0, count = 0.0;
  for (size_t i = 0; i < outputs; ++i) {
    if (signal[i] == 0.0)
      continue;
    ratio += noise[i] / signal[i];
    count += 1.0;
  }
  return -10.0 * std::log10(count == 0.0 ? 0.0 : ratio / count);
}
