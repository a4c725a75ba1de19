// This file declares the command line of npx-run.
#ifndef NPIR_TOOLS_NPX_RUN_OPTIONS_H
#define NPIR_TOOLS_NPX_RUN_OPTIONS_H

#include "npir/Runtime/Status.h"

#include <cstdint>
#include <vector>

namespace npx_run {

struct Options {
  std::string model;
  /// (input, file) of each --input.
  std::vector<std::pair<std::string, std::string>> inputs;
  std::string data, outputDir = ".";
  unsigned threads = 1;
  /// 0: 64, or 1 where the program's batch is fixed.
  int64_t batch = 0;
  bool writeOutputs = false, benchmark = false, profile = false, quiet = false,
       help = false;
};

extern const char *const usage;

npir_rt::Expected<Options> parseOptions(int argc, char **argv);

} // namespace npx_run

#endif // NPIR_TOOLS_NPX_RUN_OPTIONS_H
