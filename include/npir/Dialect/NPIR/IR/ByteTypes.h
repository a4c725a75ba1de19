// This file declares quantized types of one byte, signed and unsigned: the
// latter is what images have at a program's boundary.
#ifndef NPIR_DIALECT_NPIR_IR_BYTETYPES_H
#define NPIR_DIALECT_NPIR_IR_BYTETYPES_H

#include "mlir/Dialect/Quant/IR/QuantTypes.h"

namespace mlir::npir {

/// A type of 8 bits with one scale over f32.
quant::UniformQuantizedType getByteType(MLIRContext *context, bool isSigned,
                                        float scale, int64_t zeroPoint);

/// The same real values, in unsigned bytes or in signed ones: those of the
/// other kind are 128 more or less.
quant::UniformQuantizedType withSign(quant::UniformQuantizedType type,
                                     bool isSigned);

/// True if the tensor types `from` and `to` hold the same real values in bytes
/// of the one and the other kind.
bool isByteShift(Type from, Type to);

} // namespace mlir::npir

#endif // NPIR_DIALECT_NPIR_IR_BYTETYPES_H
