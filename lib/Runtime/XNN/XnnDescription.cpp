// This file implements the description of what computes.
#include "npir/Runtime/Engine.h"
#include "npir/Runtime/Hash.h"

#include <cpuinfo.h>
#include <cstdio>
#include <xnnpack.h>

namespace npir_rt {

/// The widest instruction set that XNNPACK has 8-bit kernels for and this
/// machine runs; from best to least.
static const char *getInstructionSet() {
  if (!cpuinfo_initialize())
    return "unknown";
  if (cpuinfo_has_x86_avx512vnni())
    return "avx512vnni";
  if (cpuinfo_has_x86_avx512bw())
    return "avx512skx";
  if (cpuinfo_has_x86_avxvnni())
    return "avxvnni";
  if (cpuinfo_has_x86_avx2())
    return "avx2";
  if (cpuinfo_has_x86_avx())
    return "avx";
  if (cpuinfo_has_x86_sse4_1())
    return "sse41";
  if (cpuinfo_has_arm_i8mm())
    return "neoni8mm";
  if (cpuinfo_has_arm_neon_dot())
    return "neondot";
  if (cpuinfo_has_arm_neon())
    return "neon";
  return "scalar";
}

std::string describeEngine() {
  uint64_t build = hash64(xnn_experimental_get_build_identifier_data(),
                          xnn_experimental_get_build_identifier_size());
  char text[64];
  std::snprintf(text, sizeof(text), "xnnpack-20241108-%08x %s",
                static_cast<unsigned>(build), getInstructionSet());
  return text;
}

} // namespace npir_rt
