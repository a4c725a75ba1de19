// This file implements advice about statistics.
#include "CalibrationAdvice.h"
#include "QuantizeUtils.h"

#include "npir/Observers/Observer.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::npir;

/// A batch of more samples counts as several: most observers take all batches
/// together, so that their size means nothing.
static constexpr unsigned kUsualBatch = 16;

/// Batches from which on more data changes an observer's ranges little.
static uint64_t getRecommendedBatches(ObserverParams::Kind kind) {
  switch (kind) {
  case ObserverParams::Kind::MinMax:
    return 10;
  case ObserverParams::Kind::OMSE:
    return 20;
  case ObserverParams::Kind::EMA:
  case ObserverParams::Kind::Percentile:
    return 50;
  case ObserverParams::Kind::KL:
  case ObserverParams::Kind::Auto:
    return 100;
  }
  llvm_unreachable("unknown observer");
}

void mlir::npir::warnOfFewBatches(MLIRContext *context,
                                  ArrayRef<func::FuncOp> functions,
                                  const StatisticsFile &statistics) {
  struct Count {
    uint64_t tensors = 0;
    uint64_t recommended = 0;
  };
  llvm::MapVector<StringRef, Count> counts;
  for (func::FuncOp func : functions)
    func.walk([&](ObserveOp op) {
      SpecAttr spec = op.getSpec();
      if (spec.isNone() || op.getRole() == Role::Weight ||
          getFloatConstant(op.getInput()))
        return;
      auto observer = cast<ObserverAttrInterface>(spec.getObserver());
      Count &count =
          counts[spec.getObserver().getAbstractAttribute().getName()];
      ++count.tensors;
      count.recommended =
          getRecommendedBatches(observer.getObserverParams().kind);
    });
  uint64_t samples = statistics.sampleCount();
  uint64_t batches = std::max(llvm::divideCeil(samples, statistics.batchSize),
                              llvm::divideCeil(samples, uint64_t(kUsualBatch)));
  for (const auto &[name, count] : counts)
    if (batches < count.recommended)
      emitWarning(UnknownLoc::get(context))
          << "calibrated with " << samples
          << (samples == 1 ? " sample" : " samples") << ", which count as "
          << batches << (batches == 1 ? " batch" : " batches") << "; for the "
          << count.tensors << (count.tensors == 1 ? " tensor" : " tensors")
          << " with observer '" << name.drop_front(name.rfind('.') + 1) << "' "
          << count.recommended
          << " batches are recommended: calibrate with more samples";
}
