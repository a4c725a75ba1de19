// This file declares the npir dialect, its attributes and its interfaces.
#ifndef NPIR_DIALECT_NPIR_IR_NPIRDIALECT_H
#define NPIR_DIALECT_NPIR_IR_NPIRDIALECT_H

#include "npir/Kernels/Binary.h"
#include "npir/Kernels/Unary.h"
#include "npir/Observers/Observer.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include <cmath>
#include <limits>
#include <optional>

#include "npir/Dialect/NPIR/IR/NPIRDialect.h.inc"
#include "npir/Dialect/NPIR/IR/NPIREnums.h.inc"

#include "npir/Dialect/NPIR/IR/NPIRAttrInterfaces.h.inc"
#define GET_ATTRDEF_CLASSES
#include "npir/Dialect/NPIR/IR/NPIRAttrs.h.inc"

namespace mlir::npir::detail {
LogicalResult verifyQuantizableOp(Operation *op);
/// Elements of the weights of a QuantizableOpInterface per output channel; 0
/// without a weight.
int64_t countWeightProducts(Operation *op);
LogicalResult verifyClampedOp(Operation *op);
/// Types and requantization of a function of one value.
LogicalResult verifyUnary(Operation *op);
/// Types and requantization of a function of two values.
LogicalResult verifyBinary(Operation *op);
/// Numpy's broadcasting; a dynamic batch meets a dynamic one or a 1. Failure
/// after a diagnostic at `loc`.
FailureOr<SmallVector<int64_t>> inferBroadcast(Type lhs, Type rhs,
                                               Location loc);
/// Turn an inferred shape into one tensor type of `element`.
LogicalResult inferType(FailureOr<SmallVector<int64_t>> shape, Type element,
                        SmallVectorImpl<Type> &types);
/// The element type that an op infers which moves elements of tensor `type`:
/// its own where they are integers, f32 where they are real numbers, quantized
/// or not.
Type getMovedElement(Type type);
/// True if the tensor types agree in shape (a dynamic dimension agrees only
/// with a dynamic one) and in what their elements are: equal integers, or real
/// numbers, quantized or not.
bool haveSameShapes(TypeRange inferred, TypeRange actual);
} // namespace mlir::npir::detail

#include "npir/Dialect/NPIR/IR/NPIRInterfaces.h.inc"

#endif // NPIR_DIALECT_NPIR_IR_NPIRDIALECT_H
