// This file declares tensors as the runtime sees them: element types,
// quantization, views of memory, and aligned memory.
#ifndef NPIR_RUNTIME_TENSOR_H
#define NPIR_RUNTIME_TENSOR_H

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace npir_rt {

/// Sizes of the dimensions, outermost first.
using Shape = std::vector<int64_t>;

/// `[2, 3]`; a free dimension (-1) is printed as `?`.
std::string toString(const Shape &shape);

/// The product of the dimensions; the caller knows that it does not overflow.
int64_t numElements(const Shape &shape);

/// The values are the program file's.
enum class ElementType : uint8_t {
  F32 = 0,
  I8 = 1,
  I32 = 2,
  I64 = 3,
  /// Truth values, one byte each: 0, or anything else for true.
  Bool = 4,
  /// Only at a program's boundary, for images.
  U8 = 5
};
constexpr uint8_t numElementTypes = 6;

/// Bytes of one element.
size_t elementSize(ElementType type);
/// `f32`, `i8`, `i32`, `i64`, `bool`, `u8`.
const char *toString(ElementType type);

/// How integers stand for real numbers: `real = (stored - zeroPoint) * scale`.
/// No scales: not quantized. With `axis` -1 one scale and one zero point for
/// the whole tensor, else one of each per index of dimension `axis`.
struct Quantization {
  std::vector<float> scales;
  std::vector<int32_t> zeroPoints;
  int32_t axis = -1;

  bool empty() const { return scales.empty(); }
  bool isPerAxis() const { return axis >= 0; }
  bool operator==(const Quantization &other) const {
    return scales == other.scales && zeroPoints == other.zeroPoints &&
           axis == other.axis;
  }
  bool operator!=(const Quantization &other) const { return !(*this == other); }
};

/// Dense row-major memory of somebody else, with its meaning.
struct TensorView {
  /// Tensor id (docs/Architecture.md), e.g. `conv1:0`; as long-lived as the
  /// program. May be empty where the caller makes the view.
  std::string_view id;
  ElementType type = ElementType::F32;
  Shape shape;
  const void *data = nullptr;
  /// Null, or as long-lived as the program.
  const Quantization *quantization = nullptr;

  int64_t elements() const { return numElements(shape); }
  size_t bytes() const { return size_t(elements()) * elementSize(type); }
  template <typename T>
  const T *as() const {
    return static_cast<const T *>(data);
  }
};

/// The same, for writing.
struct MutableTensorView {
  std::string_view id;
  ElementType type = ElementType::F32;
  Shape shape;
  void *data = nullptr;
  const Quantization *quantization = nullptr;

  int64_t elements() const { return numElements(shape); }
  size_t bytes() const { return size_t(elements()) * elementSize(type); }
  template <typename T>
  T *as() const {
    return static_cast<T *>(data);
  }
  operator TensorView() const { return {id, type, shape, data, quantization}; }
};

/// Owned memory, aligned to 64 bytes, not initialized.
class AlignedBuffer {
public:
  AlignedBuffer() = default;
  AlignedBuffer(AlignedBuffer &&other) noexcept { *this = std::move(other); }
  AlignedBuffer &operator=(AlignedBuffer &&other) noexcept;
  ~AlignedBuffer();

  /// Replaces the memory; false where there is not enough of it.
  bool allocate(size_t bytes);

  uint8_t *data() { return memory; }
  const uint8_t *data() const { return memory; }
  size_t size() const { return length; }

private:
  uint8_t *memory = nullptr;
  size_t length = 0;
};

} // namespace npir_rt

#endif // NPIR_RUNTIME_TENSOR_H
