// This file declares the network that the interpreter runs. Private to this
// library.
#ifndef NPIR_LIB_EXECUTION_NETWORKS_H
#define NPIR_LIB_EXECUTION_NETWORKS_H

#include "npir/Execution/Network.h"

namespace mlir::npir {

/// `module` outlives the network.
FailureOr<std::unique_ptr<Network>>
createInterpreterNetwork(ModuleOp module, const NetworkOptions &options);

} // namespace mlir::npir

#endif // NPIR_LIB_EXECUTION_NETWORKS_H
