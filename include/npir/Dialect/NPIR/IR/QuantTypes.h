// This file declares what NPIR needs of the upstream quantized types beside
// their own methods: uniform access and the checks that upstream leaves out.
#ifndef NPIR_DIALECT_NPIR_IR_QUANTTYPES_H
#define NPIR_DIALECT_NPIR_IR_QUANTTYPES_H

#include "npir/Observers/QuantParams.h"

#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Diagnostics.h"

namespace mlir::npir {

/// The quantized element type of a tensor type, or null.
quant::QuantizedType getQuantizedElementType(Type type);

/// True for a tensor with a quantized element type.
bool isQuantizedTensor(Type type);

/// The same tensor type with another element type.
RankedTensorType withElementType(Type type, Type elementType);

/// Scales of a uniform type, one (per tensor) or one per channel. Exactly
/// representable in f32, as every type that NPIR makes.
SmallVector<float> getScales(quant::QuantizedType type);

/// Zero points of a uniform type, as many as scales.
SmallVector<int64_t> getZeroPoints(quant::QuantizedType type);

/// The axis of a per-axis type; nothing for a per-tensor one.
std::optional<int64_t> getQuantizedAxis(quant::QuantizedType type);

/// A per-tensor type over f32 from `params`; the storage is as wide as the
/// grid's bits.
quant::UniformQuantizedType
getPerTensorType(MLIRContext *context, IntegerGrid grid, QuantParams params);

/// A per-axis type over f32.
quant::UniformQuantizedPerAxisType getPerAxisType(MLIRContext *context,
                                                  IntegerGrid grid,
                                                  ArrayRef<QuantParams> params,
                                                  int64_t axis);

/// The int32 type of a bias: scale `input * weight[c]` in f32, zero point 0.
/// Per tensor where the weight is, else per axis 0, also for one channel:
/// XNNPACK takes a per-channel filter with a per-channel bias only.
quant::QuantizedType getBiasType(float inputScale,
                                 quant::QuantizedType weightType);

/// npir.round_to_grid can round to the values of `type`: integers of up to 16
/// bits, and scales with a normal reciprocal.
bool canRoundToGrid(quant::QuantizedType type);

/// Check what upstream's verifier does not: expressed type f32, scales finite
/// f32 values, zero points inside the storage range, axis inside the rank,
/// one scale per channel.
LogicalResult verifyQuantizedTensor(function_ref<InFlightDiagnostic()> emit,
                                    Type type);

} // namespace mlir::npir

#endif // NPIR_DIALECT_NPIR_IR_QUANTTYPES_H
