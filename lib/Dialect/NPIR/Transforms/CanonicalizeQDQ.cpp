// This file implements --npir-canonicalize-qdq.
#include "QuantizeUtils.h"

#include "npir/Dialect/NPIR/IR/Stations.h"
#include "npir/Dialect/NPIR/Transforms/Passes.h"
#include "npir/Kernels/Requantize.h"

#include "llvm/ADT/DenseMap.h"

using namespace mlir;

namespace mlir::npir {
#define GEN_PASS_DEF_CANONICALIZEQDQPASS
#include "npir/Dialect/NPIR/Transforms/Passes.h.inc"

namespace {
struct CanonicalizeQDQ final : impl::CanonicalizeQDQPassBase<CanonicalizeQDQ> {
  using CanonicalizeQDQPassBase::CanonicalizeQDQPassBase;

  void runOnOperation() override {
    FailureOr<SmallVector<func::FuncOp>> functions =
        getFunctionsAt(getOperation(), Station::QDQ);
    if (failed(functions))
      return signalPassFailure();
    for (func::FuncOp func : *functions)
      func.walk([](Block *block) { canonicalize(*block); });
  }

private:
  static void canonicalize(Block &block);
};
} // namespace

/// Quantizing what was dequantized gives back the stored value: the error of
/// two roundings is far below half a step, as long as nothing overflows or
/// underflows.
static bool isExactRoundTrip(quant::QuantizedType type) {
  return type.getStorageTypeIntegralWidth() <= 16 &&
         llvm::all_of(getScales(type), npir_kernels::isLegalScale);
}

/// The quantized value that `op` quantizes back to itself, or null.
static Value getRoundTripSource(QuantizeOp op) {
  auto dequantize = op.getInput().getDefiningOp<DequantizeOp>();
  if (!dequantize || dequantize.getInput().getType() != op.getType() ||
      !isExactRoundTrip(getQuantizedElementType(op.getType())))
    return {};
  return dequantize.getInput();
}

void CanonicalizeQDQ::canonicalize(Block &block) {
  // What an operand was quantized or dequantized to before, by type.
  llvm::DenseMap<std::pair<Value, Type>, Value> known;
  // `kept` does the work of `removed`, which the configuration may have named.
  auto replace = [](Operation &removed, Value kept) {
    auto quantize = dyn_cast<QuantizeOp>(removed);
    if (auto other = kept.getDefiningOp<QuantizeOp>();
        other && quantize && quantize.getRequested())
      other.setRequested(true);
    removed.getResult(0).replaceAllUsesWith(kept);
  };
  SmallVector<Operation *> candidates;
  for (Operation &op : block) {
    if (!isa<QuantizeOp, DequantizeOp, ConstantOp>(op))
      continue;
    candidates.push_back(&op);
    if (isa<ConstantOp>(op))
      continue;
    if (auto quantize = dyn_cast<QuantizeOp>(op))
      if (Value source = getRoundTripSource(quantize)) {
        replace(op, source);
        continue;
      }
    // A quantize and a dequantize of one value differ in their result types.
    auto [entry, isNew] = known.try_emplace(
        std::make_pair(op.getOperand(0), op.getResult(0).getType()),
        op.getResult(0));
    if (!isNew)
      replace(op, entry->second);
  }
  eraseUnused(candidates);
}
} // namespace mlir::npir
