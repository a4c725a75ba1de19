// This file implements the rules of --npir-canonicalize-qdq for constants.
// Whether the float original of a constant activation is still needed depends
// on the target: --npir-fold-qdq stores those.
#include "QDQRules.h"
#include "QuantizeUtils.h"

#include "npir/Dialect/NPIR/IR/PermuteConstant.h"
#include "npir/Kernels/Requantize.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"

using namespace mlir;
using namespace mlir::npir;

static bool hasRole(OpOperand &use, ArrayRef<Role> roles) {
  auto layer = dyn_cast<QuantizableOpInterface>(use.getOwner());
  return layer && llvm::is_contained(
                      roles, layer.getOperandRole(use.getOperandNumber()));
}

/// A layer reads `value` as its weight.
static bool isWeight(Value value) {
  return llvm::any_of(value.getUses(), [](OpOperand &use) {
    return hasRole(use, Role::Weight);
  });
}

/// `constant` is read by `user` alone: then what is made of it takes its name.
static Location getLocation(Operation *constant, Operation *user) {
  return constant->hasOneUse() ? constant->getLoc() : user->getLoc();
}

//===----------------------------------------------------------------------===//
// Parameters
//===----------------------------------------------------------------------===//

/// A float constant that is quantized for parameters of layers only is stored,
/// to the bit as the quantize computes it.
void QDQRules::storeParameter(QuantizeOp op) {
  ElementsAttr value = getFloatConstant(op.getInput());
  quant::QuantizedType type = getQuantizedElementType(op.getType());
  if (!value || op.use_empty() || type.getStorageTypeIntegralWidth() > 16)
    return;
  for (Operation *user : op->getUsers())
    if (!isa<DequantizeOp>(user) || user->use_empty() ||
        !llvm::all_of(user->getUses(), [](OpOperand &use) {
          return hasRole(use, {Role::Weight, Role::Bias, Role::Parameter});
        }))
      return;
  Operation *constant = op.getInput().getDefiningOp();
  OpBuilder builder(op);
  ConstantOp stored =
      computeQuantize(builder, getLocation(constant, op), value, type);
  op.getResult().replaceAllUsesWith(stored);
  eraseUnusedChain(op);
  ++counts.constants;
}

/// Parameters that layers read in float, whatever they compute in, such as the
/// scale of a layer normalization, are float constants.
bool QDQRules::decodeParameter(DequantizeOp op) {
  auto constant = op.getInput().getDefiningOp<ConstantOp>();
  if (!constant || op.use_empty() ||
      !llvm::all_of(op->getUses(), [](OpOperand &use) {
        return hasRole(use, Role::Parameter);
      }))
    return false;
  OpBuilder builder(op);
  op.getResult().replaceAllUsesWith(
      dequantizeConstant(builder, getLocation(constant, op), constant));
  eraseUnusedChain(op);
  ++counts.constants;
  return true;
}

//===----------------------------------------------------------------------===//
// Moves
//===----------------------------------------------------------------------===//

/// The dimension of `result` that is dimension `axis` of `shape` where only the
/// shape changes; nothing where none is.
static std::optional<int64_t> findAxis(ArrayRef<int64_t> shape, int64_t axis,
                                       ArrayRef<int64_t> result) {
  int64_t before = computeProduct(shape.take_front(axis));
  for (int64_t i = 0, n = result.size(), product = 1; i < n;
       product *= result[i++])
    if (product == before && result[i] == shape[axis])
      return i;
  return std::nullopt;
}

/// `type`, scales included, of a constant of `shape` whose dimensions `perm`
/// or, where that is empty, whose shape changes. Nothing where no dimension is
/// the scales'.
static std::optional<Type> getMovedElementType(Type type,
                                               ArrayRef<int64_t> shape,
                                               ArrayRef<int64_t> perm,
                                               ArrayRef<int64_t> result) {
  auto perAxis = dyn_cast<quant::UniformQuantizedPerAxisType>(type);
  if (!perAxis)
    return type;
  int64_t axis = perAxis.getQuantizedDimension();
  std::optional<int64_t> moved =
      perm.empty() ? findAxis(shape, axis, result)
                   : std::distance(perm.begin(), llvm::find(perm, axis));
  if (!moved)
    return std::nullopt;
  return quant::UniformQuantizedPerAxisType::get(
      perAxis.getFlags(), perAxis.getStorageType(), perAxis.getExpressedType(),
      perAxis.getScales(), perAxis.getZeroPoints(),
      static_cast<int32_t>(*moved), perAxis.getStorageTypeMin(),
      perAxis.getStorageTypeMax());
}

/// A transpose or reshape of a stored, dequantized constant moves the integers.
void QDQRules::moveConstant(Operation *op) {
  auto dequantize = op->getOperand(0).getDefiningOp<DequantizeOp>();
  auto constant = dequantize ? dequantize.getInput().getDefiningOp<ConstantOp>()
                             : ConstantOp();
  if (!constant)
    return;
  SmallVector<int64_t> perm;
  if (auto transpose = dyn_cast<TransposeOp>(op))
    perm = llvm::to_vector(transpose.getPerm());
  auto from = cast<RankedTensorType>(constant.getType());
  auto to = cast<RankedTensorType>(op->getResult(0).getType());
  std::optional<Type> element = getMovedElementType(
      from.getElementType(), from.getShape(), perm, to.getShape());
  if (!element)
    return;
  RankedTensorType type = withElementType(to, *element);
  OpBuilder builder(op);
  bool isLast = dequantize->hasOneUse();
  Location loc = isLast ? getLocation(constant, op) : op->getLoc();
  // Without a permutation the elements keep their order.
  SmallVector<int64_t> flat{from.getNumElements()};
  ConstantOp moved =
      perm.empty()
          ? permuteConstant(builder, loc, constant.getValue(), flat, {0}, type)
          : permuteConstant(builder, loc, constant.getValue(), from.getShape(),
                            perm, type);
  auto result = DequantizeOp::create(
      builder, isLast ? dequantize.getLoc() : op->getLoc(), to, moved);
  op->getResult(0).replaceAllUsesWith(result);
  eraseUnusedChain(op);
  if (isLast)
    eraseUnusedChain(dequantize);
  ++counts.constants;
}

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

/// Calls `visit(channel, stored integer, byte)` for each element of a constant
/// of up to 8 bits until it returns false. True where it never did.
static bool visitStored(ConstantOp constant, ArrayRef<char> bytes,
                        function_ref<bool(size_t, int64_t, size_t)> visit) {
  quant::QuantizedType type = getQuantizedElementType(constant.getType());
  auto view =
      ChannelView::get(cast<RankedTensorType>(constant.getType()).getShape(),
                       getQuantizedAxis(type).value_or(-1));
  for (size_t outer = 0, i = 0; outer < view.outer; ++outer)
    for (size_t channel = 0; channel < view.channels; ++channel)
      for (size_t inner = 0; inner < view.inner; ++inner, ++i) {
        int64_t value = type.isSigned() ? static_cast<int8_t>(bytes[i])
                                        : static_cast<uint8_t>(bytes[i]);
        if (!visit(channel, value, i))
          return false;
      }
  return true;
}

static quant::QuantizedType withParams(quant::QuantizedType type,
                                       ArrayRef<double> scales) {
  MLIRContext *context = type.getContext();
  constexpr IntegerGrid grid;
  SmallVector<QuantParams> params;
  for (double scale : scales)
    params.push_back({static_cast<float>(scale), 0});
  std::optional<int64_t> axis = getQuantizedAxis(type);
  if (!axis)
    return getPerTensorType(context, grid, params.front());
  return getPerAxisType(context, grid, params, *axis);
}

/// A weight with another zero point than 0, which no target takes, is stored by
/// the distances from it, where these fit in 8 bits.
void QDQRules::centerWeight(DequantizeOp op) {
  auto constant = op.getInput().getDefiningOp<ConstantOp>();
  if (!constant)
    return;
  quant::QuantizedType type = getQuantizedElementType(constant.getType());
  SmallVector<int64_t> zeroPoints = getZeroPoints(type);
  if (type.getStorageTypeIntegralWidth() > 8 ||
      llvm::all_of(zeroPoints, [](int64_t z) { return z == 0; }) ||
      !isWeight(op.getResult()))
    return;
  ConstantBytes bytes(constant.getValue());
  SmallVector<char, 0> centered(bytes.bytes().size());
  bool fits = visitStored(constant, bytes.bytes(),
                          [&](size_t channel, int64_t value, size_t i) {
                            int64_t distance = value - zeroPoints[channel];
                            centered[i] = static_cast<char>(distance);
                            return distance >= npir_kernels::kInt8Min &&
                                   distance <= npir_kernels::kInt8Max;
                          });
  if (!fits && allowRounding)
    roundWeight(op, constant);
  if (!fits)
    return;
  SmallVector<double> scales(llvm::map_range(
      getScales(type), [](float scale) { return double(scale); }));
  OpBuilder builder(constant);
  ConstantOp stored = createConstant(
      builder, getLocation(constant, op),
      withElementType(constant.getType(), withParams(type, scales)),
      ArrayRef<char>(centered));
  op.getInputMutable().assign(stored);
  eraseUnusedChain(constant);
  ++counts.constants;
}

/// A channel of zeros has any scale. One that is tiny, as tools give to such a
/// channel, would leave no room for its bias, nor for the layer's numbers: it
/// takes the largest of the others.
void QDQRules::widenEmptyChannels(DequantizeOp op) {
  constexpr double tiny = 0x1p-12;
  auto constant = op.getInput().getDefiningOp<ConstantOp>();
  auto type = constant ? dyn_cast<quant::UniformQuantizedPerAxisType>(
                             getQuantizedElementType(constant.getType()))
                       : quant::UniformQuantizedPerAxisType();
  if (!type || type.getStorageTypeIntegralWidth() > 8 || !isWeight(op))
    return;
  double largest = *llvm::max_element(type.getScales());
  SmallVector<double> scales(type.getScales());
  SmallVector<bool> isEmpty(llvm::map_range(
      scales, [&](double scale) { return scale < tiny * largest; }));
  if (!llvm::is_contained(isEmpty, true))
    return;
  ArrayRef<int64_t> zeroPoints = type.getZeroPoints();
  ConstantBytes bytes(constant.getValue());
  visitStored(constant, bytes.bytes(),
              [&](size_t channel, int64_t value, size_t) {
                isEmpty[channel] &= value == zeroPoints[channel];
                return true;
              });
  if (!llvm::is_contained(isEmpty, true))
    return;
  for (auto [scale, empty] : llvm::zip_equal(scales, isEmpty))
    if (empty)
      scale = largest;
  auto widened = quant::UniformQuantizedPerAxisType::get(
      type.getFlags(), type.getStorageType(), type.getExpressedType(), scales,
      zeroPoints, type.getQuantizedDimension(), type.getStorageTypeMin(),
      type.getStorageTypeMax());
  OpBuilder builder(constant);
  auto stored = ConstantOp::create(builder, getLocation(constant, op),
                                   withElementType(constant.getType(), widened),
                                   constant.getValue());
  op.getInputMutable().assign(stored);
  eraseUnusedChain(constant);
  ++counts.constants;
}

void QDQRules::foldConstants() {
  for (Operation &op : llvm::make_early_inc_range(block)) {
    if (auto quantize = dyn_cast<QuantizeOp>(op))
      storeParameter(quantize);
    else if (isa<TransposeOp, ReshapeOp>(op))
      moveConstant(&op);
  }
  for (Operation &op : llvm::make_early_inc_range(block))
    if (auto dequantize = dyn_cast<DequantizeOp>(op);
        dequantize && !decodeParameter(dequantize)) {
      centerWeight(dequantize);
      widenEmptyChannels(dequantize);
    }
}
