// This file declares fast interpolation of images; the runtime calls it.
#ifndef NPIR_KERNELS_FAST_RESIZE_H
#define NPIR_KERNELS_FAST_RESIZE_H

#include "npir/Kernels/Fast/InstructionSet.h"
#include "npir/Kernels/Resize.h"
#include <cstddef>
#include <cstdint>

namespace npir_kernels::fast {

/// NHWC images and where the elements of the resized ones come from.
struct Bilinear {
  int64_t inputH = 0, inputW = 0, channels = 0;
  std::vector<ResizeTap> rows, columns;
};

/// Computes the rows [begin, end) of all resized images, `image * rows.size() +
/// y`, in f32.
void resizeBilinearF32(const Bilinear &plan, const float *input, float *output,
                       size_t begin, size_t end,
                       InstructionSet set = bestInstructionSet());
/// The exact 8-bit form, `interpolate`.
void resizeBilinearI8(const Bilinear &plan, const int8_t *input, int8_t *output,
                      size_t begin, size_t end,
                      InstructionSet set = bestInstructionSet());

} // namespace npir_kernels::fast

#endif // NPIR_KERNELS_FAST_RESIZE_H
