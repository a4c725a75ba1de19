// This file implements the types and constants of TOSA in npir.
#include "Converter.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"
#include "npir/Dialect/NPIR/IR/PermuteConstant.h"

#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::npir;

/// Alignment of resource blobs: what a bytecode file in memory is sure to have.
static constexpr size_t kBlobAlign = 16;

RankedTensorType mlir::npir::convertTosaType(Type type, std::string &reason) {
  llvm::raw_string_ostream os(reason);
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor) {
    os << "expected a ranked tensor, got " << type
       << "; run --tosa-infer-shapes before";
    return {};
  }
  Type element = tensor.getElementType();
  if (element.isF16() || element.isBF16() || element.isF64())
    element = Float32Type::get(type.getContext());
  if (!element.isF32() && !element.isInteger(1) && !element.isInteger(32) &&
      !element.isInteger(64)) {
    os << "expected elements of f32, f16, bf16, f64, i1, i32 or i64, got "
       << type;
    return {};
  }
  ArrayRef<int64_t> shape = tensor.getShape();
  if (llvm::any_of(shape, [](int64_t size) {
        return !ShapedType::isDynamic(size) &&
               (size < 1 || size > std::numeric_limits<int32_t>::max());
      })) {
    os << "expected sizes of at least 1 and below 2^31, got " << type;
    return {};
  }
  const auto *batch = llvm::find(shape, ShapedType::kDynamic);
  if (batch != shape.end() &&
      std::all_of(shape.begin(), batch, [](int64_t dim) { return dim == 1; }))
    shape = shape.drop_front(batch - shape.begin());
  if (llvm::is_contained(shape.drop_front(!shape.empty()),
                         ShapedType::kDynamic)) {
    os << "expected only the batch dynamic, the first dimension, got " << type
       << "; run --tosa-infer-shapes before";
    return {};
  }
  return RankedTensorType::get(shape, element);
}

ElementsAttr mlir::npir::getTosaConstant(Value value) {
  ElementsAttr attr;
  if (matchPattern(value, m_Constant(&attr)) &&
      isa<DenseElementsAttr, DenseResourceElementsAttr>(attr))
    return attr;
  return {};
}

bool mlir::npir::hasAllBytes(ElementsAttr value, std::string &reason) {
  auto resource = dyn_cast<DenseResourceElementsAttr>(value);
  if (!resource)
    return true;
  AsmResourceBlob *blob = resource.getRawHandle().getBlob();
  size_t expected = getStorageBytes(cast<RankedTensorType>(resource.getType()));
  if (blob && blob->getData().size() == expected)
    return true;
  llvm::raw_string_ostream(reason)
      << "expected " << expected << " bytes in resource '"
      << resource.getRawHandle().getKey() << "', got "
      << (blob ? blob->getData().size() : 0);
  return false;
}

/// The numbers of `bits`, which are those of `semantics`, in f32.
template <typename T>
static void convertFloats(ArrayRef<T> bits, const llvm::fltSemantics &semantics,
                          MutableArrayRef<float> out) {
  for (auto [from, to] : llvm::zip_equal(bits, out)) {
    APFloat number(semantics, APInt(8 * sizeof(T), from));
    bool losesInfo;
    number.convert(APFloat::IEEEsingle(), APFloat::rmNearestTiesToEven,
                   &losesInfo);
    to = number.convertToFloat();
  }
}

ConstantOp mlir::npir::createFromTosa(OpBuilder &builder, Location loc,
                                      ElementsAttr value,
                                      RankedTensorType type) {
  if (auto element = dyn_cast<FloatType>(value.getElementType());
      element && !element.isF32()) {
    ConstantBytes bytes(value);
    return createFilledConstant(
        builder, loc, type, [&](MutableArrayRef<char> out) {
          MutableArrayRef<float> floats(
              reinterpret_cast<float *>(out.data()),
              static_cast<size_t>(type.getNumElements()));
          if (element.getWidth() == 64)
            convertFloats(bytes.as<uint64_t>(), element.getFloatSemantics(),
                          floats);
          else
            convertFloats(bytes.as<uint16_t>(), element.getFloatSemantics(),
                          floats);
        });
  }
  auto dense = dyn_cast<DenseElementsAttr>(value);
  if (!dense || (dense.isSplat() && type.getNumElements() == 1))
    return ConstantOp::create(builder, loc, type, value);
  ConstantBytes bytes(value);
  ArrayRef<char> data = bytes.bytes();
  // The attribute's memory lives as long as the context, and so does the
  // resource. A splat and packed bits are in memory of their own.
  bool isOwned = dense.isSplat() || dense.getElementType().isInteger(1);
  if (data.size() <= kMaxInlineBytes || isOwned ||
      reinterpret_cast<uintptr_t>(data.data()) % kBlobAlign != 0)
    return createConstant(builder, loc, type, data);
  AsmResourceBlob blob(data, kBlobAlign, /*deleter=*/nullptr,
                       /*dataIsMutable=*/false);
  StringRef name = getLayerName(loc);
  ElementsAttr resource =
      getOwnedResource(type, name.empty() ? "constant" : name, std::move(blob));
  return ConstantOp::create(builder, loc, type, resource);
}

std::optional<double> mlir::npir::getUniformNumber(ElementsAttr value) {
  auto dense = dyn_cast<DenseElementsAttr>(value);
  if (!dense || !dense.isSplat())
    return std::nullopt;
  if (isa<FloatType>(dense.getElementType())) {
    APFloat number = dense.getSplatValue<APFloat>();
    bool losesInfo;
    number.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven,
                   &losesInfo);
    return number.convertToDouble();
  }
  if (auto type = dyn_cast<IntegerType>(dense.getElementType()))
    return type.isUnsigned() || type.getWidth() == 1
               ? dense.getSplatValue<APInt>().getZExtValue()
               : dense.getSplatValue<APInt>().getSExtValue();
  return std::nullopt;
}
