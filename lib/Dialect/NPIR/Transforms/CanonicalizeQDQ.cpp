// This file implements --npir-canonicalize-qdq.
#include "QDQRules.h"

#include "npir/Dialect/NPIR/IR/LayerNames.h"
#include "npir/Dialect/NPIR/IR/Stations.h"
#include "npir/Dialect/NPIR/Transforms/Passes.h"

using namespace mlir;

namespace mlir::npir {
#define GEN_PASS_DEF_CANONICALIZEQDQPASS
#include "npir/Dialect/NPIR/Transforms/Passes.h.inc"

namespace {
struct CanonicalizeQDQ final : impl::CanonicalizeQDQPassBase<CanonicalizeQDQ> {
  using CanonicalizeQDQPassBase::CanonicalizeQDQPassBase;

  void runOnOperation() override;

private:
  QDQRules::Counts canonicalize(func::FuncOp func, NamePool &names) const;
};

/// How many ops round, and how many read back what was rounded. Stored
/// constants are no conversions.
struct Conversions {
  explicit Conversions(func::FuncOp func) {
    func.walk([&](Operation *op) {
      quantizations += isa<QuantizeOp>(op);
      if (auto dequantize = dyn_cast<DequantizeOp>(op))
        dequantizations += !dequantize.getInput().getDefiningOp<ConstantOp>();
    });
  }
  unsigned quantizations = 0, dequantizations = 0;
};
} // namespace

static void collectNames(ModuleOp module, NamePool &names) {
  module.walk([&](Operation *op) {
    if (op->getNumResults() > 0)
      names.claim(getLayerName(op));
    for (Region &region : op->getRegions())
      for (BlockArgument argument : region.getArguments())
        names.claim(getLayerName(argument.getLoc()));
  });
}

QDQRules::Counts CanonicalizeQDQ::canonicalize(func::FuncOp func,
                                               NamePool &names) const {
  // Rules make room for each other; a few rounds reach the end. The bound only
  // keeps what nobody thought of from never ending.
  constexpr unsigned maxRounds = 32;
  QDQRules::Counts counts;
  func.walk([&](Block *block) {
    QDQRules rules(*block, names, allowRounding);
    unsigned before = 0;
    for (unsigned round = 0; round < maxRounds; ++round) {
      rules.mergePairs();
      rules.foldConstants();
      rules.foldActivations();
      rules.sinkPairs();
      rules.hoistPairs();
      rules.useFewerRoundings();
      if (rules.getCounts().getTotal() == before)
        break;
      before = rules.getCounts().getTotal();
    }
    dropFulfilledOrders(*block);
    counts += rules.getCounts();
  });
  return counts;
}

void CanonicalizeQDQ::runOnOperation() {
  FailureOr<SmallVector<func::FuncOp>> functions =
      getFunctionsAt(getOperation(), Station::QDQ);
  if (failed(functions))
    return signalPassFailure();
  NamePool names;
  collectNames(getOperation(), names);
  for (func::FuncOp func : *functions) {
    Conversions before(func);
    QDQRules::Counts counts = canonicalize(func, names);
    if (!explain)
      continue;
    Conversions after(func);
    emitRemark(func.getLoc())
        << "@" << func.getName() << ": " << before.quantizations
        << " quantize and " << before.dequantizations
        << " dequantize ops became " << after.quantizations << " and "
        << after.dequantizations << ": " << counts.merged << " merged, "
        << counts.cancelled << " cancelled, " << counts.moved
        << " pairs placed round layers that move values, " << counts.activations
        << " activation functions and " << counts.constants
        << " constants folded, " << counts.roundings << " roundings spared";
  }
}
} // namespace mlir::npir
