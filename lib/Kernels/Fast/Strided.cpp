// This file implements copies with strides.
#include "npir/Kernels/Fast/Strided.h"

#include <cstring>

namespace npir_kernels::fast {

template <typename T>
static void copyAs(const StridedBox<2> &box, const void *input, void *output,
                   size_t begin, size_t end) {
  const auto *in = static_cast<const T *>(input);
  auto *out = static_cast<T *>(output);
  const int64_t length = box.rowLength();
  const int64_t from = box.rowStride(0), to = box.rowStride(1);
  const bool isWhole = length == 1 || (from == 1 && to == 1);
  box.forEachRow(begin, end, [&](const int64_t (&offsets)[2]) {
    const T *source = in + offsets[0];
    T *result = out + offsets[1];
    if (isWhole) {
      std::memcpy(result, source, size_t(length) * sizeof(T));
      return;
    }
    for (int64_t i = 0; i < length; ++i)
      result[i * to] = source[i * from];
  });
}

void copyStrided(const StridedBox<2> &box, size_t elementSize,
                 const void *input, void *output, size_t begin, size_t end) {
  if (elementSize == 1)
    copyAs<uint8_t>(box, input, output, begin, end);
  else if (elementSize == 4)
    copyAs<uint32_t>(box, input, output, begin, end);
  else
    copyAs<uint64_t>(box, input, output, begin, end);
}

} // namespace npir_kernels::fast
