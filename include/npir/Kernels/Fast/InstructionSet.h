// This file declares the instruction sets that fast kernels are compiled for.
#ifndef NPIR_KERNELS_FAST_INSTRUCTIONSET_H
#define NPIR_KERNELS_FAST_INSTRUCTIONSET_H

namespace npir_kernels::fast {

/// One source is compiled for each; the results are the same in every bit.
enum class InstructionSet {
  Baseline, ///< what the compiler's target has: SSE2, NEON, ...
  Avx2,     ///< x86 only
  Avx512    ///< x86 only: F, BW, DQ and VL
};

/// All of them, for tests and benchmarks.
constexpr InstructionSet instructionSets[] = {
    InstructionSet::Baseline, InstructionSet::Avx2, InstructionSet::Avx512};

/// Whether this machine can run kernels for `set`.
bool isSupported(InstructionSet set);

/// The widest one that this machine supports.
InstructionSet bestInstructionSet();

} // namespace npir_kernels::fast

#endif // NPIR_KERNELS_FAST_INSTRUCTIONSET_H
