// This file implements the folding of functions of constants, such as the
// factor of a batch normalization: rsqrt(variance + epsilon) * scale.
#include "Converter.h"
#include "npir/Dialect/NPIR/IR/PermuteConstant.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"

using namespace mlir;
using namespace mlir::npir;

/// More elements are left to the network: 64 MB.
static constexpr int64_t kMaxFolded = int64_t(1) << 24;

/// For each dimension of `shape` the step in an operand of shape `from`, which
/// broadcasts to it as numpy's do.
static SmallVector<int64_t> getSteps(ArrayRef<int64_t> from,
                                     ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides = computeStrides(from);
  SmallVector<int64_t> steps(shape.size() - from.size(), 0);
  for (auto [size, stride] : llvm::zip_equal(from, strides))
    steps.push_back(size == 1 ? 0 : stride);
  return steps;
}

/// Call `compute` for every element of `shape`, in order, with the places of
/// the elements of both operands.
static void forEachPair(ArrayRef<int64_t> shape, ArrayRef<int64_t> lhsSteps,
                        ArrayRef<int64_t> rhsSteps,
                        function_ref<void(int64_t, int64_t)> compute) {
  SmallVector<int64_t> index(shape.size(), 0);
  int64_t lhs = 0, rhs = 0;
  for (int64_t left = computeProduct(shape); left > 0; --left) {
    compute(lhs, rhs);
    for (size_t d = shape.size(); d-- > 0;) {
      lhs += lhsSteps[d];
      rhs += rhsSteps[d];
      if (++index[d] < shape[d])
        break;
      lhs -= lhsSteps[d] * shape[d];
      rhs -= rhsSteps[d] * shape[d];
      index[d] = 0;
    }
  }
}

Value mlir::npir::foldToConstant(OpBuilder &builder, Operation *op) {
  if (!isa<UnaryOpInterface, BinaryOpInterface>(op))
    return {};
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  if (!type.getElementType().isF32() || !type.hasStaticShape() ||
      type.getNumElements() > kMaxFolded)
    return {};
  SmallVector<ConstantBytes> operands;
  for (Value operand : op->getOperands()) {
    FailureOr<ConstantBytes> bytes = getConstantBytes(operand);
    if (failed(bytes))
      return {};
    operands.push_back(std::move(*bytes));
  }
  return createFilledConstant(
      builder, op->getLoc(), type, [&](MutableArrayRef<char> bytes) {
        auto *out = reinterpret_cast<float *>(bytes.data());
        ArrayRef<float> lhs = operands[0].as<float>();
        if (auto unary = dyn_cast<UnaryOpInterface>(op)) {
          npir_kernels::UnaryFunction function = unary.getUnaryFunction();
          for (float x : lhs)
            *out++ = npir_kernels::evaluateUnary(function, x);
          return;
        }
        npir_kernels::BinaryKind kind =
            cast<BinaryOpInterface>(op).getBinaryKind();
        ArrayRef<float> rhs = operands[1].as<float>();
        auto stepsOf = [&](Value operand) {
          return getSteps(TosaConverter::getShape(operand), type.getShape());
        };
        forEachPair(type.getShape(), stepsOf(op->getOperand(0)),
                    stepsOf(op->getOperand(1)), [&](int64_t i, int64_t j) {
                      *out++ =
                          npir_kernels::evaluateBinary(kind, lhs[i], rhs[j]);
                    });
      });
}
