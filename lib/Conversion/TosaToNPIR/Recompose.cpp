// This file implements the finding of means and of softmax, which TOSA writes
// in small ops.
#include "Converter.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"
#include "npir/Dialect/NPIR/Transforms/PrepareMatch.h"

#include "llvm/ADT/Sequence.h"

using namespace mlir;
using namespace mlir::npir;
using npir_kernels::BinaryKind;
using npir_kernels::UnaryKind;

/// The reduction of `kind` that defines `value` and has no other user.
static ReduceOp getReduce(Value value, ReduceKind kind) {
  auto reduce = value.getDefiningOp<ReduceOp>();
  return reduce && reduce.getKind() == kind && reduce.getKeepDims() &&
                 value.hasOneUse()
             ? reduce
             : ReduceOp();
}

static Value createReduce(OpBuilder &builder, Location loc, ReduceKind kind,
                          Value input, ArrayRef<int64_t> axes) {
  return ReduceOp::create(builder, loc, kind, input, axes,
                          /*keep_dims=*/true, /*requant=*/Attribute());
}

/// One reduction for two, the one over what the other leaves.
static Value mergeReductions(OpBuilder &builder, Operation *op) {
  auto outer = dyn_cast<ReduceOp>(op);
  if (!outer || !outer.getKeepDims())
    return {};
  ReduceOp inner = getReduce(outer.getInput(), outer.getKind());
  if (!inner)
    return {};
  SmallVector<int64_t> axes(inner.getAxes());
  llvm::append_range(axes, outer.getAxes());
  llvm::sort(axes);
  axes.erase(llvm::unique(axes), axes.end());
  return createReduce(builder, fuseLocations({inner.getLoc(), outer.getLoc()}),
                      outer.getKind(), inner.getInput(), axes);
}

/// True if `factor` is one over the number of elements that `reduce` adds up.
static bool isInverseCount(double factor, ReduceOp reduce) {
  double count = 1;
  for (int64_t axis : reduce.getAxes())
    count *=
        static_cast<double>(TosaConverter::getShape(reduce.getInput())[axis]);
  return std::abs(factor * count - 1) < 1e-6;
}

/// The mean for a sum times one over its number of elements, the factor before
/// or behind the sum.
static Value recomposeMean(OpBuilder &builder, Operation *op) {
  Matched matched;
  if (auto reduce = dyn_cast<ReduceOp>(op)) {
    if (reduce.getKind() != ReduceKind::Sum || !reduce.getKeepDims() ||
        !reduce.getInput().hasOneUse())
      return {};
    std::optional<Product> product = matchProduct(reduce.getInput(), matched);
    if (!product || product->factors.size() != 1 ||
        product->factors.front().getType() != reduce.getInput().getType() ||
        !isInverseCount(product->constant, reduce))
      return {};
    return createReduce(
        builder, fuseLocations({op->getLoc(), reduce.getInput().getLoc()}),
        ReduceKind::Mean, product->factors.front(), reduce.getAxes());
  }
  if (!matchBinary(op, BinaryKind::Multiply))
    return {};
  std::optional<Product> product = matchProduct(op->getResult(0), matched);
  if (!product || product->factors.size() != 1 ||
      product->factors.front().getType() != op->getResult(0).getType())
    return {};
  ReduceOp sum = getReduce(product->factors.front(), ReduceKind::Sum);
  if (!sum || !isInverseCount(product->constant, sum))
    return {};
  return createReduce(builder, fuseLocations({op->getLoc(), sum.getLoc()}),
                      ReduceKind::Mean, sum.getInput(), sum.getAxes());
}

/// softmax of `input` along `axis`.
static Value createSoftmax(OpBuilder &builder, Location loc, Value input,
                           int64_t axis) {
  int64_t last =
      static_cast<int64_t>(TosaConverter::getShape(input).size()) - 1;
  if (axis == last)
    return SoftmaxOp::create(builder, loc, input);
  auto perm = llvm::to_vector(llvm::seq<int64_t>(0, last + 1));
  std::swap(perm[axis], perm[last]);
  Value moved = TransposeOp::create(builder, derivedLocation(loc, ".transpose"),
                                    input, perm, /*requant=*/Attribute());
  Value softmax =
      SoftmaxOp::create(builder, derivedLocation(loc, ".softmax"), moved);
  return TransposeOp::create(builder, loc, softmax, perm,
                             /*requant=*/Attribute());
}

/// Softmax for e * (1 / sum(e)), e being exp(x - max(x)) or exp(x).
static Value recomposeSoftmax(OpBuilder &builder, Operation *op) {
  auto factors = matchBinary(op, BinaryKind::Multiply);
  if (!factors)
    return {};
  for (auto [e, inverse] :
       {*factors, std::pair(factors->second, factors->first)}) {
    Operation *reciprocal = inverse.getDefiningOp();
    Value divisor = matchUnary(reciprocal, UnaryKind::Reciprocal);
    ReduceOp sum = divisor ? getReduce(divisor, ReduceKind::Sum) : ReduceOp();
    Value exponent = matchUnary(e.getDefiningOp(), UnaryKind::Exp);
    if (!sum || sum.getInput() != e || !exponent || sum.getAxes().size() != 1)
      continue;
    Matched matched;
    matched.insert(op);
    matched.insert(e.getDefiningOp());
    matched.insert(sum);
    matched.insert(reciprocal);
    Value input = exponent;
    if (auto parts =
            matchBinary(exponent.getDefiningOp(), BinaryKind::Subtract)) {
      auto max = parts->second.getDefiningOp<ReduceOp>();
      if (max && max.getKind() == ReduceKind::Max && max.getKeepDims() &&
          max.getAxes() == sum.getAxes() && max.getInput() == parts->first &&
          exponent.hasOneUse() && parts->second.hasOneUse()) {
        input = parts->first;
        matched.insert(exponent.getDefiningOp());
        matched.insert(max);
      }
    }
    if (isClosed(matched, op))
      return createSoftmax(builder, fuseMatched(matched, op, "softmax"), input,
                           sum.getAxes().front());
  }
  return {};
}

void mlir::npir::recomposeOps(func::FuncOp func) {
  Block &block = func.getBody().front();
  for (Operation &op : llvm::make_early_inc_range(block)) {
    if (op.getNumResults() != 1)
      continue;
    OpBuilder builder(&op);
    Operation *current = &op;
    // What is found may be part of something larger.
    for (auto recompose : {mergeReductions, recomposeMean, mergeReductions,
                           recomposeSoftmax, recomposeActivation})
      if (Value value = recompose(builder, current)) {
        current->replaceAllUsesWith(ValueRange(value));
        current = value.getDefiningOp();
      }
  }
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
    if (isOpTriviallyDead(&op))
      op.erase();
}
