// This file declares the observing of prepared functions, and its undoing.
#ifndef NPIR_DIALECT_NPIR_TRANSFORMS_INSERTOBSERVERS_H
#define NPIR_DIALECT_NPIR_TRANSFORMS_INSERTOBSERVERS_H

#include "npir/Config/Explanation.h"
#include "npir/Config/QuantConfig.h"

#include "mlir/IR/BuiltinOps.h"

namespace mlir::npir {

/// Observe every quantizable tensor of `module` as `config` says: what
/// --npir-insert-observers does. What reading the config had to tell is told
/// here. `explanations` gets one entry for each tensor, in the order of the
/// program. Under `strict` groups that do not divide a weight are an error.
LogicalResult
insertObservers(ModuleOp module, const QuantConfig &config,
                std::vector<TensorExplanation> *explanations = nullptr,
                bool strict = false);

/// From `observed` or `calibrated` back to `prepared`: every observer goes, and
/// with it all that the configuration said. The model's hash stays, so its
/// statistics still fit.
LogicalResult removeObservers(ModuleOp module);

} // namespace mlir::npir

#endif // NPIR_DIALECT_NPIR_TRANSFORMS_INSERTOBSERVERS_H
