// This file implements the small parts of tensors.
#include "npir/Runtime/Tensor.h"

#include <cstdlib>
#include <utility>

namespace npir_rt {

std::string toString(const Shape &shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i) {
    if (i > 0)
      text += ", ";
    text += shape[i] < 0 ? "?" : std::to_string(shape[i]);
  }
  return text + "]";
}

int64_t numElements(const Shape &shape) {
  int64_t count = 1;
  for (int64_t dim : shape)
    count *= dim;
  return count;
}

size_t elementSize(ElementType type) {
  switch (type) {
  case ElementType::I8:
  case ElementType::U8:
  case ElementType::Bool:
    return 1;
  case ElementType::F32:
  case ElementType::I32:
    return 4;
  case ElementType::I64:
    return 8;
  }
  return 0;
}

const char *toString(ElementType type) {
  switch (type) {
  case ElementType::F32:
    return "f32";
  case ElementType::I8:
    return "i8";
  case ElementType::I32:
    return "i32";
  case ElementType::I64:
    return "i64";
  case ElementType::Bool:
    return "bool";
  case ElementType::U8:
    return "u8";
  }
  return "unknown";
}

AlignedBuffer &AlignedBuffer::operator=(AlignedBuffer &&other) noexcept {
  std::swap(memory, other.memory);
  std::swap(length, other.length);
  return *this;
}

AlignedBuffer::~AlignedBuffer() { std::free(memory); }

bool AlignedBuffer::allocate(size_t bytes) {
  std::free(memory);
  memory = nullptr;
  length = 0;
  if (bytes > SIZE_MAX - 64)
    return false;
  // aligned_alloc wants a multiple of the alignment, and more than none.
  size_t rounded = (bytes + 64) / 64 * 64;
  memory = static_cast<uint8_t *>(std::aligned_alloc(64, rounded));
  if (!memory)
    return false;
  length = bytes;
  return true;
}

} // namespace npir_rt
