// This file implements what all networks share, and the choice of what runs
// one.
#include "npir/Execution/Network.h"
#include "Networks.h"

#include "npir/Conversion/ToNPIR.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"
#include "npir/Serialization/ModuleIO.h"

#include "mlir/IR/Verifier.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace mlir::npir;

/// A network that owns the module which it reads its constants from.
namespace {
class OwningNetwork : public Network {
public:
  OwningNetwork(OwningOpRef<ModuleOp> module, std::unique_ptr<Network> inner)
      : module(std::move(module)), inner(std::move(inner)) {}

  const std::vector<npir_rt::DataInput> &getInputs() const override {
    return inner->getInputs();
  }
  std::vector<std::string> getOutputNames() const override {
    return inner->getOutputNames();
  }
  bool isPerSample(size_t output) const override {
    return inner->isPerSample(output);
  }
  npir_rt::Status run(const std::vector<npir_rt::NamedTensor> &inputs,
                      const Tap &tap) override {
    return inner->run(inputs, tap);
  }
  const std::vector<npir_rt::TensorView> &getOutputs() const override {
    return inner->getOutputs();
  }
  npir_rt::Executor *getExecutor() override { return inner->getExecutor(); }

private:
  OwningOpRef<ModuleOp> module;
  std::unique_ptr<Network> inner;
};
} // namespace

/// The network of `options.lower`'s result.
static FailureOr<std::unique_ptr<Network>>
createLowered(ModuleOp module, const NetworkOptions &options) {
  // The clone shares the constants; they are not copied.
  OwningOpRef<ModuleOp> copy = module.clone();
  for (func::FuncOp func : copy->getOps<func::FuncOp>())
    dropObservers(func);
  if (failed(options.lower(*copy)) || failed(verify(*copy)))
    return failure();
  FailureOr<func::FuncOp> func = getEntryFunction(*copy);
  if (failed(func))
    return failure();
  llvm::StringSet<> ids;
  func->walk([&](Operation *op) {
    for (Value result : op->getResults())
      ids.insert(getTensorId(result));
  });
  for (Value argument : func->getArguments())
    ids.insert(getTensorId(argument));
  for (const std::string &tap : options.taps)
    if (!ids.contains(tap))
      return func->emitError("expected tensor '")
             << tap
             << "' in the network that was converted to npir ops, got none; "
                "the conversion must keep the locations of layers";
  NetworkOptions rest = options;
  rest.lower = nullptr;
  FailureOr<std::unique_ptr<Network>> network = Network::create(*copy, rest);
  if (failed(network))
    return failure();
  return std::unique_ptr<Network>(
      new OwningNetwork(std::move(copy), std::move(*network)));
}

FailureOr<std::unique_ptr<Network>>
mlir::npir::Network::create(ModuleOp module, const NetworkOptions &options) {
  if (options.lower)
    return createLowered(module, options);
  if (options.backend == Backend::Interpreter)
    return createInterpreterNetwork(module, options);
  FailureOr<std::shared_ptr<const npir_rt::Program>> program =
      compileToProgram(module);
  if (failed(program))
    return failure();
  return create(*program, module.getContext(), options);
}

FailureOr<std::unique_ptr<Network>>
mlir::npir::Network::load(StringRef path, MLIRContext *context,
                          const NetworkOptions &options) {
  if (path.ends_with(".npx")) {
    auto program = npir_rt::Program::load(path.str());
    if (!program)
      return emitStatus(context, program.status());
    return create(*program, context, options);
  }
  OwningOpRef<ModuleOp> module =
      loadModule(path, context, {/*exitOnCrash=*/true});
  if (!module)
    return failure();
  FailureOr<std::unique_ptr<Network>> network = create(*module, options);
  if (failed(network))
    return failure();
  return std::unique_ptr<Network>(
      new OwningNetwork(std::move(module), std::move(*network)));
}

LogicalResult mlir::npir::emitStatus(MLIRContext *context,
                                     const npir_rt::Status &status) {
  if (status.ok())
    return success();
  InFlightDiagnostic diagnostic = emitError(UnknownLoc::get(context));
  if (status.isInternal())
    diagnostic << "internal error: " << status.message() << "; please report";
  else
    diagnostic << status.message();
  return diagnostic;
}

/// Element `i` of a tensor that is not f32.
static int64_t loadInteger(const npir_rt::TensorView &view, size_t i) {
  switch (view.type) {
  case npir_rt::ElementType::I8:
    return view.as<int8_t>()[i];
  case npir_rt::ElementType::U8:
    return view.as<uint8_t>()[i];
  case npir_rt::ElementType::Bool:
    return view.as<uint8_t>()[i] != 0;
  case npir_rt::ElementType::I32:
    return view.as<int32_t>()[i];
  case npir_rt::ElementType::I64:
    return view.as<int64_t>()[i];
  case npir_rt::ElementType::F32:
    break;
  }
  llvm_unreachable("not an integer");
}

std::vector<float> mlir::npir::toFloat(const npir_rt::TensorView &view) {
  size_t count = view.elements();
  if (view.type == npir_rt::ElementType::F32)
    return {view.as<float>(), view.as<float>() + count};
  std::vector<float> values(count);
  const npir_rt::Quantization *quantization = view.quantization;
  // Elements of one index of the quantized axis that stand together.
  size_t inner = 1, channels = 1;
  if (quantization && quantization->isPerAxis()) {
    channels = quantization->scales.size();
    for (size_t i = quantization->axis + 1; i < view.shape.size(); ++i)
      inner *= view.shape[i];
  }
  for (size_t i = 0; i < count; ++i) {
    int64_t stored = loadInteger(view, i);
    if (!quantization || quantization->empty()) {
      values[i] = static_cast<float>(stored);
      continue;
    }
    size_t channel = i / inner % channels;
    values[i] = static_cast<float>(stored - quantization->zeroPoints[channel]) *
                quantization->scales[channel];
  }
  return values;
}
