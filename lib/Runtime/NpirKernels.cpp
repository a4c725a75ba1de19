// This file registers NPIR's own kernels, for ops that XNNPACK lacks.
#include "NpirKernels.h"
#include "Kernels.h"

namespace npir_rt {

void addNpirKernels(KernelRegistry &registry) {
  addNpirUnary(registry);
  addNpirPooling(registry);
  addNpirLayerNorm(registry);
  addNpirBroadcast(registry);
  addNpirBinary(registry);
  addNpirGroupNorm(registry);
  addNpirMoves(registry);
  addNpirReduce(registry);
  addNpirResize(registry);
  addNpirDynamic(registry);
  addNpirRounding(registry);
  addNpirMove(registry);
  addNpirGather(registry);
  addNpirSelect(registry);
  addNpirShift(registry);
}

} // namespace npir_rt
