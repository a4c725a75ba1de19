// This file declares the account of what a function computes in integers, and
// of what stays in float, why, and at what cost.
#ifndef NPIR_ANALYSIS_COVERAGE_H
#define NPIR_ANALYSIS_COVERAGE_H

#include "npir/Targets/Target.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

#include <map>
#include <string>
#include <vector>

namespace mlir::npir {

/// What a target makes of a layer in 8 bits.
struct TargetCoverage {
  std::string target;
  /// `integer`, `float` or `none`: the target cannot run the layer.
  std::string form;
  /// Who computes it: the target's name, or `npir` for our own kernel. Empty
  /// for `none`.
  std::string kernel;
  /// Why it is not integer; a phrase. Empty where it is.
  std::string reason;
};

/// One layer: an op with a tensor result that is no constant, no observation
/// and no conversion between float and integers.
struct LayerCoverage {
  std::string layer;
  std::string op;
  /// The result's element type: `i8`, `f32`, `i64`.
  std::string type;
  bool isQuantized = false;
  /// Multiply-accumulate operations per sample, those of two activations too.
  int64_t macs = 0;
  /// Elements of its weight.
  int64_t weights = 0;
  bool hasQuantizedWeight = false;
  /// Why it computes in float, once that is decided; a phrase.
  std::string floatReason;
  /// Bits of weights and activations: `W8A8`, `A8` without a weight, `W4A32`
  /// for a weight in integers and activations in float, `W8A8d` where they are
  /// quantized at run time, `W4g32A8d` where every 32 weights of a channel have
  /// a scale; empty in float, and for indices.
  std::string scheme;
  /// Why it has another scheme than the configuration asks for; a phrase.
  std::string schemeNote;
  /// Elements per sample that change between integers and float at a layer in
  /// float, since a neighbour computes in integers.
  int64_t converted = 0;
  /// From 1: the connected set of layers in float that it is in. 0: computes in
  /// integers.
  int64_t island = 0;
  /// What each target that was asked for makes of it.
  std::vector<TargetCoverage> targets;
};

/// What share of a network a target would compute in integers of 8 bits.
struct TargetShare {
  std::string target;
  /// As `Coverage::getMACShare` and `getTotalMACShare`, of the layers that it
  /// would.
  double macShare = 0, totalMACShare = 0;
  size_t layers = 0;
};

/// What share of a network is computed in integers.
struct Coverage {
  /// The newest version of the report that this build reads, and the one it
  /// writes.
  static constexpr int64_t kVersion = 2;

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
  /// For each target that was asked for, what it would compute.
  std::vector<TargetShare> getTargetShares() const;
  /// Number of connected sets of layers in float.
  int64_t getNumIslands() const;
  /// Elements per sample that change between integers and float inside.
  int64_t getConverted() const;

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
/// MACs = elements of the result per sample times products per element. Before
/// station `integer` a layer counts as quantized, for islands and conversions,
/// where the first of `targets` computes it in 8 bits.
Coverage computeCoverage(func::FuncOp func,
                         ArrayRef<const Target *> targets = {});

} // namespace mlir::npir

#endif // NPIR_ANALYSIS_COVERAGE_H
