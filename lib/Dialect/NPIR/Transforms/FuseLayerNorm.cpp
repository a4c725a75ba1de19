// This file implements the fusion of layer normalization as it is written in
// small ops: with d = x - mean(x), d / sqrt(mean(d * d) + epsilon) * scale +
// offset.
#include "Prepare.h"
#include "PrepareMatch.h"
#include "npir/Dialect/NPIR/IR/Constants.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"

using namespace mlir;
using namespace mlir::npir;
using npir_kernels::BinaryKind;
using npir_kernels::UnaryKind;

/// The operand of the mean along the last dimension, kept as 1, that `value`
/// is.
static Value matchMean(Value value, Matched &matched) {
  auto reduce = value.getDefiningOp<ReduceOp>();
  if (!reduce || reduce.getKind() != ReduceKind::Mean || !reduce.getKeepDims())
    return {};
  int64_t rank = cast<RankedTensorType>(reduce.getInput().getType()).getRank();
  if (reduce.getAxes() != ArrayRef<int64_t>{rank - 1})
    return {};
  matched.insert(reduce);
  return reduce.getInput();
}

/// x, for `value` = x - mean(x).
static Value matchCentered(Value value, Matched &matched) {
  auto operands = matchBinary(value.getDefiningOp(), BinaryKind::Subtract);
  if (!operands || matchMean(operands->second, matched) != operands->first)
    return {};
  matched.insert(value.getDefiningOp());
  return operands->first;
}

/// The epsilon of `value` = sqrt(variance of x + epsilon).
static std::optional<double> matchDeviation(Value value, Value x,
                                            Matched &matched) {
  Value sum = matchUnary(value.getDefiningOp(), UnaryKind::Sqrt);
  auto terms =
      sum ? matchBinary(sum.getDefiningOp(), BinaryKind::Add) : std::nullopt;
  if (!terms)
    return std::nullopt;
  auto [variance, epsilon] = *terms;
  if (getScalarConstant(variance))
    std::swap(variance, epsilon);
  std::optional<double> number = getScalarConstant(epsilon);
  Value square = number ? matchMean(variance, matched) : Value();
  if (!square)
    return std::nullopt;
  Operation *op = square.getDefiningOp();
  Value base = matchUnary(op, UnaryKind::Square);
  if (auto factors = matchBinary(op, BinaryKind::Multiply);
      factors && factors->first == factors->second)
    base = factors->first;
  if (!base || matchCentered(base, matched) != x)
    return std::nullopt;
  matched.insert(op);
  matched.insert(sum.getDefiningOp());
  matched.insert(value.getDefiningOp());
  return number;
}

namespace {
/// `x` divided by a deviation, as it is written.
struct Quotient {
  Value centered, deviation;
};
} // namespace

/// What `op` divides: a / b, a * (1 / b) or (1 / b) * a, the quotient of 1
/// written as a division or as a reciprocal.
static std::optional<Quotient> getQuotient(Operation *op, Matched &matched) {
  if (auto parts = matchBinary(op, BinaryKind::Divide))
    return Quotient{parts->first, parts->second};
  auto factors = matchBinary(op, BinaryKind::Multiply);
  if (!factors)
    return std::nullopt;
  for (auto [a, b] : {*factors, std::pair(factors->second, factors->first)})
    if (auto parts = matchBinary(b.getDefiningOp(), BinaryKind::Divide))
      if (getScalarConstant(parts->first) == 1.0) {
        matched.insert(b.getDefiningOp());
        return Quotient{a, parts->second};
      }
  for (auto [a, b] : {*factors, std::pair(factors->second, factors->first)})
    if (Value divisor =
            matchUnary(b.getDefiningOp(), UnaryKind::Reciprocal)) {
      matched.insert(b.getDefiningOp());
      return Quotient{a, divisor};
    }
  return std::nullopt;
}

/// The constant in `op`, which is the function `kind` of `value` and of one
/// number for each channel of `value`. Null where it is not.
static ConstantOp matchChannelConstant(Operation *op, BinaryKind kind,
                                       Value value) {
  auto operands = matchBinary(op, kind);
  if (!operands || op->getResult(0).getType() != value.getType())
    return {};
  Value other = operands->first == value ? operands->second : operands->first;
  auto constant = other.getDefiningOp<ConstantOp>();
  auto type = dyn_cast<RankedTensorType>(other.getType());
  int64_t channels = cast<RankedTensorType>(value.getType()).getShape().back();
  if (!constant || type.getRank() == 0 || type.getShape().back() != channels ||
      type.getNumElements() != channels)
    return {};
  return constant;
}

/// `constant` as a vector, or `count` times `filler` where it is null.
static Value getVector(OpBuilder &builder, ConstantOp constant, Location loc,
                       int64_t count, float filler) {
  auto type = RankedTensorType::get(count, builder.getF32Type());
  if (!constant)
    return createFilledConstant(
        builder, loc, type.getShape(),
        [&](MutableArrayRef<float> values) { llvm::fill(values, filler); });
  if (constant.getType() == type)
    return constant;
  return reshapeConstant(builder, constant, type);
}

/// Replace the layer normalization whose division is `op`, and the scale and
/// the offset behind it.
static void fuseAt(Operation *op) {
  Matched matched;
  std::optional<Quotient> quotient = getQuotient(op, matched);
  Value x = quotient ? matchCentered(quotient->centered, matched) : Value();
  if (!x || x.getType() != op->getResult(0).getType())
    return;
  std::optional<double> epsilon =
      matchDeviation(quotient->deviation, x, matched);
  matched.insert(op);
  if (!epsilon || !(*epsilon >= 0) || std::isinf(*epsilon) ||
      !isClosed(matched, op))
    return;

  // A constant that the last op so far is multiplied by, then one that is
  // added.
  Operation *last = op;
  auto takeConstant = [&](BinaryKind kind) -> ConstantOp {
    Value value = last->getResult(0);
    if (!value.hasOneUse())
      return {};
    Operation *user = *value.getUsers().begin();
    ConstantOp constant = matchChannelConstant(user, kind, value);
    if (constant) {
      last = user;
      matched.insert(last);
    }
    return constant;
  };
  ConstantOp scaleConstant = takeConstant(BinaryKind::Multiply);
  ConstantOp offsetConstant = takeConstant(BinaryKind::Add);

  OpBuilder builder(last);
  Location loc = fuseMatched(matched, op, "layer_norm");
  int64_t channels = cast<RankedTensorType>(x.getType()).getShape().back();
  Value scale = getVector(builder, scaleConstant,
                          derivedLocation(loc, ".scale"), channels, 1.0f);
  Value offset = getVector(builder, offsetConstant,
                           derivedLocation(loc, ".offset"), channels, 0.0f);
  auto norm = LayerNormOp::create(builder, loc, x, scale, offset,
                                  builder.getF32FloatAttr(*epsilon),
                                  /*requant=*/Attribute());
  last->replaceAllUsesWith(norm);
}

void mlir::npir::fuseLayerNorms(func::FuncOp func) {
  for (Block &block : func.getBody())
    for (Operation &op : llvm::make_early_inc_range(block))
      if (isa<BinaryOpInterface>(op))
        fuseAt(&op);
  eraseDeadOps(func);
}
