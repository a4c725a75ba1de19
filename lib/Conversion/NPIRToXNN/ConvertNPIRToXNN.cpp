// This file implements --convert-npir-to-xnn: which ops go into which subgraph.
#include "LowerOps.h"

#include "npir/Conversion/Passes.h"
#include "npir/Dialect/NPIR/IR/Constants.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"
#include "npir/Dialect/NPIR/IR/QuantTypes.h"
#include "npir/Dialect/NPIR/IR/Stations.h"

namespace mlir::npir {
#define GEN_PASS_DEF_CONVERTNPIRTOXNNPASS
#include "npir/Conversion/Passes.h.inc"
} // namespace mlir::npir

using namespace mlir;
using namespace mlir::npir;

static constexpr StringLiteral kTarget = "xnnpack";

/// Ops that NPIR has kernels for beside XNNPACK's.
static bool hasKernel(Operation *op) {
  return isa<HardSigmoidOp, MaxPool2DOp>(op);
}

/// Observers only look; the run of an observed network is that of the network.
static void dropObservers(func::FuncOp func) {
  func.walk([](ObserveOp op) {
    op.replaceAllUsesWith(op.getInput());
    op.erase();
  });
}

//===----------------------------------------------------------------------===//
// Dequantized constants
//===----------------------------------------------------------------------===//

/// `float(q - zero_point) * scale` for every element.
template <typename T>
static SmallVector<float, 0> dequantize(ArrayRef<T> stored,
                                        RankedTensorType type) {
  quant::QuantizedType quantized = getQuantizedElementType(type);
  SmallVector<float> scales = getScales(quantized);
  SmallVector<int64_t> zeroPoints = getZeroPoints(quantized);
  // Elements of one channel that stand together.
  size_t inner = stored.size();
  if (std::optional<int64_t> axis = getQuantizedAxis(quantized)) {
    inner = 1;
    for (int64_t size : type.getShape().drop_front(*axis + 1))
      inner *= size;
  }
  SmallVector<float, 0> values(stored.size());
  for (size_t i = 0; i < stored.size(); ++i) {
    size_t channel = i / inner % scales.size();
    values[i] =
        static_cast<float>(stored[i] - zeroPoints[channel]) * scales[channel];
  }
  return values;
}

/// XNNPACK packs weights when a network is loaded: they must be constants.
static void foldDequantizedConstants(func::FuncOp func) {
  func.walk([](DequantizeOp op) {
    auto constant = op.getInput().getDefiningOp<ConstantOp>();
    if (!constant)
      return;
    auto type = cast<RankedTensorType>(constant.getType());
    ConstantBytes bytes(constant.getValue());
    SmallVector<float, 0> values;
    switch (getStorageElementType(type).getIntOrFloatBitWidth()) {
    case 8:
      values = getQuantizedElementType(type).isSigned()
                   ? dequantize(bytes.as<int8_t>(), type)
                   : dequantize(bytes.as<uint8_t>(), type);
      break;
    case 16:
      values = getQuantizedElementType(type).isSigned()
                   ? dequantize(bytes.as<int16_t>(), type)
                   : dequantize(bytes.as<uint16_t>(), type);
      break;
    default:
      values = dequantize(bytes.as<int32_t>(), type);
    }
    OpBuilder builder(op);
    op.replaceAllUsesWith(createConstant(builder, op.getLoc(),
                                         cast<RankedTensorType>(op.getType()),
                                         ArrayRef<float>(values))
                              .getResult());
    op.erase();
  });
}

//===----------------------------------------------------------------------===//
// Segments
//===----------------------------------------------------------------------===//

static LogicalResult convertFunction(func::FuncOp func) {
  if (!func.getBody().hasOneBlock())
    return func.emitError("expected a function of one block, got ")
           << func.getBody().getBlocks().size();
  dropObservers(func);
  foldDequantizedConstants(func);

  std::unique_ptr<Segment> segment;
  auto closeBefore = [&](Operation *next) {
    if (segment)
      segment->close(next);
    segment.reset();
  };
  LogicalResult result = success();
  for (Operation &op : llvm::make_early_inc_range(
           func.getBody().front().without_terminator())) {
    if (isa<ConstantOp>(op))
      continue;
    if (failed(checkRequant(&op))) {
      result = failure();
      break;
    }
    if (!segment)
      segment = std::make_unique<Segment>(&op);
    std::string problem;
    if (succeeded(segment->add(
            &op, [&](Segment &s) { return lowerToXNN(&op, s); }, problem)))
      continue;
    closeBefore(&op);
    if (hasKernel(&op))
      continue;
    result = op.emitOpError("can be computed neither by XNNPACK nor by a "
                            "kernel of NPIR: ")
             << (problem.empty() ? "there is no such function" : problem);
    break;
  }
  closeBefore(func.getBody().front().getTerminator());
  if (failed(result))
    return failure();
  for (ConstantOp constant :
       llvm::make_early_inc_range(func.getOps<ConstantOp>()))
    if (constant->use_empty())
      constant.erase();
  setStation(func, Station::Target);
  func->setAttr(NPIRDialect::kTargetAttrName,
                StringAttr::get(func.getContext(), kTarget));
  return success();
}

namespace {
struct ConvertNPIRToXNN final
    : mlir::npir::impl::ConvertNPIRToXNNPassBase<ConvertNPIRToXNN> {
  void runOnOperation() override {
    // Functions for other targets may be at any station.
    FailureOr<SmallVector<func::FuncOp>> functions = getOurFunctions();
    if (failed(functions))
      return signalPassFailure();
    for (func::FuncOp func : *functions)
      if (failed(convertFunction(func)))
        return signalPassFailure();
  }

private:
  FailureOr<SmallVector<func::FuncOp>> getOurFunctions() {
    SmallVector<func::FuncOp> ours;
    FailureOr<SmallVector<func::FuncOp>> all = getFunctionsAt(
        getOperation(), {Station::Prepared, Station::Observed,
                         Station::Calibrated, Station::QDQ, Station::Integer});
    if (failed(all))
      return failure();
    for (func::FuncOp func : *all)
      if (getTarget(func).empty() || getTarget(func) == kTarget)
        ours.push_back(func);
    return ours;
  }
};
} // namespace
