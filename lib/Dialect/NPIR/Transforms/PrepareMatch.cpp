// This file implements what the patterns of fusions match with.
#include "npir/Dialect/NPIR/Transforms/PrepareMatch.h"
#include "npir/Dialect/NPIR/IR/Constants.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"

using namespace mlir;
using namespace mlir::npir;
using npir_kernels::BinaryKind;
using npir_kernels::UnaryKind;

/// Bounds of what a pattern looks at, so that each op costs the same.
static constexpr size_t kMaxFactors = 4, kMaxMatched = 16;

std::optional<double> mlir::npir::getScalarConstant(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || !type.hasStaticShape() || type.getNumElements() != 1 ||
      !type.getElementType().isF32())
    return std::nullopt;
  FailureOr<ConstantBytes> bytes = getConstantBytes(value);
  if (failed(bytes))
    return std::nullopt;
  return bytes->as<float>().front();
}

std::optional<std::pair<Value, Value>>
mlir::npir::matchBinary(Operation *op, BinaryKind kind) {
  auto binary = dyn_cast_or_null<BinaryOpInterface>(op);
  if (!binary || binary.getBinaryKind() != kind)
    return std::nullopt;
  if (auto clamped = dyn_cast<ClampedOpInterface>(op)) {
    auto [min, max] = clamped.getClampRange();
    if (!std::isinf(min) || !std::isinf(max))
      return std::nullopt;
  }
  return std::pair(op->getOperand(0), op->getOperand(1));
}

Value mlir::npir::matchUnary(Operation *op, UnaryKind kind) {
  auto unary = dyn_cast_or_null<UnaryOpInterface>(op);
  if (!unary || unary.getUnaryFunction().kind != kind)
    return {};
  return op->getOperand(0);
}

/// Multiply `product` by `value`. False if it becomes too long.
static bool multiply(Product &product, Value value, bool isRoot,
                     Matched &matched) {
  if (std::optional<double> constant = getScalarConstant(value)) {
    product.constant *= *constant;
    return true;
  }
  Operation *op = value.getDefiningOp();
  if (isRoot || value.hasOneUse()) {
    if (matched.size() >= kMaxMatched)
      return false;
    if (auto factors = matchBinary(op, BinaryKind::Multiply)) {
      matched.insert(op);
      return multiply(product, factors->first, false, matched) &&
             multiply(product, factors->second, false, matched);
    }
    if (auto parts = matchBinary(op, BinaryKind::Divide))
      if (std::optional<double> divisor = getScalarConstant(parts->second)) {
        matched.insert(op);
        product.constant /= *divisor;
        return multiply(product, parts->first, false, matched);
      }
    if (Value base = matchUnary(op, UnaryKind::Square)) {
      matched.insert(op);
      return multiply(product, base, false, matched) &&
             multiply(product, base, false, matched);
    }
  }
  product.factors.push_back(value);
  return product.factors.size() <= kMaxFactors;
}

std::optional<Product> mlir::npir::matchProduct(Value value, Matched &matched) {
  Product product;
  if (!multiply(product, value, true, matched))
    return std::nullopt;
  return product;
}

bool mlir::npir::isNear(double a, double b) {
  // Half precision has 11 bits.
  return std::abs(a - b) <= std::ldexp(std::abs(b), -11);
}

bool mlir::npir::isClosed(const Matched &matched, Operation *root) {
  return llvm::all_of(matched, [&](Operation *op) {
    return op == root || llvm::all_of(op->getUsers(), [&](Operation *user) {
             return matched.contains(user);
           });
  });
}

Location mlir::npir::fuseMatched(const Matched &matched, Operation *first,
                                 StringRef kind) {
  SmallVector<Location> locs{first->getLoc()};
  for (Operation *op : matched)
    if (op != first)
      locs.push_back(op->getLoc());
  return fuseAsModule(locs, kind);
}
