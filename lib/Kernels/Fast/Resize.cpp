// This file implements fast interpolation of images. The innermost loop runs
// over channels, which lie side by side, and is vectorized by the compiler.
#include "npir/Kernels/Fast/Resize.h"
#include "Variants.h"

namespace npir_kernels::fast {
namespace {

NPIR_ALWAYS_INLINE float blend(float tl, float tr, float bl, float br,
                               const ResizeTap &x, const ResizeTap &y) {
  const float top = tl + (tr - tl) * x.fraction;
  const float bottom = bl + (br - bl) * x.fraction;
  return top + (bottom - top) * y.fraction;
}
NPIR_ALWAYS_INLINE int8_t blend(int8_t tl, int8_t tr, int8_t bl, int8_t br,
                                const ResizeTap &x, const ResizeTap &y) {
  return interpolate(tl, tr, bl, br, x.weight, y.weight);
}

template <typename T>
struct Kernel {
  NPIR_ALWAYS_INLINE static void run(const Bilinear *plan, const T *input,
                                     T *output, size_t begin, size_t end) {
    const int64_t channels = plan->channels;
    const int64_t inputRow = plan->inputW * channels;
    const size_t height = plan->rows.size();
    T *__restrict target =
        output + begin * plan->columns.size() * size_t(channels);
    for (size_t row = begin; row < end; ++row) {
      const ResizeTap y = plan->rows[row % height];
      const T *image = input + int64_t(row / height) * plan->inputH * inputRow;
      const T *__restrict top = image + y.low * inputRow;
      const T *__restrict bottom = image + y.high * inputRow;
      for (const ResizeTap &x : plan->columns) {
        const int64_t left = x.low * channels, right = x.high * channels;
        for (int64_t c = 0; c < channels; ++c)
          target[c] = blend(top[left + c], top[right + c], bottom[left + c],
                            bottom[right + c], x, y);
        target += channels;
      }
    }
  }
};

} // namespace

void resizeBilinearF32(const Bilinear &plan, const float *input, float *output,
                       size_t begin, size_t end, InstructionSet set) {
  runVariant<Kernel<float>>(set, &plan, input, output, begin, end);
}

void resizeBilinearI8(const Bilinear &plan, const int8_t *input, int8_t *output,
                      size_t begin, size_t end, InstructionSet set) {
  runVariant<Kernel<int8_t>>(set, &plan, input, output, begin, end);
}

} // namespace npir_kernels::fast
