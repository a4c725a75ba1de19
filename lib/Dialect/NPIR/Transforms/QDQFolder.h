// This file declares the folding of quantize/dequantize pairs into one
// function's ops. Private to this library.
#ifndef NPIR_LIB_DIALECT_NPIR_TRANSFORMS_QDQFOLDER_H
#define NPIR_LIB_DIALECT_NPIR_TRANSFORMS_QDQFOLDER_H

#include "npir/Dialect/NPIR/IR/NPIROps.h"
#include "npir/Targets/Target.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/SetVector.h"

namespace mlir::npir {

/// Folds one function, in the order of the methods. What the target cannot
/// compute in integers stays in float and is a problem.
class QDQFolder {
public:
  QDQFolder(func::FuncOp func, const Target &target)
      : func(func), target(target) {}

  /// One scale per tensor where the target has no per-channel activations.
  void usePerTensorActivations();
  /// Hold values in integers that the target has, where there are such for
  /// exactly these values. Another width than the target's is an order: such
  /// pairs count as requested.
  void useTargetStorage();
  /// Pairs of types that the target has no quantize for come from the
  /// configuration: they are orders, which a rounding of floats fulfils. Remove
  /// those that it cannot.
  void settleIllegalPairs();
  /// `dequantize -> op -> quantize` becomes the op on quantized tensors. Ops
  /// that only move values do so in integers or in float, as spares
  /// conversions.
  void foldLayers();
  /// `dynamic_quantize -> linear` with quantized weights becomes one op that
  /// computes in integers.
  void foldDynamicLayers();
  /// Remove the pairs between what computes in float on both sides, but for
  /// those that the configuration names.
  void removeFloatPairs();
  /// `quantize(constant)` becomes the stored constant.
  void storeConstants();
  /// `dequantize -> quantize` becomes one requantizing quantize.
  void foldConversions();
  /// Constants that float ops read dequantized become float constants again,
  /// but for weights that the target takes as integers.
  void foldConstants();
  /// Erase what the others left without a use.
  void eraseUnused();

  struct Problem {
    Location loc;
    std::string text;
  };
  /// What stays in float, and why; in the order of finding.
  ArrayRef<Problem> getProblems() const { return problems; }
  /// Layers that are configured for integers, all operands and the result, and
  /// that the target computes in float only: no surprise, but what `strict` is
  /// asked for.
  ArrayRef<Problem> getUnsupported() const { return unsupported; }

private:
  /// A bias in integers: a constant as it is, or values for a new one.
  struct Bias {
    OpOperand *operand;
    RankedTensorType type;
    std::vector<int32_t> values;
    Value stored;
  };
  /// A layer on quantized tensors: all that it takes to make it.
  struct Folded {
    OpTypes types;
    SmallVector<Bias> biases;
    Attribute requant;
  };

  /// What `op` would be in integers. If it stays in float, nothing, and the
  /// reason is noted.
  std::optional<Folded> tryFold(QuantizableOpInterface op);
  std::string quantizeBiases(QuantizableOpInterface op, Folded &folded);
  void fold(QuantizableOpInterface op, const Folded &folded);
  void foldCopies(ArrayRef<QuantizableOpInterface> copies);
  static Value createBias(const Bias &bias);
  /// What `dequantize` makes real is stored as integers on the target, too.
  bool keepStored(Operation *dequantize);
  void addProblem(Location loc, const Twine &text) {
    problems.push_back({loc, text.str()});
  }

  func::FuncOp func;
  const Target &target;
  /// See `findRoundedBehind`; of the network as it came.
  llvm::DenseSet<Operation *> roundedBehind;
  /// See `findOffers`; known once layers are folded.
  llvm::SetVector<Operation *> offers;
  SmallVector<Problem> problems, unsupported;
};

/// The quantized value that `value` is dequantized from, or null.
Value getQuantizedSource(Value value);

/// Note in the IR, for reports, why `op` stays in float.
void noteFloatReason(Operation *op, const Twine &reason);

/// Behind the reason of a layer whose weights are stored as integers.
inline constexpr StringLiteral kStoredWeights =
    "; its weights are stored as integers";

} // namespace mlir::npir

#endif // NPIR_LIB_DIALECT_NPIR_TRANSFORMS_QDQFOLDER_H
