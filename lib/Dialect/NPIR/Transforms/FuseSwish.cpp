// This file implements the fusion of functions that gate their own argument
// and are written in small ops: x * sigmoid(x), and its like.
#include "Prepare.h"
#include "npir/Dialect/NPIR/Transforms/PrepareMatch.h"

using namespace mlir;
using namespace mlir::npir;
using npir_kernels::BinaryKind;
using npir_kernels::UnaryKind;

namespace {
/// `value` is `constant * function(x)`.
struct Gate {
  UnaryKind kind;
  double constant = 1.0;
};
} // namespace

/// True if `value` is x + 3.
static bool isShifted(Value value, Value x, Matched &matched) {
  auto terms = matchBinary(value.getDefiningOp(), BinaryKind::Add);
  if (!terms)
    return false;
  auto [a, b] = *terms;
  if (b == x)
    std::swap(a, b);
  matched.insert(value.getDefiningOp());
  return a == x && getScalarConstant(b) == 3.0;
}

/// What `value` is of `x`.
static std::optional<Gate> matchGate(Value value, Value x, Matched &matched) {
  Operation *op = value.getDefiningOp();
  matched.insert(op);
  for (UnaryKind kind : {UnaryKind::Sigmoid, UnaryKind::HardSigmoid})
    if (matchUnary(op, kind) == x)
      return Gate{kind};
  if (Value inner = matchUnary(op, UnaryKind::Tanh)) {
    matched.insert(inner.getDefiningOp());
    if (matchUnary(inner.getDefiningOp(), UnaryKind::Softplus) == x)
      return Gate{UnaryKind::Tanh};
  }
  // A hard sigmoid is min(max(x + 3, 0), 6) / 6.
  if (auto clamp = dyn_cast<ClampOp>(op))
    if (clamp.getMin().isZero() && clamp.getMax().convertToDouble() == 6.0 &&
        isShifted(clamp.getInput(), x, matched))
      return Gate{UnaryKind::HardSigmoid, 6.0};
  return std::nullopt;
}

static Operation *createFused(OpBuilder &builder, UnaryKind kind, Value x,
                              const Matched &matched, Operation *first) {
  switch (kind) {
  case UnaryKind::Sigmoid:
    return SiluOp::create(builder, fuseMatched(matched, first, "silu"), x);
  case UnaryKind::HardSigmoid:
    return HardSwishOp::create(builder,
                               fuseMatched(matched, first, "hardswish"), x);
  default:
    return MishOp::create(builder, fuseMatched(matched, first, "mish"), x);
  }
}

/// Replace `root` if it is the product of a value and a function of it.
static void fuseAt(Operation *root) {
  Matched matched;
  std::optional<Product> product = matchProduct(root->getResult(0), matched);
  if (!product || product->factors.size() != 2)
    return;
  for (int i : {0, 1}) {
    Value gate = product->factors[i], x = product->factors[1 - i];
    Operation *first = gate.getDefiningOp();
    if (!first || x.getType() != root->getResult(0).getType())
      continue;
    Matched parts = matched;
    std::optional<Gate> found = matchGate(gate, x, parts);
    if (!found || !isNear(found->constant * product->constant, 1.0) ||
        !isClosed(parts, root))
      continue;
    OpBuilder builder(root);
    root->replaceAllUsesWith(
        createFused(builder, found->kind, x, parts, first));
    return;
  }
}

void mlir::npir::fuseSwishes(func::FuncOp func) {
  for (Block &block : func.getBody())
    for (Operation &op : llvm::make_early_inc_range(block))
      if (isa<BinaryOpInterface>(op))
        fuseAt(&op);
  eraseDeadOps(func);
}
