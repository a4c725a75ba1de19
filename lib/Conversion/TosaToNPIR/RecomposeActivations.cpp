// This file implements the finding of activations that TOSA writes in small
// ops. What stays small in other sources, too, --npir-prepare finds.
#include "Converter.h"
#include "npir/Dialect/NPIR/Transforms/PrepareMatch.h"

using namespace mlir;
using namespace mlir::npir;
using npir_kernels::BinaryKind;
using npir_kernels::UnaryKind;

/// ReLU or clamp for the larger or the smaller of x and a number.
static Value recomposeClamp(OpBuilder &builder, Operation *op) {
  auto larger = matchBinary(op, BinaryKind::Maximum);
  auto smaller = matchBinary(op, BinaryKind::Minimum);
  if (!larger && !smaller)
    return {};
  auto [x, y] = larger ? *larger : *smaller;
  if (getScalarConstant(x))
    std::swap(x, y);
  std::optional<double> bound = getScalarConstant(y);
  if (!bound || x.getType() != op->getResult(0).getType() ||
      !std::isfinite(*bound))
    return {};
  if (larger && *bound == 0)
    return ReluOp::create(builder, op->getLoc(), x);
  auto infinity = std::numeric_limits<float>::infinity();
  auto number = static_cast<float>(*bound);
  return ClampOp::create(builder, op->getLoc(), x,
                         builder.getF32FloatAttr(larger ? number : -infinity),
                         builder.getF32FloatAttr(larger ? infinity : number),
                         /*requant=*/Attribute());
}

/// True if `value` is `slope * x + offset`.
static bool isLine(Value value, Value x, double slope, double offset,
                   Matched &matched) {
  auto terms = matchBinary(value.getDefiningOp(), BinaryKind::Add);
  if (!terms || !value.hasOneUse())
    return false;
  auto [term, constant] = *terms;
  if (getScalarConstant(term))
    std::swap(term, constant);
  std::optional<double> number = getScalarConstant(constant);
  if (!number || !isNear(*number, offset))
    return false;
  matched.insert(value.getDefiningOp());
  if (term == x)
    return isNear(1.0, slope);
  std::optional<Product> product = matchProduct(term, matched);
  return product && product->factors.size() == 1 &&
         product->factors.front() == x && isNear(product->constant, slope);
}

/// The innermost operand that `gate` may be a line of.
static Value getLineOperand(Value gate) {
  Value argument = matchUnary(gate.getDefiningOp(), UnaryKind::Clamp);
  auto terms = argument ? matchBinary(argument.getDefiningOp(), BinaryKind::Add)
                        : std::nullopt;
  if (!terms)
    return {};
  Value term = getScalarConstant(terms->first) ? terms->second : terms->first;
  Matched ignored;
  std::optional<Product> product =
      term.hasOneUse() ? matchProduct(term, ignored) : std::nullopt;
  return product && product->factors.size() == 1 ? product->factors.front()
                                                 : term;
}

/// True if `factor * gate` is min(max(x / 6 + 1/2, 0), 1).
static bool isHardSigmoid(Value gate, double factor, Value x,
                          Matched &matched) {
  auto clamp = gate.getDefiningOp<UnaryOpInterface>();
  if (!clamp || clamp.getUnaryFunction().kind != UnaryKind::Clamp)
    return false;
  npir_kernels::UnaryFunction function = clamp.getUnaryFunction();
  matched.insert(clamp);
  return function.a == 0 && isNear(function.b * factor, 1.0) &&
         isLine(clamp->getOperand(0), x, 1 / (6 * factor), 1 / (2 * factor),
                matched);
}

static Value recomposeHardSigmoid(OpBuilder &builder, Operation *op) {
  Matched matched;
  Value gate = op->getResult(0);
  double factor = 1;
  if (matchBinary(op, BinaryKind::Multiply)) {
    std::optional<Product> product = matchProduct(gate, matched);
    if (!product || product->factors.size() != 1)
      return {};
    gate = product->factors.front();
    factor = product->constant;
  }
  Value x = getLineOperand(gate);
  if (!x || x.getType() != op->getResult(0).getType() ||
      !isHardSigmoid(gate, factor, x, matched) || !isClosed(matched, op))
    return {};
  return HardSigmoidOp::create(builder, fuseMatched(matched, op, "hardsigmoid"),
                               x);
}

/// Leaky ReLU for where(x >= 0, x, alpha * x).
static Value recomposeLeakyRelu(OpBuilder &builder, Operation *op) {
  auto where = dyn_cast<WhereOp>(op);
  auto compare =
      where ? where.getCondition().getDefiningOp<CompareOp>() : CompareOp();
  if (!compare || (compare.getKind() != CompareKind::Ge &&
                   compare.getKind() != CompareKind::Gt))
    return {};
  Value x = compare.getLhs();
  Matched matched;
  std::optional<Product> product = matchProduct(where.getOnFalse(), matched);
  if (getScalarConstant(compare.getRhs()) != 0.0 || where.getOnTrue() != x ||
      !product || product->factors.size() != 1 ||
      product->factors.front() != x || x.getType() != where.getType() ||
      !where.getOnFalse().hasOneUse() || !where.getCondition().hasOneUse())
    return {};
  matched.insert(compare);
  matched.insert(op);
  return LeakyReluOp::create(
      builder, fuseMatched(matched, op, "leaky_relu"), x,
      builder.getF32FloatAttr(static_cast<float>(product->constant)),
      /*requant=*/Attribute());
}

/// sqrt(x) for 1 / rsqrt(x).
static Value recomposeSqrt(OpBuilder &builder, Operation *op) {
  Value inverse = matchUnary(op, UnaryKind::Reciprocal);
  Operation *root = inverse ? inverse.getDefiningOp() : nullptr;
  Value x = matchUnary(root, UnaryKind::Rsqrt);
  if (!x || !inverse.hasOneUse())
    return {};
  Matched matched;
  matched.insert(root);
  matched.insert(op);
  return SqrtOp::create(builder, fuseMatched(matched, op, "sqrt"), x);
}

Value mlir::npir::recomposeActivation(OpBuilder &builder, Operation *op) {
  for (auto recompose : {recomposeClamp, recomposeHardSigmoid,
                         recomposeLeakyRelu, recomposeSqrt})
    if (Value value = recompose(builder, op))
      return value;
  return {};
}
