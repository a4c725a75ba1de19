// This file declares the observing of prepared functions.
#ifndef NPIR_DIALECT_NPIR_TRANSFORMS_INSERTOBSERVERS_H
#define NPIR_DIALECT_NPIR_TRANSFORMS_INSERTOBSERVERS_H

#include "npir/Config/QuantConfig.h"

#include "mlir/IR/BuiltinOps.h"

namespace mlir::npir {

/// Observe every quantizable tensor of `module` as `config` says: what
/// --npir-insert-observers does. What reading the config had to tell is told
/// here.
LogicalResult insertObservers(ModuleOp module, const QuantConfig &config);

} // namespace mlir::npir

#endif // NPIR_DIALECT_NPIR_TRANSFORMS_INSERTOBSERVERS_H
