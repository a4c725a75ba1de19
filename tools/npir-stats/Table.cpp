// This file implements tables and numbers for a terminal.
#include "Table.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"

#include <algorithm>

namespace npir_stats {

void Table::print(llvm::raw_ostream &os) const {
  std::vector<size_t> widths;
  for (const auto &row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], row[i].size());
  }
  for (const auto &row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      std::string space(widths[i] - row[i].size(), ' ');
      line += i == 0 ? row[i] + space : "  " + space + row[i];
    }
    os << llvm::StringRef(line).rtrim() << '\n';
  }
}

std::string toText(std::optional<double> value) {
  if (!value)
    return "-";
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%.4g", *value);
  return text;
}

std::string toPercent(std::optional<double> share) {
  if (!share)
    return "-";
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%.2f%%", *share * 100);
  return text;
}

void printNumber(llvm::json::OStream &os, llvm::StringRef key,
                 std::optional<double> value) {
  if (value)
    os.attribute(key, *value);
  else
    os.attribute(key, nullptr);
}

std::string toText(const std::vector<mlir::npir::SampleRange> &samples) {
  std::string text;
  for (const mlir::npir::SampleRange &range : samples)
    text += llvm::formatv("{0}{1}:{2}", text.empty() ? "" : " ", range.begin,
                          range.end)
                .str();
  return text.empty() ? "none" : text;
}

} // namespace npir_stats
