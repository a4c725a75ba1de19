// npir-stats: merges, shows and compares statistics files.
#include "Options.h"

#include "npir/Support/NearestName.h"
#include "npir/Support/StandardOutput.h"

#include "llvm/Support/raw_ostream.h"

using namespace mlir::npir;
using llvm::StringRef;

static constexpr llvm::StringLiteral kUsage = R"(usage: npir-stats COMMAND

  merge FILE... -o ALL     make one file of shards: the same bytes as one run
                           over all samples, whatever the order; samples may
                           not overlap
  show FILE [options]      print a table of the tensors
      --tensor=PATTERN     only those whose id matches a glob or /regex/
      --sort=KEY           name, count, max (of sizes), std, zeros or stretch
                           (max over the 99.9% quantile, of sizes); largest first
      --histogram          draw the histogram of each, in 20 parts
      --ascii              draw with # only
      --json               print JSON
  diff BEFORE AFTER        print what moved, most first: the distance between
                           the distributions (0 to 1, Kolmogorov-Smirnov), the
                           change of the range, and of some of its numbers
      --tensor=PATTERN     as above
      --json               print JSON

Exit status: 0 done, 1 wrong input or request.
)";

static int fail(const llvm::Twine &text) {
  llvm::errs() << "npir-stats: error: " << text << "\n";
  return 1;
}

static llvm::Error merge(const npir_stats::Options &options) {
  StringRef first = options.files.front();
  llvm::Expected<StatisticsFile> all = StatisticsFile::load(first);
  if (!all)
    return all.takeError();
  for (StringRef path : llvm::ArrayRef(options.files).drop_front()) {
    llvm::Expected<StatisticsFile> shard = StatisticsFile::load(path);
    if (!shard)
      return shard.takeError();
    if (llvm::Error error = all->merge(*shard, first, path))
      return error;
  }
  if (all->hasMixedEngines()) {
    llvm::errs() << "npir-stats: warning: the files are of different engines, "
                    "so no single run gives the same:";
    for (const std::string &engine : all->engines)
      llvm::errs() << " '" << engine << "'";
    llvm::errs() << "\n";
  }
  return all->save(options.output);
}

int main(int argc, char **argv) {
  checkStandardOutputAtExit();
  llvm::SmallVector<StringRef> args(argv + 1, argv + argc);
  if (args.empty()) {
    llvm::errs() << kUsage;
    return 1;
  }
  for (StringRef arg : args)
    if (arg == "--help" || arg == "-h") {
      llvm::outs() << kUsage;
      return 0;
    }
  StringRef command = args.front();
  static const StringRef commands[] = {"merge", "show", "diff"};
  if (!llvm::is_contained(commands, command))
    return fail("unknown command '" + command + "'" +
                suggestName(command, commands));
  llvm::Expected<npir_stats::Options> options =
      npir_stats::parseOptions(command, llvm::ArrayRef(args).drop_front());
  if (!options)
    return fail(llvm::toString(options.takeError()));
  llvm::Error error = command == "merge"  ? merge(*options)
                      : command == "show" ? npir_stats::show(*options)
                                          : npir_stats::diff(*options);
  return error ? fail(llvm::toString(std::move(error))) : 0;
}
