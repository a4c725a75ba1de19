// This file implements the account of what a function computes in integers.
#include "npir/Analysis/Coverage.h"

#include "npir/Dialect/NPIR/IR/LayerNames.h"
#include "npir/Dialect/NPIR/IR/NPIRDynamicOps.h"
#include "npir/Dialect/NPIR/IR/NPIROps.h"
#include "npir/Dialect/NPIR/IR/QuantTypes.h"
#include "npir/Dialect/NPIR/IR/Stations.h"

#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/EquivalenceClasses.h"

using namespace mlir;
using namespace mlir::npir;

/// Elements of `value` per sample.
static int64_t getElementsPerSample(Value value) {
  int64_t count = 1;
  for (int64_t dim : cast<RankedTensorType>(value.getType()).getShape())
    count *= ShapedType::isDynamic(dim) ? 1 : dim;
  return count;
}

/// The weight's type where it is stored: behind a dequantize, if there is one.
static RankedTensorType getStoredType(Value weight) {
  Operation *maker = weight.getDefiningOp();
  if (isa_and_nonnull<DequantizeOp, DequantizeGroupsOp>(maker))
    return cast<RankedTensorType>(maker->getOperand(0).getType());
  return cast<RankedTensorType>(weight.getType());
}

/// How many neighbours of the stored weight have a scale, as `g32`; empty where
/// a whole channel has one.
static std::string getGroups(Operation *op, Value weight) {
  Value scales;
  if (auto groups = weight.getDefiningOp<DequantizeGroupsOp>())
    scales = groups.getScales();
  else if (auto dynamic = dyn_cast<DynamicLinearOp>(op))
    scales = dynamic.getScales();
  if (!scales)
    return {};
  int64_t inputs = cast<RankedTensorType>(weight.getType()).getDimSize(1);
  int64_t groups = cast<RankedTensorType>(scales.getType()).getDimSize(1);
  return groups == 1 ? "" : "g" + std::to_string(inputs / groups);
}

/// Observes, converts or rounds, and computes nothing else.
static bool isConversion(Operation *op) {
  return isa<ObserveOp, QuantizeOp, DequantizeOp, RoundToGridOp,
             DynamicQuantizeOp, DequantizeGroupsOp>(op);
}

static bool isLayer(Operation *op) {
  return op->getNumResults() > 0 &&
         isa<RankedTensorType>(op->getResult(0).getType()) &&
         !op->hasTrait<OpTrait::ConstantLike>() && !isConversion(op);
}

/// Where `value` comes from, seen through what only observes and converts.
static Operation *getProducer(Value value) {
  Operation *producer = value.getDefiningOp();
  while (producer && isConversion(producer))
    producer = producer->getOperand(0).getDefiningOp();
  return producer && isLayer(producer) ? producer : nullptr;
}

static unsigned getBits(Type element) {
  if (auto quantized = dyn_cast<quant::QuantizedType>(element))
    return quantized.getStorageTypeIntegralWidth();
  return element.getIntOrFloatBitWidth();
}

static bool isReal(Type element) {
  return isa<FloatType, quant::QuantizedType>(element);
}

/// `weight` is the operand; null where there is none.
static std::string getScheme(Operation *op, const LayerCoverage &layer,
                             Value weight) {
  if (!layer.isQuantized && !layer.hasQuantizedWeight)
    return {};
  std::string scheme;
  if (weight)
    scheme = "W" +
             std::to_string(getBits(getStoredType(weight).getElementType())) +
             getGroups(op, weight);
  // It quantizes what it reads, and makes f32.
  if (isa<DynamicLinearOp>(op))
    return scheme + "A8d";
  Type result = getElementTypeOrSelf(op->getResult(0));
  return scheme + "A" + std::to_string(getBits(result));
}

//===----------------------------------------------------------------------===//
// Targets
//===----------------------------------------------------------------------===//

/// The types that `op` would have in 8 bits. Scales of 1 break no rule about
/// ratios: whether the real ones do is known once ranges are.
static OpTypes getEightBitTypes(QuantizableOpInterface op) {
  OpTypes types = OpTypes::of(op);
  MLIRContext *context = op.getContext();
  auto i8 = quant::UniformQuantizedType::get(
      quant::QuantizationFlags::Signed, IntegerType::get(context, 8),
      Float32Type::get(context), 1.0, 0, -128, 127);
  auto quantize = [&](Type &type, quant::QuantizedType element) {
    if (cast<RankedTensorType>(type).getElementType().isF32())
      type = withElementType(type, element);
  };
  for (auto [index, type] : llvm::enumerate(types.operands)) {
    Role role = op.getOperandRole(index);
    if (role == Role::Activation || role == Role::Weight)
      quantize(type, i8);
    else if (role == Role::Bias)
      quantize(type, getBiasType(1.0, i8));
  }
  for (Type &type : types.results)
    quantize(type, i8);
  return types;
}

static TargetCoverage judge(Operation *op, const Target &target) {
  TargetCoverage coverage{target.getName().str(), "none", "", ""};
  auto accept = [&](StringRef form, const Legality &legality) {
    if (!legality.isLegal()) {
      coverage.reason = legality.reason;
      return false;
    }
    coverage.form = form.str();
    coverage.kernel = legality.placement == Placement::Native
                          ? coverage.target
                          : std::string("npir");
    return true;
  };
  auto quantizable = dyn_cast<QuantizableOpInterface>(op);
  bool isInteger = isa<IntegerType>(
      cast<RankedTensorType>(op->getResult(0).getType()).getElementType());
  std::string reason;
  if (!quantizable || isInteger) {
    reason = isInteger ? "" : "it has no description for the quantizer";
  } else if (isQuantizedTensor(op->getResult(0).getType()) ||
             isa<DynamicLinearOp>(op)) {
    accept("integer", target.check(op));
    return coverage;
  } else if (quantizable.getArithmetic() == Arithmetic::None ||
             target.isFloatOnly(op)) {
    reason = (target.getName() + " has no '" + op->getName().getStringRef() +
              "' on quantized tensors")
                 .str();
  } else if (accept("integer",
                    target.check(op, getEightBitTypes(quantizable)))) {
    return coverage;
  } else {
    reason = coverage.reason;
  }
  if (accept(isInteger ? "integer" : "float", target.check(op)))
    coverage.reason = reason;
  return coverage;
}

//===----------------------------------------------------------------------===//
// Islands
//===----------------------------------------------------------------------===//

/// Number the connected sets of layers in float, and count what they convert.
static void findIslands(ArrayRef<Operation *> ops, Coverage &coverage,
                        function_ref<bool(size_t)> isInteger) {
  llvm::DenseMap<Operation *, size_t> indices;
  for (auto [index, op] : llvm::enumerate(ops))
    indices[op] = index;
  llvm::EquivalenceClasses<size_t> islands;
  SmallVector<bool> feedsInteger(ops.size());
  for (auto [index, op] : llvm::enumerate(ops)) {
    if (!isInteger(index))
      islands.insert(index);
    llvm::SmallPtrSet<Operation *, 4> producers;
    for (Value operand : op->getOperands()) {
      Operation *producer = getProducer(operand);
      auto it = indices.find(producer);
      if (it == indices.end() || !producers.insert(producer).second)
        continue;
      // It computes in integers, and makes real values.
      if (isa<DynamicLinearOp>(producer))
        continue;
      if (isInteger(index))
        feedsInteger[it->second] = true;
      else if (isInteger(it->second))
        coverage.layers[index].converted +=
            isReal(cast<RankedTensorType>(operand.getType()).getElementType())
                ? getElementsPerSample(operand)
                : 0;
      else
        islands.unionSets(index, it->second);
    }
  }
  llvm::DenseMap<size_t, int64_t> numbers;
  for (auto [index, op] : llvm::enumerate(ops)) {
    if (isInteger(index))
      continue;
    LayerCoverage &layer = coverage.layers[index];
    auto [it, isNew] = numbers.try_emplace(islands.getLeaderValue(index),
                                           int64_t(numbers.size()) + 1);
    layer.island = it->second;
    if (feedsInteger[index])
      layer.converted += getElementsPerSample(op->getResult(0));
  }
}

//===----------------------------------------------------------------------===//
// The function
//===----------------------------------------------------------------------===//

static LayerCoverage describe(Operation *op, ArrayRef<const Target *> targets) {
  LayerCoverage layer;
  layer.layer = getDisplayName(op);
  layer.op = op->getName().getStringRef().str();
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  quant::QuantizedType quantized = getQuantizedElementType(type);
  layer.isQuantized = quantized || isa<DynamicLinearOp>(op);
  llvm::raw_string_ostream(layer.type)
      << (quantized ? quantized.getStorageType() : type.getElementType());
  Value weight;
  if (auto quantizable = dyn_cast<QuantizableOpInterface>(op)) {
    layer.macs = getElementsPerSample(op->getResult(0)) *
                 quantizable.getProductsPerElement();
    for (OpOperand *operand : quantizable.getOperandsWithRole(Role::Weight)) {
      weight = operand->get();
      RankedTensorType stored = getStoredType(weight);
      layer.weights += stored.getNumElements();
      layer.hasQuantizedWeight = isQuantizedTensor(stored);
    }
  }
  layer.scheme = getScheme(op, layer, weight);
  if (auto reason =
          op->getAttrOfType<StringAttr>(NPIRDialect::kFloatReasonAttrName))
    layer.floatReason = reason.str();
  if (auto note =
          op->getAttrOfType<StringAttr>(NPIRDialect::kSchemeNoteAttrName))
    layer.schemeNote = note.str();
  for (const Target *target : targets)
    layer.targets.push_back(judge(op, *target));
  return layer;
}

Coverage mlir::npir::computeCoverage(func::FuncOp func,
                                     ArrayRef<const Target *> targets) {
  Coverage coverage;
  SmallVector<Operation *> ops;
  func.walk([&](Operation *op) {
    if (!isLayer(op))
      return;
    ops.push_back(op);
    coverage.layers.push_back(describe(op, targets));
  });
  std::optional<Station> station = getStation(func);
  bool isDecided = station && *station >= Station::Integer;
  findIslands(ops, coverage, [&](size_t index) {
    const LayerCoverage &layer = coverage.layers[index];
    // Indices and truth values are nobody's float.
    if (layer.isQuantized || !StringRef(layer.type).starts_with("f"))
      return true;
    return !isDecided && !layer.targets.empty() &&
           layer.targets.front().form == "integer";
  });
  return coverage;
}
