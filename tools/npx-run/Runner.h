// This file declares what npx-run does with a program and samples.
#ifndef NPIR_TOOLS_NPX_RUN_RUNNER_H
#define NPIR_TOOLS_NPX_RUN_RUNNER_H

#include "Options.h"

namespace npx_run {

/// Checks everything, then runs all samples, writes the outputs, and prints the
/// benchmark and the profile.
npir_rt::Status run(const Options &options);

} // namespace npx_run

#endif // NPIR_TOOLS_NPX_RUN_RUNNER_H
