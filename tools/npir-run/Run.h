// This file declares what npir-run does.
#ifndef NPIR_TOOLS_NPIR_RUN_RUN_H
#define NPIR_TOOLS_NPIR_RUN_RUN_H

#include "Options.h"

namespace npir_run {

/// Run the model on the samples and write its outputs.
mlir::LogicalResult run(const Options &options, mlir::MLIRContext *context);

/// Compare the model with another one.
mlir::LogicalResult compare(const Options &options, mlir::MLIRContext *context);

/// Check every op of a module on the model's own tensors.
mlir::LogicalResult checkOps(const Options &options,
                             mlir::MLIRContext *context);

/// Profile what quantizing costs each layer of the model.
mlir::LogicalResult profileQuantization(const Options &options,
                                        mlir::MLIRContext *context);

/// Time one batch of the model, and of a second one in turn.
mlir::LogicalResult benchmark(const Options &options,
                              mlir::MLIRContext *context);

} // namespace npir_run

#endif // NPIR_TOOLS_NPIR_RUN_RUN_H
