// This file declares the families of kernels that the built-in registry holds.
#ifndef NPIR_LIB_RUNTIME_KERNELS_H
#define NPIR_LIB_RUNTIME_KERNELS_H

#include "npir/Runtime/KernelRegistry.h"

namespace npir_rt {

/// `xnn.subgraph`.
void addXnnKernels(KernelRegistry &registry);
/// `npir.*`: what XNNPACK lacks.
void addNpirKernels(KernelRegistry &registry);

} // namespace npir_rt

#endif // NPIR_LIB_RUNTIME_KERNELS_H
