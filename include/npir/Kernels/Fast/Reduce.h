// This file declares the fast reductions that XNNPACK lacks; the runtime calls
// them.
#ifndef NPIR_KERNELS_FAST_REDUCE_H
#define NPIR_KERNELS_FAST_REDUCE_H

#include <cstddef>
#include <cstdint>
#include <vector>

namespace npir_kernels::fast {

/// One of the dimensions behind the first.
struct ReduceDim {
  int64_t size;
  bool isReduced;
};

/// Reduces the samples [begin, end), the indices of the first dimension, over
/// `dims`, of which at least one is there. NaN is both the largest and the
/// smallest value; products are in f32.
void reduceMaxF32(const std::vector<ReduceDim> &dims, const float *input,
                  float *output, size_t begin, size_t end);
void reduceMinF32(const std::vector<ReduceDim> &dims, const float *input,
                  float *output, size_t begin, size_t end);
void reduceProdF32(const std::vector<ReduceDim> &dims, const float *input,
                   float *output, size_t begin, size_t end);

/// The largest or smallest of stored values.
void reduceMaxI8(const std::vector<ReduceDim> &dims, const int8_t *input,
                 int8_t *output, size_t begin, size_t end);
void reduceMinI8(const std::vector<ReduceDim> &dims, const int8_t *input,
                 int8_t *output, size_t begin, size_t end);

} // namespace npir_kernels::fast

#endif // NPIR_KERNELS_FAST_REDUCE_H
