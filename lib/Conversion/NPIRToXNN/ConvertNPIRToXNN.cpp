// This file implements --convert-npir-to-xnn: which ops go into which subgraph.
#include "JoinDims.h"
#include "LowerOps.h"
#include "StoredWeights.h"

#include "npir/Conversion/Passes.h"
#include "npir/Conversion/ToNPIR.h"
#include "npir/Dialect/NPIR/IR/ByteTypes.h"
#include "npir/Dialect/NPIR/IR/Constants.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"
#include "npir/Dialect/NPIR/IR/QuantTypes.h"
#include "npir/Dialect/NPIR/IR/Stations.h"
#include "npir/Targets/Target.h"

namespace mlir::npir {
#define GEN_PASS_DEF_CONVERTNPIRTOXNNPASS
#include "npir/Conversion/Passes.h.inc"
} // namespace mlir::npir

using namespace mlir;
using namespace mlir::npir;

static constexpr StringLiteral kTarget = "xnnpack";

//===----------------------------------------------------------------------===//
// Unsigned bytes
//===----------------------------------------------------------------------===//

/// Bytes at the boundary that are dequantized only to be quantized to those of
/// the other sign are moved, no more.
static void foldByteShifts(func::FuncOp func) {
  SmallVector<DequantizeOp> sources;
  func.walk([&](QuantizeOp op) {
    auto dequantize = op.getInput().getDefiningOp<DequantizeOp>();
    if (!dequantize ||
        !isByteShift(dequantize.getInput().getType(), op.getType()))
      return;
    op.getInputMutable().assign(dequantize.getInput());
    sources.push_back(dequantize);
  });
  for (DequantizeOp op : sources)
    if (op->use_empty())
      op.erase();
}

//===----------------------------------------------------------------------===//
// Pairs of other integers
//===----------------------------------------------------------------------===//

/// `dequantize(quantize(x))` is one rounding on NPIR's own kernel where XNNPACK
/// has not the integers, or not one scale per channel.
static void roundOtherPairs(func::FuncOp func, const Target &target) {
  // First all of them: a pair's dequantize may stand right behind.
  SmallVector<QuantizeOp> pairs;
  func.walk([&](QuantizeOp op) {
    bool isPaired = !op->use_empty() &&
                    llvm::all_of(op->getUsers(), llvm::IsaPred<DequantizeOp>);
    if (isPaired && !isQuantizedTensor(op.getInput().getType()) &&
        !target.check(op).isLegal() &&
        canRoundToGrid(getQuantizedElementType(op.getType())))
      pairs.push_back(op);
  });
  for (QuantizeOp op : pairs) {
    quant::QuantizedType type = getQuantizedElementType(op.getType());
    OpBuilder builder(op);
    auto round = RoundToGridOp::create(
        builder, (*op->user_begin())->getLoc(), op.getInput(), getScales(type),
        getZeroPoints(type), getQuantizedAxis(type).value_or(-1),
        type.getStorageTypeMin(), type.getStorageTypeMax());
    for (Operation *dequantize : llvm::make_early_inc_range(op->getUsers())) {
      dequantize->getResult(0).replaceAllUsesWith(round.getResult());
      dequantize->erase();
    }
    op.erase();
  }
}

//===----------------------------------------------------------------------===//
// Segments
//===----------------------------------------------------------------------===//

/// The ops that one subgraph holds at most. XNNPACK plans its memory in
/// quadratic time, and a cut costs next to nothing.
static constexpr unsigned kMaxSegmentOps = 512;

namespace {
/// Converts one function, op by op in order.
class FunctionConverter {
public:
  FunctionConverter(func::FuncOp func, const Target &target)
      : func(func), target(target) {}
  LogicalResult convert();

private:
  LogicalResult convertOp(Operation *op);
  void closeSegment(Operation *next);

  func::FuncOp func;
  const Target &target;
  /// The one that the last op went into, if it went into one.
  std::unique_ptr<Segment> segment;
  unsigned numSegmentOps = 0;
};
} // namespace

void FunctionConverter::closeSegment(Operation *next) {
  if (segment)
    segment->close(next);
  segment.reset();
  numSegmentOps = 0;
}

/// The target's table says what runs on our kernels. Beyond that the verifiers
/// of the xnn ops decide: the table is about what the quantizer may ask for,
/// and in float XNNPACK also rounds to types that it cannot compute in.
LogicalResult FunctionConverter::convertOp(Operation *op) {
  if (failed(checkRequant(op)))
    return failure();
  Legality legality = target.check(op);
  std::string problem;
  if (legality.placement != Placement::Kernel) {
    if (numSegmentOps == kMaxSegmentOps)
      closeSegment(op);
    if (!segment)
      segment = std::make_unique<Segment>(op);
    auto lower = [&](Segment &s) { return lowerToXNN(op, s); };
    if (succeeded(segment->add(op, lower, problem))) {
      ++numSegmentOps;
      return success();
    }
  }
  closeSegment(op);
  if (legality.placement == Placement::Kernel)
    return success();
  if (!legality.reason.empty())
    problem = legality.reason;
  return op->emitOpError(
             "can be computed neither by XNNPACK nor by a kernel of NPIR: ")
         << (problem.empty() ? "it has no conversion" : problem);
}

LogicalResult FunctionConverter::convert() {
  if (!func.getBody().hasOneBlock())
    return func.emitError("expected a function of one block, got ")
           << func.getBody().getBlocks().size();
  dropObservers(func);
  foldDequantizedConstants(func);
  foldByteShifts(func);
  roundOtherPairs(func, target);
  joinManyDims(func, target);
  Block &block = func.getBody().front();
  LogicalResult result = success();
  for (Operation &op : llvm::make_early_inc_range(block.without_terminator()))
    if (!isa<ConstantOp>(op) && !isStoredWeight(&op) &&
        failed(convertOp(&op))) {
      result = failure();
      break;
    }
  closeSegment(block.getTerminator());
  if (failed(result))
    return failure();
  // Backwards: a stored weight before the constants that it reads.
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
    if (isa<ConstantOp, DequantizeOp, DequantizeGroupsOp>(op) && op.use_empty())
      op.erase();
  setStation(func, Station::Target);
  func->setAttr(NPIRDialect::kTargetAttrName,
                StringAttr::get(func.getContext(), target.getName()));
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
    const Target &target = *lookupTarget(kTarget);
    for (func::FuncOp func : *functions)
      if (failed(FunctionConverter(func, target).convert()))
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
