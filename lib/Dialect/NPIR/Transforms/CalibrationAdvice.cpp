// This file implements advice about statistics.
#include "CalibrationAdvice.h"
#include "QuantizeUtils.h"

#include "npir/Observers/Observer.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::npir;

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

static std::string getName(ObserveOp op) { return "'" + op.getId().str() + "'"; }

void CalibrationAdvice::addFewValues(ObserveOp op, size_t few,
                                     size_t channels) {
  fewValues.push_back(getName(op) + " (" + std::to_string(few) + " of " +
                      std::to_string(channels) + ")");
}

void CalibrationAdvice::addWithoutSigma(ObserveOp op) {
  withoutSigma.push_back(getName(op));
}

void CalibrationAdvice::addNegative(ObserveOp op) {
  negative.push_back(getName(op));
}

/// `tensor 'a'`, or `tensors 'a', 'b', 'c' (7 in all)`.
static std::string listTensors(ArrayRef<std::string> names) {
  constexpr size_t kShown = 3;
  std::string text = names.size() == 1 ? "tensor " : "tensors ";
  text += llvm::join(names.take_front(kShown), ", ");
  if (names.size() > kShown)
    text += " (" + std::to_string(names.size()) + " in all)";
  return text;
}

void CalibrationAdvice::emit(MLIRContext *context) const {
  auto warn = [&](ArrayRef<std::string> names, StringRef text) {
    if (!names.empty())
      emitWarning(UnknownLoc::get(context)) << listTensors(names) << ": " << text;
  };
  warn(fewValues,
       "these channels have too few values for the percentile and take their "
       "extrema; set one scale per tensor ('calibration_mode: layer_wise')");
  warn(withoutSigma,
       "the percentiles of channels are those of all batches together, "
       "without sigma; set one scale per tensor ('calibration_mode: "
       "layer_wise')");
  warn(negative,
       "negative values, for which unsigned integers with a symmetric scheme "
       "leave a part of the grid unused; set the affine scheme "
       "('quantization_method: Affine'), or signed integers");
}

//===----------------------------------------------------------------------===//
// Batches
//===----------------------------------------------------------------------===//

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
