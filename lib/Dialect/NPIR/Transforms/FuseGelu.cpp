// This file implements the fusion of GELU as it is written in small ops:
// x * (1 + erf(x / sqrt(2))) / 2, or with tanh, in any order of the factors.
#include "Prepare.h"
#include "npir/Dialect/NPIR/Transforms/PrepareMatch.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::npir;
using npir_kernels::BinaryKind;
using npir_kernels::UnaryKind;

namespace {
/// `constant + slope * function(argument)`, function being erf or tanh.
struct Gate {
  double constant, slope;
  Operation *function;
  UnaryKind kind;
  Value argument;
};

/// `sum of coefficients[n] * x^n` for n up to 3.
struct Cubic {
  std::array<double, 4> coefficients{};
};
} // namespace

/// `value` as a gate.
static std::optional<Gate> matchGate(Value value, Matched &matched) {
  Operation *op = value.getDefiningOp();
  auto terms = matchBinary(op, BinaryKind::Add);
  if (!terms || !value.hasOneUse())
    return std::nullopt;
  auto [a, b] = *terms;
  if (getScalarConstant(a))
    std::swap(a, b);
  std::optional<double> constant = getScalarConstant(b);
  std::optional<Product> product = matchProduct(a, matched);
  if (!constant || !product || product->factors.size() != 1)
    return std::nullopt;
  Operation *function = product->factors.front().getDefiningOp();
  for (UnaryKind kind : {UnaryKind::Erf, UnaryKind::Tanh})
    if (Value argument = matchUnary(function, kind)) {
      matched.insert(op);
      matched.insert(function);
      return Gate{*constant, product->constant, function, kind, argument};
    }
  return std::nullopt;
}

/// Add `value * scale * x^degree` to `cubic`, `value` being a power of `x`, or
/// a sum of two such if `depth` allows.
static bool addTerm(Cubic &cubic, Value value, double scale, size_t degree,
                    Value x, int depth, Matched &matched) {
  // x itself is not looked through.
  std::optional<Product> product =
      value == x ? Product{1.0, {x}} : matchProduct(value, matched);
  if (!product)
    return false;
  scale *= product->constant;
  Value rest;
  for (Value factor : product->factors) {
    if (factor == x)
      ++degree;
    else if (!rest)
      rest = factor;
    else
      return false;
  }
  if (degree >= cubic.coefficients.size())
    return false;
  if (!rest) {
    cubic.coefficients[degree] += scale;
    return true;
  }
  auto terms = matchBinary(rest.getDefiningOp(), BinaryKind::Add);
  if (!terms || depth == 0)
    return false;
  matched.insert(rest.getDefiningOp());
  return addTerm(cubic, terms->first, scale, degree, x, depth - 1, matched) &&
         addTerm(cubic, terms->second, scale, degree, x, depth - 1, matched);
}

/// True if `argument` is what GELU gives to erf or tanh for `x`.
static bool matchArgument(UnaryKind kind, Value argument, Value x,
                          Matched &matched) {
  Cubic cubic;
  if (!addTerm(cubic, argument, 1.0, 0, x, 1, matched))
    return false;
  const auto &c = cubic.coefficients;
  if (c[0] != 0 || c[2] != 0)
    return false;
  if (kind == UnaryKind::Erf)
    return isNear(c[1], std::sqrt(0.5)) && c[3] == 0;
  double slope = std::sqrt(2 / llvm::numbers::pi);
  return isNear(c[1], slope) && isNear(c[3], slope * 0.044715);
}

/// Replace `root` if it is the last op of a GELU.
static void fuseAt(Operation *root) {
  Matched matched;
  std::optional<Product> product = matchProduct(root->getResult(0), matched);
  if (!product || product->factors.size() != 2)
    return;
  for (int i : {0, 1}) {
    Value x = product->factors[1 - i];
    Matched parts = matched;
    std::optional<Gate> gate = matchGate(product->factors[i], parts);
    if (!gate || x.getType() != root->getResult(0).getType() ||
        !isNear(gate->constant * product->constant, 0.5) ||
        !isNear(gate->slope * product->constant, 0.5) ||
        !matchArgument(gate->kind, gate->argument, x, parts) ||
        !isClosed(parts, root))
      continue;
    OpBuilder builder(root);
    bool isErf = gate->kind == UnaryKind::Erf;
    Location loc =
        fuseMatched(parts, gate->function, isErf ? "gelu" : "gelu_tanh");
    Operation *gelu = isErf
                          ? GeluOp::create(builder, loc, x).getOperation()
                          : GeluTanhOp::create(builder, loc, x).getOperation();
    root->replaceAllUsesWith(gelu);
    return;
  }
}

void mlir::npir::fuseGelus(func::FuncOp func) {
  for (Block &block : func.getBody())
    for (Operation &op : llvm::make_early_inc_range(block))
      if (isa<BinaryOpInterface>(op))
        fuseAt(&op);
  eraseDeadOps(func);
}
