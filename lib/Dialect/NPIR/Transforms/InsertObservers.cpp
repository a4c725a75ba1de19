// This file implements --npir-insert-observers.
#include "QuantizeUtils.h"

#include "npir/Analysis/TransformerRoles.h"
#include "npir/Config/ConfigFile.h"
#include "npir/Config/ConfigResolver.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"
#include "npir/Dialect/NPIR/IR/Stations.h"
#include "npir/Dialect/NPIR/Transforms/InsertObservers.h"
#include "npir/Dialect/NPIR/Transforms/Passes.h"

#include "llvm/ADT/MapVector.h"

using namespace mlir;

namespace mlir::npir {
#define GEN_PASS_DEF_INSERTOBSERVERSPASS
#include "npir/Dialect/NPIR/Transforms/Passes.h.inc"

namespace {

/// A tensor to observe.
struct Observed {
  Role role = Role::Activation;
  /// Of a weight: the operands that read it.
  SmallVector<OpOperand *> uses;
};
using ObservedMap = llvm::MapVector<Value, Observed>;

} // namespace

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
// Specs
//===----------------------------------------------------------------------===//

static Attribute getObserverAttr(MLIRContext *context,
                                 const ObserverParams &params) {
  switch (params.kind) {
  case ObserverParams::Kind::MinMax:
    return MinMaxAttr::get(context);
  case ObserverParams::Kind::EMA:
    return EMAAttr::get(context,
                        Builder(context).getF64FloatAttr(params.emaSigma()));
  case ObserverParams::Kind::Percentile:
    return PercentileAttr::get(context, params.alpha, params.sigma);
  case ObserverParams::Kind::OMSE:
    return OMSEAttr::get(context, params.twoSided);
  case ObserverParams::Kind::KL:
    return KLAttr::get(context, params.bins);
  case ObserverParams::Kind::Auto:
    return AutoAttr::get(context);
  }
  llvm_unreachable("unknown observer");
}

/// The axis along which `value` may have several scales; -1 where there is
/// none of known size. A constant activation has one scale.
static int64_t getChannelAxis(Value value, const Observed &observed) {
  auto type = cast<RankedTensorType>(value.getType());
  std::optional<int64_t> axis;
  if (observed.role == Role::Weight) {
    for (auto [i, use] : llvm::enumerate(observed.uses)) {
      auto user = cast<QuantizableOpInterface>(use->getOwner());
      std::optional<int64_t> wanted =
          user.getChannelAxis(use->getOperandNumber());
      if (i > 0 && wanted != axis)
        return -1;
      axis = wanted;
    }
  } else if (auto producer = value.getDefiningOp<QuantizableOpInterface>()) {
    axis =
        producer.getResultChannelAxis(cast<OpResult>(value).getResultNumber());
  } else if (type.getRank() > 0 && !getFloatConstant(value)) {
    axis = type.getRank() - 1;
  }
  if (!axis || *axis >= type.getRank() || type.isDynamicDim(*axis))
    return -1;
  return *axis;
}

static FailureOr<SpecAttr> getSpecAttr(Value value, const Observed &observed,
                                       const SpecConfig &spec) {
  MLIRContext *context = value.getContext();
  if (!spec.enabled)
    return SpecAttr::get(context);
  int64_t axis = spec.granularity == QuantGranularity::PerChannel
                     ? getChannelAxis(value, observed)
                     : -1;
  bool isAffine = spec.scheme == QuantScheme::Affine;
  auto attr = SpecAttr::getChecked(
      [&] { return emitError(value.getLoc()); }, context, spec.bits,
      spec.isSigned, isAffine ? Scheme::Affine : Scheme::Symmetric,
      // Leaving out an integer makes a symmetric grid; an affine one has no
      // use for it.
      spec.narrow && spec.isSigned && !isAffine,
      axis < 0 ? Granularity::PerTensor : Granularity::PerChannel, axis,
      /*groupSize=*/int64_t(0), getObserverAttr(context, spec.observer));
  if (!attr)
    return failure();
  return attr;
}

/// Ask the configuration: for an activation under the layer that makes it, for
/// a weight under each layer that reads it. The first of those decides.
static ResolvedSpec resolveSpec(Value value, const Observed &observed,
                                const TransformerRoles &roles,
                                ConfigResolver &resolver) {
  if (observed.role == Role::Activation) {
    Operation *producer = value.getDefiningOp();
    std::string argument = getTensorId(value);
    StringRef input = argument;
    input.consume_back(":0");
    LayerQuery query;
    query.layer = producer ? getLayerName(producer) : input;
    query.op =
        producer ? producer->getName().getStringRef() : StringRef(kInputOpName);
    query.roleNames = roles.getRoles(value);
    // A constant has a layer's name in its own (`attn.qkv.bias`), but is not
    // what that layer makes.
    query.areRolesKnown = roles.isInBlock(value) || getFloatConstant(value);
    return resolver.resolve(query);
  }
  std::optional<ResolvedSpec> first;
  for (OpOperand *use : observed.uses) {
    Operation *user = use->getOwner();
    ArrayRef<StringRef> weightRoles = roles.getWeightRoles(user);
    ResolvedSpec resolved = resolver.resolve(
        {getLayerName(user), user->getName().getStringRef(), QuantRole::Weight,
         weightRoles, !weightRoles.empty()});
    if (!first)
      first = resolved;
    else if (!(resolved.spec == first->spec))
      emitWarning(value.getLoc())
          << "shared weight '" << getTensorId(value)
          << "' has several specifications; that of layer '"
          << getLayerName(observed.uses.front()->getOwner())
          << "' is used, not that of '" << getLayerName(user) << "'";
  }
  return *first;
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

static LogicalResult insert(func::FuncOp func, ConfigResolver &resolver) {
  // The verifier knows NPIR's own ops. A model of the interface that another
  // dialect attached is asked here for the first time.
  WalkResult sound = func.walk([](QuantizableOpInterface op) {
    return WalkResult(detail::verifyQuantizableOp(op));
  });
  if (sound.wasInterrupted())
    return failure();
  OpBuilder builder(func.getContext());
  TransformerRoles roles(func);
  for (auto &[value, observed] : collectTensors(func)) {
    if (value.getDefiningOp() && getLayerName(value.getLoc()).empty())
      return emitError(value.getLoc())
             << "expected a layer name on '" << value.getDefiningOp()->getName()
             << "'; --npir-prepare gives one to every layer";
    ResolvedSpec resolved = resolveSpec(value, observed, roles, resolver);
    FailureOr<SpecAttr> spec = getSpecAttr(value, observed, resolved.spec);
    if (failed(spec))
      return failure();
    builder.setInsertionPointAfterValue(value);
    auto observe = ObserveOp::create(
        builder, getServingLocation(value, ".observe"), value.getType(), value,
        builder.getStringAttr(getTensorId(value)),
        RoleAttr::get(func.getContext(), observed.role), *spec,
        /*resolved=*/TypeAttr(), /*per_tensor=*/TypeAttr(),
        resolved.isRequested ? builder.getUnitAttr() : UnitAttr());
    Value input = value;
    input.replaceAllUsesExcept(observe.getResult(), observe);
  }
  return success();
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

LogicalResult insertObservers(ModuleOp module, const QuantConfig &config) {
  FailureOr<SmallVector<func::FuncOp>> functions =
      getFunctionsAt(module, Station::Prepared);
  if (failed(functions) ||
      failed(emitMessages(module.getContext(), config.messages)))
    return failure();
  ConfigResolver resolver(config);
  for (func::FuncOp func : *functions) {
    if (failed(insert(func, resolver)))
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
  LogicalResult run() {
    QuantConfig file;
    if (!config.empty()) {
      llvm::Expected<QuantConfig> loaded = loadConfig(config);
      if (!loaded)
        return emitError(UnknownLoc::get(&getContext()))
               << llvm::toString(loaded.takeError());
      file = std::move(*loaded);
    }
    return insertObservers(getOperation(), file);
  }
};
} // namespace
} // namespace mlir::npir
