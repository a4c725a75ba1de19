// npx-run: runs a program file on samples, without MLIR.
#include "Options.h"
#include "Runner.h"

#include <cstdio>

/// 1 where what was printed did not arrive (a full disk), else `code`.
static int finishOutput(int code) {
  if (std::fflush(stdout) == 0 && !std::ferror(stdout))
    return code;
  std::fputs("npx-run: error: cannot write to standard output\n", stderr);
  return 1;
}

int main(int argc, char **argv) {
  auto options = npx_run::parseOptions(argc, argv);
  if (!options) {
    std::fprintf(stderr, "npx-run: error: %s\n",
                 options.status().message().c_str());
    return 1;
  }
  if (options->help) {
    std::fputs(npx_run::usage, stdout);
    return finishOutput(0);
  }
  npir_rt::Status status = npx_run::run(*options);
  if (status.ok())
    return finishOutput(0);
  std::fprintf(stderr, "npx-run: %s: %s\n",
               status.isInternal() ? "internal error, please report" : "error",
               status.message().c_str());
  return status.isInternal() ? 2 : 1;
}
