// This file declares the report of single ops: what each computes on a
// network's own tensors, compared with what the network computed.
#ifndef NPIR_REPORT_OPCHECK_H
#define NPIR_REPORT_OPCHECK_H

#include "npir/Report/Comparison.h"

namespace mlir::npir {

/// One op.
struct OpCheckEntry {
  /// The tensor that it makes.
  std::string id;
  /// The op's name, for example `npir.linear`.
  std::string op;
  /// It reads or makes integers: every bit is claimed. Else it computes in f32,
  /// where the order of evaluation may differ.
  bool isInteger = false;
  /// False where the network had not all of the op's tensors.
  bool isChecked = false;
  /// The network's results (test) against the interpreter's (reference).
  ErrorStatistics statistics;
  /// Elements whose bits differ.
  uint64_t differing = 0;
};

/// All ops of a network on the same samples.
struct OpCheck {
  /// The newest version of the file that this build reads, and the one it
  /// writes.
  static constexpr int64_t kVersion = 1;

  std::string model, ops;
  int64_t samples = 0;
  /// Samples on which every integer op agrees in every bit.
  int64_t exactSamples = 0;
  /// In program order.
  std::vector<OpCheckEntry> entries;

  /// Every integer op was checked and agrees in every bit on every sample.
  bool isExact() const;
  /// Print what differs, and a summary.
  void print(llvm::raw_ostream &os) const;
  llvm::json::Value toJSON() const;
  /// What `npir-run --check-ops --report` wrote to `path`. One error names file
  /// and field where that is no such report, or of a newer version.
  static llvm::Expected<OpCheck> load(llvm::StringRef path);
  /// The same for text; `name` stands for the file in errors.
  static llvm::Expected<OpCheck> parse(llvm::StringRef text,
                                       llvm::StringRef name);
};

} // namespace mlir::npir

#endif // NPIR_REPORT_OPCHECK_H
