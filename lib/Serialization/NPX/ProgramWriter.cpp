// This file implements the writer of programs. It knows no list of ops: kernel
// ids are op names, and attributes go by their kinds.
#include "OpAttributes.h"

#include "npir/Dialect/NPIR/IR/Constants.h"
#include "npir/Dialect/NPIR/IR/EntryFunction.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"
#include "npir/Dialect/NPIR/IR/QuantTypes.h"
#include "npir/Dialect/NPIR/IR/Stations.h"
#include "npir/Dialect/XNN/IR/XNNOps.h"
#include "npir/Runtime/KernelRegistry.h"
#include "npir/Serialization/NPX/NPX.h"
#include "npir/Serialization/Program/ProgramBuilder.h"

#include "llvm/ADT/StringSet.h"
#include <deque>

using namespace mlir;
using namespace mlir::npir;

namespace {
/// Builds the program of one function. The constants' memory is the module's
/// and, for expanded splats, this object's.
class ProgramWriter {
public:
  explicit ProgramWriter(func::FuncOp func)
      : func(func), builder(getInfo(func)) {}

  LogicalResult build();
  const npir_rt::ProgramBuilder &getBuilder() const { return builder; }

private:
  static npir_rt::ProgramInfo getInfo(func::FuncOp func);

  /// A record without data. Failure after a diagnostic of `emit`.
  FailureOr<npir_rt::TensorInfo>
  describe(RankedTensorType type, function_ref<InFlightDiagnostic()> emit,
           bool isConstant = false);
  LogicalResult addInput(BlockArgument argument);
  LogicalResult addResult(Operation *op, OpResult result);
  FailureOr<uint32_t> getConstant(ConstantOp op);
  /// The record of a value that exists already.
  FailureOr<uint32_t> getTensor(Value value);

  /// How many times the batch the first dimension of `result` is.
  FailureOr<int64_t> getBatchFactor(Operation *op, RankedTensorType type);

  FailureOr<npir_rt::Op> convertOp(Operation *op);
  FailureOr<npir_rt::Op> convertSubgraph(xnn::SubgraphOp op);
  LogicalResult setOperands(Operation *op, npir_rt::Op &record);
  /// The runtime would refuse the program when it loads it.
  LogicalResult checkKernel(Operation *op, const npir_rt::Op &record);
  LogicalResult addPorts();

  func::FuncOp func;
  npir_rt::ProgramBuilder builder;
  /// What `builder` has, with the data of constants.
  std::vector<npir_rt::TensorInfo> tensors;
  llvm::DenseMap<Value, uint32_t> indices;
  /// Copies of a constant in several subgraphs are one.
  llvm::DenseMap<std::pair<Attribute, std::pair<Type, Attribute>>, uint32_t>
      constants;
  std::deque<ConstantBytes> expanded;
  std::deque<SmallVector<char, 0>> packed;
  llvm::StringSet<> ids;
};
} // namespace

npir_rt::ProgramInfo ProgramWriter::getInfo(func::FuncOp func) {
  npir_rt::ProgramInfo info;
  info.producer = "NPIR " NPIR_VERSION;
  auto module = func->getParentOfType<ModuleOp>();
  if (auto hash =
          module->getAttrOfType<StringAttr>(NPIRDialect::kModelHashAttrName))
    info.modelHash = hash.str();
  info.function = func.getName().str();
  info.station = stringifyStation(*getStation(func)).str();
  return info;
}

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

std::optional<npir_rt::ElementType>
mlir::npir::getElementType(RankedTensorType type) {
  using npir_rt::ElementType;
  if (quant::QuantizedType quantized = getQuantizedElementType(type)) {
    unsigned width = quantized.getStorageTypeIntegralWidth();
    if (width == 8)
      return quantized.isSigned() ? ElementType::I8 : ElementType::U8;
    if (width == 32 && quantized.isSigned())
      return ElementType::I32;
    return std::nullopt;
  }
  Type element = type.getElementType();
  if (element.isF32())
    return ElementType::F32;
  if (element.isInteger(1))
    return ElementType::Bool;
  if (element.isInteger(32))
    return ElementType::I32;
  if (element.isInteger(64))
    return ElementType::I64;
  return std::nullopt;
}

/// 4-bit integers, an even number of them along the last dimension, whose scale
/// is one: a program holds two of them in a byte of a constant.
static bool isPackedNibbles(RankedTensorType type) {
  quant::QuantizedType quantized = getQuantizedElementType(type);
  return quantized && quantized.getStorageTypeIntegralWidth() == 4 &&
         quantized.isSigned() && !getQuantizedAxis(quantized) &&
         type.getRank() > 0 && type.getShape().back() % 2 == 0;
}

FailureOr<npir_rt::TensorInfo>
ProgramWriter::describe(RankedTensorType type,
                        function_ref<InFlightDiagnostic()> emit,
                        bool isConstant) {
  npir_rt::TensorInfo info;
  std::optional<npir_rt::ElementType> element = getElementType(type);
  if (isConstant && isPackedNibbles(type))
    element = npir_rt::ElementType::I8;
  if (!element)
    return emit() << "has the type " << type.getElementType()
                  << ", which a program cannot hold: expected f32, i1, i32, "
                     "i64, or quantized integers of 8 bits or of 32 signed "
                     "bits";
  info.type = *element;
  if (quant::QuantizedType quantized = getQuantizedElementType(type)) {
    llvm::append_range(info.quantization.scales, getScales(quantized));
    llvm::append_range(info.quantization.zeroPoints, getZeroPoints(quantized));
    info.quantization.axis =
        static_cast<int32_t>(getQuantizedAxis(quantized).value_or(-1));
  }
  for (auto [i, size] : llvm::enumerate(type.getShape())) {
    if (ShapedType::isDynamic(size) && i != 0)
      return emit() << "has the type " << type
                    << ": expected only the first dimension dynamic";
    info.shape.push_back(ShapedType::isDynamic(size) ? -1 : size);
  }
  return info;
}

LogicalResult ProgramWriter::addInput(BlockArgument argument) {
  auto emit = [&] {
    return emitError(argument.getLoc(), "input ")
           << argument.getArgNumber() << " ";
  };
  FailureOr<npir_rt::TensorInfo> info =
      describe(cast<RankedTensorType>(argument.getType()), emit);
  if (failed(info))
    return failure();
  info->id = npir::getTensorId(argument);
  if (!ids.insert(info->id).second)
    return emit() << "has the name of another tensor, '" << info->id << "'";
  indices[argument] = builder.addTensor(*info);
  tensors.push_back(std::move(*info));
  return success();
}

FailureOr<int64_t> ProgramWriter::getBatchFactor(Operation *op,
                                                 RankedTensorType type) {
  if (type.getRank() == 0 || !type.isDynamicDim(0))
    return 1;
  int64_t factor = 0, elements = 1;
  for (Value operand : op->getOperands()) {
    auto operandType = cast<RankedTensorType>(operand.getType());
    if (operandType.getRank() == 0 || !operandType.isDynamicDim(0))
      continue;
    int64_t found = tensors[indices.lookup(operand)].batchFactor;
    if (factor != 0 && found != factor)
      return op->emitOpError("expected operands of one batch size, got ")
             << factor << " and " << found << " times the network's";
    factor = found;
    elements = ShapedType::getNumElements(operandType.getShape().drop_front());
  }
  if (factor == 0)
    return op->emitOpError("has a dynamic batch, but no operand has");
  // A reshape moves a static factor into or out of the batch.
  if (!isa<ReshapeOp, xnn::StaticReshapeOp>(op))
    return factor;
  int64_t all = factor * elements;
  int64_t rest = ShapedType::getNumElements(type.getShape().drop_front());
  if (all % rest != 0)
    return op->emitOpError("splits a sample: expected a multiple of ")
           << rest << " elements per sample, got " << all;
  return all / rest;
}

LogicalResult ProgramWriter::addResult(Operation *op, OpResult result) {
  auto type = cast<RankedTensorType>(result.getType());
  auto emit = [&] { return op->emitOpError(); };
  FailureOr<npir_rt::TensorInfo> info = describe(type, emit);
  FailureOr<int64_t> factor = getBatchFactor(op, type);
  if (failed(info) || failed(factor))
    return failure();
  info->batchFactor = *factor;
  info->id = npir::getTensorId(result);
  // Nobody can ask for a tensor without a name; any id will do.
  if (getLayerName(op).empty())
    info->id = ("unnamed" + Twine(tensors.size()) + ":" +
                Twine(result.getResultNumber()))
                   .str();
  if (!ids.insert(info->id).second)
    return op->emitOpError("has the name of another layer, '")
           << getLayerName(op) << "'; --npir-prepare makes names unique";
  indices[result] = builder.addTensor(*info);
  tensors.push_back(std::move(*info));
  return success();
}

/// 4-bit integers that have a byte each, two in a byte: the first in the lower
/// bits. The last dimension is even.
static SmallVector<char, 0> packNibbles(ArrayRef<char> values) {
  SmallVector<char, 0> packed(values.size() / 2);
  for (auto [i, value] : llvm::enumerate(values))
    packed[i / 2] |= static_cast<char>((value & 15) << (i % 2 * 4));
  return packed;
}

/// A resource is the context's.
static npir_rt::ProgramBuilder::Lifetime getLifetime(ElementsAttr value,
                                                     ArrayRef<char> bytes) {
  using Lifetime = npir_rt::ProgramBuilder::Lifetime;
  auto resource = dyn_cast<DenseResourceElementsAttr>(value);
  return resource && resource.getData().data() == bytes.data()
             ? Lifetime::Program
             : Lifetime::Builder;
}

FailureOr<uint32_t> ProgramWriter::getConstant(ConstantOp op) {
  StringRef name = getLayerName(op);
  auto [entry, isNew] = constants.try_emplace(
      {op.getValue(), {op.getType(), StringAttr::get(op.getContext(), name)}},
      0);
  if (!isNew)
    return entry->second;
  auto emit = [&] { return op.emitOpError(); };
  FailureOr<npir_rt::TensorInfo> info =
      describe(cast<RankedTensorType>(op.getType()), emit, /*isConstant=*/true);
  if (failed(info))
    return failure();
  // One constant may be there with several types.
  std::string base = name.empty() ? "constant" : name.str();
  info->id = base + ":0";
  for (unsigned i = 1; !ids.insert(info->id).second; ++i)
    info->id = (base + "." + Twine(i) + ":0").str();
  ArrayRef<char> bytes = expanded.emplace_back(op.getValue()).bytes();
  if (isPackedNibbles(cast<RankedTensorType>(op.getType()))) {
    bytes = packed.emplace_back(packNibbles(bytes));
    info->shape.back() /= 2;
  }
  entry->second = builder.addConstant(*info, bytes.data(), bytes.size(),
                                      getLifetime(op.getValue(), bytes));
  info->data = bytes.data();
  tensors.push_back(std::move(*info));
  return entry->second;
}

FailureOr<uint32_t> ProgramWriter::getTensor(Value value) {
  if (auto constant = value.getDefiningOp<ConstantOp>())
    return getConstant(constant);
  return indices.lookup(value);
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

LogicalResult ProgramWriter::setOperands(Operation *op, npir_rt::Op &record) {
  for (Value operand : op->getOperands()) {
    FailureOr<uint32_t> index = getTensor(operand);
    if (failed(index))
      return failure();
    record.inputs.push_back(*index);
  }
  return success();
}

FailureOr<npir_rt::Op> ProgramWriter::convertOp(Operation *op) {
  npir_rt::Op record;
  record.kernel = op->getName().getStringRef().str();
  record.name = getDisplayName(op);
  auto isTensor = [](Type type) { return isa<RankedTensorType>(type); };
  if (op->getNumRegions() != 0 ||
      !llvm::all_of(op->getOperandTypes(), isTensor) ||
      !llvm::all_of(op->getResultTypes(), isTensor))
    return op->emitOpError("is none that a program can hold");
  if (failed(setOperands(op, record)) || failed(appendAttributes(op, record)))
    return failure();
  for (OpResult result : op->getResults()) {
    if (failed(addResult(op, result)))
      return failure();
    record.outputs.push_back(indices.lookup(result));
  }
  return record;
}

FailureOr<npir_rt::Op> ProgramWriter::convertSubgraph(xnn::SubgraphOp op) {
  npir_rt::Op record;
  record.kernel = op->getName().getStringRef().str();
  record.name = getDisplayName(op);
  if (failed(setOperands(op, record)))
    return failure();
  Block &block = op.getBody().front();
  for (auto [argument, index] :
       llvm::zip_equal(block.getArguments(), record.inputs))
    indices[argument] = index;
  for (Operation &nested : block.without_terminator()) {
    if (isa<ConstantOp>(nested))
      continue;
    FailureOr<npir_rt::Op> nestedRecord = convertOp(&nested);
    if (failed(nestedRecord))
      return failure();
    record.body.push_back(std::move(*nestedRecord));
  }
  for (auto [result, value] :
       llvm::zip_equal(op.getResults(), op.getYielded())) {
    indices[result] = indices.lookup(value);
    record.outputs.push_back(indices.lookup(value));
  }
  return record;
}

LogicalResult ProgramWriter::checkKernel(Operation *op,
                                         const npir_rt::Op &record) {
  auto kernel = npir_rt::KernelRegistry::builtin().find(record);
  npir_rt::Status status = kernel.status();
  // What holds for two batch sizes holds for all: the loader checks the same.
  for (int64_t batch : {2, 3})
    if (status.ok())
      status = (*kernel)->verify({tensors, batch}, record);
  if (status.ok())
    return success();
  return op->emitError("the runtime refuses it: ") << status.message();
}

LogicalResult ProgramWriter::addPorts() {
  auto checkName = [&](llvm::StringSet<> &names, const std::string &name,
                       Location loc) -> LogicalResult {
    if (names.insert(name).second)
      return success();
    return emitError(loc) << "expected unique names of inputs and of outputs, "
                             "got '"
                          << name << "' twice";
  };
  llvm::StringSet<> inputs, outputs;
  for (BlockArgument argument : func.getArguments()) {
    std::string name = getInputName(func, argument.getArgNumber());
    if (failed(checkName(inputs, name, argument.getLoc())))
      return failure();
    builder.addInput(name, indices.lookup(argument));
  }
  Operation *terminator = func.getBody().front().getTerminator();
  if (terminator->getNumOperands() == 0)
    return func.emitError("expected @")
           << func.getName() << " to return at least one tensor";
  for (auto [i, value] : llvm::enumerate(terminator->getOperands())) {
    std::string name = getOutputName(func, i);
    FailureOr<uint32_t> index = getTensor(value);
    if (failed(checkName(outputs, name, value.getLoc())) || failed(index))
      return failure();
    builder.addOutput(name, *index);
  }
  return success();
}

LogicalResult ProgramWriter::build() {
  if (!func.getBody().hasOneBlock())
    return func.emitError("expected a function of one block");
  for (Type type :
       llvm::concat<const Type>(func.getArgumentTypes(), func.getResultTypes()))
    if (!isa<RankedTensorType>(type))
      return func.emitError("expected tensors as inputs and outputs, got ")
             << type;
  for (BlockArgument argument : func.getArguments())
    if (failed(addInput(argument)))
      return failure();
  for (Operation &op : func.getBody().front().without_terminator()) {
    if (isa<ConstantOp>(op))
      continue;
    auto subgraph = dyn_cast<xnn::SubgraphOp>(op);
    FailureOr<npir_rt::Op> record =
        subgraph ? convertSubgraph(subgraph) : convertOp(&op);
    if (failed(record) || failed(checkKernel(&op, *record)))
      return failure();
    builder.addOp(std::move(*record));
  }
  return addPorts();
}

//===----------------------------------------------------------------------===//
// Entry points
//===----------------------------------------------------------------------===//

static FailureOr<std::unique_ptr<ProgramWriter>> collect(ModuleOp module) {
  FailureOr<func::FuncOp> func = getEntryFunction(module);
  if (failed(func))
    return failure();
  Station station = *getStation(*func);
  if (station != Station::Target)
    return func->emitError("expected station 'target', got '")
           << stringifyStation(station) << "' for function @" << func->getName()
           << "; run --convert-npir-to-xnn first";
  auto writer = std::make_unique<ProgramWriter>(*func);
  if (failed(writer->build()))
    return failure();
  return writer;
}

static LogicalResult report(ModuleOp module, const npir_rt::Status &status) {
  InFlightDiagnostic diag = emitError(UnknownLoc::get(module.getContext()));
  if (status.isInternal())
    return diag << "internal error: " << status.message() << "; please report";
  return diag << status.message();
}

LogicalResult mlir::npir::writeProgram(ModuleOp module, StringRef path) {
  FailureOr<std::unique_ptr<ProgramWriter>> writer = collect(module);
  if (failed(writer))
    return failure();
  if (npir_rt::Status status = (*writer)->getBuilder().write(path.str());
      !status.ok())
    return report(module, status);
  return success();
}

FailureOr<std::shared_ptr<const npir_rt::Program>>
mlir::npir::buildProgram(ModuleOp module) {
  FailureOr<std::unique_ptr<ProgramWriter>> writer = collect(module);
  if (failed(writer))
    return failure();
  auto program = (*writer)->getBuilder().build();
  if (!program)
    return report(module, program.status());
  return *program;
}
