// This file declares the kinds of networks. Private to this library.
#ifndef NPIR_LIB_EXECUTION_NETWORKS_H
#define NPIR_LIB_EXECUTION_NETWORKS_H

#include "npir/Execution/Network.h"

namespace mlir::npir {

FailureOr<std::unique_ptr<Network>>
createRuntimeNetwork(std::shared_ptr<const npir_rt::Program> program,
                     MLIRContext *context, const NetworkOptions &options);

/// `module` outlives the network.
FailureOr<std::unique_ptr<Network>>
createInterpreterNetwork(ModuleOp module, const NetworkOptions &options);

} // namespace mlir::npir

#endif // NPIR_LIB_EXECUTION_NETWORKS_H
