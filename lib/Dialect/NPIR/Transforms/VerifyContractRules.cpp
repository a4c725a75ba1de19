// This file implements the rules that the contracts of stations are made of.
#include "VerifyContractRules.h"
#include "QuantizeUtils.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"
#include "npir/Dialect/NPIR/IR/NPIRDynamicOps.h"
#include "npir/Dialect/NPIR/IR/QuantTypes.h"
#include "npir/Dialect/NPIR/IR/Stations.h"

#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlir::npir;

template <typename T>
static std::string print(T value) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << value;
  return text;
}

/// The operands or results of `op` that are quantized, or f32.
static bool hasQuantizedType(TypeRange types) {
  return llvm::any_of(types, isQuantizedTensor);
}

static bool isFloatTensor(Type type) {
  auto tensor = dyn_cast<TensorType>(type);
  return tensor && tensor.getElementType().isF32();
}

/// f32, or what is never quantized: indices and truth values.
static bool isPlainTensor(Type type) {
  auto tensor = dyn_cast<TensorType>(type);
  if (!tensor || isFloatTensor(type))
    return true;
  Type element = tensor.getElementType();
  return element.isInteger(1) || element.isInteger(32) || element.isInteger(64);
}

//===----------------------------------------------------------------------===//
// float to calibrated
//===----------------------------------------------------------------------===//

void mlir::npir::checkAllFloat(func::FuncOp func, ViolationReporter &reporter) {
  for (BlockArgument argument : func.getArguments())
    if (!isPlainTensor(argument.getType()))
      reporter.report(argument, "elements of f32, i1, i32 or i64",
                      print(argument.getType()));
  func.walk([&](Operation *op) {
    if (isa<QuantizeOp, DequantizeOp>(op))
      return reporter.report(op, "a float network",
                             op->getName().getStringRef());
    for (Type type : op->getResultTypes())
      if (!isPlainTensor(type))
        return reporter.report(op, "results of f32, i1, i32 or i64",
                               print(type));
  });
}

void mlir::npir::checkNotObserved(func::FuncOp func,
                                  ViolationReporter &reporter) {
  func.walk([&](ObserveOp op) {
    reporter.report(op, "no observed tensor",
                    "npir.observe of '" + op.getId() + "'");
  });
}

void mlir::npir::checkNames(func::FuncOp func, ViolationReporter &reporter) {
  DenseSet<StringRef> names;
  auto check = [&](auto named, Location loc) {
    StringRef name = getLayerName(loc);
    if (name.empty())
      reporter.report(named, "a name", "none");
    else if (!names.insert(name).second)
      reporter.report(named, "a name of its own",
                      "one that another tensor has, too");
  };
  for (BlockArgument argument : func.getArguments())
    if (isa<TensorType>(argument.getType()))
      check(argument, argument.getLoc());
  func.walk([&](Operation *op) {
    if (!isa<ObserveOp>(op) &&
        llvm::any_of(op->getResultTypes(), llvm::IsaPred<TensorType>))
      check(op, op->getLoc());
  });
}

void mlir::npir::checkNoBatchNorm(func::FuncOp func,
                                  ViolationReporter &reporter) {
  func.walk([&](BatchNormOp op) {
    reporter.report(op, "batch normalization folded into weights",
                    "npir.batch_norm");
  });
}

void mlir::npir::checkNoTransposeChain(func::FuncOp func,
                                       ViolationReporter &reporter) {
  func.walk([&](TransposeOp op) {
    if (auto producer = op.getInput().getDefiningOp<TransposeOp>())
      reporter.report(op, "one transpose for two in a row",
                      "npir.transpose of the npir.transpose '" +
                          getDisplayName(producer) + "'");
  });
}

void mlir::npir::checkModelHash(func::FuncOp func,
                                ViolationReporter &reporter) {
  auto module = func->getParentOfType<ModuleOp>();
  StringRef name = NPIRDialect::kModelHashAttrName;
  std::string expected =
      ("the module's attribute '" + name + "' of 32 hex digits").str();
  auto hash = module->getAttrOfType<StringAttr>(name);
  if (!hash)
    reporter.report(func, expected, "none");
  else if (hash.size() != 32 ||
           !llvm::all_of(hash.getValue(), llvm::isHexDigit))
    reporter.report(func, expected, "'" + hash.getValue() + "'");
}

//===----------------------------------------------------------------------===//
// observed and calibrated
//===----------------------------------------------------------------------===//

void mlir::npir::checkActivationsObserved(func::FuncOp func,
                                          ViolationReporter &reporter) {
  func.walk([&](QuantizableOpInterface op) {
    // An operand that comes from another such layer is that one's result.
    for (OpOperand *operand : op.getOperandsWithRole(Role::Activation)) {
      Operation *producer = operand->get().getDefiningOp();
      if (!isFloatTensor(operand->get().getType()))
        continue;
      if (!isa_and_nonnull<ObserveOp, QuantizableOpInterface>(producer))
        reporter.report(
            op, "operand #" + Twine(operand->getOperandNumber()) + " observed",
            "'" + getTensorId(operand->get()) + "' without npir.observe");
    }
    for (OpResult result : op->getResults()) {
      if (op.getResultRole(result.getResultNumber()) != Role::Activation ||
          !isFloatTensor(result.getType()))
        continue;
      for (Operation *user : result.getUsers())
        if (!isa<ObserveOp>(user))
          return reporter.report(op,
                                 "result #" + Twine(result.getResultNumber()) +
                                     " observed before it is used",
                                 "a use by " + user->getName().getStringRef() +
                                     " without npir.observe");
    }
  });
}

void mlir::npir::checkObserveIds(func::FuncOp func,
                                 ViolationReporter &reporter) {
  DenseSet<StringRef> ids;
  func.walk([&](ObserveOp op) {
    if (!ids.insert(op.getId()).second)
      reporter.report(op, "an observer id of its own",
                      "'" + op.getId() + "' a second time");
  });
}

void mlir::npir::checkUnresolved(func::FuncOp func,
                                 ViolationReporter &reporter) {
  func.walk([&](ObserveOp op) {
    if (std::optional<Type> resolved = op.getResolved())
      reporter.report(op, "no resolved type for '" + op.getId() + "'",
                      print(*resolved));
  });
}

void mlir::npir::checkResolved(func::FuncOp func, ViolationReporter &reporter) {
  func.walk([&](ObserveOp op) {
    if (needsType(op) && !op.getResolved())
      reporter.report(op, "a resolved type for '" + op.getId() + "'", "none");
  });
}

//===----------------------------------------------------------------------===//
// qdq to target
//===----------------------------------------------------------------------===//

/// Ops that pass values over the boundary of a function.
static bool isBoundary(Operation *op) {
  return isa<func::ReturnOp, func::CallOp>(op);
}

void mlir::npir::checkQuantizedOnlyInPairs(func::FuncOp func,
                                           ViolationReporter &reporter) {
  func.walk([&](Operation *op) {
    if (isa<DequantizeOp, DequantizeGroupsOp, func::FuncOp>(op) ||
        isBoundary(op))
      return;
    if (hasQuantizedType(op->getOperandTypes()))
      return reporter.report(op, "operands in f32, through npir.dequantize",
                             "a quantized operand");
    if (hasQuantizedType(op->getResultTypes()) &&
        !isa<QuantizeOp, ConstantOp>(op))
      reporter.report(op, "a result in f32, quantized by npir.quantize",
                      "a quantized result");
  });
}

/// True for a function that computes, and does not only call those that do.
static bool needsTarget(func::FuncOp func) {
  return !func.isExternal() &&
         !func.walk([](func::CallOp) { return WalkResult::interrupt(); })
              .wasInterrupted();
}

void mlir::npir::checkTarget(func::FuncOp func, ViolationReporter &reporter) {
  if (needsTarget(func) && getTarget(func).empty())
    reporter.report(
        func, "the attribute '" + StringRef(NPIRDialect::kTargetAttrName) + "'",
        "none");
}

void mlir::npir::checkTargetIfPartitioned(func::FuncOp func,
                                          ViolationReporter &reporter) {
  auto module = func->getParentOfType<ModuleOp>();
  for (func::FuncOp other : module.getOps<func::FuncOp>())
    if (!getTarget(other).empty())
      return checkTarget(func, reporter);
}

void mlir::npir::checkRequant(func::FuncOp func, ViolationReporter &reporter) {
  func.walk([&](Operation *op) {
    if (hasIntegerArithmetic(op) && hasQuantizedType(op->getResultTypes()) &&
        !isa_and_nonnull<RequantAttrInterface>(op->getAttr("requant")))
      reporter.report(op, "the numbers of its integer arithmetic in 'requant'",
                      "none");
  });
}

void mlir::npir::checkTargetDialects(func::FuncOp func,
                                     ViolationReporter &reporter) {
  func.walk([&](Operation *op) {
    StringRef dialect = op->getName().getDialectNamespace();
    if (dialect != "xnn" && dialect != "npir" && dialect != "func")
      reporter.report(op, "an op of xnn, npir or func",
                      op->getName().getStringRef());
  });
}
