// This file implements the folding of layers whose weights alone are stored as
// integers: those that quantize their activations at run time, and those that
// compute in float.
#include "ObservedSchemes.h"
#include "QDQFolder.h"
#include "QuantizeUtils.h"

#include "npir/Dialect/NPIR/IR/Constants.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"
#include "npir/Dialect/NPIR/IR/NPIRDynamicOps.h"
#include "npir/Dialect/NPIR/IR/PermuteConstant.h"

using namespace mlir;
using namespace mlir::npir;

namespace {
/// A weight as integers and scales `[OC, G]`, both constants.
struct StoredWeight {
  Value integers, scales;
};
} // namespace

/// The constant that `op` dequantizes, or null.
static ConstantOp getStoredConstant(Operation *op) {
  if (!isa_and_nonnull<DequantizeOp, DequantizeGroupsOp>(op))
    return {};
  return op->getOperand(0).getDefiningOp<ConstantOp>();
}

/// Signed integers of up to 8 bits around zero, whose scales, if there are
/// several, are those of the rows.
static bool areSymmetricRows(quant::QuantizedType type) {
  return type.isSigned() && type.getStorageTypeIntegralWidth() <= 8 &&
         getQuantizedAxis(type).value_or(0) == 0 &&
         llvm::all_of(getZeroPoints(type), [](int64_t z) { return z == 0; });
}

/// `type` with the narrower of 4 and 8 bits that holds its integers, which are
/// signed.
static quant::QuantizedType withFewestBits(quant::QuantizedType type) {
  int64_t min = type.getStorageTypeMin(), max = type.getStorageTypeMax();
  unsigned bits = min >= -8 && max < 8 ? 4 : 8;
  Type storage = IntegerType::get(type.getContext(), bits);
  if (auto uniform = dyn_cast<quant::UniformQuantizedType>(type))
    return quant::UniformQuantizedType::get(
        type.getFlags(), storage, type.getExpressedType(), uniform.getScale(),
        uniform.getZeroPoint(), min, max);
  auto axis = cast<quant::UniformQuantizedPerAxisType>(type);
  return quant::UniformQuantizedPerAxisType::get(
      type.getFlags(), storage, type.getExpressedType(), axis.getScales(),
      axis.getZeroPoints(), axis.getQuantizedDimension(), min, max);
}

/// The weight that `dequantize` makes real: the same integers without their
/// scales, as a matrix, and the scales. Nothing for one that is affine or too
/// wide.
static std::optional<StoredWeight> splitWeight(Operation *dequantize,
                                               Operation *layer) {
  ConstantOp constant = getStoredConstant(dequantize);
  if (!constant)
    return std::nullopt;
  if (auto groups = dyn_cast<DequantizeGroupsOp>(dequantize)) {
    if (!groups.getScales().getDefiningOp<ConstantOp>())
      return std::nullopt;
    return StoredWeight{groups.getInput(), groups.getScales()};
  }
  quant::QuantizedType type = getQuantizedElementType(constant.getType());
  if (!areSymmetricRows(type))
    return std::nullopt;
  auto tensor = cast<RankedTensorType>(constant.getType());
  int64_t outputs = tensor.getDimSize(0);
  SmallVector<float> scales = getScales(type);
  scales.resize(outputs, scales.front());
  OpBuilder builder(constant);
  // The integers keep the name where nobody else needs them.
  Location loc = constant.getLoc();
  if (!constant->hasOneUse() || !dequantize->hasOneUse())
    loc = derivedLocation(loc, ("." + getLayerName(layer)).str());
  ConstantOp integers = reshapeConstant(
      builder, constant,
      RankedTensorType::get(
          {outputs, tensor.getNumElements() / outputs},
          withFewestBits(getIntegersOnlyType(builder.getContext(), /*bits=*/8,
                                             type.getStorageTypeMin(),
                                             type.getStorageTypeMax()))));
  integers->setLoc(loc);
  auto scale =
      createConstant(builder, derivedLocation(loc, ".scales"),
                     RankedTensorType::get({outputs, 1}, builder.getF32Type()),
                     ArrayRef<float>(scales));
  return StoredWeight{integers, scale};
}

/// A layer that multiplies rows which are rounded at run time with a matrix;
/// null for others.
static DynamicQuantizeOp getRoundedRows(Operation *op) {
  if (!isa<LinearOp>(op) && !isPointwise(op))
    return {};
  return op->getOperand(0).getDefiningOp<DynamicQuantizeOp>();
}

/// The dynamic form of `layer`, in its place before it.
template <typename Op>
static DynamicLinearOp createDynamic(Op layer, const StoredWeight &weight) {
  OpBuilder builder(layer);
  return DynamicLinearOp::create(
      builder, layer.getLoc(), layer.getType(),
      getRoundedRows(layer).getInput(), weight.integers, weight.scales,
      layer.getBias(), layer.getClampMinAttr(), layer.getClampMaxAttr());
}

void QDQFolder::foldDynamicLayers() {
  SmallVector<Operation *> layers;
  func.walk([&](Operation *op) {
    if (getRoundedRows(op))
      layers.push_back(op);
  });
  for (Operation *op : layers) {
    std::optional<StoredWeight> weight =
        splitWeight(op->getOperand(1).getDefiningOp(), op);
    std::string reason = "expected signed weights of up to 8 bits with zero "
                         "point 0";
    if (weight) {
      auto linear = dyn_cast<LinearOp>(op);
      DynamicLinearOp dynamic =
          linear ? createDynamic(linear, *weight)
                 : createDynamic(cast<Conv2DOp>(op), *weight);
      Legality legality = target.check(dynamic);
      if (legality.isLegal()) {
        if (Attribute note = op->getAttr(NPIRDialect::kSchemeNoteAttrName))
          dynamic->setAttr(NPIRDialect::kSchemeNoteAttrName, note);
        op->getResult(0).replaceAllUsesWith(dynamic.getResult());
        op->erase();
        continue;
      }
      dynamic.erase();
      reason = std::move(legality.reason);
    }
    addProblem(op->getLoc(),
               "'" + op->getName().getStringRef() +
                   "' with an input that is quantized at run time stays in "
                   "float on target '" +
                   target.getName() + "': " + reason);
    noteFloatReason(op, reason);
  }
}

/// `use` is a layer's weight that `target` computes with in float while it is
/// stored as integers of `type`.
static bool canStayStored(OpOperand &use, Type type, const Target &target) {
  auto layer = dyn_cast<QuantizableOpInterface>(use.getOwner());
  if (!layer || layer.getArithmetic() != Arithmetic::MultiplyAccumulate ||
      layer.getOperandRole(use.getOperandNumber()) != Role::Weight)
    return false;
  OpTypes types = OpTypes::of(layer);
  types.operands[use.getOperandNumber()] = type;
  return target.check(layer, types).isLegal();
}

bool QDQFolder::keepStored(Operation *dequantize) {
  ConstantOp constant = getStoredConstant(dequantize);
  if (!constant || llvm::any_of(dequantize->getUses(), [&](OpOperand &use) {
        return !canStayStored(use, constant.getType(), target);
      }))
    return false;
  // Bits as there were before the storage was chosen for integer layers.
  auto type = cast<RankedTensorType>(constant.getType());
  if (constant->hasOneUse())
    constant.getResult().setType(
        withElementType(type, withFewestBits(getQuantizedElementType(type))));
  for (Operation *layer : dequantize->getUsers())
    if (auto reason =
            layer->getAttrOfType<StringAttr>(NPIRDialect::kFloatReasonAttrName);
        reason && !reason.getValue().ends_with(kStoredWeights))
      noteFloatReason(layer, Twine(reason.getValue()) + kStoredWeights);
  return true;
}
