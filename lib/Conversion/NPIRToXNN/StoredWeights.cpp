// This file implements the lowering of layers whose weights alone are stored as
// integers.
#include "StoredWeights.h"
#include "LowerOps.h"

#include "npir/Dialect/NPIR/IR/Constants.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"
#include "npir/Dialect/NPIR/IR/QuantTypes.h"
#include "npir/Dialect/XNN/IR/XNNHybridOps.h"
#include "npir/Kernels/Requantize.h"

using namespace mlir;
using namespace mlir::npir;

//===----------------------------------------------------------------------===//
// Which weights stay integers
//===----------------------------------------------------------------------===//

/// Signed integers of up to 8 bits around zero, with scales that XNNPACK takes.
static bool isSymmetric(quant::QuantizedType type) {
  return type.isSigned() && type.getStorageTypeIntegralWidth() <= 8 &&
         llvm::all_of(getZeroPoints(type), [](int64_t z) { return z == 0; }) &&
         llvm::all_of(getScales(type), npir_kernels::isLegalScale);
}

/// `use` is the weight of a layer that takes integers with scales along the
/// output channel.
static bool takesIntegers(OpOperand &use, quant::QuantizedType type,
                          bool inGroups) {
  Operation *layer = use.getOwner();
  if (use.getOperandNumber() != 1 ||
      !isa<LinearOp, Conv2DOp, DepthwiseConv2DOp, TransposeConv2DOp>(layer))
    return false;
  if (inGroups)
    return isa<LinearOp>(layer);
  std::optional<int64_t> axis = getQuantizedAxis(type);
  return !axis || axis == cast<QuantizableOpInterface>(layer).getChannelAxis(1);
}

bool mlir::npir::isStoredWeight(Operation *op) {
  if (!isa<DequantizeOp, DequantizeGroupsOp>(op) || op->use_empty() ||
      llvm::any_of(op->getOperands(), [](Value operand) {
        return !operand.getDefiningOp<ConstantOp>();
      }))
    return false;
  quant::QuantizedType type =
      getQuantizedElementType(op->getOperand(0).getType());
  return isSymmetric(type) && llvm::all_of(op->getUses(), [&](OpOperand &use) {
           return takesIntegers(use, type, isa<DequantizeGroupsOp>(op));
         });
}

//===----------------------------------------------------------------------===//
// The others
//===----------------------------------------------------------------------===//

/// `float(q - zero_point) * scale` for every element.
template <typename T>
static SmallVector<float, 0> dequantize(ArrayRef<T> stored,
                                        RankedTensorType type) {
  quant::QuantizedType quantized = getQuantizedElementType(type);
  SmallVector<float> scales = getScales(quantized);
  SmallVector<int64_t> zeroPoints = getZeroPoints(quantized);
  // Elements of one channel that stand together.
  size_t inner = stored.size();
  if (std::optional<int64_t> axis = getQuantizedAxis(quantized)) {
    inner = 1;
    for (int64_t size : type.getShape().drop_front(*axis + 1))
      inner *= size;
  }
  SmallVector<float, 0> values(stored.size());
  for (size_t i = 0; i < stored.size(); ++i) {
    size_t channel = i / inner % scales.size();
    values[i] =
        static_cast<float>(stored[i] - zeroPoints[channel]) * scales[channel];
  }
  return values;
}

static SmallVector<float, 0> dequantize(DequantizeOp op, ConstantOp constant) {
  auto type = cast<RankedTensorType>(constant.getType());
  ConstantBytes bytes(constant.getValue());
  switch (getStorageElementType(type).getIntOrFloatBitWidth()) {
  case 8:
    return getQuantizedElementType(type).isSigned()
               ? dequantize(bytes.as<int8_t>(), type)
               : dequantize(bytes.as<uint8_t>(), type);
  case 16:
    return getQuantizedElementType(type).isSigned()
               ? dequantize(bytes.as<int16_t>(), type)
               : dequantize(bytes.as<uint16_t>(), type);
  default:
    return dequantize(bytes.as<int32_t>(), type);
  }
}

static SmallVector<float, 0> dequantize(DequantizeGroupsOp op,
                                        ConstantOp constant) {
  ConstantBytes bytes(constant.getValue());
  ConstantBytes scaleBytes = *getConstantBytes(op.getScales());
  ArrayRef<int8_t> stored = bytes.as<int8_t>();
  ArrayRef<float> scales = scaleBytes.as<float>();
  size_t groupSize = stored.size() / scales.size();
  SmallVector<float, 0> values;
  for (auto [i, q] : llvm::enumerate(stored))
    values.push_back(static_cast<float>(q) * scales[i / groupSize]);
  return values;
}

template <typename Op>
static void foldAll(func::FuncOp func) {
  func.walk([](Op op) {
    auto constant = op.getInput().template getDefiningOp<ConstantOp>();
    if (!constant || isStoredWeight(op))
      return;
    SmallVector<float, 0> values = dequantize(op, constant);
    OpBuilder builder(op);
    op.replaceAllUsesWith(createConstant(builder, op.getLoc(),
                                         cast<RankedTensorType>(op.getType()),
                                         ArrayRef<float>(values))
                              .getResult());
    op.erase();
  });
}

void mlir::npir::foldDequantizedConstants(func::FuncOp func) {
  foldAll<DequantizeOp>(func);
  foldAll<DequantizeGroupsOp>(func);
}

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

Value mlir::npir::useFilter(Segment &segment, Value filter) {
  Operation *maker = filter.getDefiningOp();
  if (!maker || !isStoredWeight(maker))
    return segment.use(filter);
  Value stored = maker->getOperand(0);
  auto tensor = cast<RankedTensorType>(stored.getType());
  quant::QuantizedType type = getQuantizedElementType(tensor);
  Type byte = IntegerType::get(type.getContext(), 8);
  int64_t min = type.getStorageTypeMin(), max = type.getStorageTypeMax();
  Type wide;
  if (auto axis = dyn_cast<quant::UniformQuantizedPerAxisType>(type))
    wide = quant::UniformQuantizedPerAxisType::get(
        type.getFlags(), byte, type.getExpressedType(), axis.getScales(),
        axis.getZeroPoints(), axis.getQuantizedDimension(), min, max);
  else
    wide = quant::UniformQuantizedType::get(
        type.getFlags(), byte, type.getExpressedType(),
        cast<quant::UniformQuantizedType>(type).getScale(), /*zeroPoint=*/0,
        min, max);
  return segment.useConstant(stored, withElementType(tensor, wide));
}

/// The integers of a linear layer, without scales: in 4 bits where these hold
/// them.
static Value useIntegers(Segment &segment, Value stored) {
  auto tensor = cast<RankedTensorType>(stored.getType());
  quant::QuantizedType type = getQuantizedElementType(tensor);
  int64_t min = type.getStorageTypeMin(), max = type.getStorageTypeMax();
  bool isNibble = min >= -8 && max < 8 && tensor.getDimSize(1) % 2 == 0;
  return segment.useConstant(
      stored,
      withElementType(tensor, getIntegersOnlyType(type.getContext(),
                                                  isNibble ? 4 : 8, min, max)));
}

/// The scales `[OC, 1]` of the constant that `op` dequantizes.
static Value createScales(Segment &segment, DequantizeOp op) {
  auto tensor = cast<RankedTensorType>(op.getInput().getType());
  SmallVector<float> scales = getScales(getQuantizedElementType(tensor));
  scales.resize(tensor.getDimSize(0), scales.front());
  OpBuilder &builder = segment.getBuilder();
  return createConstant(
      builder, derivedLocation(op.getInput().getLoc(), ".scales"),
      RankedTensorType::get({tensor.getDimSize(0), 1}, builder.getF32Type()),
      ArrayRef<float>(scales));
}

static Value create(ClampedOpInterface op, Segment &segment, Value input,
                    Value integers, Value scales, Value bias, bool isDynamic) {
  RealBounds bounds = getRealBounds(op);
  return xnn::HybridFullyConnectedOp::create(
      segment.getBuilder(), op->getLoc(), op->getResult(0).getType(),
      segment.use(input), integers, scales, bias ? segment.use(bias) : Value(),
      isDynamic, bounds.min, bounds.max);
}

Value mlir::npir::lowerWithStoredWeight(LinearOp op, Segment &segment) {
  Operation *maker = op.getWeight().getDefiningOp();
  Value scales;
  if (auto groups = dyn_cast<DequantizeGroupsOp>(maker))
    scales = segment.use(groups.getScales());
  else
    scales = createScales(segment, cast<DequantizeOp>(maker));
  return create(cast<ClampedOpInterface>(op.getOperation()), segment,
                op.getInput(), useIntegers(segment, maker->getOperand(0)),
                scales, op.getBias(), /*isDynamic=*/false);
}

Value mlir::npir::lowerDynamic(DynamicLinearOp op, Segment &segment) {
  return create(cast<ClampedOpInterface>(op.getOperation()), segment,
                op.getInput(), useIntegers(segment, op.getWeight()),
                segment.use(op.getScales()), op.getBias(), /*isDynamic=*/true);
}
