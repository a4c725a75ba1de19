// This file defines the reference kernels of attention.
#include "npir/Kernels/Reference/Attention.h"
#include "Loops.h"
#include <cmath>

using namespace npir_kernels;
using namespace npir_kernels::reference;

void reference::matmul(TensorRef<const float> lhs, TensorRef<const float> rhs,
                       bool transposeRhs, TensorRef<float> output) {
  assert(lhs.rank >= 2 && rhs.rank >= 2 && "expects matrices");
  const int64_t rows = lhs.dim(lhs.rank - 2), inner = lhs.dim(lhs.rank - 1);
  const int64_t columns = output.dim(output.rank - 1);
  assert(rhs.dim(rhs.rank - (transposeRhs ? 1 : 2)) == inner &&
         rhs.dim(rhs.rank - (transposeRhs ? 2 : 1)) == columns &&
         output.dim(output.rank - 2) == rows && "matrices do not fit");
  // How far apart the elements of rhs are along K and along N.
  const int64_t innerStride = transposeRhs ? 1 : columns;
  const int64_t columnStride = transposeRhs ? inner : 1;

  // The index runs over matrices.
  int64_t strides[2][kMaxRank] = {};
  computeBroadcastStrides(lhs.shape, lhs.rank - 2, output.shape,
                          output.rank - 2, strides[0]);
  computeBroadcastStrides(rhs.shape, rhs.rank - 2, output.shape,
                          output.rank - 2, strides[1]);
  float *out = output.data;
  forEachIndex(output.shape, output.rank - 2, strides,
               [&](int64_t, const int64_t (&matrix)[2]) {
                 const float *a = lhs.data + matrix[0] * rows * inner;
                 const float *b = rhs.data + matrix[1] * inner * columns;
                 for (int64_t m = 0; m < rows; ++m)
                   for (int64_t n = 0; n < columns; ++n) {
                     double sum = 0.0;
                     for (int64_t k = 0; k < inner; ++k)
                       sum += static_cast<double>(a[m * inner + k]) *
                              b[k * innerStride + n * columnStride];
                     *out++ = static_cast<float>(sum);
                   }
               });
}

void reference::softmax(TensorRef<const float> input, TensorRef<float> output) {
  assert(input.rank >= 1 && "expects a last dimension");
  assert(input.numElements() == output.numElements() && "sizes differ");
  const int64_t size = input.dim(input.rank - 1);
  for (int64_t row = 0; row < input.numElements(); row += size) {
    const float *x = input.data + row;
    const double largest = *std::max_element(x, x + size);
    double sum = 0.0;
    for (int64_t i = 0; i < size; ++i)
      sum += std::exp(x[i] - largest);
    for (int64_t i = 0; i < size; ++i)
      output.data[row + i] = static_cast<float>(std::exp(x[i] - largest) / sum);
  }
}
