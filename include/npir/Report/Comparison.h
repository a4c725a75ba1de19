// This file declares how two runs of a network are compared: signal to noise,
// cosine, largest error, per output and per named tensor.
#ifndef NPIR_REPORT_COMPARISON_H
#define NPIR_REPORT_COMPARISON_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"
#include <string>
#include <vector>

namespace mlir::npir {

/// Sums over pairs (reference x, test y), pooled over everything added. Sums
/// are in double, each call's in eight lanes, and in the order of the calls.
class ErrorStatistics {
public:
  /// Add `reference.size()` pairs; both arrays are equally long.
  void add(llvm::ArrayRef<float> reference, llvm::ArrayRef<float> test);

  /// Add pairs that are counted and no more.
  void addCount(uint64_t pairs) { count += pairs; }

  /// Signal over quantization noise, 10*log10(sum x^2 / sum (x-y)^2) in dB;
  /// +inf where x and y are equal, -inf where x is zero and y is not.
  double getSQNR() const;
  /// sum (x-y)^2 / count; 0 where nothing was added.
  double getMSE() const { return count == 0 ? 0.0 : noise / double(count); }
  /// sum xy / sqrt(sum x^2 * sum y^2); 1 where both are zero.
  double getCosine() const;
  /// max |x-y|; NaN where any value is NaN.
  double getMaxError() const { return maxError; }
  uint64_t getCount() const { return count; }

  /// The sums themselves; they survive a file exactly.
  llvm::json::Value toJSON() const;
  friend bool fromJSON(const llvm::json::Value &value,
                       ErrorStatistics &statistics, llvm::json::Path path);

private:
  double signal = 0, noise = 0, product = 0, energy = 0, maxError = 0;
  uint64_t count = 0;
};

/// One compared tensor.
struct ComparisonEntry {
  std::string id;
  /// Of integers that stand for no real numbers (indices, truth values) only
  /// the count: they are compared bit by bit.
  ErrorStatistics statistics;
  bool isInteger = false;
  /// Elements whose bits differ, counted where both are the same type.
  uint64_t differing = 0;
  bool bitsCompared = false;
};

/// The comparison of a test model with a reference model on the same samples.
struct Comparison {
  /// The newest version of the file that this build reads, and the one it
  /// writes.
  static constexpr int64_t kVersion = 1;

  std::string reference, test;
  int64_t samples = 0;
  /// Samples on which every compared tensor (outputs included) agrees in every
  /// bit. Counted only where the models' tensors have equal types.
  int64_t bitExactSamples = 0;
  /// True if at least one tensor could be compared bit by bit.
  bool bitsCompared = false;
  std::vector<ComparisonEntry> outputs;
  /// In the order of the test model.
  std::vector<ComparisonEntry> tensors;

  /// Print a table, the lowest SQNR marked.
  void print(llvm::raw_ostream &os) const;
  llvm::json::Value toJSON() const;
  /// What `npir-run --compare --report` wrote to `path`. One error names file
  /// and field where that is no comparison, or of a newer version.
  static llvm::Expected<Comparison> load(llvm::StringRef path);
  /// The same for text; `name` stands for the file in errors.
  static llvm::Expected<Comparison> parse(llvm::StringRef text,
                                          llvm::StringRef name);
};

/// A number of dB as JSON: infinite ones are the strings "inf" and "-inf".
llvm::json::Value decibelToJSON(double decibel);

} // namespace mlir::npir

#endif // NPIR_REPORT_COMPARISON_H
