// This file implements the error of quantized copies of a network.
#include "OutputError.h"

#include "npir/Dialect/NPIR/Transforms/Passes.h"

#include "mlir/Pass/PassManager.h"

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

LogicalResult OutputError::run(Network &network, TakeOutput take) {
  npir_rt::Status status = forEachBatch(
      data, span, limitBatch(network, kRunBatch),
      [&](int64_t begin, int64_t end,
          const std::vector<npir_rt::NamedTensor> &inputs) {
        npir_rt::Status status =
            network.run(inputs, [](const npir_rt::TensorView &) {
              return npir_rt::Status();
            });
        if (status.ok() && options.isCancelled && options.isCancelled())
          return npir_rt::Status::error("interrupted while ranges were chosen");
        if (status.ok())
          for (auto [i, view] : llvm::enumerate(network.getOutputs()))
            if (isReal(view))
              take(i, end - begin, toFloat(view));
        return status;
      });
  return emitStatus(module.getContext(), status);
}

FailureOr<SampleSpan> OutputError::open(SampleSpan samples) {
  span = samples;
  NetworkOptions networkOptions = getNetworkOptions();
  networkOptions.lower = options.lower;
  auto created = Network::create(module, networkOptions);
  if (failed(created))
    return failure();
  network = std::move(*created);
  FailureOr<npir_rt::DataSet> opened = openData(
      options.data, *network, span, UnknownLoc::get(module.getContext()));
  if (failed(opened))
    return failure();
  data = std::move(*opened);
  return span;
}

LogicalResult OutputError::start(SampleSpan samples) {
  if (failed(open(samples)))
    return failure();
  reference.resize(network->getOutputNames().size());
  return run(*network, [&](size_t output, size_t, std::vector<float> values) {
    reference[output].push_back(std::move(values));
  });
}

LogicalResult OutputError::measure(ModuleOp calibrated, OutputSums &sums) {
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
  auto integers = Network::create(calibrated, getNetworkOptions());
  if (failed(integers))
    return failure();
  SmallVector<size_t> runs(reference.size());
  return run(**integers, [&](size_t output, size_t samples,
                             std::vector<float> values) {
    sums.add(output, samples, reference[output][runs[output]++], values);
  });
}
