// This file declares the steps of --npir-prepare, in their order, and what they
// share. Private to this library.
#ifndef NPIR_LIB_DIALECT_NPIR_TRANSFORMS_PREPARE_H
#define NPIR_LIB_DIALECT_NPIR_TRANSFORMS_PREPARE_H

#include "npir/Dialect/NPIR/IR/NPIROps.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::npir {

//===----------------------------------------------------------------------===//
// Steps. Each is linear in the number of ops.
//===----------------------------------------------------------------------===//

/// Move transposes out of `func`: what remains stands at its inputs and
/// outputs, or where an op needs another order of dimensions. `batch_norm` ends
/// over the last axis. Fails on control flow.
LogicalResult propagateLayout(func::FuncOp func);

/// Replace GELU as it is written in small ops, with erf or tanh, by one op.
void fuseGelus(func::FuncOp func);
/// Replace x * sigmoid(x), x * hardsigmoid(x) and x * tanh(softplus(x)), which
/// are written in small ops, by one op.
void fuseSwishes(func::FuncOp func);

/// Replace layer normalization as it is written in small ops by one op.
void fuseLayerNorms(func::FuncOp func);

/// Make padding with zeros part of the convolution or average behind it, and
/// with the lowest value part of the maximum pool.
void foldPads(func::FuncOp func);

/// Make batch_norm (over the last axis), and sums and products with a constant
/// for each channel or for all, part of the layer before them: new weights and
/// bias. A batch_norm without such a layer becomes a 1x1 depthwise convolution.
/// Fails where one of its parameters is not constant or gives no finite
/// numbers.
LogicalResult foldAffineOps(func::FuncOp func);

/// Turn relu and clamp into the clamp range of the op before them.
void fuseActivations(func::FuncOp func);

/// The same for one op, which goes; false where it is no clamp, or the op
/// before it has other users or no clamp range that would do.
bool fuseActivation(UnaryOpInterface op);

/// Give every tensor-producing op and every argument of `functions` a name that
/// no other has.
void makeNamesUnique(ArrayRef<func::FuncOp> functions);

/// 32 hex digits over the structure of `functions` and the bytes of their
/// constants. Names, resource keys, station and target do not count.
std::string computeModelHash(ArrayRef<func::FuncOp> functions);

/// Erase ops without effects or uses.
void eraseDeadOps(func::FuncOp func);

//===----------------------------------------------------------------------===//
// Constants. Each element is written once, straight into its final place.
//===----------------------------------------------------------------------===//

/// A new f32 constant whose elements `fill` writes.
ConstantOp
createFilledConstant(OpBuilder &builder, Location loc, ArrayRef<int64_t> shape,
                     function_ref<void(MutableArrayRef<float>)> fill);

/// `constant` with its dimensions permuted: result dimension `i` is dimension
/// `perm[i]` of its elements seen as `shape`, which keeps their order in
/// memory. The new constant has `resultShape` and the old one's name.
ConstantOp permuteConstant(OpBuilder &builder, ConstantOp constant,
                           ArrayRef<int64_t> shape, ArrayRef<int64_t> perm,
                           ArrayRef<int64_t> resultShape);

/// The constant that `value` is, or is dequantized from; null if there is none.
ConstantOp getStoredConstant(Value value);

/// The same as permuteConstant and reshapeConstant of what getStoredConstant
/// gives: integers are moved as integers, and dequantized where they are then.
/// Null where the channels of a per-axis type would be no dimension any more.
Value permuteStored(OpBuilder &builder, Value value, ArrayRef<int64_t> shape,
                    ArrayRef<int64_t> perm, ArrayRef<int64_t> resultShape);
Value reshapeStored(OpBuilder &builder, Value value, RankedTensorType type);

} // namespace mlir::npir

#endif // NPIR_LIB_DIALECT_NPIR_TRANSFORMS_PREPARE_H
