// This file implements --convert-tosa-to-npir: which functions it takes, and
// what it says about those that it cannot.
#include "Converter.h"
#include "npir/Conversion/TosaToNPIR/Passes.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"

#include "mlir/IR/TypeUtilities.h"

namespace mlir::npir {
#define GEN_PASS_DEF_CONVERTTOSATONPIRPASS
#include "npir/Conversion/TosaToNPIR/Passes.h.inc"
} // namespace mlir::npir

using namespace mlir;
using namespace mlir::npir;

/// The integers of a quantized network: not those of indices and truth values.
static bool isQuantizedElement(Type type) {
  Type element = getElementTypeOrSelf(type);
  if (isa<quant::QuantizedType>(element))
    return true;
  auto integer = dyn_cast<IntegerType>(element);
  return integer && integer.getWidth() != 1 && integer.getWidth() != 32 &&
         integer.getWidth() != 64;
}

/// True if `op` computes with the integers of a quantized network.
static bool isQuantized(Operation *op) {
  if (isa<tosa::RescaleOp, tosa::TableOp>(op))
    return true;
  if (!isTosaOp(op) || op->hasTrait<OpTrait::ConstantLike>())
    return false;
  // Pixels may be cast to floats. Other operands than the first may be shifts.
  bool readsIntegers = op->getNumOperands() != 0 && !isa<tosa::CastOp>(op) &&
                       isQuantizedElement(op->getOperand(0).getType());
  return readsIntegers ||
         llvm::any_of(op->getResultTypes(), isQuantizedElement);
}

/// One diagnostic for a network that is quantized already.
static LogicalResult checkFloat(func::FuncOp func) {
  Operation *first = nullptr;
  int64_t count = 0;
  func.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (!isQuantized(op))
      return;
    if (!first)
      first = op;
    ++count;
  });
  if (!first)
    return success();
  InFlightDiagnostic diagnostic = first->emitOpError();
  if (StringRef name = getLayerName(first); !name.empty())
    diagnostic << "in layer '" << name << "' ";
  diagnostic << "computes with the integers of a quantized network";
  if (count > 1)
    diagnostic << ", as " << count - 1 << " more ops of @" << func.getName()
               << " do";
  return diagnostic << "; export the network in float, NPIR quantizes it";
}

static bool hasTosaOps(func::FuncOp func) {
  return func
      .walk([](Operation *op) {
        return isTosaOp(op) ? WalkResult::interrupt() : WalkResult::advance();
      })
      .wasInterrupted();
}

/// One error that lists all of `problems`.
static void report(func::FuncOp func, ArrayRef<TosaProblem> problems) {
  InFlightDiagnostic diagnostic =
      func.emitError("cannot convert @")
      << func.getName() << " to npir: " << problems.size() << " problem"
      << (problems.size() == 1 ? "" : "s");
  for (const TosaProblem &problem : problems) {
    Operation *op = problem.op ? problem.op : func;
    Diagnostic &note = diagnostic.attachNote(op->getLoc());
    if (problem.op)
      note << "'" << op->getName() << "' in layer '" << getDisplayName(op)
           << "': ";
    note << problem.reason;
  }
}

namespace {
struct ConvertTosaToNPIR final
    : npir::impl::ConvertTosaToNPIRPassBase<ConvertTosaToNPIR> {
  void runOnOperation() override {
    TosaForms forms;
    addElementwiseForms(forms);
    addLayerForms(forms);
    addMoveForms(forms);
    addReductionForms(forms);
    addResizeForm(forms);
    bool isConverted = true;
    for (func::FuncOp func : getOperation().getOps<func::FuncOp>())
      if (hasTosaOps(func))
        isConverted &= succeeded(convert(func, forms));
    if (!isConverted)
      signalPassFailure();
  }

private:
  static LogicalResult convert(func::FuncOp func, const TosaForms &forms) {
    if (!llvm::hasSingleElement(func.getBody()))
      return func.emitError("expected function @")
             << func.getName() << " without control flow, got "
             << func.getBody().getBlocks().size() << " blocks";
    if (failed(checkFloat(func)))
      return failure();
    nameTosaOps(func);
    TosaConverter converter(func, forms);
    SmallVector<TosaProblem> problems = converter.run();
    if (!problems.empty()) {
      report(func, problems);
      return failure();
    }
    recomposeOps(func);
    if (converter.changesWidth())
      func.emitRemark("f16, bf16 and f64 became f32 in @") << func.getName();
    return success();
  }
};
} // namespace
