// This file implements the reading of a module's graph as plain data.
#include "GraphRecord.h"

#include "npir/Dialect/NPIR/IR/EntryFunction.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"
#include "npir/Dialect/NPIR/IR/NPIROps.h"
#include "npir/Dialect/NPIR/IR/QuantTypes.h"

#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace mlir::npir;

namespace {
class GraphReader {
public:
  explicit GraphReader(func::FuncOp func) : func(func) {}

  LogicalResult read();
  GraphRecord take() { return std::move(graph); }

private:
  LogicalResult define(Value value);
  LogicalResult readBlock(func::FuncOp callee);
  LogicalResult readOp(Operation &op);
  LogicalResult readCall(func::CallOp call);
  void readAttribute(NamedAttribute attribute, OpRecord &record);
  void readConstant(ConstantOp op, OpRecord &record);

  func::FuncOp func;
  /// The functions that are being read, from the entry on.
  SmallVector<Operation *> active;
  GraphRecord graph;
  DenseMap<Value, size_t> indices;
};
} // namespace

/// What numpy calls elements of `type`; empty for a type that it lacks.
static std::string getDtype(Type type) {
  if (type.isF32())
    return "float32";
  if (type.isInteger(1))
    return "bool";
  if (type.isSignlessInteger(32) || type.isSignlessInteger(64))
    return "int" + std::to_string(type.getIntOrFloatBitWidth());
  if (!isa<quant::UniformQuantizedType, quant::UniformQuantizedPerAxisType>(
          type))
    return "";
  auto quantized = cast<quant::QuantizedType>(type);
  unsigned bits = quantized.getStorageTypeIntegralWidth();
  return (quantized.isSigned() ? "int" : "uint") + std::string(bits <= 8 ? "8"
                                                               : bits <= 16
                                                                   ? "16"
                                                                   : "32");
}

LogicalResult GraphReader::define(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  TensorRecord record;
  if (type)
    record.dtype = getDtype(type.getElementType());
  if (record.dtype.empty())
    return emitError(value.getLoc())
           << "expected a tensor of f32, of plain integers or of uniformly "
              "quantized elements for '"
           << getTensorId(value) << "', got " << value.getType();
  quant::QuantizedType quantized = getQuantizedElementType(value.getType());
  record.shape = type.getShape().vec();
  if (quantized) {
    QuantizedElements elements;
    elements.bits = quantized.getStorageTypeIntegralWidth();
    elements.isSigned = quantized.isSigned();
    for (float scale : getScales(quantized))
      elements.scales.push_back(scale);
    llvm::append_range(elements.zeroPoints, getZeroPoints(quantized));
    elements.axis = getQuantizedAxis(quantized);
    record.elements = std::move(elements);
    record.min = quantized.getStorageTypeMin();
    record.max = quantized.getStorageTypeMax();
  }
  indices[value] = graph.tensors.size();
  graph.tensors.push_back(std::move(record));
  return success();
}

void GraphReader::readAttribute(NamedAttribute attribute, OpRecord &record) {
  Attribute value = attribute.getValue();
  auto add = [&](auto plain) {
    record.attributes.emplace_back(attribute.getName().str(), std::move(plain));
  };
  if (isa<UnitAttr>(value))
    return add(AttributeValue(true));
  if (auto flag = dyn_cast<BoolAttr>(value))
    return add(AttributeValue(flag.getValue()));
  if (auto integer = dyn_cast<IntegerAttr>(value))
    return add(AttributeValue(integer.getInt()));
  if (auto real = dyn_cast<FloatAttr>(value))
    return add(AttributeValue(real.getValueAsDouble()));
  if (auto text = dyn_cast<StringAttr>(value))
    return add(AttributeValue(AttributeText{text.str()}));
  if (auto list = dyn_cast<DenseI64ArrayAttr>(value))
    return add(AttributeValue(list.asArrayRef().vec()));
  if (auto list = dyn_cast<DenseF32ArrayAttr>(value))
    return add(std::vector<double>(list.asArrayRef().begin(),
                                   list.asArrayRef().end()));
  std::string text;
  llvm::raw_string_ostream(text) << value;
  add(AttributeValue(AttributeText{std::move(text)}));
}

void GraphReader::readConstant(ConstantOp op, OpRecord &record) {
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(op.getValue())) {
    record.data = resource.getRawHandle().getBlob()->getData();
    return;
  }
  auto dense = cast<DenseElementsAttr>(op.getValue());
  if (dense.getElementType().isInteger(1)) {
    for (bool flag : dense.getValues<bool>())
      record.flags.push_back(flag);
    return;
  }
  record.data = dense.getRawData();
  record.isSplat = dense.isSplat();
}

/// The ops of the function that `call` calls, in its place: parts of a network
/// that run on different targets.
LogicalResult GraphReader::readCall(func::CallOp call) {
  auto callee = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(
      call, call.getCalleeAttr());
  if (!callee || callee.isExternal() ||
      llvm::is_contained(active, callee.getOperation()))
    return call.emitError("expected a call of another function with ops, got @")
           << call.getCallee();
  for (auto [argument, operand] :
       llvm::zip_equal(callee.getArguments(), call.getOperands()))
    indices[argument] = indices.lookup(operand);
  if (failed(readBlock(callee)))
    return failure();
  Operation *end = callee.getBody().front().getTerminator();
  for (auto [result, value] :
       llvm::zip_equal(call.getResults(), end->getOperands()))
    indices[result] = indices.lookup(value);
  return success();
}

LogicalResult GraphReader::readOp(Operation &op) {
  if (auto call = dyn_cast<func::CallOp>(op))
    return readCall(call);
  OpRecord record;
  record.op = op.getName().getStringRef().str();
  record.layer = getLayerName(op.getLoc()).str();
  for (Value operand : op.getOperands())
    record.operands.push_back(indices.lookup(operand));
  for (Value result : op.getResults()) {
    if (failed(define(result)))
      return failure();
    record.results.push_back(indices.lookup(result));
  }
  if (auto constant = dyn_cast<ConstantOp>(op))
    readConstant(constant, record);
  else
    for (NamedAttribute attribute : op.getAttrDictionary())
      readAttribute(attribute, record);
  graph.ops.push_back(std::move(record));
  return success();
}

LogicalResult GraphReader::readBlock(func::FuncOp callee) {
  if (!llvm::hasSingleElement(callee.getBody()))
    return callee.emitError("expected function @")
           << callee.getName() << " without control flow";
  active.push_back(callee);
  for (Operation &op : callee.getBody().front().without_terminator())
    if (failed(readOp(op)))
      return failure();
  active.pop_back();
  return success();
}

LogicalResult GraphReader::read() {
  Block &block = func.getBody().front();
  for (auto [i, argument] : llvm::enumerate(block.getArguments())) {
    if (failed(define(argument)))
      return failure();
    graph.inputs.emplace_back(getInputName(func, i), indices.lookup(argument));
  }
  if (failed(readBlock(func)))
    return failure();
  for (auto [i, value] : llvm::enumerate(block.getTerminator()->getOperands()))
    graph.outputs.emplace_back(getOutputName(func, i), indices.lookup(value));
  return success();
}

FailureOr<GraphRecord> mlir::npir::readGraph(ModuleOp module) {
  FailureOr<func::FuncOp> func = getEntryFunction(module);
  if (failed(func))
    return failure();
  GraphReader reader(*func);
  if (failed(reader.read()))
    return failure();
  GraphRecord graph = reader.take();
  graph.name = module.getName().value_or(func->getName()).str();
  return graph;
}
