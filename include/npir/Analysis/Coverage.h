// This file declares the account of what a function computes in integers.
#ifndef NPIR_ANALYSIS_COVERAGE_H
#define NPIR_ANALYSIS_COVERAGE_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

#include <map>
#include <string>
#include <vector>

namespace mlir::npir {

/// One layer: an op that implements QuantizableOpInterface and is no quantize.
struct LayerCoverage {
  std::string layer;
  std::string op;
  /// The result's element type: `i8`, `f32`.
  std::string type;
  bool isQuantized = false;
  /// Multiply-accumulate operations per sample, those of two activations too.
  int64_t macs = 0;
  /// Elements of its weight.
  int64_t weights = 0;
  bool hasQuantizedWeight = false;
  /// Why it computes in float, once that is decided; a phrase.
  std::string floatReason;
};

/// What share of a network is computed in integers.
struct Coverage {
  /// The newest version of the report that this build reads, and the one it
  /// writes.
  static constexpr int64_t kVersion = 1;

  std::vector<LayerCoverage> layers;

  /// MACs of the quantized layers with weights over those of all layers with
  /// weights; 1 where there are none.
  double getMACShare() const;
  /// The same over all layers: with the products of two activations.
  double getTotalMACShare() const;
  /// Weights stored as integers over all weights; 1 where there are none.
  double getWeightShare() const;
  /// Number of quantized layers.
  size_t getNumQuantized() const;

  llvm::json::Value toJSON() const;
  void print(llvm::raw_ostream &os) const;
};

/// What `--npir-report-coverage` wrote to `path`: the coverage of each
/// function. One error names file and field where that is no such report, or of
/// a newer version.
llvm::Expected<std::map<std::string, Coverage>> loadCoverage(StringRef path);
/// The same for text; `name` stands for the file in errors.
llvm::Expected<std::map<std::string, Coverage>> parseCoverage(StringRef text,
                                                              StringRef name);

/// The coverage of `func`, in program order. Linear in the number of ops.
/// MACs = elements of the result per sample times products per element.
Coverage computeCoverage(func::FuncOp func);

} // namespace mlir::npir

#endif // NPIR_ANALYSIS_COVERAGE_H
