// This file declares the description of what computes.
#ifndef NPIR_RUNTIME_ENGINE_H
#define NPIR_RUNTIME_ENGINE_H

#include <string>

namespace npir_rt {

/// The XNNPACK build and the instruction set class that it uses on this
/// machine, e.g. `xnnpack-20241108-1a2b3c4d avx512vnni`. Equal descriptions
/// give equal bits in float, too.
std::string describeEngine();

} // namespace npir_rt

#endif // NPIR_RUNTIME_ENGINE_H
