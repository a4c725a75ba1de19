// This file declares the checks that the npir ops' verifiers share. Private to
// this library.
#ifndef NPIR_LIB_DIALECT_NPIR_IR_OPVERIFICATION_H
#define NPIR_LIB_DIALECT_NPIR_IR_OPVERIFICATION_H

#include "npir/Dialect/NPIR/IR/NPIROps.h"
#include "npir/Dialect/NPIR/IR/QuantTypes.h"

namespace mlir::npir::detail {

/// Every operand's and result's quantized type is sound, and the activations
/// are all f32 or all quantized.
LogicalResult verifyTypes(Operation *op);

/// verifyTypes; and for a convolution or linear layer: which combination of
/// element types exists, the weight's axis (`channelAxis`), the bias' scale,
/// the number of multipliers.
LogicalResult verifyMultiplyAccumulate(Operation *op, Value input, Value weight,
                                       Value bias, Value result,
                                       int64_t channelAxis);

/// verifyTypes; and the operands that share the result's scale have its element
/// type.
LogicalResult verifySameScale(Operation *op);

/// verifySameScale for an op that copies values; and its numbers.
LogicalResult verifyCopy(Operation *op);

/// Operands and results are f32: the op has no integer form.
LogicalResult verifyFloatOnly(Operation *op);

/// A `requant` attribute, where there is one, stands on a quantized op, is of
/// one of `kinds`, and its bounds lie in the result's storage range.
LogicalResult verifyRequantAttr(Operation *op,
                                function_ref<bool(Attribute)> isAllowed);
template <typename... Kinds>
LogicalResult verifyRequant(Operation *op) {
  return verifyRequantAttr(op, [](Attribute a) { return isa<Kinds...>(a); });
}

} // namespace mlir::npir::detail

#endif // NPIR_LIB_DIALECT_NPIR_IR_OPVERIFICATION_H
