// This file implements the comparison of requantization numbers with the ones
// that XNNPACK computes from the scales.
#include "LowerOps.h"

#include "npir/Dialect/NPIR/IR/ByteTypes.h"
#include "npir/Dialect/NPIR/IR/QuantTypes.h"
#include "npir/Kernels/Requantize.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::npir;

static float scaleOf(Value value) {
  return getScales(getQuantizedElementType(value.getType())).front();
}

static int32_t zeroPointOf(Value value) {
  return static_cast<int32_t>(
      getZeroPoints(getQuantizedElementType(value.getType())).front());
}

/// A difference is never the user's doing.
template <typename T>
static LogicalResult expectEqual(Operation *op, const Twine &name, T requant,
                                 T xnnpack) {
  if (requant == xnnpack)
    return success();
  return op->emitError("internal error: '")
         << op->getName() << "' has the requantization " << name << " "
         << requant << ", but XNNPACK computes " << xnnpack
         << "; please report";
}

/// The second operand is the weight, or another activation.
static LogicalResult check(Operation *op, RequantF32Attr requant) {
  SmallVector<float> scales =
      getScales(getQuantizedElementType(op->getOperand(1).getType()));
  ArrayRef<float> multipliers = requant.getMultipliers().asArrayRef();
  if (multipliers.size() != scales.size())
    return success(); // the verifier of the xnn op refuses it
  for (auto [i, scale] : llvm::enumerate(scales))
    if (failed(expectEqual(
            op, "multiplier of channel " + Twine(i), multipliers[i],
            npir_kernels::requantMultiplier(scaleOf(op->getOperand(0)), scale,
                                            scaleOf(op->getResult(0))))))
      return failure();
  return success();
}

static LogicalResult check(Operation *op, RequantShiftAddAttr requant) {
  float scale = scaleOf(op->getResult(0));
  float lhs = scaleOf(op->getOperand(0)) / scale;
  float rhs = scaleOf(op->getOperand(1)) / scale;
  if (cast<QuantizableOpInterface>(op).getArithmetic() == Arithmetic::Subtract)
    rhs = -rhs;
  if (!npir_kernels::isLegalAddRatio(lhs) ||
      !npir_kernels::isLegalAddRatio(rhs))
    return success(); // the verifier of the xnn op refuses it
  npir_kernels::ShiftAdd expected = npir_kernels::computeShiftAdd(lhs, rhs);
  return success(
      succeeded(expectEqual(op, "multiplier of operand 0", requant.getLhs(),
                            expected.lhs)) &&
      succeeded(expectEqual(op, "multiplier of operand 1", requant.getRhs(),
                            expected.rhs)) &&
      succeeded(expectEqual(op, "shift", requant.getShift(), expected.shift)));
}

static LogicalResult check(Operation *op, RequantMeanAttr requant) {
  auto reduce = cast<ReduceOp>(op);
  auto input = cast<RankedTensorType>(reduce.getInput().getType());
  int64_t count = 1;
  for (int64_t axis : reduce.getAxes())
    count *= input.getDimSize(axis);
  float from = scaleOf(reduce.getInput()), to = scaleOf(reduce.getResult());
  return expectEqual(op, "multiplier",
                     requant.getMultiplier().getValue().convertToFloat(),
                     reduce.getKind() == ReduceKind::Mean
                         ? npir_kernels::meanMultiplier(from, to, count)
                         : npir_kernels::sumMultiplier(from, to));
}

static LogicalResult check(Operation *op, RequantTableAttr requant) {
  Value input = op->getOperand(0), result = op->getResult(0);
  npir_kernels::Table table = npir_kernels::buildTable(
      cast<UnaryOpInterface>(op).getUnaryFunction(), scaleOf(input),
      zeroPointOf(input), scaleOf(result), zeroPointOf(result));
  // A table's bounds apply after it.
  auto bound = [&](int8_t value) {
    return static_cast<int>(
        std::clamp<int64_t>(value, requant.getMin(), requant.getMax()));
  };
  for (size_t i = 0; i < table.size(); ++i)
    if (failed(expectEqual(op, "table entry " + Twine(i),
                           bound(requant.getTable()[i]), bound(table[i]))))
      return failure();
  return success();
}

static LogicalResult check(Operation *op, RequantQ8Attr requant) {
  float from = scaleOf(op->getOperand(0)), to = scaleOf(op->getResult(0));
  if (!npir_kernels::isLegalConvertRatio(from / to))
    return success(); // the verifier of the xnn op refuses it
  return expectEqual(op, "multiplier", requant.getMultiplier(),
                     npir_kernels::q8Multiplier(from, to));
}

static LogicalResult check(Operation *op, RequantCopyAttr) {
  Value input = op->getOperand(0), result = op->getResult(0);
  if (scaleOf(input) == scaleOf(result) &&
      zeroPointOf(input) == zeroPointOf(result))
    return success();
  return op->emitError("internal error: '")
         << op->getName()
         << "' copies stored values between different scales or zero points; "
            "please report";
}

/// Means of neighbours, whose scale and zero point cancel.
static LogicalResult check(Operation *op, RequantInterpolateAttr requant) {
  return check(op, RequantCopyAttr::get(op->getContext(), requant.getMin(),
                                        requant.getMax()));
}

/// NPIR's own kernel reads the numbers; nothing computes them again.
static LogicalResult check(Operation *, RequantLayerNormAttr) {
  return success();
}
static LogicalResult check(Operation *, RequantWindowMeanAttr) {
  return success();
}

/// The bounds, which are part of every kind. Where values only move, and behind
/// a table, which has the function's own bounds in it, wider ones bound
/// nothing.
static LogicalResult checkRange(Operation *op, RequantAttrInterface requant) {
  StoredRange range = *getStoredRange(op);
  int64_t min = requant.getMinValue(), max = requant.getMaxValue();
  auto quantizable = dyn_cast<QuantizableOpInterface>(op);
  if (isa<RequantTableAttr>(requant) ||
      (quantizable && quantizable.getArithmetic() == Arithmetic::Copy)) {
    min = std::max(min, range.min);
    max = std::min(max, range.max);
  }
  return success(succeeded(expectEqual(op, "minimum", min, range.min)) &&
                 succeeded(expectEqual(op, "maximum", max, range.max)));
}

LogicalResult mlir::npir::checkRequant(Operation *op) {
  Attribute requant = op->getAttr("requant");
  // NPIR's own kernel moves bytes, whatever their numbers.
  if (isa<QuantizeOp>(op) &&
      isByteShift(op->getOperand(0).getType(), op->getResult(0).getType()))
    return success();
  // A scale per channel of an activation is for the xnn op's verifier.
  auto isPerTensor = [](Value value) {
    return isa_and_nonnull<quant::UniformQuantizedType>(
        getQuantizedElementType(value.getType()));
  };
  if (!requant || !isPerTensor(op->getResult(0)) ||
      !isPerTensor(op->getOperand(0)))
    return success();
  LogicalResult result =
      llvm::TypeSwitch<Attribute, LogicalResult>(requant)
          .Case<RequantF32Attr, RequantShiftAddAttr, RequantMeanAttr,
                RequantTableAttr, RequantQ8Attr, RequantCopyAttr,
                RequantLayerNormAttr, RequantInterpolateAttr,
                RequantWindowMeanAttr>(
              [&](auto typed) { return check(op, typed); })
          .Default([&](Attribute) {
            return op->emitError("internal error: XNNPACK has no "
                                 "requantization like ")
                   << requant << "; please report";
          });
  if (failed(result))
    return failure();
  return checkRange(op, cast<RequantAttrInterface>(requant));
}
