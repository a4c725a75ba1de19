// This file declares which tensors can have the schemes that only layers with a
// matrix have: activations quantized row by row, and weights in groups. Private
// to this library.
#ifndef NPIR_LIB_DIALECT_NPIR_TRANSFORMS_OBSERVEDSCHEMES_H
#define NPIR_LIB_DIALECT_NPIR_TRANSFORMS_OBSERVEDSCHEMES_H

#include "TensorQueries.h"

namespace mlir::npir {

/// Attribute of a layer from `observed` on: `dynamic` where it quantizes its
/// inputs when the network runs, whatever these tensors' specs, `float` where
/// it reads real values.
inline constexpr StringLiteral kInputsAttrName = "npir.inputs";
/// Whether `layer` has that attribute with `value`.
bool hasInputs(Operation *layer, StringRef value);

/// Set it on the layers that multiply with a weight of `spec`.
void setInputs(const ObservedTensor &weight, const SpecConfig &spec);

/// `op` is a convolution that multiplies every pixel's channels with a matrix
/// and does nothing else: a linear layer over the channels.
bool isPointwise(Operation *op);

/// `operand` is the activation that a layer multiplies with a matrix, row by
/// row; a pointwise convolution's rows are its pixels.
bool isReadInRows(OpOperand &operand);

/// Some layer reads the activation `value` so.
bool isReadInRows(Value value, const ObservedTensor &observed);

/// The weight `value` is a constant matrix whose rows groups of `spec`'s size
/// divide.
bool isInGroups(Value value, const ObservedTensor &observed,
                const SpecConfig &spec);

/// Why `value` has another scheme than `spec` asks for, as a phrase that begins
/// with the one it has; empty where it has that one.
std::string explainFallBack(Value value, const ObservedTensor &observed,
                            const SpecConfig &spec);

/// Tell the same on the layers that `value` is a weight or an input of, where
/// it concerns them (`npir.scheme_note`).
void noteFallBack(Value value, const ObservedTensor &observed,
                  const SpecConfig &spec);

/// Weights that a configuration wants in groups which do not divide them. They
/// get a scale for each output channel, or are an error.
class UngroupedWeights {
public:
  void add(Value weight, unsigned groupSize);
  /// One warning for all, or under `strict` an error.
  LogicalResult report(bool strict) const;

private:
  SmallVector<Value> weights;
  unsigned groupSize = 0;
};

} // namespace mlir::npir

#endif // NPIR_LIB_DIALECT_NPIR_TRANSFORMS_OBSERVEDSCHEMES_H
