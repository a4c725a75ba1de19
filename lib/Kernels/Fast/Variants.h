// This file compiles one kernel for every instruction set.
#ifndef NPIR_LIB_KERNELS_FAST_VARIANTS_H
#define NPIR_LIB_KERNELS_FAST_VARIANTS_H

#include "npir/Kernels/Fast/InstructionSet.h"

/// For a kernel's code: it becomes part of each variant, and so is compiled for
/// the variant's instructions.
#define NPIR_ALWAYS_INLINE inline __attribute__((always_inline))

namespace npir_kernels::fast {

#if defined(__x86_64__)
template <typename Kernel, typename... Args>
__attribute__((target("avx2"))) void runAvx2(Args... args) {
  Kernel::run(args...);
}
template <typename Kernel, typename... Args>
__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl"))) void
runAvx512(Args... args) {
  Kernel::run(args...);
}
#endif

/// `Kernel::run(args...)` in the variant for `set`, which the machine supports.
/// `run` is NPIR_ALWAYS_INLINE, and so is what it calls.
template <typename Kernel, typename... Args>
void runVariant(InstructionSet set, Args... args) {
#if defined(__x86_64__)
  if (set == InstructionSet::Avx512)
    return runAvx512<Kernel>(args...);
  if (set == InstructionSet::Avx2)
    return runAvx2<Kernel>(args...);
#endif
  (void)set;
  Kernel::run(args...);
}

} // namespace npir_kernels::fast

#endif // NPIR_LIB_KERNELS_FAST_VARIANTS_H
