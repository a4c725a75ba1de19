// This file declares the running of another dialect's conversion to npir ops,
// which comes as the text of a pipeline. Private to this library.
#ifndef NPIR_LIB_PIPELINES_LOWERING_H
#define NPIR_LIB_PIPELINES_LOWERING_H

#include "mlir/IR/BuiltinOps.h"

namespace mlir::npir {

/// Add the dialects that `passes` make ops of: a pass that runs them depends on
/// these. A text that is wrong is left to runLowering.
void collectLoweringDialects(StringRef passes, DialectRegistry &registry);

/// Run `passes`, with or without `builtin.module()` around them, on `module`.
/// Then what implements QuantizableOpInterface is an npir op, or there is a
/// diagnostic.
LogicalResult runLowering(ModuleOp module, StringRef passes);

} // namespace mlir::npir

#endif // NPIR_LIB_PIPELINES_LOWERING_H
