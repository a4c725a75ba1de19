// This file implements access to and creation of constant tensors.
#include "npir/Dialect/NPIR/IR/Constants.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"
#include "npir/Dialect/NPIR/IR/QuantTypes.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/BuiltinDialect.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/xxhash.h"

using namespace mlir;
using namespace mlir::npir;

/// Alignment of resource blobs: what a buffer in memory is sure to have.
static constexpr size_t kBlobAlign = 16;

Type mlir::npir::getStorageElementType(RankedTensorType type) {
  quant::QuantizedType quantized = getQuantizedElementType(type);
  if (!quantized)
    return type.getElementType();
  unsigned bits = quantized.getStorageTypeIntegralWidth();
  return IntegerType::get(type.getContext(), bits <= 8    ? 8
                                             : bits <= 16 ? 16
                                                          : 32);
}

size_t mlir::npir::getStorageBytes(RankedTensorType type) {
  // A truth value is a byte.
  return type.getNumElements() *
         llvm::divideCeil(getStorageElementType(type).getIntOrFloatBitWidth(),
                          8);
}

ConstantBytes::ConstantBytes(ElementsAttr value) {
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value)) {
    if (AsmResourceBlob *blob = resource.getRawHandle().getBlob())
      data = blob->getData();
    return;
  }
  auto dense = cast<DenseElementsAttr>(value);
  if (dense.getElementType().isInteger(1)) {
    // MLIR packs them into bits.
    owned.assign(dense.value_begin<bool>(), dense.value_end<bool>());
    data = owned;
    return;
  }
  ArrayRef<char> raw = dense.getRawData();
  if (!dense.isSplat()) {
    data = raw;
    return;
  }
  owned.reserve(raw.size() * dense.getNumElements());
  for (int64_t i = 0, e = dense.getNumElements(); i < e; ++i)
    owned.append(raw.begin(), raw.end());
  data = owned;
}

ConstantBytes::ConstantBytes(ConstantBytes &&other)
    : data(other.data), owned(std::move(other.owned)) {
  if (!owned.empty())
    data = owned;
}

FailureOr<ConstantBytes> mlir::npir::getConstantBytes(Value value) {
  auto constant = value.getDefiningOp<ConstantOp>();
  if (!constant)
    return failure();
  return ConstantBytes(constant.getValue());
}

ConstantOp mlir::npir::createConstant(OpBuilder &builder, Location loc,
                                      RankedTensorType type,
                                      ArrayRef<char> bytes) {
  auto storageType =
      RankedTensorType::get(type.getShape(), getStorageElementType(type));
  ElementsAttr value;
  if (bytes.size() <= kMaxInlineBytes && type.getElementType().isInteger(1)) {
    SmallVector<bool> truths(llvm::map_range(bytes, [](char b) { return b; }));
    value = DenseElementsAttr::get(storageType, ArrayRef<bool>(truths));
  } else if (bytes.size() <= kMaxInlineBytes) {
    value = DenseElementsAttr::getFromRawBuffer(storageType, bytes);
  } else {
    StringRef name = getLayerName(loc);
    value = getOwnedResource(
        storageType, name.empty() ? "constant" : name,
        HeapAsmResourceBlob::allocateAndCopyWithAlign(bytes, kBlobAlign));
  }
  return ConstantOp::create(builder, loc, type, value);
}

ElementsAttr mlir::npir::getOwnedResource(RankedTensorType storageType,
                                          StringRef name,
                                          AsmResourceBlob blob) {
  ArrayRef<char> data = blob.getData();
  std::string key;
  llvm::raw_string_ostream(key)
      << name << "_"
      << llvm::format_hex_no_prefix(
             llvm::xxh3_64bits(StringRef(data.data(), data.size())), 16);
  auto &interface = DenseResourceElementsHandle::getManagerInterface(
      storageType.getContext());
  auto *entry = interface.getBlobManager().lookup(key);
  if (!entry)
    return cast<ElementsAttr>(
        DenseResourceElementsAttr::get(storageType, key, std::move(blob)));
  // The same constant made again, perhaps after its memory was released.
  if (!entry->getBlob())
    entry->setBlob(std::move(blob));
  else if (entry->getBlob()->getData() != data)
    return cast<ElementsAttr>(
        DenseResourceElementsAttr::get(storageType, key, std::move(blob)));
  return cast<ElementsAttr>(DenseResourceElementsAttr::get(
      storageType, DenseResourceElementsHandle(
                       entry, cast<BuiltinDialect>(interface.getDialect()))));
}

ElementsAttr
mlir::npir::getUnmanagedResource(RankedTensorType storageType, StringRef name,
                                 ArrayRef<char> data,
                                 llvm::unique_function<void()> release) {
  AsmResourceBlob blob = UnmanagedAsmResourceBlob::allocateWithAlign(
      data, kBlobAlign,
      [release = std::move(release)](void *, size_t, size_t) mutable {
        release();
      });
  return cast<ElementsAttr>(
      DenseResourceElementsAttr::get(storageType, name, std::move(blob)));
}
