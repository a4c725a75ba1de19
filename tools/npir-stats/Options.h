// This file declares the command line of npir-stats.
#ifndef NPIR_TOOLS_NPIR_STATS_OPTIONS_H
#define NPIR_TOOLS_NPIR_STATS_OPTIONS_H

#include "npir/Config/NamePattern.h"
#include "npir/Observers/StatisticsFile.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"

#include <optional>

namespace npir_stats {

enum class Sort { Name, Count, Max, Deviation, Zeros, Stretch };

struct Options {
  llvm::SmallVector<llvm::StringRef> files;
  llvm::StringRef output;
  std::optional<mlir::npir::NamePattern> tensor;
  Sort sort = Sort::Name;
  bool histogram = false;
  bool json = false;
  bool ascii = false;

  bool shows(llvm::StringRef id) const {
    return !tensor || tensor->matches(id);
  }
};

/// Reads the arguments behind `command`. The error says what is wrong.
llvm::Expected<Options> parseOptions(llvm::StringRef command,
                                     llvm::ArrayRef<llvm::StringRef> args);

/// Prints what the file holds.
llvm::Error show(const Options &options);
/// Prints what differs between the two files.
llvm::Error diff(const Options &options);

} // namespace npir_stats

#endif // NPIR_TOOLS_NPIR_STATS_OPTIONS_H
