// This file implements the fusion of layer normalization as it is written in
// small ops: with d = x - mean(x), d / sqrt(mean(d * d) + epsilon) * scale +
// offset.
#include "Prepare.h"
#include "npir/Dialect/NPIR/IR/Constants.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"
#include "npir/Dialect/NPIR/IR/PermuteConstant.h"
#include "npir/Dialect/NPIR/Transforms/PrepareMatch.h"

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

/// The epsilon of `sum` = variance of x + epsilon.
static std::optional<double> matchVariance(Value sum, Value x,
                                           Matched &matched) {
  auto terms = matchBinary(sum.getDefiningOp(), BinaryKind::Add);
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
  return number;
}

namespace {
/// `centered / sqrt(variance)`, as it is written.
struct Quotient {
  Value centered, variance;
};
} // namespace

/// a / sqrt(v), a * (1 / sqrt(v)) or a * rsqrt(v), which `op` computes; the
/// quotient of 1 is written as a division or as a reciprocal, and the factors
/// in any order.
static std::optional<Quotient> getQuotient(Operation *op, Matched &matched) {
  auto divide = [&](Value centered,
                    Value deviation) -> std::optional<Quotient> {
    Operation *root = deviation.getDefiningOp();
    Value variance = matchUnary(root, UnaryKind::Sqrt);
    if (!variance)
      return std::nullopt;
    matched.insert(root);
    return Quotient{centered, variance};
  };
  if (auto parts = matchBinary(op, BinaryKind::Divide))
    return divide(parts->first, parts->second);
  auto factors = matchBinary(op, BinaryKind::Multiply);
  if (!factors)
    return std::nullopt;
  for (auto [a, b] : {*factors, std::pair(factors->second, factors->first)}) {
    Operation *inverse = b.getDefiningOp();
    std::optional<Quotient> quotient;
    if (Value variance = matchUnary(inverse, UnaryKind::Rsqrt))
      quotient = Quotient{a, variance};
    else if (Value divisor = matchUnary(inverse, UnaryKind::Reciprocal))
      quotient = divide(a, divisor);
    else if (auto parts = matchBinary(inverse, BinaryKind::Divide);
             parts && getScalarConstant(parts->first) == 1.0)
      quotient = divide(a, parts->second);
    if (quotient) {
      matched.insert(inverse);
      return quotient;
    }
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
  std::optional<double> epsilon = matchVariance(quotient->variance, x, matched);
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
