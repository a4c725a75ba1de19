// This file implements the making of new constants from old ones.
#include "Prepare.h"
#include "npir/Dialect/NPIR/IR/Constants.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace mlir::npir;

/// Alignment of resource blobs: what a bytecode file in memory is sure to have.
static constexpr size_t kBlobAlign = 16;

ConstantOp mlir::npir::createFilledConstant(
    OpBuilder &builder, Location loc, ArrayRef<int64_t> shape,
    function_ref<void(MutableArrayRef<float>)> fill) {
  auto type = RankedTensorType::get(shape, builder.getF32Type());
  size_t count = type.getNumElements();
  if (count * sizeof(float) <= kMaxInlineBytes) {
    SmallVector<float> values(count);
    fill(values);
    return createConstant<float>(builder, loc, type, values);
  }
  AsmResourceBlob blob =
      HeapAsmResourceBlob::allocate(count * sizeof(float), kBlobAlign);
  fill({reinterpret_cast<float *>(blob.getMutableData().data()), count});
  StringRef name = getLayerName(loc);
  ElementsAttr value =
      getOwnedResource(type, name.empty() ? "constant" : name, std::move(blob));
  return ConstantOp::create(builder, loc, type, value);
}

/// Write `in`, of `shape`, to `out` with its dimensions permuted.
static void permute(ArrayRef<float> in, ArrayRef<int64_t> shape,
                    ArrayRef<int64_t> perm, MutableArrayRef<float> out) {
  if (out.empty())
    return;
  SmallVector<int64_t> strides = computeStrides(shape);
  SmallVector<int64_t> outShape = applyPermutation(shape, perm);
  SmallVector<int64_t> outStrides = applyPermutation(strides, perm);
  size_t rank = perm.size();
  int64_t rowSize = rank ? outShape.back() : 1;
  int64_t rowStride = rank ? outStrides.back() : 1;
  SmallVector<int64_t> index(rank, 0);
  int64_t start = 0;
  for (size_t at = 0; at < out.size(); at += rowSize) {
    for (int64_t i = 0; i < rowSize; ++i)
      out[at + i] = in[start + i * rowStride];
    // Count up all dimensions but the last.
    for (int64_t d = static_cast<int64_t>(rank) - 2; d >= 0; --d) {
      start += outStrides[d];
      if (++index[d] < outShape[d])
        break;
      start -= outStrides[d] * outShape[d];
      index[d] = 0;
    }
  }
}

ConstantOp mlir::npir::permuteConstant(OpBuilder &builder, ConstantOp constant,
                                       ArrayRef<int64_t> shape,
                                       ArrayRef<int64_t> perm,
                                       ArrayRef<int64_t> resultShape) {
  ConstantBytes bytes(constant.getValue());
  return createFilledConstant(builder, constant.getLoc(), resultShape,
                              [&](MutableArrayRef<float> out) {
                                permute(bytes.as<float>(), shape, perm, out);
                              });
}

ConstantOp mlir::npir::reshapeConstant(OpBuilder &builder, ConstantOp constant,
                                       RankedTensorType type) {
  ElementsAttr value = constant.getValue();
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value))
    value = cast<ElementsAttr>(Attribute(
        DenseResourceElementsAttr::get(type, resource.getRawHandle())));
  else
    value = cast<DenseElementsAttr>(value).reshape(type);
  return ConstantOp::create(builder, constant.getLoc(), type, value);
}
