// This file declares what a module is to the outside: the function that runs,
// and the names of its inputs and outputs.
#ifndef NPIR_DIALECT_NPIR_IR_ENTRYFUNCTION_H
#define NPIR_DIALECT_NPIR_IR_ENTRYFUNCTION_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace mlir::npir {

/// Argument and result attribute: the source model's name (StringAttr) of an
/// input or output.
constexpr llvm::StringLiteral kPortNameAttrName = "npir.name";

/// The function that a module runs: the only one on the road, or `@main`. A
/// diagnostic where there is none.
FailureOr<func::FuncOp> getEntryFunction(ModuleOp module);

/// Name of a function's input: its `npir.name`, else its layer name, else
/// `input<N>`.
std::string getInputName(func::FuncOp func, unsigned index);

/// Name of a function's output: its `npir.name`, else `output<N>`. The layer
/// that makes it changes along the road, so its name would not do.
std::string getOutputName(func::FuncOp func, unsigned index);

} // namespace mlir::npir

#endif // NPIR_DIALECT_NPIR_IR_ENTRYFUNCTION_H
