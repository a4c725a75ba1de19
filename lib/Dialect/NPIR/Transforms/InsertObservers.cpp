// This file implements --npir-insert-observers.
#include "ObservedSchemes.h"
#include "ObservedSpecs.h"
#include "QuantizeUtils.h"
#include "TensorQueries.h"

#include "npir/Analysis/MaskTensors.h"
#include "npir/Config/ConfigFile.h"
#include "npir/Config/RoleNames.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"
#include "npir/Dialect/NPIR/IR/Stations.h"
#include "npir/Dialect/NPIR/Transforms/InsertObservers.h"
#include "npir/Dialect/NPIR/Transforms/Passes.h"

#include "llvm/ADT/MapVector.h"

using namespace mlir;

namespace mlir::npir {
#define GEN_PASS_DEF_INSERTOBSERVERSPASS
#include "npir/Dialect/NPIR/Transforms/Passes.h.inc"

using ObservedMap = llvm::MapVector<Value, ObservedTensor>;

static bool isFloatTensor(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.getElementType().isF32();
}

/// The tensors of `func` that can be quantized, in program order. An activation
/// that is some layer's weight, too, counts as an activation.
static ObservedMap collectTensors(func::FuncOp func) {
  ObservedMap tensors;
  func.walk([&](QuantizableOpInterface op) {
    for (OpOperand &operand : op->getOpOperands()) {
      Role role = op.getOperandRole(operand.getOperandNumber());
      if (!isFloatTensor(operand.get()) ||
          (role != Role::Activation && role != Role::Weight))
        continue;
      auto [entry, isNew] = tensors.try_emplace(operand.get());
      if (isNew || role == Role::Activation)
        entry->second.role = role;
      if (role == Role::Weight)
        entry->second.uses.push_back(&operand);
    }
    for (OpResult result : op->getResults())
      if (op.getResultRole(result.getResultNumber()) == Role::Activation &&
          isFloatTensor(result))
        tensors.try_emplace(result);
  });
  return tensors;
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

static TensorExplanation explain(Value value, const ObservedTensor &observed,
                                 const TensorAnswer &answer, SpecAttr attr,
                                 bool isSpared) {
  const SpecConfig &spec = answer.resolved.spec;
  TensorExplanation result;
  result.id = getTensorId(value);
  result.op = answer.op.str();
  result.isWeight = observed.role == Role::Weight;
  result.roles = answer.roleNames;
  result.setSpec(answer.resolved);
  // Users of a ViT block's config expect weights there.
  if (llvm::is_contained(result.roles, kNorm1) ||
      llvm::is_contained(result.roles, kNorm2))
    result.note = "the normalization's output; gamma and beta stay float";
  if (isSpared)
    result.note = "in float, since no scale fits what masks out scores";
  if (!spec.enabled)
    return result;
  if (spec.granularity == QuantGranularity::PerChannel &&
      attr.getGranularity() == Granularity::PerTensor)
    result.note = "per_tensor, since it has no channels";
  if (std::string note = explainFallBack(value, observed, spec); !note.empty())
    result.note = std::move(note);
  return result;
}

/// `spared` were asked for, and stay in float for what they hold.
static void warnOfMasks(ArrayRef<Value> spared) {
  if (spared.empty())
    return;
  constexpr size_t maxNames = 5;
  std::string names;
  for (Value value : spared.take_front(maxNames))
    names += (names.empty() ? "'" : ", '") + getTensorId(value) + "'";
  if (spared.size() > maxNames)
    names += " (" + std::to_string(spared.size()) + " in all)";
  emitWarning(spared.front().getLoc())
      << "activations " << names
      << " stay in float, whatever the configuration asks for: they hold what "
         "masks out scores of attention, 1e4 and more in size, and no scale "
         "fits both that and numbers";
}

/// Observe the tensors of `func`, and add to `explanations` where not null.
static LogicalResult insert(func::FuncOp func, const QuantConfig &config,
                            ConfigResolver &resolver,
                            std::vector<TensorExplanation> *explanations,
                            bool strict) {
  // The verifier knows NPIR's own ops. A model of the interface that another
  // dialect attached is asked here for the first time.
  WalkResult sound = func.walk([](QuantizableOpInterface op) {
    return WalkResult(detail::verifyQuantizableOp(op));
  });
  if (sound.wasInterrupted())
    return failure();
  OpBuilder builder(func.getContext());
  MaskTensors masks(func);
  SmallVector<Value> spared;
  TensorQueries queries(func, config, resolver);
  UngroupedWeights ungrouped;
  for (auto &[value, observed] : collectTensors(func)) {
    if (value.getDefiningOp() && getLayerName(value.getLoc()).empty())
      return emitError(value.getLoc())
             << "expected a layer name on '" << value.getDefiningOp()->getName()
             << "'; --npir-prepare gives one to every layer";
    TensorAnswer answer = queries.ask(value, observed, explanations);
    ResolvedSpec &resolved = answer.resolved;
    bool isSpared = masks.contains(value) && resolved.spec.enabled;
    if (isSpared && resolved.isRequested)
      spared.push_back(value);
    resolved.spec.enabled &= !isSpared;
    resolved.isRequested &= !isSpared;
    if (failed(checkSpec(value, resolved)))
      return failure();
    SpecAttr spec = getSpecAttr(value, observed, resolved.spec);
    if (!spec)
      return failure();
    if (resolved.spec.enabled &&
        resolved.spec.granularity == QuantGranularity::PerGroup &&
        spec.getGranularity() != Granularity::PerGroup)
      ungrouped.add(value, resolved.spec.groupSize);
    noteFallBack(value, observed, resolved.spec);
    setInputs(observed, resolved.spec);
    TensorExplanation explanation;
    if (explanations)
      explanation = explain(value, observed, answer, spec, isSpared);
    auto unit = [&](bool isSet) {
      return isSet ? builder.getUnitAttr() : UnitAttr();
    };
    builder.setInsertionPointAfterValue(value);
    auto observe = ObserveOp::create(
        builder, getServingLocation(value, ".observe"), value.getType(), value,
        builder.getStringAttr(getTensorId(value)),
        RoleAttr::get(func.getContext(), observed.role), spec,
        /*resolved=*/TypeAttr(), /*per_tensor=*/TypeAttr(),
        /*requested=*/unit(resolved.isRequested),
        /*unprofiled=*/unit(!resolved.spec.profile));
    Value input = value;
    input.replaceAllUsesExcept(observe.getResult(), observe);
    if (explanations)
      explanations->push_back(std::move(explanation));
  }
  warnOfMasks(spared);
  return ungrouped.report(strict);
}

/// Tell `messages`; failure where one is an error.
static LogicalResult emitMessages(MLIRContext *context,
                                  ArrayRef<ConfigMessage> messages) {
  bool failed = false;
  for (const ConfigMessage &message : messages) {
    Location loc = UnknownLoc::get(context);
    if (message.loc.line)
      loc = FileLineColLoc::get(context, message.loc.file, message.loc.line,
                                message.loc.column);
    switch (message.severity) {
    case ConfigSeverity::Remark:
      emitRemark(loc) << message.text;
      break;
    case ConfigSeverity::Warning:
      emitWarning(loc) << message.text;
      break;
    case ConfigSeverity::Error:
      emitError(loc) << message.text;
      failed = true;
    }
  }
  return failure(failed);
}

LogicalResult insertObservers(ModuleOp module, const QuantConfig &config,
                              std::vector<TensorExplanation> *explanations,
                              bool strict) {
  FailureOr<SmallVector<func::FuncOp>> functions =
      getFunctionsAt(module, Station::Prepared);
  if (failed(functions) ||
      failed(emitMessages(module.getContext(), config.messages)))
    return failure();
  ConfigResolver resolver(config);
  for (func::FuncOp func : *functions) {
    if (failed(insert(func, config, resolver, explanations, strict)))
      return failure();
    setStation(func, Station::Observed);
  }
  return emitMessages(module.getContext(), resolver.unmatchedRules());
}

namespace {
struct InsertObservers final : impl::InsertObserversPassBase<InsertObservers> {
  using InsertObserversPassBase::InsertObserversPassBase;

  void runOnOperation() override {
    if (failed(run()))
      signalPassFailure();
  }

private:
  LogicalResult fail(llvm::Error error) {
    return emitError(UnknownLoc::get(&getContext()))
           << llvm::toString(std::move(error));
  }

  LogicalResult run() {
    QuantConfig file;
    if (!config.empty()) {
      llvm::Expected<QuantConfig> loaded = loadConfig(config);
      if (!loaded)
        return fail(loaded.takeError());
      file = std::move(*loaded);
    }
    std::vector<TensorExplanation> tensors;
    bool explains = !explanation.empty();
    if (failed(insertObservers(getOperation(), file,
                               explains ? &tensors : nullptr, strict)))
      return failure();
    if (explains)
      if (llvm::Error error = write(tensors, explanation))
        return fail(std::move(error));
    return success();
  }
};
} // namespace
} // namespace mlir::npir
