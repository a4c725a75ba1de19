// This file defines the reference kernels that resize images.
#include "npir/Kernels/Reference/Resize.h"
#include "Loops.h"

using namespace npir_kernels;
using namespace npir_kernels::reference;

/// Calls `blend(tl, tr, bl, br, horizontal tap, vertical tap)` for every
/// element of the output.
template <typename T, typename Blend>
static void resize(TensorRef<const T> input, const ResizeAxis &height,
                   const ResizeAxis &width, TensorRef<T> output, Blend blend) {
  assert(input.rank == 4 && output.rank == 4 && "expects rank 4");
  assert(height.inputSize == input.dim(1) && width.inputSize == input.dim(2) &&
         "the input has another size");
  assert(height.outputSize == output.dim(1) &&
         width.outputSize == output.dim(2) && "the output has another size");
  const std::vector<ResizeTap> rows = bilinearTaps(height);
  const std::vector<ResizeTap> columns = bilinearTaps(width);
  const int64_t channels = input.dim(3), rowSize = input.dim(2) * channels;
  T *out = output.data;
  for (int64_t n = 0; n < output.dim(0); ++n)
    for (const ResizeTap &row : rows)
      for (const ResizeTap &column : columns)
        for (int64_t c = 0; c < channels; ++c) {
          const T *top =
              input.data + (n * input.dim(1) + row.low) * rowSize + c;
          const T *bottom =
              input.data + (n * input.dim(1) + row.high) * rowSize + c;
          *out++ =
              blend(top[column.low * channels], top[column.high * channels],
                    bottom[column.low * channels],
                    bottom[column.high * channels], column, row);
        }
}

void reference::resizeBilinear(TensorRef<const float> input,
                               const ResizeAxis &height,
                               const ResizeAxis &width,
                               TensorRef<float> output) {
  resize(input, height, width, output,
         [](double tl, double tr, double bl, double br, const ResizeTap &x,
            const ResizeTap &y) {
           const double top = tl + (tr - tl) * x.fraction;
           const double bottom = bl + (br - bl) * x.fraction;
           return static_cast<float>(top + (bottom - top) * y.fraction);
         });
}

void reference::resizeBilinear(TensorRef<const int8_t> input,
                               const ResizeAxis &height,
                               const ResizeAxis &width, QuantizedBounds bounds,
                               TensorRef<int8_t> output) {
  resize(input, height, width, output,
         [&](int8_t tl, int8_t tr, int8_t bl, int8_t br, const ResizeTap &x,
             const ResizeTap &y) {
           return applyBounds(interpolate(tl, tr, bl, br, x.weight, y.weight),
                              bounds);
         });
}
