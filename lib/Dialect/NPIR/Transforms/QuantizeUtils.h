// This file declares what the passes that quantize have in common. Private to
// this library.
#ifndef NPIR_LIB_DIALECT_NPIR_TRANSFORMS_QUANTIZEUTILS_H
#define NPIR_LIB_DIALECT_NPIR_TRANSFORMS_QUANTIZEUTILS_H

#include "npir/Dialect/NPIR/IR/NPIROps.h"
#include "npir/Dialect/NPIR/IR/QuantTypes.h"

#include <vector>

namespace mlir::npir {

/// The location of an op that serves `tensor`: named `<layer><suffix>`, with
/// the result number between them where it is not 0.
Location getServingLocation(Value tensor, StringRef suffix);

/// `op` is a layer that some target computes in integers.
bool hasIntegerArithmetic(Operation *op);

/// The observation of `value`: `value` is its result, or it reads `value`. Null
/// where there is none.
ObserveOp getObservation(Value value);

/// The tensor gets a quantized type: its spec is not none, and does not leave
/// the scales to the run.
bool needsType(ObserveOp observe);

/// The value of the f32 constant, of any dialect, that defines `value`; null
/// where none does.
ElementsAttr getFloatConstant(Value value);

/// A type's integers, and its scales and zero points: one, or one per channel.
IntegerGrid getGrid(quant::QuantizedType type);
SmallVector<QuantParams> getQuantParams(quant::QuantizedType type);

/// The per-axis `type` along another axis.
quant::QuantizedType withQuantizedAxis(quant::QuantizedType type, int64_t axis);

/// The f32 constant `value` as integers of `type`, by OBS-1. Linear time.
ConstantOp quantizeConstant(OpBuilder &builder, Location loc,
                            ElementsAttr value, quant::QuantizedType type);

/// The same to the bit as npir.quantize computes it, for types of up to 16
/// bits.
ConstantOp computeQuantize(OpBuilder &builder, Location loc, ElementsAttr value,
                           quant::QuantizedType type);

/// The real values of a quantized constant: `(q - zero point) * scale` in f32,
/// to the bit what dequantization gives.
std::vector<float> getRealValues(ConstantOp constant);

/// A constant of these values.
ConstantOp dequantizeConstant(OpBuilder &builder, Location loc,
                              ConstantOp constant);

/// Erase, last first, what of `ops` has no use.
void eraseUnused(ArrayRef<Operation *> ops);

} // namespace mlir::npir

#endif // NPIR_LIB_DIALECT_NPIR_TRANSFORMS_QUANTIZEUTILS_H
