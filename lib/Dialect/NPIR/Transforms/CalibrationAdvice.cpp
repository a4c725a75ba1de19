// This file implements advice about statistics.
#include "CalibrationAdvice.h"
#include "QuantizeUtils.h"

#include "npir/Observers/ObserverName.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

#include <map>

using namespace mlir;
using namespace mlir::npir;

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

void CalibrationAdvice::add(ObserveOp op, std::string text,
                            std::string detail) {
  std::string name = "'" + op.getId().str() + "'";
  if (!detail.empty())
    name += " (" + detail + ")";
  tensorsByText[text].push_back(std::move(name));
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
  for (const auto &[text, names] : tensorsByText)
    emitWarning(UnknownLoc::get(context)) << listTensors(names) << ": " << text;
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
  std::map<ObserverParams::Kind, uint64_t> counts;
  for (func::FuncOp func : functions)
    func.walk([&](ObserveOp op) {
      SpecAttr spec = op.getSpec();
      if (!needsType(op) || op.getRole() == Role::Weight ||
          getFloatConstant(op.getInput()))
        return;
      auto observer = cast<ObserverAttrInterface>(spec.getObserver());
      ++counts[observer.getObserverParams().kind];
    });
  uint64_t samples = statistics.sampleCount();
  uint64_t batches = std::max(llvm::divideCeil(samples, statistics.batchSize),
                              llvm::divideCeil(samples, uint64_t(kUsualBatch)));
  for (auto [kind, tensors] : counts)
    if (uint64_t recommended = getRecommendedBatches(kind);
        batches < recommended)
      emitWarning(UnknownLoc::get(context))
          << "calibrated with " << samples
          << (samples == 1 ? " sample" : " samples") << ", which count as "
          << batches << (batches == 1 ? " batch" : " batches") << "; for the "
          << tensors << (tensors == 1 ? " tensor" : " tensors")
          << " with observer '" << stringifyObserver(kind) << "' "
          << recommended
          << " batches are recommended: calibrate with more samples";
}
