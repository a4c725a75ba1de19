// This file declares what the passes over quantize/dequantize pairs ask of a
// quantized type: which real numbers it stands for. Private to this library.
#ifndef NPIR_LIB_DIALECT_NPIR_TRANSFORMS_QDQGRID_H
#define NPIR_LIB_DIALECT_NPIR_TRANSFORMS_QDQGRID_H

#include "npir/Dialect/NPIR/IR/NPIROps.h"
#include "npir/Dialect/NPIR/IR/QuantTypes.h"

#include "llvm/ADT/SetVector.h"
#include <algorithm>

namespace mlir::npir {

/// The real numbers of a quantized type: a type with zero point 0 that is equal
/// for types which differ only in how far their integers are moved (u8 with
/// zero point 128 and i8 with 0). For a type of more than 16 bits, or with
/// several zero points, the type itself.
quant::QuantizedType getRealGrid(quant::QuantizedType type);

/// Quantizing what was dequantized gives back the stored value: the error of
/// two roundings is far below half a step, as long as nothing overflows or
/// underflows. So a pair of this type changes nothing on numbers of its grid.
bool isExactRoundTrip(quant::QuantizedType type);

/// The grid that the numbers of `value` are on, for it is dequantized; null
/// where it is not.
quant::QuantizedType getGridOf(Value value);

/// The one grid that all users of `value` quantize it to; null where one of
/// them does not quantize it or they differ, and for a value without users.
quant::QuantizedType getGridOfUsers(Value value);

/// `number` as an integer of a type with one scale, to the bit what
/// npir.quantize gives.
int32_t quantizeNumber(float number, quant::UniformQuantizedType type);

/// `number` is one that `type` stands for.
bool isOnGrid(float number, quant::UniformQuantizedType type);

/// An op that hands numbers on: each element of the result is one of the
/// elements of `operands` or one of `numbers`, and larger elements never give
/// smaller ones. So rounding all of the operands to one grid before the op does
/// what rounding the result does behind it.
struct Passage {
  /// Ascending.
  SmallVector<unsigned> operands;
  SmallVector<float> numbers;
  /// Elements only move; not so in a clamp.
  bool isCopy;

  bool handsOn(unsigned operand) const {
    return std::binary_search(operands.begin(), operands.end(), operand);
  }
};

/// What `op` hands on; nothing where it computes, or is not on f32.
std::optional<Passage> getPassage(Operation *op);

/// The quantize ops that convert numbers of another grid, are no orders, and
/// serve layers alone that pick from or join several operands. They are offers:
/// --npir-fold-qdq takes one where such a layer moves integers, else the layer
/// reads the numbers as they were.
llvm::SetVector<Operation *> findOffers(Block &block);

/// The quantize ops that are no orders and whose numbers are rounded to the
/// same grid behind all that reads them, which only hands them on: they do
/// nothing but let that be done in integers.
llvm::DenseSet<Operation *> findRoundedBehind(Block &block);

/// Which values of a block are on a grid whatever happens to pairs that are no
/// orders: what an order rounds, stored integers, and what hands these on. A
/// rounding of them to this grid does nothing.
class FixedGrids {
public:
  explicit FixedGrids(Block &block);

  /// The grid of `value`; null where it has none for certain.
  quant::QuantizedType lookup(Value value) const { return grids.lookup(value); }
  /// `op` rounds numbers that are on its grid.
  bool isNoRounding(QuantizeOp op) const;

private:
  quant::QuantizedType find(DequantizeOp op,
                            const llvm::SetVector<Operation *> &offers) const;
  quant::QuantizedType find(Operation *op, const Passage &passage) const;

  llvm::DenseMap<Value, quant::QuantizedType> grids;
};

/// An order to round numbers that are on the grid anyway is fulfilled: it is
/// none any more.
void dropFulfilledOrders(Block &block);

} // namespace mlir::npir

#endif // NPIR_LIB_DIALECT_NPIR_TRANSFORMS_QDQGRID_H
