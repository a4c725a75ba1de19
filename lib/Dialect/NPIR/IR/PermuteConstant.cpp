// This file implements the making of new constants from old ones.
#include "npir/Dialect/NPIR/IR/PermuteConstant.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace mlir::npir;

/// Alignment of resource blobs: what a bytecode file in memory is sure to have.
static constexpr size_t kBlobAlign = 16;

ConstantOp mlir::npir::createFilledConstant(
    OpBuilder &builder, Location loc, RankedTensorType type,
    function_ref<void(MutableArrayRef<char>)> fill) {
  size_t size = getStorageBytes(type);
  if (size <= kMaxInlineBytes) {
    SmallVector<char> bytes(size);
    fill(bytes);
    return createConstant(builder, loc, type, ArrayRef<char>(bytes));
  }
  AsmResourceBlob blob = HeapAsmResourceBlob::allocate(size, kBlobAlign);
  fill(blob.getMutableData());
  StringRef name = getLayerName(loc);
  ElementsAttr value = getOwnedResource(
      RankedTensorType::get(type.getShape(), getStorageElementType(type)),
      name.empty() ? "constant" : name, std::move(blob));
  return ConstantOp::create(builder, loc, type, value);
}

/// Write `in`, of `shape`, to `out` with its dimensions permuted.
template <typename T>
static void permute(ArrayRef<T> in, ArrayRef<int64_t> shape,
                    ArrayRef<int64_t> perm, MutableArrayRef<T> out) {
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

ConstantOp mlir::npir::permuteConstant(OpBuilder &builder, Location loc,
                                       ElementsAttr value,
                                       ArrayRef<int64_t> shape,
                                       ArrayRef<int64_t> perm,
                                       RankedTensorType type) {
  ConstantBytes bytes(value);
  unsigned width = getStorageElementType(type).getIntOrFloatBitWidth();
  return createFilledConstant(builder, loc, type,
                              [&](MutableArrayRef<char> out) {
                                auto permuteAs = [&](auto element) {
                                  using T = decltype(element);
                                  permute<T>(bytes.as<T>(), shape, perm,
                                             {reinterpret_cast<T *>(out.data()),
                                              out.size() / sizeof(T)});
                                };
                                if (width <= 8)
                                  permuteAs(uint8_t());
                                else if (width == 16)
                                  permuteAs(uint16_t());
                                else if (width == 32)
                                  permuteAs(uint32_t());
                                else
                                  permuteAs(uint64_t());
                              });
}

ConstantOp mlir::npir::reshapeConstant(OpBuilder &builder, ConstantOp constant,
                                       RankedTensorType type) {
  ElementsAttr value = constant.getValue();
  auto stored = RankedTensorType::get(type.getShape(),
                                      value.getShapedType().getElementType());
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value))
    value = cast<ElementsAttr>(Attribute(
        DenseResourceElementsAttr::get(stored, resource.getRawHandle())));
  else
    value = cast<DenseElementsAttr>(value).reshape(stored);
  return ConstantOp::create(builder, constant.getLoc(), type, value);
}
