// This file parses the command line of npx-run.
#include "Options.h"

#include <cstdlib>

using npir_rt::Expected;
using npir_rt::Status;

namespace npx_run {

const char *const usage =
    R"(usage: npx-run MODEL.npx (--input NAME=FILE.npy ... | --data DIR) [options]

Runs a program on samples and writes one .npy file per output.

  --input NAME=FILE  samples for one input, along axis 0; once per input
  --data DIR         a folder with NAME.npy per input, or an uncompressed .npz
  --output-dir DIR   where to write NAME.npy per output (default: .); must exist
  --threads N        threads; 0 for the machine's (default: 1)
  --batch N          samples at a time (default: 64)
  --benchmark        print the time of one batch as JSON; writes outputs only
                     with --output-dir
  --profile          print the time of each step
  --quiet            print nothing but errors and what was asked for
  --help             this text

In file names of inputs and outputs, / \ : * ? " < > | % and a leading dot are
written as % and two hexadecimal digits.

Exit status: 0 done, 1 wrong input or request, 2 internal error.
)";

/// Splits `NAME=FILE` at the first `=`.
static bool splitInput(const std::string &text, std::string &name,
                       std::string &file) {
  size_t at = text.find('=');
  if (at == std::string::npos || at == 0 || at + 1 == text.size())
    return false;
  name = text.substr(0, at);
  file = text.substr(at + 1);
  return true;
}

static bool parseNumber(const std::string &text, int64_t low, int64_t high,
                        int64_t &value) {
  char *end = nullptr;
  value = std::strtoll(text.c_str(), &end, 10);
  return !text.empty() && *end == 0 && value >= low && value <= high;
}

Expected<Options> parseOptions(int argc, char **argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    std::string flag = argv[i], value;
    if (flag == "--help" || flag == "-h") {
      options.help = true;
      return options;
    }
    bool *toggle = flag == "--benchmark" ? &options.benchmark
                   : flag == "--profile" ? &options.profile
                   : flag == "--quiet"   ? &options.quiet
                                         : nullptr;
    if (toggle) {
      *toggle = true;
      continue;
    }
    if (flag.empty() || flag[0] != '-') {
      if (!options.model.empty())
        return Status::error("expected one program, got '" + options.model +
                             "' and '" + flag + "'");
      options.model = flag;
      continue;
    }
    size_t equals = flag.find('=');
    if (equals != std::string::npos) {
      value = flag.substr(equals + 1);
      flag.resize(equals);
    }
    if (flag != "--input" && flag != "--data" && flag != "--output-dir" &&
        flag != "--threads" && flag != "--batch")
      return Status::error("unknown option '" + flag + "'; see --help");
    if (equals == std::string::npos) {
      if (++i == argc)
        return Status::error("option '" + flag + "' needs a value");
      value = argv[i];
    }
    int64_t number = 0;
    if (flag == "--input") {
      std::string name, file;
      if (!splitInput(value, name, file))
        return Status::error("--input: expected NAME=FILE.npy, got '" + value +
                             "'");
      options.inputs.emplace_back(name, file);
    } else if (flag == "--data") {
      options.data = value;
    } else if (flag == "--output-dir") {
      if (value.empty())
        return Status::error("--output-dir: expected a folder, got ''");
      options.outputDir = value;
      options.writeOutputs = true;
    } else if (flag == "--threads") {
      if (!parseNumber(value, 0, 1024, number))
        return Status::error("--threads: expected 0 to 1024, got '" + value +
                             "'");
      options.threads = unsigned(number);
    } else {
      if (!parseNumber(value, 1, int64_t(1) << 32, number))
        return Status::error("--batch: expected a number of at least 1, got '" +
                             value + "'");
      options.batch = number;
    }
  }
  if (options.model.empty())
    return Status::error("no program given; see --help");
  if (options.data.empty() == options.inputs.empty())
    return Status::error("expected either --input or --data");
  options.writeOutputs |= !options.benchmark;
  return options;
}

} // namespace npx_run
