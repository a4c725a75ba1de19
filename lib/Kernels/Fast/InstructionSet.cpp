// This file finds out what the machine can run.
#include "npir/Kernels/Fast/InstructionSet.h"

namespace npir_kernels::fast {

bool isSupported(InstructionSet set) {
#if defined(__x86_64__)
  switch (set) {
  case InstructionSet::Baseline:
    return true;
  case InstructionSet::Avx2:
    return __builtin_cpu_supports("avx2");
  case InstructionSet::Avx512:
    return __builtin_cpu_supports("avx512f") &&
           __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl");
  }
#endif
  return set == InstructionSet::Baseline;
}

InstructionSet bestInstructionSet() {
  static const InstructionSet best = [] {
    InstructionSet widest = InstructionSet::Baseline;
    for (InstructionSet set : instructionSets)
      if (isSupported(set))
        widest = set;
    return widest;
  }();
  return best;
}

} // namespace npir_kernels::fast
