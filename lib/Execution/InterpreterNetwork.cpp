// This file implements a network that the interpreter runs.
#include "Networks.h"

#include "npir/Dialect/NPIR/IR/LayerNames.h"
#include "npir/Dialect/NPIR/IR/NPIROps.h"
#include "npir/Dialect/NPIR/IR/QuantTypes.h"
#include "npir/Dialect/NPIR/IR/Stations.h"
#include "npir/Interpreter/Interpreter.h"
#include "npir/Serialization/NPX/NPX.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace mlir::npir;

namespace {
class InterpreterNetwork : public Network {
public:
  InterpreterNetwork(func::FuncOp func,
                     std::unique_ptr<Interpreter> interpreter,
                     const NetworkOptions &options)
      : func(func), interpreter(std::move(interpreter)),
        tapAll(options.tapAll) {
    for (const std::string &id : options.taps)
      taps.insert(id);
    for (BlockArgument argument : func.getArguments()) {
      auto type = cast<RankedTensorType>(argument.getType());
      npir_rt::Shape shape = type.getShape().vec();
      if (type.getRank() > 0 && type.isDynamicDim(0))
        shape[0] = -1;
      inputs.push_back({getInputName(func, argument.getArgNumber()),
                        getShownType(type), shape, 1});
    }
  }

  const std::vector<npir_rt::DataInput> &getInputs() const override {
    return inputs;
  }
  std::vector<std::string> getOutputNames() const override {
    std::vector<std::string> names;
    for (unsigned i = 0; i < func::FuncOp(func).getNumResults(); ++i)
      names.push_back(getOutputName(func, i));
    return names;
  }
  bool isPerSample(size_t output) const override {
    auto isFixed = [](Type type) {
      return cast<RankedTensorType>(type).hasStaticShape();
    };
    func::FuncOp function = func;
    return !isFixed(function.getResultTypes()[output]) ||
           llvm::all_of(function.getArgumentTypes(), isFixed);
  }
  npir_rt::Status run(const std::vector<npir_rt::NamedTensor> &tensors,
                      const Tap &tap) override;
  const std::vector<npir_rt::TensorView> &getOutputs() const override {
    return outputs;
  }

  /// f32 also stands for integers that the runtime does not know. Those of
  /// fewer than 8 bits are stored in 8.
  static npir_rt::ElementType getShownType(RankedTensorType type) {
    quant::QuantizedType quantized = getQuantizedElementType(type);
    if (quantized && quantized.isSigned() &&
        quantized.getStorageTypeIntegralWidth() < 8)
      return npir_rt::ElementType::I8;
    return getElementType(type).value_or(npir_rt::ElementType::F32);
  }

private:
  /// `tensor` as the runtime sees one. The view's id and quantization live in
  /// this object.
  npir_rt::TensorView getView(StringRef id, const Tensor &tensor);

  func::FuncOp func;
  std::unique_ptr<Interpreter> interpreter;
  bool tapAll;
  llvm::StringSet<> taps;
  std::vector<npir_rt::DataInput> inputs;
  SmallVector<Tensor> results;
  std::vector<npir_rt::TensorView> outputs;
  /// What views point to, by id.
  struct Shown {
    npir_rt::Quantization quantization;
    /// The real values, where the runtime does not know the integers.
    Tensor values;
  };
  llvm::StringMap<Shown> shown;
};
} // namespace

npir_rt::TensorView InterpreterNetwork::getView(StringRef id,
                                                const Tensor &tensor) {
  auto [entry, isNew] = shown.try_emplace(id);
  npir_rt::TensorView view;
  view.id = entry->getKey();
  view.type = getShownType(tensor.getType());
  view.shape.assign(tensor.getShape().begin(), tensor.getShape().end());
  view.data = tensor.data();
  quant::QuantizedType type = getQuantizedElementType(tensor.getType());
  if (type && view.type == npir_rt::ElementType::F32) {
    entry->second.values = dequantize(tensor);
    view.data = entry->second.values.data();
  } else if (type) {
    npir_rt::Quantization &quantization = entry->second.quantization;
    if (isNew) {
      for (float scale : getScales(type))
        quantization.scales.push_back(scale);
      for (int64_t zeroPoint : getZeroPoints(type))
        quantization.zeroPoints.push_back(static_cast<int32_t>(zeroPoint));
      if (std::optional<int64_t> axis = getQuantizedAxis(type))
        quantization.axis = static_cast<int32_t>(*axis);
    }
    view.quantization = &quantization;
  }
  return view;
}

npir_rt::Status
InterpreterNetwork::run(const std::vector<npir_rt::NamedTensor> &tensors,
                        const Tap &tap) {
  llvm::StringMap<const npir_rt::NamedTensor *> byName;
  for (const npir_rt::NamedTensor &tensor : tensors)
    byName[tensor.name] = &tensor;
  SmallVector<Tensor> arguments;
  for (BlockArgument argument : func.getArguments()) {
    const std::string &name = inputs[argument.getArgNumber()].name;
    const npir_rt::NamedTensor *given = byName.lookup(name);
    if (!given)
      return npir_rt::Status::error("input '" + name + "' is missing");
    auto type = cast<RankedTensorType>(argument.getType());
    arguments.emplace_back(
        RankedTensorType::get(given->tensor.shape, type.getElementType()),
        given->tensor.data);
  }
  npir_rt::Status status;
  FailureOr<SmallVector<Tensor>> run =
      interpreter->run(arguments, [&](Value value, const Tensor &tensor) {
        // An observe op is the identity and has no tensor of its own.
        if (value.getDefiningOp<ConstantOp>() ||
            value.getDefiningOp<ObserveOp>() || !tap || !status.ok())
          return;
        std::string id = getTensorId(value);
        if (tapAll || taps.contains(id))
          status = tap(getView(id, tensor));
      });
  if (failed(run))
    return npir_rt::Status::error("the interpreter could not run @" +
                                  func.getName().str());
  if (!status.ok())
    return status;
  results = std::move(*run);
  outputs.clear();
  for (auto [i, result] : llvm::enumerate(results))
    outputs.push_back(getView("output " + std::to_string(i), result));
  return status;
}

FailureOr<std::unique_ptr<Network>>
mlir::npir::createInterpreterNetwork(ModuleOp module,
                                     const NetworkOptions &options) {
  FailureOr<func::FuncOp> func = getEntryFunction(module);
  if (failed(func))
    return failure();
  if (getStation(*func) == Station::Target)
    return func->emitError("expected a module before station 'target' for the "
                           "interpreter, got @")
           << func->getName()
           << " at it; run the module that --convert-npir-to-xnn was given";
  for (BlockArgument argument : func->getArguments())
    if (isQuantizedTensor(argument.getType()) &&
        InterpreterNetwork::getShownType(cast<RankedTensorType>(
            argument.getType())) == npir_rt::ElementType::F32)
      return emitError(argument.getLoc())
             << "expected an input of f32, i1, i32, i64, or of quantized "
                "integers of 8 bits or of 32 signed bits, got "
             << argument.getType();
  FailureOr<std::unique_ptr<Interpreter>> interpreter =
      Interpreter::create(*func);
  if (failed(interpreter))
    return failure();
  return std::unique_ptr<Network>(
      new InterpreterNetwork(*func, std::move(*interpreter), options));
}
