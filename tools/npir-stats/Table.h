// This file declares tables and numbers for a terminal.
#ifndef NPIR_TOOLS_NPIR_STATS_TABLE_H
#define NPIR_TOOLS_NPIR_STATS_TABLE_H

#include "npir/Observers/StatisticsFile.h"

#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

#include <optional>
#include <string>
#include <vector>

namespace npir_stats {

/// Rows of cells: the first column left-justified, the others right-justified,
/// each as wide as it needs.
class Table {
public:
  void add(std::vector<std::string> row) { rows.push_back(std::move(row)); }
  void print(llvm::raw_ostream &os) const;

private:
  std::vector<std::vector<std::string>> rows;
};

/// Four digits, or `-` where there is no number.
std::string toText(std::optional<double> value);
/// With `suffix`, in per cent.
std::string toPercent(std::optional<double> share);

/// A number, or null.
void printNumber(llvm::json::OStream &os, llvm::StringRef key,
                 std::optional<double> value);

/// The samples: `0:64 100:128`.
std::string toText(const std::vector<mlir::npir::SampleRange> &samples);

} // namespace npir_stats

#endif // NPIR_TOOLS_NPIR_STATS_TABLE_H
