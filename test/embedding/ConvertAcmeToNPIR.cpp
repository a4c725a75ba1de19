// This file implements --convert-acme-to-npir. Each npir op has the location of
// the acme op that it stands for, and thereby its name.
#include "Acme.h"

#include "npir/Conversion/ToNPIR.h"

#include "mlir/Pass/Pass.h"

using namespace mlir;

/// `kernel` is [inputs, outputs], npir's weights are [outputs, inputs].
static LogicalResult convertDense(acme::DenseOp op) {
  OpBuilder builder(op);
  FailureOr<Value> weight =
      npir::transposeWeight(builder, op.getKernel(), {1, 0});
  if (failed(weight))
    return failure();
  auto linear = npir::LinearOp::create(
      builder, op.getLoc(), op.getType(), op.getInput(), *weight, op.getBias(),
      op.getRelu() ? builder.getF32FloatAttr(0) : FloatAttr(),
      /*clamp_max=*/FloatAttr(), /*requant=*/Attribute());
  op.replaceAllUsesWith(linear.getResult());
  op.erase();
  return success();
}

static LogicalResult convert(Operation *op) {
  OpBuilder builder(op);
  Value result;
  if (auto dense = dyn_cast<acme::DenseOp>(op))
    return convertDense(dense);
  if (auto swish = dyn_cast<acme::SwishOp>(op))
    result = npir::HardSwishOp::create(builder, op->getLoc(), swish.getType(),
                                       swish.getInput(),
                                       /*requant=*/Attribute());
  else if (auto add = dyn_cast<acme::AddOp>(op))
    result = npir::AddOp::create(builder, op->getLoc(), add.getType(),
                                 add.getLhs(), add.getRhs(),
                                 /*clamp_min=*/FloatAttr(),
                                 /*clamp_max=*/FloatAttr(),
                                 /*requant=*/Attribute());
  else
    return success();
  op->getResult(0).replaceAllUsesWith(result);
  op->erase();
  return success();
}

LogicalResult acme::convertToNPIR(ModuleOp module) {
  module.getContext()->getOrLoadDialect<npir::NPIRDialect>();
  for (auto func : module.getOps<func::FuncOp>()) {
    npir::convertConstants(func);
    WalkResult result =
        func.walk([](Operation *op) { return WalkResult(convert(op)); });
    if (result.wasInterrupted())
      return failure();
  }
  return success();
}

namespace {
struct ConvertAcmeToNPIR
    : PassWrapper<ConvertAcmeToNPIR, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ConvertAcmeToNPIR)

  StringRef getArgument() const override { return "convert-acme-to-npir"; }
  StringRef getDescription() const override {
    return "Turn acme ops into npir ops";
  }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<npir::NPIRDialect>();
  }
  void runOnOperation() override {
    if (failed(acme::convertToNPIR(getOperation())))
      signalPassFailure();
  }
};
} // namespace

void acme::registerPasses() { PassRegistration<ConvertAcmeToNPIR>(); }
