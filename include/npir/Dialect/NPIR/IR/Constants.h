// This file declares access to constant tensors: reading their bytes without
// copying and making new ones that the context never uniques.
#ifndef NPIR_DIALECT_NPIR_IR_CONSTANTS_H
#define NPIR_DIALECT_NPIR_IR_CONSTANTS_H

#include "npir/Dialect/NPIR/IR/NPIROps.h"

#include "mlir/IR/AsmState.h"

namespace mlir::npir {

/// Number of bytes above which a constant must be a `dense_resource`.
constexpr size_t kMaxInlineBytes = 1024;

/// The stored element type of a constant of type `type`: f32, or the signless
/// integer that holds the storage of a quantized type (i8 up to 8 bits, i16,
/// i32).
Type getStorageElementType(RankedTensorType type);

/// Bytes that a constant of `type` occupies. `type` has a static shape.
size_t getStorageBytes(RankedTensorType type);

/// The bytes of a constant's value, row-major. Refers to the constant's own
/// memory where it is contiguous (everything but a splat); a splat is expanded
/// into owned memory. Valid while the constant's attribute lives.
class ConstantBytes {
public:
  explicit ConstantBytes(ElementsAttr value);
  ConstantBytes(ConstantBytes &&other);
  ArrayRef<char> bytes() const { return data; }
  template <typename T>
  ArrayRef<T> as() const {
    return {reinterpret_cast<const T *>(data.data()), data.size() / sizeof(T)};
  }

private:
  ArrayRef<char> data;
  SmallVector<char, 0> owned;
};

/// Bytes of the constant that defines `value`; failure if it is no constant.
FailureOr<ConstantBytes> getConstantBytes(Value value);

/// A new constant of type `type` named by `loc`. Small ones become `dense`;
/// others a resource named as the layer, to which `bytes` is copied once.
ConstantOp createConstant(OpBuilder &builder, Location loc,
                          RankedTensorType type, ArrayRef<char> bytes);
template <typename T>
ConstantOp createConstant(OpBuilder &builder, Location loc,
                          RankedTensorType type, ArrayRef<T> values) {
  return createConstant(
      builder, loc, type,
      ArrayRef<char>(reinterpret_cast<const char *>(values.data()),
                     values.size() * sizeof(T)));
}

/// A resource attribute that owns `blob`. Its key is `<name>_<content hash>`:
/// it does not depend on what else the context has seen, so that a step fed
/// from a file gives the bytes that it gives inside of a pipeline. Equal
/// content under one name is shared.
ElementsAttr getOwnedResource(RankedTensorType storageType, StringRef name,
                              AsmResourceBlob blob);

/// A resource attribute over memory that the caller keeps alive until `release`
/// is called: nothing is copied. `data` is aligned to 16 bytes.
ElementsAttr getUnmanagedResource(RankedTensorType storageType, StringRef name,
                                  ArrayRef<char> data,
                                  llvm::unique_function<void()> release);

} // namespace mlir::npir

#endif // NPIR_DIALECT_NPIR_IR_CONSTANTS_H
