// This file declares the account of what a function computes in integers.
#ifndef NPIR_ANALYSIS_COVERAGE_H
#define NPIR_ANALYSIS_COVERAGE_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/JSON.h"

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

/// The coverage of `func`, in program order. Linear in the number of ops.
/// MACs = elements of the result per sample times products per element.
Coverage computeCoverage(func::FuncOp func);

} // namespace mlir::npir

#endif // NPIR_ANALYSIS_COVERAGE_H
